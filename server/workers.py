"""The threads that get submissions scored: workers that claim, and a keeper that renews, reaps, sweeps and reminds."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

from server.db.rounds import tasks_of_rounds
from server.db.submissions import unnamed_blobs
from server.deployment import Deployment
from server.errors import DatabaseUnavailable
from server.jobs.held_leases import HeldLease, HeldLeases
from server.jobs.leases import claim, reap, renew
from server.jobs.orders import SCORE_TASK, WARM_UP_TASK
from server.jobs.scoring_process import ChildLimits, ScoringProcess
from server.services.deadlines import tell_of_deadlines
from server.services.departed_addresses import forget_addresses
from server.services.draft_uploads import remove_leftovers
from server.services.evaluation import Evaluator
from server.services.notices import tell_of_ending
from server.services.rescoring import Rescorer, Rescorings
from server.storage.data_lock import DataLock
from server.storage.removal import remove

log = logging.getLogger(__name__)

# A blob no row names is an orphan, or an upload or a result whose transaction is about to name it. The longest such
# moment is an outage of the database that a result is held through; a day is beyond doubt.
ORPHAN_AGE = timedelta(days=1)

# An upload that nobody has written to for so long belongs to a client that is gone.
STALE_UPLOAD_AGE = timedelta(hours=6)

SWEEP_EVERY = timedelta(minutes=10)

REMIND_EVERY = timedelta(minutes=1)


def utc_now() -> datetime:
    """The clock of a running server."""
    return datetime.now(UTC)


class Workers:
    """All background work of one server."""

    def __init__(
        self, deployment: Deployment, *, task: str = SCORE_TASK, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Nothing runs before `start()`.

        Args:
            deployment: what the work is done on.
            task: "package.module:function" that scoring children run on each ScoringOrder.
            clock: tells the present moment, in UTC.
        """
        self._deployment = deployment
        self._settings = deployment.settings
        self._task = task
        self._clock = clock
        self._lock = DataLock(deployment.folders.lock)
        self._held = HeldLeases()
        self._rescorings = Rescorings()
        self._name = f"worker:{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._is_draining = Event()  # claim nothing more
        self._is_over = Event()  # give back what still runs
        self._is_kept = Event()  # the keeper may stop
        self._workers: list[Thread] = []
        self._keeper = Thread(target=self._keep, name="keeper", daemon=True)
        self._swept_at: datetime | None = None
        self._reminded_at: datetime | None = None

    def start(self) -> None:
        """Lock the data folder, queue again what a dead server was doing, and begin.

        Raises:
            DataFolderInUse: a server is running on this data folder.
            DatabaseUnavailable: the database is away.
        """
        self._lock.acquire()
        try:
            self._recover()
        except BaseException:
            self._lock.release()
            raise
        self._workers = [
            Thread(target=self._work, args=(f"{self._name}:{number}",), name=f"worker-{number}", daemon=True)
            for number in range(self._settings.worker_count)
        ]
        for thread in (*self._workers, self._keeper):
            thread.start()

    @property
    def alive_count(self) -> int:
        """How many workers are there to claim the next submission."""
        return sum(thread.is_alive() for thread in self._workers)

    def stop(self) -> None:
        """Claim nothing more, let what runs finish within the drain time, queue the rest again, and end."""
        self._is_draining.set()
        self._deployment.bell.ring(len(self._workers))
        drained_at = time.monotonic() + self._settings.drain_seconds
        for thread in self._workers:
            thread.join(max(0.0, drained_at - time.monotonic()))
        self._is_over.set()
        for thread in self._workers:
            thread.join()
        self._is_kept.set()
        self._keeper.join()
        self._lock.release()

    def _recover(self) -> None:
        """Under the lock every other worker on this folder is dead, and so is everything half-done.

        A database apart from the folder may serve other servers too; there the leases tell who is dead.
        """
        deployment = self._deployment
        count = self._take_back(is_everybody_dead=deployment.database.is_embedded)
        if count:
            log.warning("%d submissions were running when the last server ended; they are queued again", count)
        deployment.blobs.sweep_incoming(before=self._clock() + timedelta(days=1))
        for leftover in deployment.folders.work.iterdir():
            remove(leftover)
        remove_leftovers(deployment)

    def _work(self, owner: str) -> None:
        """One worker: claim, evaluate, again."""
        limits = ChildLimits(memory_bytes=self._settings.child_memory_bytes, seconds=self._settings.child_time_seconds)
        process = ScoringProcess(limits, warm_up_task=WARM_UP_TASK)
        evaluator = Evaluator(
            deployment=self._deployment,
            process=process,
            task=self._task,
            clock=self._clock,
            is_over=self._is_over,
        )
        rescorer = Rescorer(
            deployment=self._deployment,
            process=process,
            task=self._task,
            clock=self._clock,
            is_wanted=lambda: not self._is_draining.is_set(),
            under_way=self._rescorings,
        )
        while not self._is_draining.is_set():
            try:
                process.start(self._tasks(), is_wanted=lambda: not self._is_draining.is_set())
                if not self._work_once(evaluator, owner) and not rescorer.rescore_next():
                    self._deployment.bell.wait(self._settings.poll_seconds)
            except Exception:  # the worker goes on; a lease it has dropped runs out and the row is taken back
                log.exception("%s: an evaluation broke off", owner)
                self._is_draining.wait(self._settings.poll_seconds)
        process.stop()

    def _tasks(self) -> frozenset[str]:
        """What a child has to be warm for."""
        try:
            with self._deployment.database.read() as session:
                return tasks_of_rounds(session)
        except DatabaseUnavailable:
            return frozenset()  # claiming will tell

    def _work_once(self, evaluator: Evaluator, owner: str) -> bool:
        """Evaluate the next submission; False when there is none."""
        held = self._claim(owner)
        if held is None:
            return False
        try:
            evaluator.evaluate(held)
        finally:
            self._held.drop(held)
        return True

    def _claim(self, owner: str) -> HeldLease | None:
        now = self._clock()
        try:
            with self._deployment.database.write() as session:
                lease = claim(
                    session,
                    owner=owner,
                    now=now,
                    lease_expires_at=now + timedelta(seconds=self._settings.lease_seconds),
                    max_attempts=self._settings.max_attempts,
                    held=self._held.submission_ids(),
                )
        except DatabaseUnavailable:
            log.warning("the database is away; nothing can be claimed")
            return None
        return None if lease is None else self._held.hold(lease)

    def _keep(self) -> None:
        """Renew the leases held here, take back those that nobody renews, sweep, and remind of deadlines."""
        seconds = min(self._settings.renew_seconds, self._settings.reaper_seconds)
        while not self._is_kept.wait(seconds):
            try:
                self._renew()
                self._reap()
                self._sweep()
                self._remind()
            except DatabaseUnavailable:
                log.warning("the database is away; leases cannot be renewed")
            except Exception:  # whatever it is, the next turn may go well
                log.exception("the keeper's turn broke off")

    def _renew(self) -> None:
        for held in self._held.all():
            expires_at = self._clock() + timedelta(seconds=self._settings.lease_seconds)
            with self._deployment.database.write() as session:
                is_ours = renew(session, held.lease, lease_expires_at=expires_at)
            if not is_ours:
                held.mark_lost()

    def _reap(self) -> None:
        count = self._take_back(held=self._held.submission_ids())
        if count:
            log.warning("%d submissions had lost their worker", count)
            self._deployment.bell.ring(count)

    def _take_back(self, *, held: Collection[int] = (), is_everybody_dead: bool = False) -> int:
        """Take rows back from silent workers, and tell of those that end by it; how many."""
        now, attempts = self._clock(), self._settings.max_attempts
        with self._deployment.database.write() as session:
            taken = reap(session, now=now, max_attempts=attempts, held=held, is_everybody_dead=is_everybody_dead)
            for submission_id in taken:
                tell_of_ending(session, submission_id, now=now)
        return len(taken)

    def _remind(self) -> None:
        """Have those who take part in a round told that it closes soon; and forget who left those that are over."""
        now = self._clock()
        if self._reminded_at is not None and now - self._reminded_at < REMIND_EVERY:
            return
        self._reminded_at = now
        forget_addresses(self._deployment.database, now=now)
        lead = timedelta(hours=self._settings.deadline_mail_hours)
        count = tell_of_deadlines(self._deployment.database, lead=lead, now=now)
        if count:
            log.info("%d people are told of a close", count)

    def _sweep(self) -> None:
        """Remove blobs that no row names and uploads that nobody goes on with, once they are old enough."""
        now = self._clock()
        if self._swept_at is not None and now - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = now
        blobs = self._deployment.blobs
        old = [blob.key for blob in blobs.ages() if blob.written_at < now - ORPHAN_AGE]
        with self._deployment.database.read() as session:
            orphans = unnamed_blobs(session, old)
        for key in orphans:
            blobs.delete(key)
        swept = blobs.sweep_incoming(before=now - STALE_UPLOAD_AGE)
        if orphans or swept:
            log.info("swept %d orphans and %d broken uploads", len(orphans), swept)

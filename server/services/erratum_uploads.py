"""A corrected truth on its way in from a browser or a program. A child reads it; this process never does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import uuid4

from scoring.tasks import find_task
from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.errors import ErratumNotReady, ServerBusy
from server.jobs.erratum_orders import CHANGES, ERRATUM_TASK, WHOLE, ErratumOrder, ReadCorrection
from server.jobs.scoring_process import ChildDied, MemoryLimitHit, TaskFault, TimeLimitHit
from server.organizing_errors import FaultyTruth, PolicyRefused
from server.services.errata import clean_note
from server.services.organizing import organized_round
from server.services.receiving import harmless_file_name
from server.services.rounds import RoundFacts, stored_round
from server.services.truth_versions import PreparedErratum, prepare_version
from server.storage.removal import remove

# COCO's annotations are 0.5 GB, the label maps of a scene round twice as much.
MAX_TRUTH_BYTES = 4 << 30


def truth_parts(facts: RoundFacts) -> tuple[str, ...]:
    """The files of the round's truth that can be sent on their own."""
    task = find_task(facts.task)
    return tuple(key for key in (*task.truth_keys, *task.optional_truth_keys) if key != "ids")


class ErratumUpload:
    """Whoever began it ends it with `finish()` or `discard()`."""

    def __init__(self, deployment: Deployment, viewer: Viewer, *, facts: RoundFacts) -> None:
        self._deployment = deployment
        self._viewer = viewer
        self._facts = facts
        self._incoming = deployment.blobs.receive(max_bytes=MAX_TRUTH_BYTES)

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            UploadTooBig, StorageFull: nothing of the file is kept.
        """
        self._incoming.write(chunk)

    def discard(self) -> None:
        """Forget the bytes; without effect after `finish()`."""
        self._incoming.discard()

    def finish(self, *, part: str, file_name: str, note: str, now: datetime) -> PreparedErratum:
        """Have the file read, and everything scored against the truth in it; a version prepared before gives way.

        Args:
            part: "folder", "changes", or the key of the file in [truth].
            file_name: as it was sent.
            note: for everybody; it can still be given when the correction is shown.
            now: the present moment.

        Raises:
            PolicyRefused: there is no such part.
            InvalidText: the note cannot be used.
            FaultyTruth: with all faults.
            ErratumNotReady: this truth is the one that is shown.
            TruthOvertaken: another one is shown since the upload began.
            ServerBusy: it cannot be read here and now.
        """
        if part not in (WHOLE, CHANGES, *truth_parts(self._facts)):
            known = ", ".join((WHOLE, CHANGES, *truth_parts(self._facts)))
            raise PolicyRefused("A truth has no such part.", advice=f"Say what the file is: {known}.")
        words = clean_note(note)
        blob = self._incoming.commit()
        try:
            with self._deployment.blobs.as_file(blob.key) as file:
                read = self._read(file, part=part, file_name=harmless_file_name(file_name) or "correction")
        finally:
            self._deployment.blobs.delete(blob.key)
        if read.faults:
            raise FaultyTruth(
                "The corrected truth has faults; nothing was changed.",
                details={"faults": read.faults},
            )
        with self._deployment.database.write() as session:
            organized = organized_round(session, self._viewer, self._facts.slug, action=Action.CORRECT_TRUTH, now=now)
            number = prepare_version(
                session, organized.round_id, digest=read.digest, corrects=self._facts.truth_digest or "",
                changed=len(read.changed), note=words, now=now, actor=actor_of(self._viewer),
            )  # fmt: skip
        self._deployment.bell.ring()
        return PreparedErratum(slug=self._facts.slug, number=number, digest=read.digest, changed=tuple(read.changed))

    def _read(self, file: Path, *, part: str, file_name: str) -> ReadCorrection:
        folders, slug = self._deployment.folders, self._facts.slug
        work = folders.work / uuid4().hex
        result_file = work.with_suffix(".json")
        shown = folders.truth_file(slug, self._facts.truth_digest or "")
        order = ErratumOrder(
            public_half=folders.public_half(slug), shown_truth=shown, truth_folder=shown.parent, work=work,
            cache=folders.cache, file=file, file_name=file_name, part=part, result_file=result_file,
        )  # fmt: skip
        try:
            self._deployment.truths.run(ERRATUM_TASK, order)
            return ReadCorrection.read(result_file)
        except (TimeLimitHit, MemoryLimitHit) as error:
            raise ServerBusy("Reading this truth takes more than the server gives to it.") from error
        except (ChildDied, TaskFault) as error:
            raise ServerBusy("Reading the truth was interrupted.") from error
        finally:
            result_file.unlink(missing_ok=True)
            remove(work)


def begin_erratum(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> ErratumUpload:
    """Begin to take a corrected truth in.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ErratumNotReady: the round has no truth to be corrected.
        StorageFull, DatabaseUnavailable: not now.
    """
    with deployment.database.read() as session:
        organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        facts = stored_round(session, slug)
    if facts.truth_digest is None:
        raise ErratumNotReady("The round has no truth yet.", advice="Open it from its folder first.")
    return ErratumUpload(deployment, viewer, facts=facts)

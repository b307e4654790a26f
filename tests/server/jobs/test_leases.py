"""Who owns a submission: claims, renewals, and what fences out those who were silent for too long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from sqlalchemy.dialects import postgresql
from sqlmodel import select

from server.db.events import events_of
from server.db.submissions import is_claimable
from server.db.tables import Score, State, Submission
from server.deployment import Deployment
from server.jobs.failures import TIME_LIMIT, WORKER_LOST
from server.jobs.leases import Lease, Outcome, claim, finish, give_back, reap, renew, unclaim
from tests.server.making import NOW, add_team, predictions, send

LEASE = timedelta(seconds=30)
AFTER_LEASE = NOW + timedelta(seconds=31)


def claim_one(
    deployment: Deployment, owner: str = "worker:a", *, now: datetime = NOW, held: tuple[int, ...] = ()
) -> Lease | None:
    with deployment.database.write() as session:
        return claim(session, owner=owner, now=now, lease_expires_at=now + LEASE, max_attempts=4, held=held)


def claimed(deployment: Deployment, owner: str = "worker:a", *, now: datetime = NOW) -> Lease:
    lease = claim_one(deployment, owner, now=now)
    assert lease is not None
    return lease


def row(deployment: Deployment, submission_id: int) -> Submission:
    with deployment.database.read() as session:
        return session.get_one(Submission, submission_id)


def reap_now(deployment: Deployment, *, now: datetime, is_everybody_dead: bool = False) -> int:
    with deployment.database.write() as session:
        return len(reap(session, now=now, max_attempts=4, is_everybody_dead=is_everybody_dead))


def test_a_claim_takes_the_row_with_a_lease_and_counts_the_attempt(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    lease = claimed(deployment)
    found = row(deployment, receipt.id)
    assert (lease.submission_id, lease.attempt, lease.owner) == (receipt.id, 1, "worker:a")
    assert (found.state, found.attempt, found.owner) == (State.RUNNING, 1, "worker:a")
    assert found.lease_expires_at == NOW + LEASE
    assert found.blob_key == lease.blob_key
    assert claim_one(deployment, "worker:b") is None


def test_of_many_workers_that_claim_one_job_at_once_exactly_one_wins(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    for salt in range(3):
        send(deployment, team_id, predictions(salt=salt))
        barrier = Barrier(8)

        def race(number: int, barrier: Barrier = barrier) -> Lease | None:
            barrier.wait()
            return claim_one(deployment, f"worker:{number}")

        with ThreadPoolExecutor(max_workers=8) as threads:
            leases = [lease for lease in threads.map(race, range(8)) if lease is not None]
        assert len(leases) == 1


def test_teams_with_fewer_open_submissions_come_first_then_the_order_of_arrival(deployment: Deployment) -> None:
    busy, modest = add_team(deployment, "Busy"), add_team(deployment, "Modest")
    busy_ids = [send(deployment, busy, predictions(salt=salt)).id for salt in range(3)]
    modest_id = send(deployment, modest).id
    order = [claimed(deployment).submission_id for _ in range(4)]
    assert order == [modest_id, *busy_ids]


def test_a_lease_that_ran_out_can_be_claimed_and_the_silent_worker_is_fenced_out(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    silent = claimed(deployment, "worker:silent")
    assert claim_one(deployment, "worker:b", now=NOW + LEASE) is None
    taken = claimed(deployment, "worker:b", now=AFTER_LEASE)
    assert taken.attempt == 2
    with deployment.database.write() as session:
        assert not renew(session, silent, lease_expires_at=AFTER_LEASE + LEASE)
        assert not finish(session, silent, Outcome(state=State.REJECTED), now=AFTER_LEASE)
        assert not give_back(session, silent, now=AFTER_LEASE, detail={})
        assert not unclaim(session, silent)
    found = row(deployment, taken.submission_id)
    assert (found.state, found.owner, found.attempt) == (State.RUNNING, "worker:b", 2)
    with deployment.database.read() as session:
        assert [e.action for e in events_of(session, object_type="submission", object_id=found.id or 0)] == [
            "submission.accepted"
        ]


def test_a_renewed_lease_holds_longer(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    lease = claimed(deployment)
    with deployment.database.write() as session:
        assert renew(session, lease, lease_expires_at=AFTER_LEASE + LEASE)
    assert reap_now(deployment, now=AFTER_LEASE) == 0
    assert reap_now(deployment, now=AFTER_LEASE + LEASE + LEASE) == 1


def test_a_clock_set_forward_does_not_take_jobs_away_from_the_own_process(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    lease = claimed(deployment)
    an_hour_on = NOW + timedelta(hours=1)
    assert claim_one(deployment, now=an_hour_on, held=(lease.submission_id,)) is None
    with deployment.database.write() as session:
        assert reap(session, now=an_hour_on, max_attempts=4, held=(lease.submission_id,)) == []
    with deployment.database.write() as session:
        assert renew(session, lease, lease_expires_at=an_hour_on + LEASE)
    assert reap_now(deployment, now=an_hour_on) == 0


def test_finishing_records_state_score_and_event_at_once(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    lease = claimed(deployment)
    score = Score(
        submission_id=receipt.id, truth_id=1, scorer_version="1", scores={"top1_error": 0.0}, counts={},
        per_class=[], created_at=NOW,
    )  # fmt: skip
    outcome = Outcome(state=State.SCORED, lines=6, findings=[{"code": "x"}], scores=(score,))
    with deployment.database.write() as session:
        assert finish(session, lease, outcome, now=NOW)
    found = row(deployment, receipt.id)
    assert (found.state, found.lines, found.findings) == (State.SCORED, 6, [{"code": "x"}])
    assert found.owner is found.lease_expires_at is None
    assert found.finished_at == NOW
    with deployment.database.read() as session:
        assert session.exec(select(Score)).one().scores == {"top1_error": 0.0}
        last = events_of(session, object_type="submission", object_id=receipt.id)[-1]
        assert (last.action, last.actor, last.detail) == ("submission.scored", "worker:a", {"attempt": 1})
    with deployment.database.write() as session:
        assert not finish(session, lease, Outcome(state=State.REJECTED), now=NOW)


def test_a_job_given_back_keeps_its_count_and_one_unclaimed_does_not(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    lease = claimed(deployment)
    with deployment.database.write() as session:
        assert give_back(session, lease, now=NOW, detail={})
    assert (row(deployment, receipt.id).state, row(deployment, receipt.id).attempt) == (State.QUEUED, 1)
    lease = claimed(deployment)
    with deployment.database.write() as session:
        assert unclaim(session, lease)
    assert (row(deployment, receipt.id).state, row(deployment, receipt.id).attempt) == (State.QUEUED, 1)


def test_what_was_queued_again_is_tried_also_where_fewer_attempts_are_allowed_since(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    for _ in range(2):
        lease = claimed(deployment)
        with deployment.database.write() as session:
            assert give_back(session, lease, now=NOW, detail={})
    with deployment.database.write() as session:
        last = claim(session, owner="worker:a", now=NOW, lease_expires_at=NOW + LEASE, max_attempts=1)
    assert last is not None
    assert (last.submission_id, last.attempt) == (receipt.id, 3)
    with deployment.database.write() as session:  # once its worker is lost, it ends
        assert claim(session, owner="b", now=AFTER_LEASE, lease_expires_at=NOW + LEASE, max_attempts=1) is None
        assert reap(session, now=AFTER_LEASE, max_attempts=1) == [receipt.id]
    assert row(deployment, receipt.id).state == State.ERROR


def test_the_reaper_queues_lost_jobs_again_until_the_last_attempt_and_then_ends_them(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    now = NOW
    for attempt in range(1, 5):
        assert claimed(deployment, now=now).attempt == attempt
        now += timedelta(minutes=1)
        assert reap_now(deployment, now=now) == 1
    found = row(deployment, receipt.id)
    assert (found.state, found.failure, found.finished_at) == (State.ERROR, WORKER_LOST.code, now)
    assert claim_one(deployment, now=now) is None
    with deployment.database.read() as session:
        actions = [e.action for e in events_of(session, object_type="submission", object_id=receipt.id)]
    assert actions == ["submission.accepted", *["submission.queued"] * 3, "submission.error"]


def test_a_server_that_has_just_locked_its_folder_takes_back_every_running_row(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    claimed(deployment)
    assert reap_now(deployment, now=NOW) == 0
    assert reap_now(deployment, now=NOW - timedelta(hours=1), is_everybody_dead=True) == 1
    assert claimed(deployment).attempt == 2


def test_terminal_rows_are_never_moved_again(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    with deployment.database.write() as session:
        lease = claim(session, owner="w", now=NOW, lease_expires_at=NOW + LEASE, max_attempts=4)
        assert lease is not None
        assert finish(session, lease, Outcome(state=TIME_LIMIT.state, failure=TIME_LIMIT), now=NOW)
    assert reap_now(deployment, now=AFTER_LEASE, is_everybody_dead=True) == 0
    assert claim_one(deployment, now=AFTER_LEASE) is None
    assert row(deployment, receipt.id).failure == "time-limit"


def test_on_postgresql_claims_skip_rows_that_others_are_claiming() -> None:
    query = select(Submission.id).where(is_claimable(NOW)).with_for_update(skip_locked=True, of=Submission)
    assert "FOR UPDATE OF submission SKIP LOCKED" in str(query.compile(dialect=postgresql.dialect()))

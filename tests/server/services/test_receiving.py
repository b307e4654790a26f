"""Taking submissions in: what is accepted, what is refused, and that nothing is charged for a refusal."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select, update

from server.auth.permissions import COMMAND
from server.db.events import events_of
from server.db.tables import Entry, Event, Membership, Person, Round, State, Submission
from server.deployment import Deployment
from server.errors import (
    DuplicateFile,
    IdempotencyConflict,
    InvalidDetail,
    InvalidName,
    NoTeam,
    QuotaSpent,
    RoundClosed,
    RoundNotFound,
    RoundNotOpenYet,
    ServerError,
    TooManyOpen,
    TooManyRejected,
    UploadTooBig,
)
from server.services.entry_details import EntryDetails
from server.services.policy_changes import change_policy
from server.services.receiving import begin_upload, harmless_file_name
from server.services.spending import quota_of_team
from tests.server.making import NOW, add_team, predictions, send, tiny_deployment, write_round
from tests.server.services.organizing import committed_meanwhile


def rows(deployment: Deployment) -> list[Submission]:
    with deployment.database.read() as session:
        return list(session.exec(select(Submission).order_by(Submission.id)))  # type: ignore[arg-type]


def blob_keys(deployment: Deployment) -> set[str]:
    return {blob.key for blob in deployment.blobs.ages()}


def end(deployment: Deployment, submission_id: int, state: State, *, at: datetime = NOW) -> None:
    """Let the submission have ended like that."""
    with deployment.database.write() as session:
        row = session.get_one(Submission, submission_id)
        row.state, row.finished_at = state, at
        session.add(row)


def test_an_accepted_file_is_kept_queued_and_told_of(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    receipt = send(deployment, team_id, file_name="C:\\guesses\\a\u202eb.txt")
    (row,) = rows(deployment)
    assert receipt.id == row.id
    assert receipt.sha256 == row.sha256 == hashlib.sha256(predictions()).hexdigest()
    assert (receipt.state, receipt.queue_position, receipt.is_repeat) == (State.QUEUED, 1, False)
    assert receipt.quota.spent_today == receipt.quota.spent_total == 1
    assert row.file_name == "a\ufffdb.txt"
    assert row.attempt == 0
    with deployment.blobs.as_file(row.blob_key) as path:
        assert path.read_bytes() == predictions()
    with deployment.database.read() as session:
        assert [e.action for e in events_of(session, object_type="submission", object_id=receipt.id)] == [
            "submission.accepted"
        ]
    assert deployment.bell.wait(0)


def test_files_of_one_method_share_an_entry_and_other_methods_get_their_own(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    send(deployment, team_id, predictions(salt=1), method="ResNet-50")
    send(deployment, team_id, predictions(salt=2), method="  ResNet-50 ")
    send(deployment, team_id, predictions(salt=3), method="ResNet-101")
    first, second, third = rows(deployment)
    assert first.entry_id == second.entry_id != third.entry_id
    with deployment.database.read() as session:
        assert [entry.method for entry in session.exec(select(Entry))] == ["ResNet-50", "ResNet-101"]


@pytest.mark.parametrize("method", ["", "  ", "a\u202eb", "zero\u200bwidth", "x" * 201, "nul\0"])
def test_a_method_whose_name_does_not_show_as_written_is_refused(deployment: Deployment, method: str) -> None:
    with pytest.raises(InvalidName):
        send(deployment, add_team(deployment), method=method)
    assert rows(deployment) == []
    assert blob_keys(deployment) == set()


def test_an_unknown_round_is_told(deployment: Deployment) -> None:
    with pytest.raises(RoundNotFound, match="tinny"):
        send(deployment, add_team(deployment), slug="tinny")


def test_a_team_that_is_gone_cannot_submit(deployment: Deployment) -> None:
    with pytest.raises(NoTeam):
        send(deployment, 999)
    assert blob_keys(deployment) == set()


def test_the_round_is_open_if_it_was_when_the_upload_began(tmp_path: Path) -> None:
    closes = NOW + timedelta(minutes=1)
    deployment = tiny_deployment(tmp_path / "data", round_opens=NOW, round_closes=closes)
    team_id = add_team(deployment)
    with pytest.raises(RoundNotOpenYet) as early:
        send(deployment, team_id, now=NOW - timedelta(seconds=1))
    assert early.value.retry_at == NOW
    upload = begin_upload(deployment, slug="tiny", team_id=team_id, person_id=None, now=closes - timedelta(seconds=1))
    upload.write(predictions())
    receipt = upload.finish(method="slow line", now=closes + timedelta(hours=1))
    assert receipt.state == State.QUEUED
    with pytest.raises(RoundClosed, match="2026-11-23 12:01 UTC"):
        send(deployment, team_id, predictions(salt=1), now=closes)
    deployment.close()


def test_a_body_over_the_cap_is_refused_before_it_is_all_there(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_max_upload_bytes=20)
    with pytest.raises(UploadTooBig) as caught:
        send(deployment, add_team(deployment), b"x" * 21)
    assert caught.value.details == {"max_upload_bytes": 20}
    assert rows(deployment) == []
    assert list(deployment.folders.incoming.iterdir()) == []
    deployment.close()


def test_the_same_bytes_again_are_refused_naming_the_earlier_submission(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    first = send(deployment, team_id)
    with pytest.raises(DuplicateFile) as caught:
        send(deployment, team_id, method="another method")
    assert caught.value.details == {"submission": first.id}
    assert len(blob_keys(deployment)) == 1


def test_the_same_bytes_are_taken_when_asked_for_or_from_others_or_after_a_failure(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    first = send(deployment, team_id)
    send(deployment, add_team(deployment, "Other Lab"))
    again = send(deployment, team_id, again=True)
    for receipt in (first, again):
        end(deployment, receipt.id, State.ERROR)
    assert send(deployment, team_id).id > again.id


def test_a_rejected_file_sent_unchanged_is_a_duplicate_too(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    end(deployment, send(deployment, team_id).id, State.REJECTED)
    with pytest.raises(DuplicateFile):
        send(deployment, team_id)


def test_the_same_idempotency_key_is_the_same_submission(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    first = send(deployment, team_id, idempotency_key="k")
    second = send(deployment, team_id, idempotency_key="k")
    assert (second.id, second.is_repeat) == (first.id, True)
    assert second.quota.spent_total == 1
    assert len(blob_keys(deployment)) == 1


def test_a_retry_is_answered_even_when_the_quota_is_spent_by_now(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_per_day=1)
    team_id = add_team(deployment)
    first = send(deployment, team_id, idempotency_key="k")
    assert send(deployment, team_id, idempotency_key="k").id == first.id
    deployment.close()


@pytest.mark.parametrize("changes", [{"content": predictions(salt=1)}, {"method": "other"}])
def test_another_wish_under_the_same_key_is_a_conflict(deployment: Deployment, changes: dict[str, Any]) -> None:
    team_id = add_team(deployment)
    first = send(deployment, team_id, idempotency_key="k")
    with pytest.raises(IdempotencyConflict) as caught:
        send(deployment, team_id, idempotency_key="k", again=True, **changes)
    assert caught.value.details == {"submission": first.id}
    assert len(blob_keys(deployment)) == 1


def test_the_keys_of_two_teams_do_not_meet(deployment: Deployment) -> None:
    first = send(deployment, add_team(deployment, "A"), idempotency_key="k")
    second = send(deployment, add_team(deployment, "B"), idempotency_key="k")
    assert first.id != second.id


def test_the_days_quota_is_spent_and_comes_back_at_midnight_utc(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_per_day=2)
    team_id = add_team(deployment)
    for salt in range(2):
        send(deployment, team_id, predictions(salt=salt))
    with pytest.raises(QuotaSpent) as caught:
        send(deployment, team_id, predictions(salt=3))
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert caught.value.retry_at == midnight
    assert send(deployment, team_id, predictions(salt=3), now=midnight).quota.spent_today == 1
    with deployment.database.read() as session:
        assert quota_of_team(session, slug="tiny", team_id=team_id, now=NOW).remaining == 0
    deployment.close()


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED, State.ERROR, State.CANCELLED])
def test_a_place_is_given_back_when_the_submission_gets_no_score(tmp_path: Path, state: State) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=1)
    team_id = add_team(deployment)
    end(deployment, send(deployment, team_id).id, state)
    assert send(deployment, team_id, predictions(salt=1)).quota.remaining == 0
    deployment.close()


def test_the_quotas_of_two_teams_and_two_rounds_do_not_meet(tmp_path: Path) -> None:
    from server.services.opening import open_folder

    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=1)
    open_folder(deployment, write_round(tmp_path / "other", slug="other", submissions_total=1), now=NOW)
    first, second = add_team(deployment, "A"), add_team(deployment, "B")
    for team_id in (first, second):
        for slug in ("tiny", "other"):
            send(deployment, team_id, slug=slug)
        with pytest.raises(QuotaSpent):
            send(deployment, team_id, predictions(salt=1))
    deployment.close()


def test_a_team_may_have_five_submissions_open(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    receipts = [send(deployment, team_id, predictions(salt=salt)) for salt in range(5)]
    assert [receipt.queue_position for receipt in receipts] == [1, 2, 3, 4, 5]
    with pytest.raises(TooManyOpen):
        send(deployment, team_id, predictions(salt=9))
    end(deployment, receipts[0].id, State.SCORED)
    send(deployment, team_id, predictions(salt=9))


def test_thirty_rejected_files_within_an_hour_make_a_team_pause(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", max_rejected_per_hour=3)
    team_id = add_team(deployment)
    for minute in (0, 20, 40):
        receipt = send(deployment, team_id, predictions(salt=minute), now=NOW + timedelta(minutes=minute))
        end(deployment, receipt.id, State.REJECTED, at=NOW + timedelta(minutes=minute))
    with pytest.raises(TooManyRejected) as caught:
        send(deployment, team_id, b"next", now=NOW + timedelta(minutes=45))
    assert caught.value.retry_at == NOW + timedelta(hours=1)
    send(deployment, team_id, b"next", now=NOW + timedelta(hours=1))
    deployment.close()


def test_a_team_without_a_place_is_told_before_it_sends_a_gigabyte(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=1)
    team_id = add_team(deployment)
    send(deployment, team_id)
    with pytest.raises(QuotaSpent):
        begin_upload(deployment, slug="tiny", team_id=team_id, person_id=None, now=NOW)
    deployment.close()


def test_two_uploads_begun_with_one_place_left_end_in_one_submission(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=1)
    team_id = add_team(deployment)
    with deployment.database.write() as session:
        session.add(Person(id=7, email="a@b.example", name="A", password_hash="-", created_at=NOW))
        session.flush()
        session.add(Membership(person_id=7, team_id=team_id, joined_at=NOW))
    uploads = [begin_upload(deployment, slug="tiny", team_id=team_id, person_id=7, now=NOW) for _ in range(2)]
    outcomes: list[ServerError | None] = []
    for salt, upload in enumerate(uploads):
        upload.write(predictions(salt=salt))
        try:
            upload.finish(method="m", now=NOW)
            outcomes.append(None)
        except ServerError as error:
            outcomes.append(error)
    assert outcomes[0] is None
    assert isinstance(outcomes[1], QuotaSpent)
    assert len(rows(deployment)) == len(blob_keys(deployment)) == 1
    with deployment.database.read() as session:
        event = session.exec(select(Event).where(Event.action == "submission.accepted")).one()
        assert event.actor == "person:7"
    deployment.close()


def test_an_upload_is_judged_by_the_policy_that_holds_at_its_end(tmp_path: Path) -> None:
    """Else a method without a track would be first of its own board in a round that has tracks meanwhile."""
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=5)
    team_id = add_team(deployment)
    uploads = [begin_upload(deployment, slug="tiny", team_id=team_id, person_id=None, now=NOW) for _ in range(3)]
    change_policy(
        deployment, COMMAND, slug="tiny", changes={"tracks": ["provided", "open"], "submissions_total": 1}, now=NOW
    )
    for salt, upload in enumerate(uploads):
        upload.write(predictions(salt=salt))
    with pytest.raises(InvalidDetail, match="for a track of this round"):
        uploads[0].finish(method="ResNet-50", now=NOW)
    receipt = uploads[1].finish(method="ResNet-50", details=EntryDetails(track="open"), now=NOW)
    assert (receipt.quota.total, receipt.quota.remaining) == (1, 0)
    with pytest.raises(QuotaSpent):
        uploads[2].finish(method="ResNet-50", now=NOW)
    deployment.close()


def test_no_policy_changes_while_an_upload_is_judged_by_it(deployment: Deployment) -> None:
    """PostgreSQL has two transactions write at once."""
    upload = begin_upload(deployment, slug="tiny", team_id=add_team(deployment), person_id=None, now=NOW)
    upload.write(predictions())
    got_tracks = update(Round).values(policy={"best_by": "top5_error", "tracks": ["provided", "open"]})
    with (
        committed_meanwhile(got_tracks, table="round", lock="FOR KEY SHARE"),
        pytest.raises(InvalidDetail, match="for a track of this round"),
    ):
        upload.finish(method="ResNet-50", now=NOW)


def test_an_upload_given_up_leaves_nothing(deployment: Deployment) -> None:
    upload = begin_upload(deployment, slug="tiny", team_id=add_team(deployment), person_id=None, now=NOW)
    upload.write(b"half")
    upload.discard()
    assert list(deployment.folders.incoming.iterdir()) == []
    assert blob_keys(deployment) == set()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("a.txt", "a.txt"), ("../../etc/passwd", "passwd"), ("x\0y", "x\ufffdy"), ("é" * 300, "é" * 200), ("dir/", "")],
)
def test_a_file_name_is_shown_harmlessly(sent: str, shown: str) -> None:
    assert harmless_file_name(sent) == shown

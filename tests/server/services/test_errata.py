"""A correction of the truth: prepared, previewed, activated; both scores stay, and nothing moves before its time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, col, select

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.scorecard import SCORER_VERSION
from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS
from server.cli.main import main
from server.db.organizing_tables import Rescoring
from server.db.rescorings import note_failure
from server.db.tables import Entry, Event, Score, State, Submission, TruthVersion
from server.deployment import Deployment
from server.errors import ErratumNotReady, ErratumReplaced, RoundChanged, RoundNotFound, SubmissionNotFound
from server.organizing_errors import InvalidText
from server.services.announcements import corrections_of
from server.services.boards import Boards
from server.services.correcting import prepare_erratum
from server.services.errata import activate_erratum, preview_erratum
from server.services.organized_errata import ErratumAffairs, errata_of, forget_erratum, show_erratum
from server.services.policy_changes import change_policy
from server.services.rescoring_wishes import rescore, retry_erratum
from server.services.rounds import stored_round
from server.services.spending import quota_of_team
from server.services.submissions import submission_facts
from server.services.truth_versions import forget_version
from server.workers import Workers
from tests.server.making import NOW, add_team, predictions, score, send, tiny_deployment, write_round
from tests.server.web.browsing import change_submission, score_silently
from tests.waiting import wait_until

CORRECTED = (2, 2, 3, 4, 5, 6)  # the first image is of class 2


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    opened = tiny_deployment(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def scored(deployment: Deployment) -> Iterator[Deployment]:
    """Two teams, scored, and a running server: the first is right throughout, the second wrong in the first image."""
    workers = Workers(deployment)
    workers.start()
    for name, right in (("Right", 6), ("Wrong", 0)):
        send(deployment, add_team(deployment, name), predictions(right=right))
    wait_until(lambda: states(deployment) == [State.SCORED, State.SCORED])
    yield deployment
    workers.stop()


def states(deployment: Deployment) -> list[str]:
    with deployment.database.read() as session:
        return list(session.exec(select(Submission.state).order_by(col(Submission.id))))


def board_scores(deployment: Deployment) -> dict[str, float | None]:
    with deployment.database.read() as session:
        board = Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board
    return {row.team: row.scores["top1_error"] for row in board.rows}


def waiting(deployment: Deployment) -> int:
    with deployment.database.read() as session:
        return preview_erratum(session, "tiny", now=NOW).waiting


def test_a_correction_is_scored_previewed_and_shown_with_both_scores_kept(scored: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "corrected", labels=CORRECTED)
    before = board_scores(scored)
    prepared = prepare_erratum(scored, folder, note="Image 1 shows class 2.", now=NOW)
    assert (prepared.number, prepared.changed) == (2, (1,))
    wait_until(lambda: waiting(scored) == 0)
    assert board_scores(scored) == before  # nothing moves yet
    with scored.database.read() as session:
        preview = preview_erratum(session, "tiny", now=NOW)
    assert {move.team: (move.score_before, move.score_after) for move in preview.moves} == {
        "Right": (0.0, 0.0), "Wrong": (1.0, 5 / 6),
    }  # fmt: skip
    with scored.database.write() as session:
        assert activate_erratum(session, "tiny", actor="test", now=NOW) == 2
    public, truth = open_round(folder, cache=tmp_path / "cache")
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions(right=6))
    card = evaluate(public, truth, file).scorecard
    assert card is not None
    assert board_scores(scored)["Right"] == card.scores["top1_error"] == 1 / 6
    with scored.database.read() as session:
        versions = session.exec(select(TruthVersion).order_by(col(TruthVersion.number))).all()
        scores = session.exec(select(Score.submission_id, Score.truth_id)).all()
    assert [version.note for version in versions] == ["", "Image 1 shows class 2."]
    assert sorted(scores) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_the_preview_takes_a_teams_named_row_for_no_row_of_its_anonymous_entries(
    deployment: Deployment, tmp_path: Path
) -> None:
    team = add_team(deployment, "Both")
    for method in ("Open", "Secret"):
        send(deployment, team, method=method, again=True)
    with deployment.database.write() as session:
        session.get_one(Entry, 2).is_anonymous = True
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), note="Mended.", now=NOW)
    for submission, before, after in ((1, 0.5, 0.25), (2, 0.125, 0.375)):
        score_silently(deployment, submission, {"top5_error": before})
        score_silently(deployment, submission, {"top5_error": after}, truth_id=2)
    with deployment.database.read() as session:
        moves = preview_erratum(session, "tiny", now=NOW).moves
    told = [(move.method, move.rank_before, move.rank_after, move.score_before, move.score_after) for move in moves]
    assert told == [("Open", 2, 1, 0.5, 0.25), ("Secret", 1, 2, 0.125, 0.375)]


def test_a_preview_shows_who_moves_on_the_private_images(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_public_share=0.5, round_closes=NOW + timedelta(days=1))
    for number, (team, private) in enumerate((("Ann", 0.1), ("Bob", 0.3)), start=1):
        send(deployment, add_team(deployment, team), predictions(salt=number))
        score(deployment, number, all=0.25, public=number / 10, private=private)
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), note="1 is 2.", now=NOW)
    corrected = {1: {"all": 0.3, "public": 0.1, "private": 0.4}, 2: {"all": 0.25, "public": 0.2, "private": 0.3}}
    with deployment.database.write() as session:
        for number, by_split in corrected.items():
            for split, error in by_split.items():
                session.add(
                    Score(
                        submission_id=number, truth_id=2, scorer_version=SCORER_VERSION, split=split,
                        scores={"top5_error": error}, counts={}, per_class=[], created_at=NOW,
                    )
                )  # fmt: skip
    told = {}
    for name, now in (("open", NOW), ("revealed", NOW + timedelta(days=2))):
        with deployment.database.read() as session:
            moves = preview_erratum(session, "tiny", now=now).moves
        told[name] = [(m.split, m.team, m.rank_before, m.rank_after, m.score_before, m.score_after) for m in moves]
    deployment.close()
    public = [("public", "Ann", 1, 1, 0.1, 0.1), ("public", "Bob", 2, 2, 0.2, 0.2)]
    private = [("private", "Bob", 2, 1, 0.3, 0.3), ("private", "Ann", 1, 2, 0.1, 0.4)]
    assert told == {"open": public + private, "revealed": private + public}


def test_what_is_sent_after_a_correction_is_scored_against_it(scored: Deployment, tmp_path: Path) -> None:
    prepare_erratum(scored, write_round(tmp_path / "corrected", labels=CORRECTED), note="Mended.", now=NOW)
    late = send(scored, add_team(scored, "Late"), predictions(right=6, salt=9))
    wait_until(lambda: states(scored)[-1] == State.SCORED and waiting(scored) == 0)
    with scored.database.write() as session:
        activate_erratum(session, "tiny", actor="test", now=NOW)
    assert late.id and board_scores(scored)["Late"] == 1 / 6


def test_a_correction_moves_no_image_to_the_other_split(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_public_share=0.5)
    workers = Workers(deployment)
    workers.start()
    send(deployment, add_team(deployment), predictions())
    wait_until(lambda: states(deployment) == [State.SCORED])
    # in order of their classes, image 6 comes first now and every other one a place later
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=(1, 2, 3, 4, 5, 1)), note="6 is 1.", now=NOW)
    wait_until(lambda: waiting(deployment) == 0)
    workers.stop()
    with deployment.database.read() as session:
        cards = session.exec(select(Score).where(Score.split == "public").order_by(col(Score.truth_id))).all()
    deployment.close()
    before, after = ([row["images"] for row in card.per_class] for card in cards)
    assert sum(before) == 3
    assert after == [before[0] + before[5], *before[1:5], 0, 0]


def test_nothing_is_shown_before_everything_is_scored_or_without_a_note(deployment: Deployment, tmp_path: Path) -> None:
    sent = send(deployment, add_team(deployment), predictions())
    with deployment.database.write() as session:
        row = session.get_one(Submission, sent.id)
        row.state = State.SCORED
        session.add(row)
        with pytest.raises(ErratumNotReady, match="in preparation"):
            activate_erratum(session, "tiny", actor="test", now=NOW)
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), now=NOW)
    with deployment.database.write() as session:
        with pytest.raises(ErratumNotReady, match="1 submissions are not scored"):
            activate_erratum(session, "tiny", actor="test", now=NOW)
        row = session.get_one(Submission, sent.id)
        row.state = State.REJECTED
        session.add(row)
        with pytest.raises(ErratumNotReady, match="no public note"):
            activate_erratum(session, "tiny", actor="test", now=NOW)


def test_a_better_correction_replaces_one_that_was_never_shown(deployment: Deployment, tmp_path: Path) -> None:
    first = prepare_erratum(deployment, write_round(tmp_path / "a", labels=CORRECTED), now=NOW)
    second = prepare_erratum(deployment, write_round(tmp_path / "b", labels=(3, 2, 3, 4, 5, 6)), now=NOW)
    assert (first.number, second.number) == (2, 3)
    with deployment.database.read() as session:
        assert preview_erratum(session, "tiny", now=NOW).digest == second.digest


def test_only_the_correction_that_was_looked_at_is_shown(deployment: Deployment, tmp_path: Path) -> None:
    looked_at = prepare_erratum(deployment, write_round(tmp_path / "a", labels=CORRECTED), note="Ann's.", now=NOW)
    forget_erratum(deployment.database, COMMAND, slug="tiny", now=NOW)
    others = prepare_erratum(deployment, write_round(tmp_path / "b", labels=(3, 2, 3, 4, 5, 6)), note="Bob's.", now=NOW)
    assert (looked_at.number, others.number) == (2, 3)
    with pytest.raises(ErratumReplaced, match="Version 3 is in preparation"):
        show_erratum(deployment, COMMAND, slug="tiny", number=looked_at.number, now=NOW)
    with deployment.database.read() as session:
        assert stored_round(session, "tiny").truth_id == 1
    assert show_erratum(deployment, COMMAND, slug="tiny", number=others.number, now=NOW) == 3


def test_a_public_note_is_kept_as_it_shows_or_refused(deployment: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "corrected", labels=CORRECTED)
    with pytest.raises(InvalidText, match="at most 2,000"):
        prepare_erratum(deployment, folder, note="x" * 2001, now=NOW)
    prepare_erratum(deployment, folder, note="Image 1\x00 shows\r\nclass 2. ", now=NOW)
    with deployment.database.read() as session:
        assert preview_erratum(session, "tiny", now=NOW).note == "Image 1 shows\nclass 2."
    with pytest.raises(InvalidText, match="at most 2,000"):
        show_erratum(deployment, COMMAND, slug="tiny", note="x" * 2001, now=NOW)
    show_erratum(deployment, COMMAND, slug="tiny", note="Image\ud800 1 is\u202e 2.", now=NOW)
    with deployment.database.read() as session:
        assert [one.text for one in corrections_of(session, 1)] == ["Image 1 is 2."]


def test_a_version_that_is_shown_is_never_forgotten(deployment: Deployment) -> None:
    sent = send(deployment, add_team(deployment))
    score(deployment, sent.id, all=0.25)
    with deployment.database.write() as session:
        note_failure(session, submission_id=sent.id, truth_id=1, failure="it took longer")
        forget_version(session, 1)
    with deployment.database.read() as session:
        left = [len(session.exec(select(table)).all()) for table in (TruthVersion, Score, Rescoring)]
    assert left == [1, 1, 1]


def test_the_round_is_locked_before_the_version_in_preparation_is_looked_at(
    deployment: Deployment, tmp_path: Path
) -> None:
    """PostgreSQL has two transactions write at once: else one would forget what the other shows."""
    asked: list[str] = []

    def ask(state: ORMExecuteState) -> None:
        asked.append(str(state.statement.compile(dialect=postgresql.dialect())))

    def prepare(name: str, first_label: int) -> None:
        folder = write_round(tmp_path / name, labels=(first_label, 2, 3, 4, 5, 6))
        prepare_erratum(deployment, folder, note="Mended.", now=NOW)

    def show_in_own_transaction() -> None:
        with deployment.database.write() as session:
            activate_erratum(session, "tiny", actor="test", now=NOW)

    event.listen(Session, "do_orm_execute", ask)
    try:
        for act in (
            lambda: prepare("a", 2),
            lambda: prepare("b", 3),
            lambda: show_erratum(deployment, COMMAND, slug="tiny", leaves_failures=True, now=NOW),
            lambda: prepare("c", 4),
            show_in_own_transaction,
            lambda: prepare("d", 5),
            lambda: forget_erratum(deployment.database, COMMAND, slug="tiny", now=NOW),
        ):
            asked.clear()
            act()
            looks = [number for number, statement in enumerate(asked) if "FROM truth_version" in statement]
            locks = [number for number, statement in enumerate(asked) if "FOR UPDATE" in statement]
            assert locks and looks and locks[0] < looks[0]
    finally:
        event.remove(Session, "do_orm_execute", ask)


def test_a_correction_is_taken_back_by_another_one(scored: Deployment, tmp_path: Path) -> None:
    before = board_scores(scored)
    for number, labels in ((2, CORRECTED), (3, (1, 2, 3, 4, 5, 6))):
        folder = write_round(tmp_path / str(number), labels=labels)
        assert prepare_erratum(scored, folder, note=f"Note {number}.", now=NOW).number == number
        wait_until(lambda: waiting(scored) == 0)
        with scored.database.write() as session:
            activate_erratum(session, "tiny", actor="test", now=NOW)
    assert board_scores(scored) == before
    with scored.database.read() as session:
        versions = session.exec(select(TruthVersion).order_by(col(TruthVersion.number))).all()
        earlier = submission_facts(session, 1, viewer=COMMAND, now=NOW).earlier_scores
        scores = session.exec(select(Score.submission_id, Score.truth_id)).all()
    assert [version.note for version in versions] == ["", "Note 2.", "Note 3."]
    assert versions[0].digest == versions[2].digest != versions[1].digest
    assert [(one.version, one.note, one.by_split["all"]["top1_error"]) for one in earlier] == [
        (2, "Note 3.", 1 / 6), (1, "Note 2.", 0.0),
    ]  # fmt: skip
    assert sorted(scores) == [(sent, truth) for sent in (1, 2) for truth in (1, 2, 3)]
    with pytest.raises(ErratumNotReady, match="version 3, which the board shows"):
        prepare_erratum(scored, write_round(tmp_path / "same"), now=NOW)


def test_a_correction_changes_the_truth_alone(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(ErratumNotReady, match="version 1"):
        prepare_erratum(deployment, write_round(tmp_path / "same"), now=NOW)
    with pytest.raises(RoundNotFound):
        prepare_erratum(deployment, write_round(tmp_path / "other", slug="other"), now=NOW)
    folder = write_round(tmp_path / "classes", labels=CORRECTED)
    (folder / "classes.csv").write_text("id,wnid,name\n" + "".join(f"{i},,class {i}\n" for i in range(1, 9)))
    with pytest.raises(RoundChanged, match="other classes"):
        prepare_erratum(deployment, folder, now=NOW)


def test_a_score_that_is_wished_for_again_stays_until_the_new_one_is_there(scored: Deployment) -> None:
    def rows() -> list[tuple[int, int]]:
        with scored.database.read() as session:
            return list(session.exec(select(Score.id, Score.submission_id).order_by(col(Score.id))).all())  # type: ignore[arg-type]

    before, board = rows(), board_scores(scored)
    with pytest.raises(SubmissionNotFound):
        rescore(scored, COMMAND, slug="tiny", submission_ids=[1, 99], now=NOW)
    assert rescore(scored, COMMAND, slug="tiny", submission_ids=[1], now=NOW) == 1
    wait_until(lambda: rows() != before, what="the new score")
    assert [submission for _, submission in rows()] == [2, 1]
    assert board_scores(scored) == board
    assert rescore(scored, COMMAND, slug="tiny", submission_ids=None, now=NOW) == 2
    wait_until(lambda: min(rows()) > max(before), what="both new scores")
    assert board_scores(scored) == board


def test_scoring_all_again_leaves_what_went_wrong_alone_and_so_the_quota(deployment: Deployment) -> None:
    change_policy(deployment, COMMAND, slug="tiny", changes={"submissions_total": 1}, now=NOW)
    team = add_team(deployment, "Quota Lab")
    broken = send(deployment, team, predictions(salt=5))
    change_submission(deployment, broken.id, state=State.ERROR, failure="worker-lost", finished_at=NOW)
    send(deployment, team, predictions(salt=6))  # the place was given back
    rescore(deployment, COMMAND, slug="tiny", submission_ids=None, now=NOW)
    assert states(deployment) == [State.ERROR, State.QUEUED]
    with deployment.database.read() as session:
        assert quota_of_team(session, slug="tiny", team_id=team, now=NOW).spent_total == 1
    assert (
        rescore(deployment, COMMAND, slug="tiny", submission_ids=[broken.id], now=NOW) == 1
    )  # the organizers' own word
    with deployment.database.read() as session:
        quota = quota_of_team(session, slug="tiny", team_id=team, now=NOW)
    assert (quota.spent_total, quota.remaining) == (2, 0)


def replace_stored(deployment: Deployment, before: bytes, after: bytes) -> None:
    """Change a file on the disk; as valid, and not what was received."""
    for path in deployment.folders.blobs.rglob("*"):
        if path.is_file() and path.read_bytes() == before:
            path.chmod(0o600)
            path.write_bytes(after)


def affairs(deployment: Deployment) -> ErratumAffairs:
    with deployment.database.read() as session:
        return errata_of(session, COMMAND, slug="tiny", max_attempts=deployment.settings.max_attempts, now=NOW)


def test_a_correction_goes_on_without_what_cannot_be_scored_and_names_it(scored: Deployment, tmp_path: Path) -> None:
    replace_stored(scored, predictions(right=6), predictions(right=5))
    prepare_erratum(scored, write_round(tmp_path / "corrected", labels=CORRECTED), note="1 is 2.", now=NOW)
    wait_until(lambda: affairs(scored).given_up and waiting(scored) == 1)
    found = affairs(scored)
    assert [(one.submission_id, one.team, one.method) for one in found.given_up] == [(1, "Right", "ResNet-50")]
    assert found.preview is not None
    assert [(move.team, move.rank_after, move.is_scored) for move in found.preview.moves] == [
        ("Wrong", 1, True), ("Right", None, False),
    ]  # fmt: skip
    with pytest.raises(ErratumNotReady, match="1 submissions are not scored") as refused:
        show_erratum(scored, COMMAND, slug="tiny", now=NOW)
    assert "tried again or left out" in refused.value.advice_given
    show_erratum(scored, COMMAND, slug="tiny", leaves_failures=True, now=NOW)
    assert board_scores(scored) == {"Wrong": 5 / 6}
    with scored.database.read() as session:
        facts = submission_facts(session, 1, viewer=COMMAND, now=NOW)
        (note, *_) = corrections_of(session, 1)
        event = session.exec(select(Event).where(Event.action == "truth.corrected")).one()
    assert facts.is_left_out and facts.earlier_scores[0].by_split["all"]["top1_error"] == 0.0
    assert note.text == "1 is 2.\n\nNot scored against it yet, and off the board until then: submission 1."
    assert event.detail["left_out"] == [1]
    assert [one.submission_id for one in affairs(scored).failures] == [1]
    replace_stored(scored, predictions(right=5), predictions(right=6))
    assert retry_erratum(scored, COMMAND, slug="tiny", now=NOW) == 1
    wait_until(lambda: board_scores(scored) == {"Wrong": 5 / 6, "Right": 1 / 6})
    with scored.database.read() as session:
        assert not submission_facts(session, 1, viewer=COMMAND, now=NOW).is_left_out


def test_what_waits_is_not_left_out_with_what_could_not_be_scored(deployment: Deployment, tmp_path: Path) -> None:
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), note="Mended.", now=NOW)
    for number, failures in ((1, 4), (2, 3)):
        score(deployment, send(deployment, add_team(deployment, f"Team {number}")).id, all=0.5)
        with deployment.database.write() as session:
            for truth_id in (1, 2):  # what failed against the other truth is another matter
                for _ in range(failures if truth_id == 2 else 4):
                    note_failure(session, submission_id=number, truth_id=truth_id, failure="it took longer")
    with pytest.raises(ErratumNotReady, match="1 submissions are not scored"):
        show_erratum(deployment, COMMAND, slug="tiny", leaves_failures=True, now=NOW)


def test_nothing_waits_for_what_was_withdrawn(deployment: Deployment, tmp_path: Path) -> None:
    sent = send(deployment, add_team(deployment), predictions())
    score(deployment, sent.id, all=0.5)
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), note="Mended.", now=NOW)
    with deployment.database.write() as session:
        for _ in range(4):
            note_failure(session, submission_id=sent.id, truth_id=2, failure="it took longer")
    assert (waiting(deployment), len(affairs(deployment).given_up), affairs(deployment).scored) == (1, 1, 1)
    change_submission(deployment, sent.id, withdrawn_at=NOW)
    assert (waiting(deployment), len(affairs(deployment).given_up), affairs(deployment).scored) == (0, 0, 0)
    assert show_erratum(deployment, COMMAND, slug="tiny", now=NOW) == 2


def test_why_a_file_could_not_be_scored_again_is_told_in_words(
    scored: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_stored(scored, predictions(right=6), predictions(right=5))
    prepare_erratum(scored, write_round(tmp_path / "corrected", labels=CORRECTED), note="1 is 2.", now=NOW)

    def told(*options: str, code: int = 0) -> str:
        assert main(["round", "correction", "tiny", *options, "--data", str(scored.settings.data)]) == code
        return capsys.readouterr().out

    wait_until(lambda: "could not be scored" in told() and waiting(scored) == 1)
    assert "Submission 1 could not be scored: the stored file is not the one that was received" in told()
    assert "Submission 2" not in told()
    told("--show", code=2)
    left = re.search(r"Right +ResNet-50 +1 +not scored", told("--show", "--without-failures"))
    assert left and board_scores(scored) == {"Wrong": 5 / 6}


def test_what_could_not_be_scored_again_is_listed_and_tried_again(deployment: Deployment, tmp_path: Path) -> None:
    sent = send(deployment, add_team(deployment), predictions())
    prepare_erratum(deployment, write_round(tmp_path / "corrected", labels=CORRECTED), now=NOW)
    with deployment.database.write() as session:
        for _ in range(4):
            note_failure(session, submission_id=sent.id, truth_id=2, failure="it took longer")
    with deployment.database.read() as session:
        affairs = errata_of(session, COMMAND, slug="tiny", max_attempts=4, now=NOW)
    assert [(one.submission_id, one.failure) for one in affairs.failures] == [(sent.id, "it took longer")]
    assert retry_erratum(deployment, COMMAND, slug="tiny", now=NOW) == 1
    with deployment.database.read() as session:
        assert errata_of(session, COMMAND, slug="tiny", max_attempts=4, now=NOW).failures == []

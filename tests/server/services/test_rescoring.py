"""Scores made again while somebody changes what they are made against."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, delete, select

from server.auth.permissions import COMMAND
from server.db.organizing_tables import Rescoring
from server.db.rescorings import note_failure
from server.db.tables import Score
from server.deployment import Deployment
from server.jobs.orders import SCORE_TASK
from server.jobs.scoring_process import ChildLimits, ScoringProcess
from server.services.correcting import prepare_erratum
from server.services.organized_errata import forget_erratum
from server.services.rescoring import Rescorer, Rescorings
from server.services.rescoring_wishes import rescore, retry_erratum
from tests import stand_in_tasks
from tests.server.making import NOW, add_team, predictions, score, send, write_round


def _rescore_next(deployment: Deployment, *, task: str, meanwhile: Callable[[], None] = lambda: None) -> bool:
    """Have a child make the next score that is due, and something else done while it is at it."""
    process = ScoringProcess(ChildLimits(memory_bytes=4 << 30, seconds=60))

    def is_wanted() -> bool:
        meanwhile()
        return True

    rescorer = Rescorer(
        deployment=deployment, process=process, task=task, clock=lambda: NOW, is_wanted=is_wanted,
        under_way=Rescorings(),
    )  # fmt: skip
    try:
        process.start()
        return rescorer.rescore_next()
    finally:
        process.stop()


def _prepare(deployment: Deployment, folder: Path) -> None:
    score(deployment, send(deployment, add_team(deployment)).id, all=0.5)
    prepare_erratum(deployment, write_round(folder, labels=(2, 2, 3, 4, 5, 6)), note="1 is 2.", now=NOW)


def test_what_fails_against_a_version_that_is_given_up_meanwhile_is_not_noted(
    deployment: Deployment, tmp_path: Path
) -> None:
    _prepare(deployment, tmp_path / "corrected")
    given_up = []

    def give_up() -> None:
        if not given_up:
            given_up.append(forget_erratum(deployment.database, COMMAND, slug="tiny", now=NOW))

    assert _rescore_next(deployment, task=stand_in_tasks.RAISE, meanwhile=give_up)
    assert given_up
    with deployment.database.read() as session:
        assert session.exec(select(Rescoring)).all() == []


def test_the_round_is_locked_before_a_score_or_a_failure_is_stored(deployment: Deployment, tmp_path: Path) -> None:
    """PostgreSQL has two transactions write at once: whoever gives the version up would find it in use, or wait."""
    _prepare(deployment, tmp_path / "corrected")
    was_locked: list[tuple[str, bool]] = []

    def look_for_lock(state: ORMExecuteState) -> None:
        if state.is_select and "FOR UPDATE" in str(state.statement):
            state.session.info["is_locked"] = True

    def look_for_rows(session: Session, *_: object) -> None:
        stored = [row for row in session.new if isinstance(row, Score | Rescoring)]
        was_locked.extend((type(row).__name__, session.info.get("is_locked", False)) for row in stored)

    event.listen(Session, "do_orm_execute", look_for_lock)
    event.listen(Session, "before_flush", look_for_rows)
    try:
        _rescore_next(deployment, task=stand_in_tasks.RAISE)
        _rescore_next(deployment, task=SCORE_TASK)
    finally:
        event.remove(Session, "do_orm_execute", look_for_lock)
        event.remove(Session, "before_flush", look_for_rows)
    assert was_locked == [("Rescoring", True), ("Score", True)]


@pytest.mark.parametrize("act", [partial(rescore, submission_ids=None), retry_erratum])
def test_the_round_is_locked_before_a_wish_is_looked_for(deployment: Deployment, act: Callable[..., int]) -> None:
    score(deployment, send(deployment, add_team(deployment)).id, all=0.5)
    asked: list[str] = []

    def ask(state: ORMExecuteState) -> None:
        if not state.is_insert:
            asked.append(str(state.statement))

    event.listen(Session, "do_orm_execute", ask)
    try:
        act(deployment, COMMAND, slug="tiny", now=NOW)
    finally:
        event.remove(Session, "do_orm_execute", ask)
    locks, looks = (
        [number for number, statement in enumerate(asked) if words in statement]
        for words in ("FOR UPDATE", "rescoring")
    )
    assert locks and looks and locks[0] < looks[0]


def test_many_are_wished_for_by_as_few_statements_as_one(deployment: Deployment) -> None:
    """10,000 took the only write lock of SQLite for nine seconds, longer than an upload waits for it.

    Nor is each made an object of its own, which takes two seconds.
    """
    asked: list[str] = []
    event.listen(deployment.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    team_id, counts = add_team(deployment), []
    for sent in range(1, 4):
        score(deployment, send(deployment, team_id, predictions(salt=sent)).id, all=0.5)
        for _ in range(2):  # a wish that is new, and one that waits already
            asked.clear()
            assert rescore(deployment, COMMAND, slug="tiny", submission_ids=None, now=NOW) == sent
            counts.append(len(asked))
            assert not any("findings" in words for words in asked)  # the most of what there is to read of a submission
        with deployment.database.write() as session:
            session.exec(delete(Rescoring))
    assert counts[:2] == counts[2:4] == counts[4:]


def test_all_that_failed_is_tried_again_by_as_few_statements_as_one(deployment: Deployment) -> None:
    asked: list[str] = []
    event.listen(deployment.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    team_id, sent, counts = add_team(deployment), list[int](), []
    for salt in range(3):
        sent.append(send(deployment, team_id, predictions(salt=salt)).id)
        score(deployment, sent[-1], all=0.5)
        with deployment.database.write() as session:
            for number in sent:
                note_failure(session, submission_id=number, truth_id=1, failure=f"for reason {number}")
        asked.clear()
        assert retry_erratum(deployment, COMMAND, slug="tiny", now=NOW) == len(sent)
        counts.append(sum("rescoring" in words for words in asked))
        with deployment.database.read() as session:
            assert {(row.attempts, row.failure) for row in session.exec(select(Rescoring))} == {(0, "")}
    assert counts == [1, 1, 1]  # nor is anything read of them
    assert retry_erratum(deployment, COMMAND, slug="tiny", now=NOW) == 0

"""What teams ask of a round's organizers, decided by command on the server's own data folder, also while it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from server.cli.data_folder import open_data, say
from server.cli.options import DataOption, Slug, number
from server.cli.terminal import plain_table, results

AnswerOption = Annotated[str, typer.Option("--answer", help="What they are told.")]


def affairs(slug: Slug, data: DataOption = None) -> None:
    """List questions, appeals and teams that ask, what waits first; and teams that share a file or every figure."""
    from server.auth.permissions import COMMAND
    from server.services.round_affairs import affairs_of

    with open_data(data) as deployment, deployment.database.read() as session:
        found = affairs_of(session, COMMAND, slug=slug, now=datetime.now(UTC))
    verdicts = {None: "waits", True: "granted", False: "denied"}
    rows = [
        *(("question", str(row.question.id), row.team.name, row.question.text, row.question.answer or "waits")
          for row in found.questions),
        *(("appeal", str(row.appeal.id), row.entry.method, row.appeal.text, verdicts[row.appeal.is_granted])
          for row in found.appeals),
        *(("team", str(row.team.id), row.team.name, row.participation.message, row.participation.state)
          for row in found.participations),
        *(("same file", f"{same.first_submission}, {same.second_submission}",
           f"{same.first_team}, {same.second_team}", same.sha256, "") for same in found.same_files),
        *(("same figures", f"{same.first_submission}, {same.second_submission}",
           f"{same.first_team}, {same.second_team}", "", "") for same in found.same_figures),
    ]  # fmt: skip
    if rows:
        results().print(plain_table(("what", ">number", "of", "text", "state"), rows))
    else:
        say(f"Nobody asks anything of the organizers of {slug}.")


def answer(
    slug: Slug,
    question: Annotated[int, number("QUESTION", "Its number, as `affairs` has it.")],
    text: AnswerOption,
    data: DataOption = None,
) -> None:
    """Answer a question, for everybody who sees the round."""
    from server.auth.permissions import COMMAND
    from server.services.announcements import answer_question

    with open_data(data) as deployment:
        answer_question(
            deployment.database, COMMAND, slug=slug, question_id=question, answer=text, now=datetime.now(UTC)
        )
    say(f"Question {question} is answered.")


def decide(
    slug: Slug,
    appeal: Annotated[int, number("APPEAL", "Its number, as `affairs` has it.")],
    *,
    is_granted: Annotated[bool, typer.Option("--grant/--deny", help="Granted, the entry is ranked again.")],
    text: AnswerOption,
    data: DataOption = None,
) -> None:
    """Decide an appeal against a disqualification."""
    from server.auth.permissions import COMMAND
    from server.services.disqualifications import decide_appeal

    with open_data(data) as deployment:
        decide_appeal(
            deployment.database, COMMAND, appeal_id=appeal, is_granted=is_granted, answer=text, slug=slug,
            now=datetime.now(UTC),
        )  # fmt: skip
    say(f"Appeal {appeal} is {'granted' if is_granted else 'denied'}.")


def admit(
    slug: Slug,
    team: Annotated[int, number("TEAM", "Its number, as `affairs` has it.")],
    *,
    is_refused: Annotated[bool, typer.Option("--refuse", help="Turn it away instead.")] = False,
    data: DataOption = None,
) -> None:
    """Admit a team that has asked to take part."""
    from server.auth.permissions import COMMAND
    from server.services.admission import decide_admission

    with open_data(data) as deployment:
        decide_admission(
            deployment, COMMAND, slug=slug, team_id=team, is_admitted=not is_refused, now=datetime.now(UTC)
        )
    say(f"Team {team} is {'turned away' if is_refused else 'admitted'}.")


def rescore(
    slug: Slug,
    submissions: Annotated[
        list[int] | None,
        number(
            "[SUBMISSION...]",
            "Their numbers; none: all that have a score. Failed ones are tried again where they are named.",
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Have submissions scored again by the running server; each keeps its score until the new one is there."""
    from server.auth.permissions import COMMAND
    from server.services import rescoring_wishes

    with open_data(data) as deployment:
        count = rescoring_wishes.rescore(
            deployment, COMMAND, slug=slug, submission_ids=submissions or None, now=datetime.now(UTC)
        )
    say(f"Submissions to be scored again: {count:,}.")

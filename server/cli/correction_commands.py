"""Faults in a round's truth, by command on the server's own data folder: doubtful images, and their correction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.data_folder import open_data, say
from server.cli.exits import CommandFailed, Exit
from server.cli.options import DataOption, FormatOption, Slug, number
from server.cli.terminal import Format, plain_table, results, write_json

if TYPE_CHECKING:
    from server.deployment import Deployment
    from server.services.errata import Move
    from server.services.truth_versions import PreparedErratum

_CHUNK_BYTES = 1 << 20


def noise(
    slug: Slug,
    draft: Annotated[
        Path | None, typer.Option("--draft", metavar="FILE.csv", help="Write the draft of a correction, to be edited.")
    ] = None,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """List images whose truth is doubtful: those teams report, and those where strong entries agree against it."""
    from server.api.noise import noise_facts
    from server.auth.permissions import COMMAND
    from server.services.suspicions import find_suspicions, noise_of

    now = datetime.now(UTC)
    with open_data(data) as deployment:
        known = noise_of(deployment, COMMAND, slug=slug, now=now)
        suspicions, entries = find_suspicions(deployment, COMMAND, slug=slug, now=now)
    facts = noise_facts(known, suspicions, entries)
    if draft is not None:
        draft.write_text(suspicions.draft, "utf-8", newline="")
    if output is Format.JSON:
        write_json(facts.model_dump(mode="json"))
        return
    rows = [
        *((str(one.image), f"report {one.id}", one.team, one.text, "settled" if one.settled_at else "waits")
          for one in facts.reports),
        *((str(one.image), f"{one.split} images", f"{one.agreeing} of {entries} entries", f"see {one.suggested}",
           f"truth: {one.present or 'none'}") for one in facts.images),
    ]  # fmt: skip
    if rows:
        results().print(plain_table((">image", "what", "by", "text", "state"), rows))
    else:
        say(f"Nobody doubts an image of {slug}; entries asked: {entries}.")


def settle(
    slug: Slug,
    report: Annotated[int, number("REPORT", "Its number, as `noise` has it.")],
    data: DataOption = None,
) -> None:
    """Take a report off the list of those that wait, and out of the draft."""
    from server.auth.permissions import COMMAND
    from server.services.image_reports import settle_report

    with open_data(data) as deployment:
        settle_report(deployment, COMMAND, slug=slug, report_id=report, now=datetime.now(UTC))
    say(f"Report {report} is settled.")


def correction(
    slug: Slug,
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Prepare it from this file.", exists=True, dir_okay=False),
    ] = None,
    *,
    part: Annotated[str, typer.Option("--part", help="What the file is: changes, folder, or a key of [truth].")] = (
        "changes"
    ),
    note: Annotated[str, typer.Option("--note", help="The public note: what was wrong.")] = "",
    is_shown: Annotated[bool, typer.Option("--show", help="Have the board show it from now on.")] = False,
    version: Annotated[
        int | None, typer.Option("--version", metavar="NUMBER", help="Show or forget it only if it is this one still.")
    ] = None,
    leaves_failures: Annotated[
        bool, typer.Option("--without-failures", help="Show it without what could not be scored.")
    ] = False,
    is_retried: Annotated[bool, typer.Option("--retry", help="Try again what could not be scored.")] = False,
    is_forgotten: Annotated[bool, typer.Option("--forget", help="Give it up.")] = False,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Look at the correction that a round's truth has in preparation, and who would move; or do one thing with it."""
    from server.auth.permissions import COMMAND
    from server.services.organized_errata import forget_erratum
    from server.services.rescoring_wishes import retry_erratum

    if (file is not None) + is_shown + is_retried + is_forgotten > 1:
        raise CommandFailed(
            "One thing at a time.", advice="Give one of --from, --show, --retry, --forget.", exit_code=Exit.USAGE
        )
    now = datetime.now(UTC)
    with open_data(data) as deployment:
        if file is not None:
            prepared = _prepare(deployment, file, slug=slug, part=part, note=note, now=now)
            say(f"{prepared_sentence(prepared)}; see who would move, then --show it.")
        elif is_shown:
            show_prepared(
                deployment, slug, note=note, number=version, leaves_failures=leaves_failures, now=now
            )  # fmt: skip
        elif is_retried:
            say(f"Submissions to be scored again: {retry_erratum(deployment, COMMAND, slug=slug, now=now):,}.")
        elif is_forgotten:
            forget_erratum(deployment.database, COMMAND, slug=slug, number=version, now=now)
            say(f"The correction of {slug} is given up.")
        else:
            _look(deployment, slug, output, now=now)


def prepared_sentence(prepared: PreparedErratum) -> str:
    """What was prepared, up to what is to be done next."""
    count = len(prepared.changed)
    return (
        f"Version {prepared.number} of the truth of {prepared.slug} is prepared: {count:,} "
        f"image{'' if count == 1 else 's'} changed. The server scores everything against it"
    )


def show_prepared(
    deployment: Deployment, slug: str, *, note: str, number: int | None = None, leaves_failures: bool = False,
    now: datetime,
) -> None:  # fmt: skip
    """Have the board show the correction, unless it is another one than version `number`, and tell who moved."""
    from server.auth.permissions import COMMAND
    from server.services.errata import preview_erratum
    from server.services.organized_errata import show_erratum

    with deployment.database.read() as session:
        preview = preview_erratum(session, slug, now=now)
    number = preview.number if number is None else number
    show_erratum(
        deployment, COMMAND, slug=slug, note=note, number=number, leaves_failures=leaves_failures, now=now
    )  # fmt: skip
    say(f"The board of {slug} shows version {number} of the truth.")
    _write_moves(preview.moves)


def _write_moves(moves: Iterable[Move]) -> None:
    rows = [
        (move.split, move.team, move.method, _rank(move.rank_before),
         _rank(move.rank_after) if move.is_scored else "not scored")
        for move in moves if move.is_moved or not move.is_scored
    ]  # fmt: skip
    if rows:
        results().print(plain_table(("images", "team", "method", ">rank before", ">rank now"), rows))
    else:
        say("No row moves.")


def _prepare(deployment: Deployment, file: Path, *, slug: str, part: str, note: str, now: datetime) -> PreparedErratum:
    from server.auth.permissions import COMMAND
    from server.services.erratum_uploads import begin_erratum

    upload = begin_erratum(deployment, COMMAND, slug=slug, now=now)
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                upload.write(chunk)
        return upload.finish(part=part, file_name=file.name, note=note, now=now)
    finally:
        upload.discard()


def _look(deployment: Deployment, slug: str, output: Format, *, now: datetime) -> None:
    from server.api.errata import erratum_state
    from server.auth.permissions import COMMAND
    from server.services.organized_errata import errata_of

    attempts = deployment.settings.max_attempts
    with deployment.database.read() as session:
        affairs = errata_of(session, COMMAND, slug=slug, max_attempts=attempts, now=now)
    state = erratum_state(affairs)
    if output is Format.JSON:
        write_json(state.model_dump(mode="json"))
        return
    say(f"Version {state.version} of the truth of {slug}; submissions not scored against it yet: {state.waiting:,}.")
    for failure in state.failures:
        say(f"Submission {failure.submission} could not be scored: {failure.failure}. --retry tries again.")
    if state.given_up:
        say("--show --without-failures goes on: what could not be scored leaves the board until it can be.")
    _write_moves(affairs.preview.moves if affairs.preview else ())


def _rank(rank: int | None) -> str:
    return "-" if rank is None else str(rank)

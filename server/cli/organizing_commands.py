"""What an organizer does with a round that is open, on the server's own data folder, also while the server runs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from scoring.toml_tables import read_toml
from server.cli.data_folder import open_data, say
from server.cli.exits import CommandFailed, Exit
from server.cli.options import DataOption, Slug, number, read_password

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask at a terminal.")]
NoteOption = Annotated[str, typer.Option("--note", help="Announced on the round's page.")]


def add_organizer(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="With which they log in.")],
    name: Annotated[str, typer.Option("--name", help="Shown beside what they do.")],
    is_admin: Annotated[bool, typer.Option("--admin", help="May do everything, in every round.")] = False,
    data: DataOption = None,
) -> None:
    """Make an organizer's account. The password is asked for, or read from standard input."""
    from server.services import accounts

    password = read_password(from_stdin=False)
    with open_data(data, makes_it=True) as deployment:
        accounts.add_organizer(
            deployment.database, name=name, email=email, password=password, is_admin=is_admin, now=datetime.now(UTC)
        )
    say(f"{'Admin' if is_admin else 'Organizer'} {email} can log in now.")


def set_(
    slug: Slug,
    changes: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE...", help="As in [policy]; KEY= takes it out; KEY=@FILE is a text."),
    ],
    note: NoteOption = "",
    data: DataOption = None,
) -> None:
    """Change keys of a round's policy; all faults at once."""
    from server.auth.permissions import COMMAND
    from server.services.policy_changes import change_policy

    wished = dict(_change(text) for text in changes)
    with open_data(data) as deployment:
        change_policy(deployment, COMMAND, slug=slug, changes=wished, note=note, now=datetime.now(UTC))
    say(f"Round {slug}: changed {', '.join(wished)}.")


def start(slug: Slug, data: DataOption = None) -> None:
    """Open a round that was to open later; from now on it takes submissions."""
    from server.auth.permissions import COMMAND
    from server.services.schedules import open_now

    with open_data(data) as deployment:
        open_now(deployment, COMMAND, slug=slug, now=datetime.now(UTC))
    say(f"Round {slug} takes submissions now.")


def close(slug: Slug, is_sure: YesOption = False, data: DataOption = None) -> None:
    """Take no more submissions from now on. `heldout round extend` goes on."""
    from server.auth.permissions import COMMAND
    from server.services.schedules import close_now

    _ask(f"Close {slug}, and reveal what it holds back unless `reveals` has a date of its own?", is_sure=is_sure)
    with open_data(data) as deployment:
        close_now(deployment, COMMAND, slug=slug, now=datetime.now(UTC))
    say(f"Round {slug} is closed.")


def pause_(slug: Slug, data: DataOption = None) -> None:
    """Take no submissions and reveal nothing until `heldout round extend`."""
    from server.auth.permissions import COMMAND
    from server.services.schedules import pause

    with open_data(data) as deployment:
        pause(deployment, COMMAND, slug=slug, now=datetime.now(UTC))
    say(f"Round {slug} is paused.")


def reveal(slug: Slug, is_sure: YesOption = False, data: DataOption = None) -> None:
    """Show what a closed round has held back: private scores, names, figures per class."""
    from server.auth.permissions import COMMAND
    from server.services.schedules import reveal_now

    _ask(f"Show everybody what {slug} has held back? It cannot be taken back.", is_sure=is_sure)
    with open_data(data) as deployment:
        reveal_now(deployment, COMMAND, slug=slug, now=datetime.now(UTC))
    say(f"Round {slug} is revealed.")


def extend(
    slug: Slug,
    until: Annotated[str, typer.Argument(metavar="TIME", help="Like 2026-12-31T23:59:59Z; or `never`.")],
    data: DataOption = None,
) -> None:
    """Have a round close later; a closed one goes on."""
    from server.auth.permissions import COMMAND
    from server.services.schedules import extend as move_close

    closes = None if until == "never" else _moment(until)
    with open_data(data) as deployment:
        closes = move_close(deployment, COMMAND, slug=slug, closes=closes, now=datetime.now(UTC)).policy.closes
    say(f"Round {slug} closes {'never' if closes is None else f'at {closes:%Y-%m-%d %H:%M:%S} UTC'}.")


def disqualify(
    slug: Slug,
    entry: Annotated[int, number("ENTRY", "The entry's number, as board.json has it.")],
    reason: Annotated[str, typer.Option("--reason", help="Public; it stands on the board.")],
    data: DataOption = None,
) -> None:
    """Take an entry out of the ranking. Its team may appeal."""
    from server.auth.permissions import COMMAND
    from server.services import disqualifications

    with open_data(data) as deployment:
        disqualifications.disqualify(
            deployment.database, COMMAND, entry_id=entry, reason=reason, slug=slug, now=datetime.now(UTC)
        )
    say(f"Entry {entry} is disqualified.")


def reinstate(
    slug: Slug,
    entry: Annotated[int, number("ENTRY", "The entry's number, as board.json has it.")],
    data: DataOption = None,
) -> None:
    """Let a disqualified entry be ranked again."""
    from server.auth.permissions import COMMAND
    from server.services import disqualifications

    with open_data(data) as deployment:
        disqualifications.reinstate(deployment.database, COMMAND, entry_id=entry, slug=slug, now=datetime.now(UTC))
    say(f"Entry {entry} is ranked again.")


def announce(
    slug: Slug,
    text: Annotated[str, typer.Option("--text", help="For everybody who sees the round, in Markdown.")],
    data: DataOption = None,
) -> None:
    """Announce something on the round's page, and by mail to its teams."""
    from server.auth.permissions import COMMAND
    from server.services import announcements

    with open_data(data) as deployment:
        announcements.announce(deployment.database, COMMAND, slug=slug, text=text, now=datetime.now(UTC))
    say(f"It stands on the page of {slug} now.")


def export(
    *,
    slug: Slug,
    target: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="A new folder.", file_okay=False)],
    has_truth: Annotated[
        bool, typer.Option("--with-truth", help="With the ground truth, so that it can be opened elsewhere.")
    ] = False,
    has_files: Annotated[
        bool, typer.Option("--with-files", help="With the submitted files as they were sent: they may be large.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Write a round into a folder: its public half, baselines, boards, scores, events, and all that was said."""
    from server.services.round_folders import export_folder

    with open_data(data) as deployment:
        export_folder(deployment, target, slug=slug, has_truth=has_truth, has_files=has_files, now=datetime.now(UTC))
    say(f"Wrote {target}")


def _ask(question: str, *, is_sure: bool) -> None:
    """Ask a person at a terminal; a script has said what it wants, and so has --yes."""
    if not is_sure and sys.stdin.isatty() and not typer.confirm(question, err=True):
        raise CommandFailed("Nothing was done.", advice="Answer y if you mean it, or add --yes.", exit_code=Exit.USAGE)


def _change(text: str) -> tuple[str, Any]:
    """KEY=VALUE: a value as TOML has it, else a text; of names, as the form has them, with commas between."""
    from server.services.policy_values import KINDS, names_of_text

    key, equals, value = text.partition("=")
    if not equals:
        raise CommandFailed(
            f"{text!r} changes nothing.", advice="Write KEY=VALUE, as in finals=3.", exit_code=Exit.USAGE
        )
    if not value:
        return key, None
    if value.startswith("@"):
        return key, Path(value[1:]).read_text("utf-8-sig")
    try:
        return key, read_toml(f"value = {value}")["value"]
    except ValueError:
        return key, names_of_text(value) if KINDS.get(key) == "names" else value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - told as one without a zone
    if moment.tzinfo is None:
        raise CommandFailed(
            f"{text!r} is no time with a zone.", advice="Write it like 2026-12-31T23:59:59Z.", exit_code=Exit.USAGE
        )
    return moment

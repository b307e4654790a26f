"""What a team does from its own machine: log in, submit, follow, look at the board."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from server.auth.tokens import Scope
from server.cli.client_config import ClientConfig, forget_config, logged_in, save_config
from server.cli.exits import CommandFailed, Exit
from server.cli.findings import write_findings
from server.cli.options import FormatOption, PasswordOption, Slug, read_password
from server.cli.terminal import BoardFormat, Format, messages, plain_table, progress_bar, results, write_json

if TYPE_CHECKING:
    from server.cli.client import Client

# Soon enough to feel immediate for small files, seldom enough for a queue of hours.
FIRST_PAUSE_SECONDS = 0.2
LAST_PAUSE_SECONDS = 5.0

_EXITS = {"rejected": Exit.INVALID, "cancelled": Exit.USAGE}  # cancelled: by somebody of the team, meanwhile
_OPEN_STATES = frozenset({"queued", "running"})


def login(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")],
    email: Annotated[str, typer.Option(prompt="E-mail", help="The address of your account.")],
    password_stdin: PasswordOption = False,
    *,
    team: Annotated[
        int | None, typer.Option("--team", help="Of several teams, the number of the one to act for.")
    ] = None,
    scope: Annotated[
        Scope, typer.Option("--scope", help="submit: the token reads and submits alone, which is all a cluster needs.")
    ] = Scope.ACCOUNT,
) -> None:
    """Log in to a server; its token is kept for the other commands."""
    import platform

    from server.cli.client import Client

    password = read_password(from_stdin=password_stdin)
    label = f"heldout login on {platform.node() or 'a computer'}"[:100]
    with Client(url) as client:
        wish = {"email": email, "password": password, "label": label, "team": team, "scope": scope}
        made = client.send("POST", "/tokens", wish)
        name = (made["team"] or {}).get("name")
        path = save_config(ClientConfig(url=client.url, token=made["token"], team=name))
    whom = "without a team, which `heldout team found NAME` founds" if name is None else f"for team {name}"
    results().print(Text(f"Logged in to {client.url} {whom}. The token is kept in {path}."))


def sign_up(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")],
    *,
    name: Annotated[str, typer.Option("--name", help="Yours.")],
    email: Annotated[str, typer.Option("--email", help="Yours; one account each.")],
    team: Annotated[str, typer.Option("--team", help="The team you found, as the board shows it.")] = "",
    link: Annotated[str, typer.Option("--link", help="Instead, a link into a team that there is.")] = "",
    password_stdin: PasswordOption = False,
) -> None:
    """Make an account on a server, with its team; the token is kept for the other commands."""
    from server.cli.client import Client

    if bool(team) == bool(link):
        raise CommandFailed(
            "Which team?", advice="Give --team to found one, or --link to join one.", exit_code=Exit.USAGE
        )
    password = read_password(from_stdin=password_stdin)
    person = {"name": name, "email": email, "password": password, "scope": Scope.ACCOUNT}
    with Client(url) as client:
        if team:
            made = client.send("POST", "/teams", {**person, "team": team})
        else:
            made = client.send("POST", "/memberships", {**person, "link": link})
        path = save_config(ClientConfig(url=client.url, token=made["token"], team=made["team"]["name"]))
    results().print(Text(f"Signed up at {client.url} in team {made['team']['name']}. The token is kept in {path}."))


def logout() -> None:
    """Log out: the token that is kept here ends, and is kept no more."""
    with logged_in() as client:
        client.send("DELETE", f"/tokens/{client.get('/account')['token_id']}")
    forget_config()
    results().print(Text(f"Logged out of {client.url}."))


def submit(
    slug: Slug,
    file: Annotated[
        Path, typer.Option("-f", "--file", help="The prediction file.", exists=True, dir_okay=False, readable=True)
    ],
    method: Annotated[str, typer.Option("-m", "--method", help="The method's name: a row of the board.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the score.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send the file although it was sent before.")] = False,
    key: Annotated[str, typer.Option("--key", help="Sent again under the same key, it stays one submission.")] = "",
    track: Annotated[str, typer.Option("--track", help="Of a new method, where the round has tracks.")] = "",
    description: Annotated[str, typer.Option("--description", help="What the method does.")] = "",
    paper: Annotated[str, typer.Option("--paper", help="The address of the paper.")] = "",
    code: Annotated[str, typer.Option("--code", help="The address of the code.")] = "",
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Do not name the team before the reveal.")] = False,
    not_competing: Annotated[bool, typer.Option("--not-competing", help="Show it without a rank.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Submit a prediction file to a round."""
    details = {
        "track": track, "description": description, "paper": paper, "code": code,
        "anonymous": "true" if anonymous else "", "not_competing": "true" if not_competing else "",
    }  # fmt: skip
    with logged_in() as client:
        with progress_bar("sending") as progress:
            accepted = client.submit(
                slug, file, method=method, key=key or str(uuid.uuid4()), again=again, details=details, progress=progress
            )
        if accepted.get("rules_accepted") and messages().is_terminal:
            messages().print(Text(_accepted_by_sending(client, slug)))
        if not wait:
            _write_accepted(accepted, output)
            return
        submission = _wait(client, accepted["id"])
    if output is Format.JSON:
        write_json(submission)
    else:
        _write_outcome(submission)
    if submission["state"] != "scored":
        raise typer.Exit(_EXITS.get(submission["state"], Exit.SERVER))


def _accepted_by_sending(client: Client, slug: str) -> str:
    page, facts = f"{client.url}/rounds/{slug}", client.get(f"/rounds/{slug}")
    said = [
        *([f"the rules of {slug}: {page}#rules"] if facts["rules"] else []),
        *([f"the terms of its data: {page}/data"] if facts.get("has_data_terms") else []),
    ]
    return f"By this you have accepted {', and '.join(said)}"


def submissions(
    slug: Annotated[str | None, typer.Option("--round", help="Of one round only.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List your team's submissions, newest first."""
    with logged_in() as client:
        listed = client.get("/submissions", **({} if slug is None else {"round": slug}))["submissions"]
    if output is Format.JSON:
        write_json(listed)
        return
    rows = [
        (
            str(one["id"]), one["round"], str(one["entry"]["id"]), one["entry"]["method"], one["entry"]["track"],
            one["state"], _main_score(one), _standing(one), one["created_at"],
        )
        for one in listed
    ]  # fmt: skip
    headings = (">id", "round", ">entry", "method", "track", "state", ">score", "standing", "sent (UTC)")
    results().print(plain_table(headings, rows, optional={"track", "standing"}))


def board(
    slug: Slug,
    output: Annotated[BoardFormat, typer.Option("--format", help="How the board is written.")] = BoardFormat.TABLE,
) -> None:
    """Show a round's board."""
    with logged_in() as client:
        if output is BoardFormat.CSV:
            sys.stdout.write(client.text(f"/rounds/{slug}/board.csv"))
            return
        document = client.get(f"/rounds/{slug}/board")
    if output is BoardFormat.JSON:
        write_json(document)
    else:
        write_board(document)


def quota(slug: Slug, output: FormatOption = Format.TABLE) -> None:
    """Show what your team may still send to a round."""
    with logged_in() as client:
        left = client.get(f"/rounds/{slug}/quota")
    if output is Format.JSON:
        write_json(left)
        return
    rows = [
        ("today", str(left["spent_today"]), _limit(left["per_day"])),
        ("this week", str(left["spent_this_week"]), _limit(left["per_week"])),
        ("in all", str(left["spent_total"]), _limit(left["total"])),
    ]
    console = results()
    console.print(plain_table(("", ">spent", ">of"), rows))
    console.print(Text(f"left now: {_limit(left['remaining'])}; renewed: {left['resets_at'] or 'never'}"))


def write_board(document: Mapping[str, Any]) -> None:
    """A board as a table; numbers flush right."""
    from leaderboard.exports import text_table

    headings, rows = text_table(document)
    texts = {"team", "method", "track", "standing"}
    marked = [heading if heading in texts else f">{heading}" for heading in headings]
    results().print(plain_table(marked, rows))


def wait_for(client: Client, submission: int) -> Iterator[dict[str, Any]]:
    """The states of a submission as the server tells them, until the last one."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        facts = client.get(f"/submissions/{submission}")
        yield facts
        if facts["state"] not in _OPEN_STATES:
            return
        time.sleep(pause)
        pause = min(LAST_PAUSE_SECONDS, pause * 1.5)


def _wait(client: Client, submission: int) -> dict[str, Any]:
    console, facts = messages(), {}
    if not console.is_terminal:
        return list(wait_for(client, submission))[-1]
    with console.status("received") as status:
        for facts in wait_for(client, submission):
            place = facts["queue_position"]
            status.update(facts["state"] + ("" if place is None else f", number {place} in the queue"))
    return facts


def _write_accepted(accepted: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        write_json(accepted)
        return
    place = accepted["queue_position"]
    where = "" if place is None else f", number {place} in the queue"
    results().print(Text(f"Submission {accepted['id']} is {accepted['state']}{where}. sha256 {accepted['sha256']}"))


def _write_outcome(submission: dict[str, Any]) -> None:
    console = results()
    write_findings(console, submission["findings"])
    console.print(Text(f"Submission {submission['id']} is {submission['state']}."))
    if submission["scores"] is not None:
        rows = [(name, _score(score)) for name, score in submission["scores"].items()]
        console.print(plain_table(("metric", ">score"), rows))
    if submission.get("failure"):
        console.print(Text(f"{submission['failure']['message']} {submission['failure']['advice']}"))


def _main_score(submission: dict[str, Any]) -> str:
    """The score that decides in the submission's round."""
    scores, metric = submission["scores"] or {}, submission["metric"]
    return f"{metric} {_score(scores[metric])}" if metric in scores else ""


def _standing(submission: dict[str, Any]) -> str:
    """What has become of a submission beside its score."""
    words = [
        *(["disqualified"] if submission["entry"]["disqualified_for"] else []),
        *(["withdrawn"] if submission["withdrawn_at"] else []),
        *(["chosen"] if submission["is_final"] else []),
    ]
    return ", ".join(words)


def _score(score: float | None) -> str:
    return "undefined" if score is None else f"{score:.6f}"


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else str(limit)

"""What somebody does about their own account on a server, from their own machine."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from server.cli.client_config import forget_config, logged_in
from server.cli.exits import CommandFailed, Exit
from server.cli.options import FormatOption, PasswordOption, read_password
from server.cli.terminal import Format, plain_table, results, write_json
from server.services.mail_kinds import OPTIONAL_KINDS

_KINDS = ", ".join(OPTIONAL_KINDS)


def show(output: FormatOption = Format.TABLE) -> None:
    """Show who you are on the server, your teams by number, and which mail you get."""
    with logged_in() as client:
        _write(client.get("/account"), output)


def mail(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KIND...]", help=f"{_KINDS}: these and no others."),
    ] = None,
    *,
    is_none: Annotated[bool, typer.Option("--none", help="None of them.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Choose which mail you get. Links that you ask for are mailed all the same."""
    if bool(wanted) == is_none:
        raise CommandFailed(
            "Which mail is wanted?", advice=f"Name its kinds, of {_KINDS}; or give --none.", exit_code=Exit.USAGE
        )
    unknown = [kind for kind in wanted or [] if kind not in set(OPTIONAL_KINDS)]
    if unknown:
        raise CommandFailed(
            f"There is no mail of the kind {unknown[0]!r}.", advice=f"The kinds are {_KINDS}.", exit_code=Exit.USAGE
        )
    with logged_in() as client:
        _write(client.send("PUT", "/account/mail", {"wanted": wanted or []}), output)


def verify() -> None:
    """Have the mail sent again whose link verifies your address."""
    with logged_in() as client:
        client.send("POST", "/account/verification")
    results().print(Text("The mail is on its way, unless your address is verified."))


def tokens(
    revoked: Annotated[int | None, typer.Option("--revoke", metavar="TOKEN", help="End this one, by number.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List your tokens that are good, after revoking one of them. Invitations stay: see `heldout team invitations`."""
    with logged_in() as client:
        if revoked is not None:
            client.send("DELETE", f"/tokens/{revoked}")
        found = client.get("/tokens")["tokens"]
    if output is Format.JSON:
        write_json(found)
        return
    rows = [
        (str(one["id"]), one["label"], one["scope"], one["created_at"], one["last_used_at"] or "never") for one in found
    ]
    results().print(plain_table((">token", "label", "scope", "made (UTC)", "used (UTC)"), rows))


def export() -> None:
    """Write everything that the server keeps of you, as JSON."""
    with logged_in() as client:
        write_json(client.get("/account/export"))


def delete(
    *,
    is_sure: Annotated[bool, typer.Option("--yes", help="Really, and for good.")] = False,
    password_stdin: PasswordOption = False,
) -> None:
    """Delete your account. What your teams have sent stays theirs.

    Until the last round closes in which they take part, a keyed hash of your address stays: it gets no second quota.
    """
    if not is_sure:
        raise CommandFailed(
            "Your account would be deleted for good: name, address, tokens and memberships.",
            advice="Add --yes if you mean it; `heldout account export` saves your data before.",
            exit_code=Exit.USAGE,
        )
    with logged_in() as client:
        client.send("POST", "/account/deletion", {"password": read_password(from_stdin=password_stdin)})
    forget_config()
    results().print(Text("Your account is deleted."))


def _write(account: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        write_json(account)
        return
    acting = (account["team"] or {}).get("id")
    teams = [f"{team['id']} {team['name']}{' (acting)' if team['id'] == acting else ''}" for team in account["teams"]]
    rows = [
        ("name", account["name"]),
        ("e-mail", f"{account['email']}, {'verified' if account['is_verified'] else 'not verified'}"),
        ("teams", "; ".join(teams) or "none"),
        ("mail", ", ".join(account["mail"]["wanted"]) or "none"),
    ]
    results().print(plain_table(("", ""), rows))

"""What a member does about their team, from their own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from server.auth.tokens import Scope
from server.cli.client_config import ClientConfig, forget_config, logged_in, save_config
from server.cli.exits import CommandFailed, Exit
from server.cli.options import FormatOption
from server.cli.terminal import Format, plain_table, results, write_json

if TYPE_CHECKING:
    from server.cli.client import Client


def describe(
    affiliation: Annotated[str | None, typer.Option("--affiliation", help="Where the team works.")] = None,
    abstract: Annotated[str | None, typer.Option("--abstract", help="Plain text of several lines.")] = None,
) -> None:
    """Change what your team says of itself; what is left out stays."""
    words = {"affiliation": affiliation, "abstract": abstract}
    with logged_in() as client:
        team = _team(client)
        client.send("PATCH", f"/teams/{team['id']}", words)
    results().print(Text(f"Team {team['name']} says so now."))


def invite(output: FormatOption = Format.TABLE) -> None:
    """Make a link by which people join your team, for 14 days."""
    with logged_in() as client:
        made = client.send("POST", f"/teams/{_team(client)['id']}/invitations")
        link = f"{client.url}{made['path']}"
    if output is Format.JSON:
        write_json({**made, "link": link})
    else:
        results().print(Text(link))


def invitations(
    revoked: Annotated[int | None, typer.Option("--revoke", metavar="LINK", help="End this one, by number.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List the links into your team that work, after revoking one of them."""
    with logged_in() as client:
        if revoked is not None:
            client.send("DELETE", f"/invitations/{revoked}")
        found = client.get(f"/teams/{_team(client)['id']}/invitations")["invitations"]
    if output is Format.JSON:
        write_json(found)
        return
    rows = [(str(one["id"]), one["made_by"], one["expires_at"]) for one in found]
    results().print(plain_table((">link", "made by", "works until (UTC)"), rows))


def join(link: Annotated[str, typer.Argument(metavar="LINK", help="As a member of the team gave it.")]) -> None:
    """Join a team by its link, and act for it from now on."""
    with logged_in() as client:
        made = client.send("POST", "/memberships", {"link": link, "scope": Scope.ACCOUNT})
        save_config(ClientConfig(url=client.url, token=made["token"], team=made["team"]["name"]))
    results().print(Text(f"You are in team {made['team']['name']}, and act for it."))


def found(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The team's, as the board shows it.")],
    affiliation: Annotated[str, typer.Option("--affiliation", help="Where the team works.")] = "",
) -> None:
    """Found a team with the account you have, and act for it from now on."""
    with logged_in() as client:
        wish = {"team": name, "affiliation": affiliation, "scope": Scope.ACCOUNT}
        made = client.send("POST", "/account/teams", wish)
        save_config(ClientConfig(url=client.url, token=made["token"], team=made["team"]["name"]))
    results().print(Text(f"You are in team {made['team']['name']}, and act for it."))


def leave() -> None:
    """Leave your team. Its tokens end, this computer's too. What it has sent stays, and counts for your next one."""
    with logged_in() as client:
        team = _team(client)
        client.send("POST", f"/teams/{team['id']}/leave")
    forget_config()
    results().print(
        Text(
            f"You have left team {team['name']}. `heldout login {client.url}` goes on with another one, or founds one."
        )
    )


def _team(client: Client) -> dict[str, Any]:
    """The team that the token acts for."""
    team: dict[str, Any] | None = client.get("/account")["team"]
    if team is None:
        raise CommandFailed(
            "You act for no team.",
            advice="`heldout team found NAME` founds one, `heldout team join LINK` joins one.",
            exit_code=Exit.NOT_ALLOWED,
        )
    return team

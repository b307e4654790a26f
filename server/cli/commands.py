"""Which commands there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import typer

from server.cli import (
    account_commands,
    affairs_commands,
    client_commands,
    correction_commands,
    organizing_commands,
    people_commands,
    round_commands,
    scoring_commands,
    selftest_command,
    server_commands,
    submission_commands,
    taking_part_commands,
    team_commands,
    watching_commands,
)

app = typer.Typer(
    name="heldout",
    help="Heldout: prediction files in, ranked results out, ground truth held out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rounds = typer.Typer(help="Open a round, run it, hand it out.", no_args_is_help=True, rich_markup_mode=None)
teams = typer.Typer(help="Your team: join it, describe it, leave it.", no_args_is_help=True, rich_markup_mode=None)
accounts = typer.Typer(help="Your account: mail, data, its end.", no_args_is_help=True, rich_markup_mode=None)
organizers = typer.Typer(help="Accounts of organizers.", no_args_is_help=True, rich_markup_mode=None)

app.command()(server_commands.serve)
app.command()(server_commands.demo)
rounds.command("open")(round_commands.open_)
rounds.command("kit")(round_commands.kit)
rounds.command("selftest")(selftest_command.selftest)
rounds.command("erratum")(round_commands.erratum)
rounds.command("correction")(correction_commands.correction)
rounds.command("noise")(correction_commands.noise)
rounds.command("settle")(correction_commands.settle)
rounds.command("set")(organizing_commands.set_)
rounds.command("start")(organizing_commands.start)
rounds.command("close")(organizing_commands.close)
rounds.command("pause")(organizing_commands.pause_)
rounds.command("extend")(organizing_commands.extend)
rounds.command("reveal")(organizing_commands.reveal)
rounds.command("disqualify")(organizing_commands.disqualify)
rounds.command("reinstate")(organizing_commands.reinstate)
rounds.command("announce")(organizing_commands.announce)
rounds.command("export")(organizing_commands.export)
rounds.command("queue")(watching_commands.queue)
rounds.command("report")(watching_commands.report)
rounds.command("affairs")(affairs_commands.affairs)
rounds.command("answer")(affairs_commands.answer)
rounds.command("decide")(affairs_commands.decide)
rounds.command("admit")(affairs_commands.admit)
rounds.command("roster")(people_commands.roster)
rounds.command("join-code")(people_commands.join_code)
rounds.command("organizers")(people_commands.organizers)
rounds.command("rescore")(affairs_commands.rescore)
app.add_typer(rounds, name="round")
organizers.command("add")(organizing_commands.add_organizer)
app.add_typer(organizers, name="organizer")
app.command()(scoring_commands.validate)
app.command()(scoring_commands.score)
app.command("sign-up")(client_commands.sign_up)
app.command()(client_commands.login)
app.command()(client_commands.logout)
app.command()(client_commands.submit)
app.command()(client_commands.submissions)
app.command()(submission_commands.withdraw)
app.command()(submission_commands.choose)
app.command()(submission_commands.download)
app.command()(submission_commands.describe)
app.command("rounds")(taking_part_commands.rounds)
app.command()(taking_part_commands.news)
app.command()(taking_part_commands.data)
app.command()(taking_part_commands.accept)
app.command()(taking_part_commands.join)
app.command()(taking_part_commands.ask)
app.command()(taking_part_commands.report)
app.command()(taking_part_commands.appeal)
app.command()(client_commands.board)
app.command()(client_commands.quota)
teams.command("describe")(team_commands.describe)
teams.command("invite")(team_commands.invite)
teams.command("invitations")(team_commands.invitations)
teams.command("join")(team_commands.join)
teams.command("found")(team_commands.found)
teams.command("leave")(team_commands.leave)
app.add_typer(teams, name="team")
accounts.command("show")(account_commands.show)
accounts.command("mail")(account_commands.mail)
accounts.command("verify")(account_commands.verify)
accounts.command("tokens")(account_commands.tokens)
accounts.command("export")(account_commands.export)
accounts.command("delete")(account_commands.delete)
app.add_typer(accounts, name="account")
app.command()(server_commands.warmup)


@cache
def command() -> Callable[..., Any]:
    """What `heldout` runs; made once a process, as Typer reads the signatures of all commands for it."""
    return typer.main.get_command(app)

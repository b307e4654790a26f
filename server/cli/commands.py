"""Which commands there are."""

from __future__ import annotations

import typer

from server.cli import client_commands, round_commands, scoring_commands, server_commands

app = typer.Typer(
    name="heldout",
    help="Heldout: prediction files in, ranked results out, ground truth held out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rounds = typer.Typer(help="Open a round, or hand out its public half.", no_args_is_help=True, rich_markup_mode=None)

app.command()(server_commands.serve)
app.command()(server_commands.demo)
rounds.command("open")(round_commands.open_)
rounds.command("kit")(round_commands.kit)
rounds.command("erratum")(round_commands.erratum)
app.add_typer(rounds, name="round")
app.command()(scoring_commands.validate)
app.command()(scoring_commands.score)
app.command()(client_commands.login)
app.command()(client_commands.submit)
app.command()(client_commands.submissions)
app.command()(client_commands.board)
app.command()(client_commands.quota)
app.command()(server_commands.warmup)

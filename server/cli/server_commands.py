"""`heldout serve`, `heldout demo` and `heldout warmup`."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from server.cli.terminal import results

HostOption = Annotated[str | None, typer.Option("--host", help="The address to listen on.  [default: 127.0.0.1]")]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="The port; 0 picks a free one.  [default: 8000]")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="The folder that holds everything.  [default: heldout-data]")
]


def serve(host: HostOption = None, port: PortOption = None, data: DataOption = None) -> None:
    """Run a server: pages, API, scoring. Nothing else is needed."""
    gc.disable()  # until the server listens: all that is loaded stays, and looking through it took a fifth of the start
    from server.cli.log_lines import log_to_stderr
    from server.cli.server_settings import settings_for
    from server.cli.serving import HeldoutServer, address_of, listen

    settings = settings_for(data=data, host=host, port=port)
    log_to_stderr(logging.INFO)
    with listen(settings.host, settings.port) as bound:
        address = settings.public_url or address_of(bound)
        HeldoutServer(settings, on_ready=lambda: _say(f"Heldout is at {address}")).run(sockets=[bound])


def demo(
    host: HostOption = None,
    port: PortOption = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder to keep it in.  [default: a temporary one]")
    ] = None,
    is_brief: Annotated[bool, typer.Option("--exit", help="End after the boards.")] = False,
) -> None:
    """Run a server filled with the sample rounds, teams and scored entries."""
    gc.disable()  # as `serve` does
    from server.cli.demo import run_demo

    run_demo(host=host, port=port, data=data, is_brief=is_brief)


def warmup() -> None:
    """Compile the scoring kernels once, so that the first scoring does not wait for it."""
    from scoring.warmup import warm_up

    with results().status("compiling"):
        seconds = warm_up()
    _say(f"Ready: compiled or loaded in {seconds:.1f} s.")


def _say(sentence: str) -> None:
    results().print(Text(sentence))

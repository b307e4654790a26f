"""The command line's one entry: how a command starts, and how each of them may end."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scoring.errors import FaultyRound, HeldoutError
from server.cli.exits import CommandFailed, Exit
from server.cli.offline import plain_request
from server.cli.terminal import write_error, write_json

# As of a program that the signal of a closed pipe ends.
_UNREAD = 141

# What `pip install heldout` leaves out and `heldout[server]` brings.
_SERVER_PACKAGES = frozenset({
    "alembic", "fastapi", "jinja2", "markdown_it", "nh3", "pebble", "pwdlib", "pydantic", "pydantic_settings",
    "python_multipart", "sqlalchemy", "sqlmodel", "starlette", "uvicorn",
})  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code says how it went."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        request = plain_request(given)
        if request is not None:
            code = request()
            sys.stdout.flush()  # here, where a full disk is still told
            return code
        from server.cli.commands import command  # loads the parser

        command()(args=given, prog_name="heldout")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else Exit.DONE
    except BrokenPipeError:  # nobody reads on, as behind `| head`
        _give_up_output()
        return _UNREAD
    except (CommandFailed, HeldoutError, ModuleNotFoundError, OSError) as error:
        return _explain(error, as_json="--format json" in " ".join(given).replace("=", " "))
    except KeyboardInterrupt:
        return 130
    return Exit.DONE


def _explain(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong and how to go on; a fault nobody foresaw keeps its traceback."""
    if isinstance(error, FaultyRound):
        from server.cli.findings import write_faults

        write_faults(error)
        _write_json_error(
            as_json,
            code="faulty-round",
            message=str(error),
            advice="Mend each fault; nothing was done.",
            details={"faults": [asdict(fault) for fault in error.faults]},
        )
        return Exit.USAGE
    failure = _failure(error)
    write_error(failure.message, failure.advice)
    _write_json_error(
        as_json, code=failure.code, message=failure.message, advice=failure.advice, details=failure.details
    )
    return failure.exit_code


def _failure(error: Exception) -> CommandFailed:
    if isinstance(error, CommandFailed):
        return error
    if isinstance(error, ModuleNotFoundError):
        if (error.name or "").partition(".")[0] not in _SERVER_PACKAGES:
            raise error
        return CommandFailed(
            f"This command needs the server's packages, and {error.name} is not installed.",
            advice="Run: pip install 'heldout[server]'",
            exit_code=Exit.USAGE,
        )
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return CommandFailed(
            f"{place}{error.strerror or error}", advice="Check the file and the disk.", exit_code=Exit.USAGE
        )
    return _failure_of_server(error)


def _failure_of_server(error: Exception) -> CommandFailed:
    from server.errors import ServerError, status_of

    if not isinstance(error, ServerError):
        return CommandFailed(str(error), advice="See heldout --help.", exit_code=Exit.USAGE)
    code = Exit.USAGE if status_of(error) < 500 else Exit.SERVER
    return CommandFailed(
        error.message, advice=error.advice_given, exit_code=code, code=error.code, details=error.details
    )


def _write_json_error(
    as_json: bool, *, code: str, message: str, advice: str, details: Mapping[str, Any] | None = None
) -> None:
    if not as_json:
        return
    try:
        write_json({"error": {"code": code, "message": message, "advice": advice, "details": details or {}}})
        sys.stdout.flush()
    except OSError:  # what is to be told may be that nothing can be written there
        _give_up_output()


def _give_up_output() -> None:
    """Let what is still to be written to standard output go nowhere; else the interpreter tries again as it ends."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())

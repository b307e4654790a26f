"""`heldout demo`: the real server on a folder of its own, its entries sent through its own API as teams would."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from server.auth.passwords import hash_password
from server.auth.tokens import Scope
from server.cli.client import Client, Refused
from server.cli.client_commands import wait_for, write_board
from server.cli.exits import CommandFailed, Exit
from server.cli.log_lines import log_to_stderr
from server.cli.samples import SampleEntry, SampleRound, sample_rounds
from server.cli.server_settings import settings_for
from server.cli.serving import HeldoutServer, address_of, listen
from server.cli.terminal import plain_table, results
from server.db.engine import Database
from server.db.tables import Person
from server.deployment import open_deployment
from server.errors import EmailTaken, RoundChanged
from server.services.accounts import add_organizer, found_team, log_in
from server.services.opening import open_folder
from server.services.tokens import create_token
from server.settings import Settings

ORGANIZER_EMAIL = "organizer@demo.example"

# How many of the log-ins are listed; the others have the same password.
SHOWN_TEAMS = 3


def run_demo(*, host: str | None, port: int | None, data: Path | None, is_brief: bool) -> None:
    """Fill a server, show its boards and serve until it is stopped; `is_brief`: stop after the boards."""
    if data is None:
        with tempfile.TemporaryDirectory(prefix="heldout-demo-") as folder:
            _run(settings_for(data=Path(folder), host=host, port=port), port=port, is_brief=is_brief)
    else:
        _run(settings_for(data=data, host=host, port=port), port=port, is_brief=is_brief)


def _run(settings: Settings, *, port: int | None, is_brief: bool) -> None:
    log_to_stderr(logging.WARNING)
    console, rounds = results(), sample_rounds()
    accounts = _accounts_of(settings.data)
    _prepare(settings, rounds, accounts)
    with _serving(settings, port=port, is_brief=is_brief) as (server, thread, address):
        with Client(address) as visitor:
            _fill(visitor, rounds, accounts)
            for sample in rounds:
                console.print(Text(f"\n{sample.title}", style="bold"))
                write_board(visitor.get(f"/rounds/{sample.slug}/board"))
        if is_brief:
            return
        _write_log_ins(address, accounts)
        for signal_ in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_, server.handle_exit)
        thread.join()


def _accounts_of(data: Path) -> _Accounts:
    """The demo's accounts in its folder: a new one, or that of an earlier demo, never a server's own."""
    path = data / "demo.json"
    if not path.exists() and data.exists() and any(data.iterdir()):
        raise CommandFailed(
            f"{data} holds something, and no demo: its sample rounds and accounts do not belong there.",
            advice="Name a new folder, or none at all for a temporary one.",
            exit_code=Exit.USAGE,
        )
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts = _Accounts(path)
    accounts.save()
    return accounts


class _Accounts:
    """The demo's password and tokens, kept beside its data so that the same folder can be used again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.password = secrets.token_urlsafe(9)
        self.tokens: dict[str, str] = {}  # by team
        with suppress(FileNotFoundError):
            kept = json.loads(path.read_text("utf-8"))
            self.password, self.tokens = kept["password"], kept["tokens"]

    def save(self) -> None:
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump({"password": self.password, "tokens": self.tokens}, stream)

    def add_teams(self, database: Database, teams: Iterable[str], *, now: datetime) -> None:
        """Make an account and a token for every team that has none yet. One hash serves all: the password is one."""
        password_hash = hash_password(self.password)
        for team in teams:
            if team in self.tokens:
                continue
            person = Person(email=_email(team), name=team, password_hash=password_hash, created_at=now)
            try:
                viewer = found_team(database, person, team=team, now=now).viewer
            except EmailTaken:  # an earlier demo was stopped between the account and the token
                viewer = log_in(database, email=person.email, password=self.password)
            self.tokens[team] = create_token(database, viewer, label="demo", scope=Scope.SUBMIT, now=now).secret
        self.save()


def _email(team: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", team.lower()).strip("-") + "@demo.example"


def _prepare(settings: Settings, rounds: tuple[SampleRound, ...], accounts: _Accounts) -> None:
    deployment, now = open_deployment(settings), datetime.now(UTC)
    try:
        organizer_id = _organizer(deployment.database, accounts.password, now=now)
        for sample in rounds:
            with suppress(RoundChanged):  # its policy was changed on the page since
                open_folder(deployment, sample.folder, now=now, actor="command", organizer_id=organizer_id)
        teams = dict.fromkeys(entry.team for sample in rounds for entry in sample.entries)
        accounts.add_teams(deployment.database, teams, now=now)
    finally:
        deployment.close()


def _organizer(database: Database, password: str, *, now: datetime) -> int | None:
    """The id of the demo's organizer; None where an earlier demo made them."""
    with suppress(EmailTaken):
        return add_organizer(database, name="Organizer", email=ORGANIZER_EMAIL, password=password, now=now)
    return None


@contextmanager
def _serving(
    settings: Settings, *, port: int | None, is_brief: bool
) -> Iterator[tuple[HeldoutServer, threading.Thread, str]]:
    """A server in a thread of its own, ready to be called; stopped at the end."""
    with _listen(settings, port=port, is_brief=is_brief) as bound:
        ready, failures = threading.Event(), list[BaseException]()
        shown = {"show_mail": True, "public_url": settings.public_url or address_of(bound)}
        server = HeldoutServer(settings.model_copy(update=shown), on_ready=ready.set)

        def run() -> None:
            try:
                server.run(sockets=[bound])
            except BaseException as failure:  # noqa: BLE001 - raised again in the main thread
                failures.append(failure)
                ready.set()

        thread = threading.Thread(target=run, name="server")
        thread.start()
        try:
            ready.wait()
            if not failures:
                yield server, thread, address_of(bound)
        finally:
            server.should_exit = True
            thread.join()
        if failures:
            raise failures[0]


def _listen(settings: Settings, *, port: int | None, is_brief: bool) -> Any:
    """The port that was asked for; without a wish, the usual one or any free one."""
    if port is not None:
        return listen(settings.host, port)
    try:
        return listen(settings.host, 0 if is_brief else settings.port)
    except CommandFailed:
        return listen(settings.host, 0)


def _fill(visitor: Client, rounds: tuple[SampleRound, ...], accounts: _Accounts) -> None:
    """Send every sample entry as its team would; the very last one alone, once more at each start."""
    sent: list[tuple[str, int]] = []
    *others, (last_round, last) = [(sample.slug, entry) for sample in rounds for entry in sample.entries]
    for slug, entry in others:
        token = accounts.tokens[entry.team]
        with Client(visitor.url, token=token) as client:
            key = f"demo {slug} {entry.team} {entry.method}"
            sent.append((token, client.submit(slug, entry.file, method=entry.method, key=key)["id"]))
    for token, submission in sent:
        with Client(visitor.url, token=token) as client:
            _check(list(wait_for(client, submission))[-1])
    _send_one_more(visitor, last_round, last, token=accounts.tokens[last.team])


def _send_one_more(visitor: Client, slug: str, entry: SampleEntry, *, token: str) -> None:
    started = time.monotonic()
    with Client(visitor.url, token=token) as client:
        try:
            accepted = client.submit(slug, entry.file, method=entry.method, key=str(uuid.uuid4()), again=True)
        except Refused as refused:
            if refused.exit_code is not Exit.CLOSED:
                raise
            results().print(Text(f"{entry.team} has no submissions left today: {refused.message}"))
            return
        _check(list(wait_for(client, accepted["id"]))[-1])
    seconds = time.monotonic() - started
    results().print(Text(f"{entry.file.name} of {entry.team}: sent, checked, scored and ranked in {seconds:.1f} s."))


def _check(submission: dict[str, Any]) -> None:
    if submission["state"] != "scored":
        raise CommandFailed(
            f"The sample submission {submission['id']} to {submission['round']} is {submission['state']}.",
            advice="This is a fault of the software or of this machine; please report it.",
            exit_code=Exit.SERVER,
        )


def _write_log_ins(address: str, accounts: _Accounts) -> None:
    console = results()
    console.print(Text(f"\nHeldout is at {address}", style="bold"))
    rows = [("organizer", ORGANIZER_EMAIL, accounts.password)]
    rows += [(team, _email(team), accounts.password) for team in list(accounts.tokens)[:SHOWN_TEAMS]]
    console.print(plain_table(("log in as", "e-mail", "password"), rows))
    console.print(Text(f"Or sign up as a team of your own on any round's page. Mail is shown at {address}/mail."))
    console.print(Text("Stop with Ctrl-C."))

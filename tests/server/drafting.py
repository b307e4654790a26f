"""Rounds as organizers send them: one archive, or the parts of a form."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from server.services.accounts import add_organizer
from tests.scoring.making import Files, round_files, zip_of
from tests.server.running import BEFORE, PASSWORD, deployment_of


def archive_of(task: str = "cls", changes: Files | None = None, *, slug: str = "small", within: str = "") -> bytes:
    """A zip of the small round of `task`, some of its files changed, in a folder if one is named."""
    files = {**round_files(task), **(changes or {})}
    contents = {
        f"{within}{name}": content.encode() if isinstance(content, str) else content
        for name, content in files.items()
        if content is not None
    }
    toml = f"{within}round.toml"
    return zip_of({**contents, toml: contents[toml].replace(b'slug = "small"', f'slug = "{slug}"'.encode())})


def add_maker(client: TestClient, name: str) -> None:
    """An organizer of no round yet."""
    email = f"{name}@host.example"
    add_organizer(deployment_of(client).database, name=name, email=email, password=PASSWORD, now=BEFORE)


def become(client: TestClient, name: str) -> None:
    """Log in as one of them."""
    client.cookies.clear()
    answer = client.post("/log-in", data={"email": f"{name}@host.example", "password": PASSWORD})
    assert answer.status_code == 303


def leftovers(client: TestClient) -> list[Path]:
    """What uploads have left on the disk."""
    return list(deployment_of(client).folders.drafts.iterdir())

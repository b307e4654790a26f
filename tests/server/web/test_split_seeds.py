"""The seed that draws the private images: too short a one is told of, and the commitment can be checked by the page."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path

import pytest

from server.cli.main import main
from tests.server.making import write_round
from tests.server.running import AFTER, CLOSES, DURING, OPENS
from tests.server.web.browsing import browser, log_in_as_organizer, text_of

LONG = "0f3b1c5e" * 4


def _round(folder: Path, seed: str) -> Path:
    round_ = write_round(folder, public_share=0.5, opens=OPENS, closes=CLOSES)
    toml = round_ / "round.toml"
    toml.write_text(toml.read_text().replace("[truth]", f'[truth]\nsplit_seed = "{seed}"'))
    return round_


@pytest.mark.parametrize(
    ("seed", "now", "is_warned"), [("5f1c", DURING, True), (LONG, DURING, False), ("5f1c", AFTER, False)]
)
def test_a_seed_that_can_be_guessed_is_told_of_to_the_organizers_until_the_reveal(
    tmp_path: Path, seed: str, now: datetime, is_warned: bool
) -> None:
    with browser(tmp_path / "data", _round(tmp_path / "round", seed), now=now) as client:
        assert "short seeds" not in text_of(client, "/rounds/tiny")
        log_in_as_organizer(client)
        assert ("whoever tries short seeds" in text_of(client, "/organize/tiny")) is is_warned


@pytest.mark.parametrize(("seed", "is_warned"), [("5f1c", True), (LONG, False)])
def test_the_command_that_opens_a_round_warns_of_a_seed_that_can_be_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: str, is_warned: bool
) -> None:
    folder = write_round(tmp_path / "round", public_share=0.5)
    toml = folder / "round.toml"
    toml.write_text(toml.read_text().replace("[truth]", f'[truth]\nsplit_seed = "{seed}"'))
    assert main(["round", "open", str(folder), "--data", str(tmp_path / "data")]) == 0
    said = capsys.readouterr()
    assert "is open: Round tiny" in said.out and "seed" not in said.out
    assert ("4 characters" in said.err) is is_warned


def test_the_page_says_exactly_how_the_commitment_is_made(tmp_path: Path) -> None:
    with browser(tmp_path / "data", _round(tmp_path / "round", LONG), now=AFTER) as client:
        page = text_of(client, "/rounds/tiny")
    told = re.search(r"<code>(heldout split )SEED</code>[^<]*<code>([0-9a-f]{64})</code>; the seed: <code>(\w+)<", page)
    assert told is not None
    assert hashlib.sha256(f"{told[1]}{told[3]}".encode()).hexdigest() == told[2]

"""Commands about who is behind a round, on its server's data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli.main import main
from tests.server.making import quick_settings, score, send, tiny_deployment
from tests.server.services.organizing import add_person, member, team_of


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """The option of a data folder with the round `tiny`, in which the team of ada@lab.example has a score."""
    deployment = tiny_deployment(tmp_path / "data")
    score(deployment, send(deployment, team_of(member(deployment, "Ada"))).id, all=0.25)
    add_person(deployment.database, "grace@host.example")
    add_person(deployment.database, "alan@host.example")
    deployment.close()
    return ["--data", str(quick_settings(tmp_path / "data").data)]


def test_a_roster_is_set_from_a_file_and_written_with_scores(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "class.csv"
    file.write_text("name,email\nAda,ada@lab.example\nBob,bob@lab.example\n")
    assert main(["round", "roster", "tiny", "--set", str(file), *given]) == 0
    assert "People expected in tiny: 2." in capsys.readouterr().out
    assert main(["round", "roster", "tiny", *given]) == 0
    table = capsys.readouterr().out
    assert [line.split(",")[:5] for line in table.splitlines()[1:]] == [
        ["Ada", "ada@lab.example", "Ada", "0.25", "1"], ["Bob", "bob@lab.example", "", "", "0"],
    ]  # fmt: skip
    for wrong in (b"Ada\n", b"\xff\xfe"):
        file.write_bytes(wrong)
        assert main(["round", "roster", "tiny", "--set", str(file), *given]) == 2
    assert main(["round", "roster", "tiny", "--set", str(tmp_path / "none.csv"), *given]) == 2
    capsys.readouterr()
    main(["round", "roster", "tiny", *given])
    assert capsys.readouterr().out == table


def test_a_join_code_is_made_replaced_shown_and_removed(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def told(*options: str) -> str:
        assert main(["round", "join-code", "tiny", *options, *given]) == 0
        return capsys.readouterr().out

    assert "no join code" in told()
    first = told("--renew")
    assert "/rounds/tiny/join?code=" in first
    second = told("--renew")
    assert first != second == told()
    assert "no join code" in told("--remove") and "no join code" in told()
    assert main(["round", "join-code", "tiny", "--renew", "--remove", *given]) == 2


def test_organizers_are_listed_added_and_removed(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def emails(*options: str) -> list[str]:
        assert main(["round", "organizers", "tiny", *options, "--format", "json", *given]) == 0
        return [one["email"] for one in json.loads(capsys.readouterr().out)]

    assert main(["round", "organizers", "tiny", *given]) == 0
    assert "Nobody runs tiny" in capsys.readouterr().out
    assert emails("--add", "Grace@host.example") == ["grace@host.example"]
    assert main(["round", "organizers", "tiny", "--remove", "grace@host.example", *given]) == 2  # nobody would be left
    assert emails("--add", "alan@host.example", "--remove", "grace@host.example") == ["alan@host.example"]
    assert main(["round", "organizers", "tiny", "--remove", "grace@host.example", *given]) == 2
    assert main(["round", "organizers", "tiny", "--add", "nobody@host.example", *given]) == 2
    capsys.readouterr()
    assert main(["round", "organizers", "tiny", *given]) == 0
    assert "alan@host.example" in capsys.readouterr().out

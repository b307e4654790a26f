"""Names of teams, methods and files that are meant to mislead: refused, or shown harmlessly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.hostile.bad_file import valid
from tests.hostile.conftest import Rounds
from tests.server.running import API, PASSWORD, Member, error_of, finished, running_app, sign_up, submit

SLUG = "small-cls"

REFUSED = {
    "a direction override": "teN\u202etseB",
    "a zero-width blank": "Re\u200bsNet",
    "a zero-width joiner": "Re\u200dsNet",
    "only blanks": " \t \u3000 ",
    "nothing": "",
    "ten thousand characters": "x" * 10_000,
    "a NUL": "Res\0Net",
    "a line break": "Res\nNet",
}

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd()"


@pytest.fixture(scope="module")
def client(rounds: Rounds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running_app(tmp_path_factory.mktemp("names") / "data", rounds.folder("cls"), worker_count=1) as client:
        yield client


@pytest.fixture(scope="module")
def member(client: TestClient) -> Member:
    return sign_up(client, "Plain Name")


@pytest.fixture(scope="module")
def with_odd_names(client: TestClient) -> dict[str, object]:
    """The scored submission of a team with names that are allowed, and odd."""
    team = sign_up(client, FORMULA)
    sent = submit(client, team, valid("cls"), slug=SLUG, method=SCRIPT, file_name=f"../{SCRIPT}\u202e.txt")
    assert sent.status_code == 201, sent.text
    submission = finished(client, team, sent.json()["id"])
    assert submission["state"] == "scored"
    return submission


@pytest.mark.parametrize("field", ["name", "team"])
@pytest.mark.parametrize("kind", REFUSED)
def test_misleading_names_of_people_and_teams_are_refused_at_the_form(
    field: str, kind: str, client: TestClient
) -> None:
    form = {"name": "A Person", "team": "A Team", "email": "someone@team.example", "password": PASSWORD}

    answer = client.post(f"{API}/teams", json=form | {field: REFUSED[kind]})

    assert answer.status_code == 422
    assert error_of(answer)["code"] == "invalid-name"


@pytest.mark.parametrize("kind", REFUSED)
def test_misleading_names_of_methods_are_refused_and_cost_nothing(
    kind: str, client: TestClient, member: Member
) -> None:
    answer = submit(client, member, valid("cls"), slug=SLUG, method=REFUSED[kind])

    assert answer.status_code == 422
    assert error_of(answer)["code"] == "invalid-name"
    assert client.get(f"{API}/submissions", headers=member.headers).json()["submissions"] == []


def test_a_script_for_a_name_is_text_on_every_page(client: TestClient, with_odd_names: dict[str, object]) -> None:
    assert with_odd_names["entry"]["method"] == SCRIPT  # type: ignore[index]
    for path in ("/", "/rounds", f"/rounds/{SLUG}", f"/rounds/{SLUG}/board"):
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(f"/rounds/{SLUG}/board").text


def test_a_formula_for_a_name_is_text_in_a_spreadsheet(client: TestClient, with_odd_names: dict[str, object]) -> None:
    answer = client.get(f"/rounds/{SLUG}/board.csv")

    (header, row) = csv.reader(io.StringIO(answer.text))
    assert dict(zip(header, row, strict=True))["team"] == f"'{FORMULA}"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_file_name_loses_its_folders_and_what_does_not_show(with_odd_names: dict[str, object]) -> None:
    name = with_odd_names["file_name"]

    assert isinstance(name, str)
    assert name.isprintable()
    assert "/" not in name
    assert ".." not in name


@pytest.mark.parametrize("kind", REFUSED)
def test_a_misleading_name_of_a_file_is_refused_or_shown_harmlessly(kind: str, client: TestClient) -> None:
    team = sign_up(client, f"Sends {kind}")
    form = {"method": (None, "ResNet-50"), "file": (REFUSED[kind] or "x", valid("cls"))}

    answer = client.post(f"{API}/rounds/{SLUG}/submissions", files=form, headers=team.headers)

    if answer.status_code == 422:  # longer than the header of a form's part may be
        assert kind == "ten thousand characters"
        assert error_of(answer)["code"] == "invalid-request"
        return
    assert answer.status_code == 201, answer.text
    shown = client.get(f"{API}/submissions/{answer.json()['id']}", headers=team.headers).json()["file_name"]
    assert not shown or shown.isprintable()
    assert len(shown) <= 200

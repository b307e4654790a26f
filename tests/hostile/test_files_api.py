"""The table of bad files through a running server: sent as submissions, and to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.hostile.bad_file import BadFile, valid
from tests.hostile.bad_files import representatives
from tests.hostile.conftest import Rounds
from tests.hostile.samples import EVERY_TASK, TIGHT_UPLOAD_BYTES, slug_of
from tests.hostile.thirty_faults import CONTENT, LINES
from tests.server.running import API, Member, error_of, finished, running_app, sign_up, submit

# Every file is read for every task in test_files_validate.py. Here one of each row and one of each way of writing goes
# all the way, the tasks taking turns.
_OF_EACH_ROW = {(bad.outcome, bad.row): bad for _, bad in representatives()}
_OF_EACH_ENCODING = {(bad.outcome, bad.encoding): bad for _, bad in representatives()}
SENT = [
    (bad.tasks[number % len(bad.tasks)], bad)
    for number, bad in enumerate(dict.fromkeys((*_OF_EACH_ROW.values(), *_OF_EACH_ENCODING.values())))
]
SENT_FILES = [pytest.param(task, bad, id=f"{task}, {bad}") for task, bad in SENT]

# Checking runs the code that `validate` runs: a file of each row is enough to show that its answer arrives.
CHECKED_FILES = [
    pytest.param(task, bad, id=f"{task}, {bad}") for task, bad in {bad.row: (task, bad) for task, bad in SENT}.values()
]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A server that has been sent every file of the table, the refused ones by one team, the others by another."""

    client: TestClient
    wrong: Member
    odd: Member
    submissions: dict[tuple[str, str], int]

    def member(self, bad: BadFile) -> Member:
        return self.odd if bad.outcome == "noticed" else self.wrong

    def finished(self, task: str, bad: BadFile) -> dict[str, Any]:
        return finished(self.client, self.member(bad), self.submissions[task, str(bad)])

    def spent(self, member: Member, slug: str) -> int:
        answer = self.client.get(f"{API}/rounds/{slug}/quota", headers=member.headers)
        spent: int = answer.json()["spent_total"]
        return spent


@pytest.fixture(scope="module")
def client(rounds: Rounds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folders = [rounds.folder(task, is_tight=is_tight) for task in EVERY_TASK for is_tight in (False, True)]
    with running_app(
        tmp_path_factory.mktemp("server") / "data", *folders,
        worker_count=1, max_open_submissions=10_000, max_rejected_per_hour=10_000, max_checks_per_hour=10_000,
    ) as client:  # fmt: skip
        yield client


@pytest.fixture(scope="module")
def table(client: TestClient) -> Table:
    table = Table(client=client, wrong=sign_up(client, "Wrong"), odd=sign_up(client, "Odd"), submissions={})
    for task, bad in SENT:
        slug = slug_of(task, is_tight=bad.is_for_tight_round)
        answer = submit(client, table.member(bad), bad.make(task), slug=slug, again="true")
        assert answer.status_code == 201, answer.text
        table.submissions[task, str(bad)] = answer.json()["id"]
    return table


@pytest.mark.parametrize(("task", "bad"), SENT_FILES)
def test_a_sent_file_ends_with_the_findings_of_validate(task: str, bad: BadFile, table: Table, rounds: Rounds) -> None:
    submission = table.finished(task, bad)

    assert submission["state"] == ("scored" if bad.outcome == "noticed" else "rejected")
    assert submission["findings"] == rounds.validate_bad(task, bad).report.as_json()
    assert submission["failure"] is None
    if bad.outcome == "noticed":
        card = rounds.evaluate(task, bad.make(task)).scorecard
        assert card is not None
        assert submission["scores"] == card.scores
    else:
        assert submission["scores"] is None


@pytest.mark.parametrize(("task", "bad"), CHECKED_FILES)
def test_a_checked_file_is_answered_with_the_findings_of_validate(
    task: str, bad: BadFile, client: TestClient, rounds: Rounds
) -> None:
    slug = slug_of(task, is_tight=bad.is_for_tight_round)

    answer = client.post(f"{API}/rounds/{slug}/check", content=bad.make(task))

    assert answer.status_code == (200 if bad.outcome == "noticed" else 422)
    assert answer.json()["findings"] == rounds.validate_bad(task, bad).report.as_json()


def test_refused_files_cost_no_quota_and_odd_ones_do(table: Table) -> None:
    noticed = dict.fromkeys(EVERY_TASK, 0)
    for task, bad in SENT:
        table.finished(task, bad)
        noticed[task] += bad.outcome == "noticed"

    for task in EVERY_TASK:
        assert table.spent(table.wrong, slug_of(task, is_tight=False)) == 0
        assert table.spent(table.wrong, slug_of(task, is_tight=True)) == 0
        assert table.spent(table.odd, slug_of(task, is_tight=False)) == noticed[task]


def test_pages_show_refused_values_harmlessly(client: TestClient) -> None:
    member = sign_up(client, "Script Kids")
    content = b"1 <script>alert(1)</script> 0.5 0 0 9 9\n\xd8\xa7\xe2\x80\xae 1 0.5 0 0 9 9\n"
    answer = submit(client, member, content, slug="small-det")
    assert finished(client, member, answer.json()["id"])["state"] == "rejected"

    page = client.get(f"/submissions/{answer.json()['id']}", headers={**member.headers, "Accept": "text/html"})

    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text


def test_a_file_wrong_in_thirty_ways_is_rejected_with_thirty_findings_and_the_quota_untouched(
    client: TestClient,
) -> None:
    member = sign_up(client, "Thirty")
    quota = client.get(f"{API}/rounds/small-det/quota", headers=member.headers).json()

    submission = finished(client, member, submit(client, member, CONTENT, slug="small-det").json()["id"])

    assert submission["state"] == "rejected"
    assert [finding["line"] for finding in submission["findings"] if finding["severity"] == "error"] == list(LINES)
    assert client.get(f"{API}/rounds/small-det/quota", headers=member.headers).json() == quota
    answer = client.post(f"{API}/rounds/small-det/check", content=CONTENT)
    assert answer.status_code == 422
    assert answer.json()["findings"] == submission["findings"]


@pytest.mark.parametrize("task", EVERY_TASK)
@pytest.mark.parametrize("door", ["submissions?method=big", "check"])
def test_a_body_over_the_byte_cap_is_413_and_costs_nothing(task: str, door: str, client: TestClient) -> None:
    slug = slug_of(task, is_tight=True)
    member = sign_up(client, f"Big {task} {door[:5]}")

    answer = client.post(
        f"{API}/rounds/{slug}/{door}", content=valid(task) + b" " * TIGHT_UPLOAD_BYTES, headers=member.headers
    )

    assert answer.status_code == 413
    assert "300,000" in error_of(answer)["message"]
    assert client.get(f"{API}/submissions", headers=member.headers).json()["submissions"] == []
    assert client.get(f"{API}/rounds/{slug}/quota", headers=member.headers).json()["spent_total"] == 0


@pytest.mark.parametrize("task", EVERY_TASK)
def test_the_same_bytes_twice_are_409_and_cost_nothing(task: str, client: TestClient) -> None:
    member = sign_up(client, f"Twice {task}")
    slug = slug_of(task, is_tight=False)
    first = submit(client, member, valid(task), slug=slug).json()

    answer = submit(client, member, valid(task), slug=slug, method="another name")

    assert answer.status_code == 409
    assert error_of(answer)["code"] == "duplicate-file"
    assert error_of(answer)["details"]["submission"] == first["id"]
    finished(client, member, first["id"])
    assert client.get(f"{API}/rounds/{slug}/quota", headers=member.headers).json()["spent_total"] == 1
    assert submit(client, member, valid(task), slug=slug, again="true").status_code == 201

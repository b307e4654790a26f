"""A submission's page, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.auth.viewer import Viewer
from server.db.tables import State
from server.services.submissions import submission_facts
from server.web.lives import status_sentence, steps
from tests.server.making import predictions, score, write_round
from tests.server.running import AFTER, CLOSES, DURING, OPENS, app_of, deployment_of, set_clock
from tests.server.web.browsing import (
    browser,
    change_submission,
    log_in_as_organizer,
    score_silently,
    send_form,
    sign_up_by_form,
    text_of,
)
from tests.waiting import wait_until

REFRESH = 'http-equiv="refresh"'


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Nothing is scored here: the states are set."""
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        sign_up_by_form(client)
        send_form(client)
        yield client


@pytest.fixture(scope="module")
def scoring_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("scored")
    with browser(folder / "data", write_round(folder / "round"), worker_count=1) as client:
        sign_up_by_form(client)
        yield client


def _ended(client: TestClient, content: bytes, **fields: str) -> str:
    """The page of a new submission once nothing more will happen to it."""
    address = send_form(client, content, **fields).headers["location"]
    return wait_until(lambda: page if REFRESH not in (page := text_of(client, address)) else "")


def test_a_queued_submission_tells_its_place_and_follows_itself(client: TestClient) -> None:
    send_form(client, predictions(salt=1))
    page = text_of(client, "/submissions/2")
    assert "Queued, second in line." in page
    assert 'data-live="/api/v1/submissions/2" data-state="queued" data-position="2"' in page
    assert f'<noscript><meta {REFRESH} content="5"></noscript>' in page


def test_a_running_submission_says_so_and_which_attempt_it_is(client: TestClient) -> None:
    change_submission(deployment_of(client), 1, state=State.RUNNING, attempt=2)
    page = text_of(client, "/submissions/1")
    assert "Being checked and scored." in page and "attempt 2" in page and REFRESH in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": State.FAILED, "failure": "time-limit"}, "took longer than a submission may take"),
        ({"state": State.ERROR, "failure": "internal-error"}, "the fault is the server"),
        ({"state": State.CANCELLED}, "Cancelled"),
    ],
)
def test_a_submission_without_a_score_says_why(client: TestClient, changes: dict[str, str], words: str) -> None:
    change_submission(deployment_of(client), 1, finished_at=DURING, **changes)
    page = text_of(client, "/submissions/1")
    assert words in page
    assert REFRESH not in page and "data-live" not in page


def test_an_undefined_score_is_no_zero(client: TestClient) -> None:
    score_silently(deployment_of(client), 1, {"top5_error": None})
    page = text_of(client, "/submissions/1")
    assert "This metric is undefined for the round." in page
    assert "0.00000" not in page


def test_a_score_that_the_board_does_not_show_yet_has_no_rank(client: TestClient) -> None:
    text_of(client, "/rounds/tiny/board")
    score_silently(deployment_of(client), 1, {"top5_error": 0.5})
    page = text_of(client, "/submissions/1")
    assert "0.50000" in page and "Rank" not in page


def test_a_place_in_the_queue_that_is_gone_by_now_is_not_made_up(client: TestClient) -> None:
    with deployment_of(client).database.read() as session:
        facts = submission_facts(session, 1, viewer=Viewer(organized=frozenset({1})), now=DURING)
    moved = replace(facts, queue_position=None)
    assert status_sentence(moved, "") == "Queued."
    assert [step.detail for step in steps(moved, DURING)] == ["", "", "", ""]


def test_the_first_score_comes_with_rank_and_metrics(scoring_client: TestClient) -> None:
    page = _ended(scoring_client, predictions(right=3))
    assert 'value="0.5">0.50000</data>' in page
    assert "top-5 error, lower is better" in page
    assert "first score in this round" in page
    assert "1 of 1" in page
    assert "6 lines" in page


def test_a_withdrawn_submission_tells_no_rank_of_another_track(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", tracks=["open", "closed"])) as client:
        sign_up_by_form(client)
        for number, track in ((1, "open"), (2, "closed"), (3, "open")):
            send_form(client, predictions(salt=number), method=f"Net {number}", track=track)
            score(deployment_of(client), number, all=number / 8)
        assert "by submission 1<" in text_of(client, "/submissions/3")
        for number in (1, 3):
            client.post(f"/submissions/{number}/withdraw", data={"sure": "true"})
        assert "Your team&#39;s rank" not in text_of(client, "/submissions/3")


def test_a_later_score_is_compared_with_the_teams_best(scoring_client: TestClient) -> None:
    _ended(scoring_client, predictions(right=4))
    better = _ended(scoring_client, predictions(right=6))
    assert "−0.33333 against your best other submission" in better and ": better." in better
    worse = _ended(scoring_client, predictions(right=1))
    assert "+0.83333 against your best other submission, 0.00000" in worse and ": worse." in worse
    assert "Your team&#39;s rank" in worse
    same = _ended(scoring_client, predictions(right=6, salt=3))
    assert "The same as your best other submission" in same


def test_a_rejected_file_shows_all_findings_by_kind_with_line_value_and_advice(scoring_client: TestClient) -> None:
    lines = predictions().decode().splitlines()
    lines[1], lines[3] = "99 1", "98 <b>x</b>"
    page = _ended(scoring_client, "\n".join(lines[:5]).encode(), file_name="<img src=x>\u202e.txt")
    assert "Rejected: " in page and "faults found." in page
    assert page.count('class="finding stack"') >= 2
    for words in ('<code class="cut">99</code>', 'data-label="Line">2<', "class table"):
        assert words in page
    assert "<b>x" not in page and "<img src=x>" not in page and "\u202e" not in page
    assert 'href="/rounds/tiny/submit">Send a mended file' in page


def test_no_figure_per_class_stands_on_the_page(scoring_client: TestClient) -> None:
    assert "class 1" not in _ended(scoring_client, predictions(right=5, salt=7))


def test_anonymous_visitors_are_asked_to_log_in(client: TestClient) -> None:
    client.cookies.clear()
    answer = client.get("/submissions/1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=/submissions/1")


def test_a_submission_of_another_team_is_not_found(client: TestClient) -> None:
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    foreign, missing = text_of(client, "/submissions/1", 404), text_of(client, "/submissions/99", 404)
    assert foreign.replace("submission 1.", "submission 99.") == missing


def test_an_organizer_sees_every_submission(client: TestClient) -> None:
    client.cookies.clear()
    log_in_as_organizer(client)
    assert "Vision Lab" in text_of(client, "/submissions/1")


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999999"])
def test_a_number_that_cannot_be_one_is_answered_with_a_page(client: TestClient, number: str) -> None:
    assert "<!doctype html>" in text_of(client, f"/submissions/{number}", 404)


def test_a_scored_file_of_a_blind_round_says_why_no_score_stands_there(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, blind=True, public_share=0.5)
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        send_form(client)
        score(deployment_of(client), 1, public=0.5, private=0.25, all=0.375)
        page = text_of(client, "/submissions/1")
        assert "This round is blind: no score is shown before the reveal, not even your own." in page
        board, shown = text_of(client, "/rounds/tiny/board"), text_of(client, "/rounds/tiny")
        assert "“Submissions” counts" not in board and "Scores on the public images" not in board
        assert "Compare two rows" not in shown
        set_clock(app_of(client), AFTER)
        page = text_of(client, "/submissions/1")
        assert "0.25000" in page and "This round is blind" not in page


def test_a_submission_of_a_blind_round_says_when_its_score_is_shown(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", blind=True, closes=CLOSES)) as client:
        sign_up_by_form(client)
        send_form(client)
        score_silently(deployment_of(client), 1, {"top5_error": 0.5})
        assert ">Scored. The score is shown at the reveal.<" in text_of(client, "/submissions/1")

"""/entries/{id} and the buttons of a submission, in a browser without JavaScript."""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from pathlib import Path

from fastapi.testclient import TestClient
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.db.tables import Submission
from server.services.disqualifications import disqualify
from tests.server.making import predictions, score, write_round
from tests.server.running import (
    AFTER,
    CLOSES,
    DURING,
    OPENS,
    app_of,
    deployment_of,
    finished,
    set_clock,
    sign_up,
    submit,
)
from tests.server.web.browsing import (
    browser,
    log_in_as_organizer,
    send_form,
    sign_up_by_form,
    text_of,
    words_of,
)

SAMPLES = Path(__file__).parents[3] / "data"

SAID = {"description": "Two nets.\n<b>One</b> mean.", "paper": "https://a.example/paper", "anonymous": "true"}


def sent(client: TestClient, **scores: float) -> int:
    """A scored submission of a new team; its id."""
    sign_up_by_form(client)
    answer = send_form(client, predictions(), **SAID)
    number = int(answer.headers["location"].rpartition("/")[2])
    score(deployment_of(client), number, **scores)
    return number


def test_an_entry_has_a_page_that_names_its_team_after_the_reveal_alone(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with browser(tmp_path / "data", folder) as client:
        sent(client, all=0.125)
        own = text_of(client, "/entries/1")
        client.post("/log-out")
        during = text_of(client, "/entries/1")
        set_clock(app_of(client), AFTER)
        after = text_of(client, "/entries/1")
        board = text_of(client, "/rounds/tiny/board")
    assert "Vision Lab" in own and "Two nets." in own
    assert "0.12500" in during and "Anonymous team" in during
    assert "Vision Lab" not in during and "Two nets." not in during and "a.example/paper" not in during
    assert "Vision Lab" in after and "&lt;b&gt;One&lt;/b&gt; mean." in after and "https://a.example/paper" in after
    assert "Submissions of this row" in during and "of the team" not in during and "Submissions of the team" in after
    assert "1 of 1" in after and "SHA-256" in after and "SHA-256" not in during
    assert 'href="/entries/1"' in board and 'href="/teams/' in board


def test_the_hash_of_a_file_is_told_to_its_team_and_organizers_and_after_the_reveal_to_all(tmp_path: Path) -> None:
    digest = sha256(predictions()).hexdigest()
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with browser(tmp_path / "data", folder) as client:
        sent(client, all=0.125)
        own = text_of(client, "/entries/1")
        client.post("/log-out")
        anonymous = text_of(client, "/entries/1")
        sign_up_by_form(client, email="bea@lab.example", team="Others")
        other = text_of(client, "/entries/1")
        client.post("/log-out")
        log_in_as_organizer(client)
        organizer = text_of(client, "/entries/1")
        client.post("/log-out")
        set_clock(app_of(client), AFTER)
        after = text_of(client, "/entries/1")
    assert [digest in page for page in (own, organizer, after)] == [True] * 3
    assert [digest in page for page in (anonymous, other)] == [False] * 2


def test_an_entry_that_is_not_on_the_board_is_not_there(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, blind=True)
    with browser(tmp_path / "data", folder) as client:
        number = sent(client, all=0.125)
        assert client.get("/entries/1").status_code == client.get("/entries/99").status_code == 404
        assert "0.12500" not in text_of(client, f"/submissions/{number}")


def test_a_team_chooses_withdraws_and_has_its_file_back_by_buttons(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, represents="finals", public_share=0.5)
    with browser(tmp_path / "data", folder) as client:
        number = sent(client, all=0.5, public=0.25, private=0.75)
        page = text_of(client, f"/submissions/{number}")
        assert "0.25000" in page and "0.75000" not in page
        assert "a team chooses up to 2 submissions: at" in page and "has chosen none yet" in page
        assert client.post(f"/submissions/{number}/final", data={"is_final": "true"}).status_code == 303
        page = text_of(client, f"/submissions/{number}")
        assert "Chosen for the final ranking." in page
        assert f'Chosen by your team: <a href="/submissions/{number}">' in page
        assert "up to 2 submissions" in text_of(client, "/rounds/tiny")
        assert client.get(f"/submissions/{number}/file").content == predictions()
        stale = client.post(f"/submissions/{number}/withdraw")  # "Cancel it", on a page from before the score
        assert stale.status_code == 409 and "It waits no more" in stale.text
        assert f'href="/submissions/{number}">Back to the page</a>' in stale.text
        assert client.post(f"/submissions/{number}/withdraw", data={"sure": "true"}).status_code == 303
        page = text_of(client, f"/submissions/{number}")
        assert "it no longer stands on the board" in page and "/withdraw" not in page
        assert client.post(f"/submissions/{number}/withdraw", data={"sure": "true"}).status_code == 409
        with deployment_of(client).database.read() as session:
            (row,) = session.exec(select(Submission)).all()
    assert row.withdrawn_at is not None and not row.is_final


def test_the_board_tells_of_the_split_and_shows_the_private_one_at_the_reveal(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, public_share=0.5)
    with browser(tmp_path / "data", folder) as client:
        sent(client, all=0.5, public=0.25, private=0.75)
        during = text_of(client, "/rounds/tiny/board?split=private")
        set_clock(app_of(client), AFTER)
        after = text_of(client, "/rounds/tiny/board")
        public = text_of(client, "/rounds/tiny/board?split=public")
    assert "0.25000" in during and "0.75000" not in during and "50 % of the images are public" in during
    assert "0.75000" in after and "the others were private until the reveal" in after and "0.25000" in public


def test_an_entry_tells_what_its_team_did_before_once_the_team_is_named(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", rows="entry")) as client:
        sign_up_by_form(client)
        for place, (method, error) in enumerate((("First net", 0.5), ("Second net", 0.25))):
            number = int(
                send_form(client, predictions(salt=place), method=method).headers["location"].rpartition("/")[2]
            )
            score(deployment_of(client), number, all=error)
        page = text_of(client, "/entries/2")
    history = page[page.index("The team in this round") :]
    assert history.index("Second net") < history.index("First net")
    assert 'href="/entries/1"' in history and "record, on the board" in history


def test_of_a_disqualified_entry_its_team_reads_so_where_its_others_stand(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", rows="entry")) as client:
        sign_up_by_form(client)
        for number in (1, 2):
            send_form(client, predictions(salt=number), method=f"Net {number}")
            score(deployment_of(client), number, all=number / 4)
        disqualify(deployment_of(client).database, COMMAND, entry_id=2, reason="Late.", now=DURING)
        page = text_of(client, "/entries/1")
    history = page[page.index("The team in this round") : page.index("To cite it")]
    assert re.findall(r'What it was">([^<]*)<', history) == ["disqualified", "record, on the board"]


def test_the_page_of_a_named_entry_does_not_tell_of_its_teams_anonymous_ones_before_the_reveal(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, rows="entry")
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        for place, (method, anonymous) in enumerate((("Open net", ""), ("Secret net", "true"), ("Late net", ""))):
            answer = send_form(client, predictions(salt=place), method=method, anonymous=anonymous)
            score(deployment_of(client), int(answer.headers["location"].rpartition("/")[2]), all=0.5 - place / 10)
        client.post("/log-out")
        during = text_of(client, "/entries/1")
        set_clock(app_of(client), AFTER)
        after = text_of(client, "/entries/1")
    assert "Late net" in during and "Secret net" not in during and "Secret net" in after


def test_a_better_anonymous_entry_takes_nothing_from_the_row_its_team_has_under_its_name(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, rows="team")
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        send_form(client, predictions(), method="Open net")
        score(deployment_of(client), 1, all=0.5)
        cookies = dict(client.cookies)
        client.cookies.clear()
        pages = ("/entries/1", "/teams/1", "/rounds/tiny", "/rounds/tiny/board", "/rounds/tiny/board.atom", "/")
        before = {page: words_of(client, page) for page in pages}
        client.cookies.update(cookies)
        send_form(client, predictions(salt=1), method="Secret net", anonymous="true")
        score(deployment_of(client), 2, all=0.25)
        client.cookies.clear()
        during = {page: words_of(client, page) for page in pages}
        rows = client.get("/api/v1/rounds/tiny/board").json()["entries"]
        set_clock(app_of(client), AFTER)
        after = client.get("/api/v1/rounds/tiny/board").json()["entries"]
    for page in pages[:-1]:
        assert "Open net" in during[page] and "Vision Lab" in during[page], page
    assert during["/teams/1"] == before["/teams/1"].replace("Open net 1", "Open net 2")
    assert "2 entries" in during["/rounds/tiny"] and "Anonymous entries have a row" in during["/rounds/tiny/board"]
    assert "Anonymous entries" not in before["/rounds/tiny/board"] and "1 team" in before["/rounds/tiny"]
    told = [(row["rank"], row["team"], row["method"], row["submissions_spent"]) for row in rows]
    assert told == [(1, "Anonymous team", "Secret net", 1), (2, "Vision Lab", "Open net", 1)]
    assert [(row["team"], row["submissions_spent"]) for row in after] == [("Vision Lab", 2)]


def test_the_curve_of_an_entrys_detections_is_drawn_where_figures_per_class_are_shown(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    shutil.copytree(SAMPLES / "digits-det", folder)
    settings = folder / "round.toml"
    settings.write_text(settings.read_text().replace("[policy]\n", f"[policy]\ncloses = {CLOSES.isoformat()}\n"))
    with browser(tmp_path / "data", folder, worker_count=1) as client:
        team = sign_up(client)
        content = (folder / "entries" / "nearest_mean.txt").read_bytes()
        number = submit(client, team, content, slug="digits-det").json()["id"]
        assert finished(client, team, number)["state"] == "scored"
        during = text_of(client, "/entries/1")
        set_clock(app_of(client), AFTER)
        after = text_of(client, "/entries/1")
    assert "Precision over recall" not in during and "Class by class" not in during
    assert (
        after.index("Precision over recall") < after.index('aria-label="Precision over') < after.index("Class by class")
    )
    assert '<th scope="col" class="number">AP ↑</th>' in after and 'data-label="Positives"' in after


def test_a_team_says_more_of_its_method_takes_it_back_and_is_led_there(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)) as client:
        sign_up_by_form(client)
        send_form(client, anonymous="true", description="Deep.")
        score(deployment_of(client), 1, all=0.5)
        assert '<a href="/entries/1/details">Say more about the method</a>' in text_of(client, "/submissions/1")
        assert '<a href="/entries/1/details">' in text_of(client, "/entries/1")
        form = text_of(client, "/entries/1/details")
        assert "\nDeep.</textarea>" in form and form.count(" checked") == 1
        wrong = client.post("/entries/1/details", data={"paper": "nowhere", "ticks": "true", "not_competing": "true"})
        assert wrong.status_code == 422 and 'value="nowhere"' in wrong.text and wrong.text.count(" checked") == 1
        saved = client.post("/entries/1/details", data={"paper": "https://a.example/p", "ticks": "true"})
        assert saved.headers["location"] == "/entries/1/details?saved=true"
        form = text_of(client, "/entries/1/details?saved=true")
        assert "Saved." in form and "Deep." not in form and " checked" not in form
        assert "https://a.example/p" in text_of(client, "/entries/1")
        set_clock(app_of(client), AFTER)
        client.post("/log-in", data={"email": "vision@team.example", "password": "four words in a row"})
        assert "checkbox" not in text_of(client, "/entries/1/details")
        client.post("/entries/1/details", data={"description": "Printed."})
        client.cookies.clear()
        assert "Printed." in text_of(client, "/entries/1") and "/details" not in text_of(client, "/entries/1")
        assert client.get("/entries/1/details").headers["location"] == "/log-in?next=/entries/1/details"


def test_a_page_open_for_long_undoes_nothing_that_a_colleague_said_of_the_method(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)) as client:
        sign_up_by_form(client)
        send_form(client, description="Deep.\nWide.")
        stale = text_of(client, "/entries/1/details")
        by_colleague = {"description": "Deep.\nTall.", "paper": "https://a.example/p", "anonymous": "true"}
        client.post("/entries/1/details", data={**by_colleague, "not_competing": "true", "ticks": "true"})
        (shown,) = re.findall(r'name="shown" value="([^"]*)"', stale)
        as_it_was = {"description": "Deep.\r\nWide.", "paper": "", "ticks": "true", "shown": shown}
        refused = client.post("/entries/1/details", data={**as_it_was, "code": "nowhere"})
        assert refused.status_code == 422 and 'value="https://a.example/p"' in refused.text
        client.post("/entries/1/details", data={**as_it_was, "code": "https://a.example/c"})
        form = text_of(client, "/entries/1/details")
        assert 'value="https://a.example/p"' in form and 'value="https://a.example/c"' in form
        assert form.count(" checked") == 2 and "\nDeep.\nTall.</textarea>" in form
        (shown,) = re.findall(r'name="shown" value="([^"]*)"', form)
        client.post("/entries/1/details", data={"code": "https://a.example/c", "ticks": "true", "shown": shown})
        form = text_of(client, "/entries/1/details")  # what its sender emptied is empty
        assert "Deep." not in form and "https://a.example/p" not in form and " checked" not in form


def test_anonymity_before_the_reveal_is_offered_where_there_is_one(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        sign_up_by_form(client)
        send_form(client)
        assert 'name="anonymous"' not in text_of(client, "/entries/1/details")
        client.post("/entries/1/details", data={"ticks": "true", "anonymous": "true"})  # as long as the round had one
        assert 'name="anonymous"' in text_of(client, "/entries/1/details")  # to be taken back

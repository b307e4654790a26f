"""The list of rounds, and a round's page."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from leaderboard.numbers import NO_VALUE
from server.auth.permissions import COMMAND
from server.db.organizing import health_of
from server.organizing_errors import PolicyRefused
from server.services.disqualifications import disqualify
from server.services.pauses import LONGEST_PAUSE
from server.services.schedules import close_now, pause
from server.web.wording import counted
from tests.server.making import add_team, predictions, score, send, write_round
from tests.server.running import (
    AFTER,
    BEFORE,
    CLOSES,
    DURING,
    OPENS,
    PASSWORD,
    app_of,
    deployment_of,
    error_of,
    set_clock,
    sign_up,
    submit,
)
from tests.server.web.browsing import (
    add_scored,
    browser,
    log_in_as_organizer,
    score_silently,
    send_form,
    sign_up_by_form,
    text_of,
)

RULES = "# Rules of tiny\n\nPlay *fair*.\n\n## Data\n\n<script>alert(1)</script>\n\n[kit](javascript:alert(1))\n"


def test_an_empty_server_says_what_will_be_here_and_what_to_do(tmp_path: Path) -> None:
    with browser(tmp_path / "data") as client:
        page = text_of(client, "/")
    assert "Open rounds will stand here" in page
    assert "heldout round open FOLDER" in page


def test_rounds_stand_under_what_they_are_at_the_moment(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with browser(tmp_path / "data", folder) as client:
        add_scored(deployment_of(client), {"top5_error": 0.25}, team="Leaders")
        for now, heading, date in (
            (BEFORE, "Opening soon", "in 9 days"),
            (DURING, "Open now", "in 9 days"),
            (AFTER, "Past rounds", "24 h ago"),
        ):
            set_clock(app_of(client), now)
            page = text_of(client, "/")
            assert f">{heading}</h2>" in page
            assert date in page
            assert ("Leaders" in page) == (now != BEFORE)
        assert "0.25000" in page
        assert "top-5 error, lower is better" in page


def test_the_latest_records_and_the_progress_are_shown_as_far_as_the_board_is(tmp_path: Path) -> None:
    open_one = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, rows="entry")
    blind = write_round(tmp_path / "blind", slug="blind", opens=OPENS, closes=CLOSES, blind=True)
    with browser(tmp_path / "data", open_one, blind) as client:
        for slug, team, error, days in (("tiny", "Ada", 0.5, 3), ("tiny", "Bea", 0.25, 2), ("blind", "Cyd", 0.1, 1)):
            at = DURING - timedelta(days=days)
            add_scored(deployment_of(client), {"top5_error": error}, team=team, slug=slug, at=at)
        home, page, hidden = (text_of(client, path) for path in ("/", "/rounds/tiny", "/rounds/blind"))
    records = home[home.index("Latest records") :]
    assert ">Bea<" in records and "0.25000" in records and "2 days ago" in records
    assert ">Ada<" not in records and "Cyd" not in home
    assert sorted(re.findall(r'data-label="Teams">([^<]*)<', home)) == ["2", "–"]  # of a blind round, nothing
    assert page.index('<svg width="100%"') < page.index("The same as a table") < page.index("−0.25000")
    assert '<svg width="100%"' not in hidden and "Cyd" not in hidden


def test_nobody_can_tell_from_the_number_of_teams_who_is_behind_a_second_row(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, rows="entry", anonymous=True)
    with browser(tmp_path / "data", folder) as client:
        deployment = deployment_of(client)
        for team, methods in ((add_team(deployment, "Ada"), ("A", "B")), (add_team(deployment, "Bea"), ("C",))):
            for method in methods:
                score(deployment, send(deployment, team, method=method, again=True, now=DURING).id, all=0.5)
        assert re.findall(r'data-label="Teams">([^<]*)<', text_of(client, "/")) == ["3 rows"]
        set_clock(app_of(client), AFTER)
        assert re.findall(r'data-label="Teams">([^<]*)<', text_of(client, "/")) == ["2"]


def test_a_baseline_is_no_team_and_leads_nowhere(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    (folder / "baselines.toml").write_text('[[baselines]]\nfile = "five.txt"\nmethod = "Five"\n')
    (folder / "five.txt").write_bytes(predictions())

    def told() -> tuple[list[str], list[str], int]:
        home = text_of(client, "/")
        with deployment.database.read() as session:
            teams = health_of(session, 1).teams
        return re.findall(r'data-label="(?:Leading|Teams)">(?:<bdi>)?([^<]*)<', home), full_board(), teams

    def full_board() -> list[str]:
        return re.findall(r">Full board, ([^<]*)<", text_of(client, "/rounds/tiny"))

    with browser(tmp_path / "data", folder) as client:
        deployment = deployment_of(client)
        score(deployment, 1, all=0.0)
        assert told() == ([NO_VALUE, "0"], ["1 baseline"], 0)
        score(deployment, send(deployment, add_team(deployment, "Ada"), now=DURING).id, all=0.5)
        assert told() == (["Ada", "1"], ["1 team and 1 baseline"], 1)
        other = send(deployment, add_team(deployment, "Ada B."), method="Other", now=DURING)
        score(deployment, other.id, all=0.25)
        assert full_board() == ["2 teams and 1 baseline"]
        disqualify(deployment.database, COMMAND, entry_id=3, reason="Late.", now=DURING)
        assert full_board() == ["2 entries and 1 baseline"]  # its team may have a row beside it


def test_open_rounds_are_listed_with_the_next_deadline_first(tmp_path: Path) -> None:
    folders = [
        write_round(tmp_path / "a", slug="without-end"),
        write_round(tmp_path / "b", slug="ends-late", closes=AFTER),
        write_round(tmp_path / "c", slug="ends-soon", closes=CLOSES),
    ]
    with browser(tmp_path / "data", *folders) as client:
        page = text_of(client, "/rounds")
    assert page.index("ends-soon") < page.index("ends-late") < page.index("without-end")


def test_rounds_of_one_challenge_stand_together_on_the_home_page_and_on_their_own_pages(tmp_path: Path) -> None:
    folders = [
        write_round(tmp_path / "a", slug="first", closes=DURING + timedelta(hours=1)),
        write_round(tmp_path / "b", slug="alone", closes=CLOSES),
        write_round(tmp_path / "c", slug="second", closes=AFTER, time_zone="Europe/Paris"),
        write_round(tmp_path / "d", slug="over", closes=OPENS),
        write_round(tmp_path / "e", slug="hidden", listing="private"),
    ]
    toml = folders[1] / "round.toml"
    toml.write_text(toml.read_text().replace('challenge = "Tests"\n', ""))
    with browser(tmp_path / "data", *folders) as client:
        home, page, alone = (text_of(client, path) for path in ("/", "/rounds/first", "/rounds/alone"))
    in_order = [
        "Open now", "Tests</th>", 'href="/rounds/first"', 'href="/rounds/second"', "Other rounds</th>",
        'href="/rounds/alone"', "Past rounds", "Tests</th>", 'href="/rounds/over"',
    ]  # fmt: skip
    assert re.findall("|".join(in_order), home) == in_order
    _, _, challenge = page.partition("Rounds of Tests</h2>")
    assert re.findall(r"<strong>open</strong>|>closed<|Round \w+", challenge) == [
        "Round first", "<strong>open</strong>", "Round over", ">closed<", "Round second", "<strong>open</strong>",
    ]  # fmt: skip
    assert 'href="/rounds/first"' not in challenge and 'href="/rounds/second"' in challenge
    assert "1 December 2026, 00:00 UTC" in challenge and "1 December 2026, 01:00 Europe/Paris" in challenge
    assert '<a href="#challenge">Tests</a>' in page and "challenge" not in alone


def test_a_round_page_tells_task_dates_metric_quota_format_and_rules(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, submissions_per_day=2, rules="RULES.md")
    (folder / "RULES.md").write_text(RULES)
    with browser(tmp_path / "data", folder) as client:
        page = text_of(client, "/rounds/tiny")
    for words in (
        "For each image, name up to five classes",
        "30 November 2026, 00:00 UTC",
        "in 9 days",
        "By <strong>top-5 error</strong>, lower is better.",
        "A team may send 2 submissions a UTC day.",
        "&lt;id&gt; &lt;id&gt;",
        "Teams will stand here",
        "<p>Play <em>fair</em>.</p>",
        "<h3>Data</h3>",
        'href="/rounds/tiny/submit"',
        '<a href="/log-in?next=/rounds/tiny">Log in</a> or <a href="/sign-up?next=/rounds/tiny">sign up</a> to ask',
    ):
        assert words in page
    assert re.search(r'<meta name="description" content="[^"]*For each image, name up to five classes', page)
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_teams_are_told_of_every_date_before_it_comes(tmp_path: Path) -> None:
    day = timedelta(days=1)
    folder = write_round(
        tmp_path / "round", opens=OPENS, closes=CLOSES, teams_freeze=DURING + day, freezes=DURING + 2 * day,
        reveals=CLOSES + 5 * day, anonymous=True, time_zone="Europe/Paris",
    )  # fmt: skip
    with browser(tmp_path / "data", folder) as client:
        page, board = text_of(client, "/rounds/tiny"), text_of(client, "/rounds/tiny/board")
    for label, date, local, distance in (
        ("Teams freeze", "21 November 2026, 12:00 UTC", "21 November 2026, 13:00 Europe/Paris", "in 24 h"),
        ("Board freezes", "22 November 2026, 12:00 UTC", "22 November 2026, 13:00 Europe/Paris", "in 2 days"),
        ("Reveals", "5 December 2026, 00:00 UTC", "5 December 2026, 01:00 Europe/Paris", "in 14 days"),
    ):
        (told,) = re.findall(rf"<dt>{label}</dt>.*", page)
        assert date in told and local in told and distance in told
    assert "Nobody joins or leaves a team that takes part from 2026-11-21 12:00 UTC on; one that" in page
    assert all("Anonymous: no team is named before the reveal." in text for text in (page, board))
    assert "The board freezes in 2 days, on 22 November 2026, 12:00 UTC: what is sent from then on shows at" in board
    assert "The reveal comes in 14 days, on 5 December 2026, 00:00 UTC." in board


def test_a_paused_round_whose_reveal_has_come_is_closed_wherever_it_stands(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, reveals=CLOSES + timedelta(days=7), blind=True)
    with browser(tmp_path / "data", folder) as client:
        pause(deployment_of(client), COMMAND, slug="tiny", now=DURING)
        set_clock(app_of(client), CLOSES + timedelta(days=8))
        member = sign_up(client, "Secret Team")
        error = error_of(submit(client, member))
        assert error["code"] == "round-closed" and "is paused" not in error["message"]
        assert sign_up_by_form(client).status_code == 303
        for page in ("/rounds/tiny", "/rounds/tiny/board", "/rounds/tiny/submit"):
            text = text_of(client, page)
            assert "aused" not in text and "closed" in text
        with pytest.raises(PolicyRefused, match="closed already"):
            close_now(deployment_of(client), COMMAND, slug="tiny", now=CLOSES + timedelta(days=8))


def test_a_paused_round_is_told_as_paused_wherever_it_stands(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, represents="finals", blind=True)
    with browser(tmp_path / "data", folder) as client:
        log_in_as_organizer(client)
        pause(deployment_of(client), COMMAND, slug="tiny", now=DURING)
        set_clock(app_of(client), DURING + timedelta(hours=3))
        page = text_of(client, "/")
        assert ">Paused</h2>" in page and "Past rounds" not in page and 'data-label="Paused"' in page
        assert "Open rounds will stand here" not in page and "3 h ago" in page
        page = text_of(client, "/rounds/tiny")
        assert "This round is paused: nothing can be sent until its organizers go on." in page
        assert "This round is closed" not in page
        page = text_of(client, "/organize")
        assert '<td data-label="Phase">paused</td>' in page and "once it goes on" in page
        page = text_of(client, "/organize/tiny")
        assert "<dt>Paused</dt>" in page and "at the next close" in page
        api = client.get("/api/v1/rounds").json()["rounds"][0]
        assert (api["phase"], api["is_paused"]) == ("closed", True)
        assert client.get("/api/v1/rounds/tiny").json()["reveals_at"] is None
        set_clock(app_of(client), DURING + LONGEST_PAUSE)  # nobody came back to it
        assert "Past rounds" in text_of(client, "/") and "This round is closed" in text_of(client, "/rounds/tiny")
        assert client.get("/api/v1/rounds").json()["rounds"][0]["is_paused"] is False
        assert client.get("/api/v1/rounds/tiny").json()["reveals_at"] == "2027-11-20T12:00:00Z"
        assert "<dt>Revealed</dt>" in text_of(client, "/rounds/tiny")
        client.post("/log-in", data={"email": "organizer@host.example", "password": PASSWORD})
        assert "<dt>Reveals</dt><dd><time" in text_of(client, "/organize/tiny")


def test_a_paused_round_names_no_date_for_its_reveal(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, blind=True)
    with browser(tmp_path / "data", folder) as client:
        assert "30 November 2026" in text_of(client, "/rounds/tiny").partition("<dt>Reveals</dt>")[2]
        pause(deployment_of(client), COMMAND, slug="tiny", now=DURING)
        assert "<dt>Reveals</dt><dd>no date yet</dd>" in text_of(client, "/rounds/tiny")


def test_only_the_first_ten_rows_stand_on_the_round_page(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        for place in range(12):
            add_scored(deployment_of(client), {"top5_error": place / 12}, team=f"Team {place:02}")
        page = text_of(client, "/rounds/tiny")
    assert "Team 09" in page
    assert ">Team 10<" not in page
    assert "Full board, 12 teams" in page


def test_a_team_in_two_tracks_is_not_counted_as_two_teams(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", tracks=["provided", "open"])) as client:
        sign_up_by_form(client)
        assert "Each track is ranked apart" in text_of(client, "/rounds/tiny/submit")
        for number, track in enumerate(("provided", "open"), start=1):
            send_form(client, predictions(salt=number), method=track, track=track)
            score_silently(deployment_of(client), number, {"top5_error": 0.5})
        assert "Full board, 2 entries" in text_of(client, "/rounds/tiny")


def test_a_single_track_is_ranked_apart_from_nothing(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", tracks=["provided"])) as client:
        sign_up_by_form(client)
        form = text_of(client, "/rounds/tiny/submit")
        assert "A method stays in the track of its first file." in form
        assert "ranked apart" not in form
        send_form(client, method="one", track="provided")
        score_silently(deployment_of(client), 1, {"top5_error": 0.5})
        assert "Full board, 1 team<" in text_of(client, "/rounds/tiny")


def test_a_member_sees_the_quota_that_is_left(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", submissions_per_day=3)) as client:
        sign_up_by_form(client)
        send_form(client)
        assert "2 submissions left now. More in 12 h, on 21 November 2026, 00:00 UTC." in text_of(
            client, "/rounds/tiny"
        )
        pause(deployment_of(client), COMMAND, slug="tiny", now=DURING)
        form = text_of(client, "/rounds/tiny/submit")
        assert "next reset in 12 h" in form  # it closes later than at the pause
        assert "<dt>Paused</dt>" in form
        assert "<dt>Closes</dt>" not in form


def test_outside_its_dates_a_round_offers_no_upload(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES), now=BEFORE) as client:
        assert "taken from the opening on" in text_of(client, "/rounds/tiny")
        set_clock(app_of(client), AFTER)
        page = text_of(client, "/rounds/tiny")
    assert "This round is closed" in page
    assert "/rounds/tiny/submit" not in page


def test_an_organizer_sees_the_board_of_a_round_that_has_not_opened(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS), now=BEFORE) as client:
        add_scored(deployment_of(client), {"top5_error": 0.5}, team="Baseline")
        assert "Baseline" not in text_of(client, "/rounds/tiny")
        log_in_as_organizer(client)
        assert "Baseline" in text_of(client, "/rounds/tiny")


def test_the_sample_file_to_download_is_one_the_round_accepts(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        answer = client.get("/rounds/tiny/sample.txt")
        checked = client.post("/api/v1/rounds/tiny/check", content=answer.content)
    assert answer.headers["content-disposition"] == 'attachment; filename="tiny-sample.txt"'
    assert checked.status_code == 200, checked.text


def test_the_formats_stand_under_their_names_with_examples_of_this_round(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        page = text_of(client, "/rounds/tiny")
        told = client.get("/api/v1/rounds/tiny").json()["formats"]
    names = ["Labels", "CSV", "JSON", "Parquet", "Kaggle CSV"]
    assert [page.count(f"<h3>{name}</h3>") for name in names] == [1] * 5
    assert "ImageId,PredictionString\n1,1 2 3 4 5</pre>" in page and "label5\n1,1,2,3,4,5</pre>" in page
    assert "771" not in page
    assert told[0]["example"] == "1 2 3 4 5"


def test_a_round_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with browser(tmp_path / "data") as client:
        for path in ("/rounds/none", "/rounds/none/board", "/rounds/none/sample.txt", "/rounds/none/board.csv"):
            assert "There is no round" in text_of(client, path, 404)


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(n, noun) for n, noun in ((1, "entry"), (2, "entry"), (1200, "line"))] == [
        "1 entry",
        "2 entries",
        "1,200 lines",
    ]

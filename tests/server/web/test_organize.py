"""An organizer runs a round by forms: what stands on the pages, and what each form does."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from scoring.splits import seed_commitment
from server.auth.permissions import COMMAND
from server.db.people_tables import Participation
from server.db.tables import Entry, Round, State, Team
from server.services.opening import open_folder
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, stored_round
from tests.server.making import organize_all, write_round
from tests.server.running import CLOSES, DURING, OPENS, PASSWORD, app_of, deployment_of, set_clock
from tests.server.web.browsing import (
    add_scored,
    browser,
    change_submission,
    log_in_as_organizer,
    send_form,
    sign_up_by_form,
    text_of,
)

PAGE = "/organize/tiny"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An organizer before the round `tiny`, in which one team has a score."""
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with browser(tmp_path / "data", folder) as client:
        add_scored(deployment_of(client), {"top5_error": 0.25}, team="Leaders", method="Big Net")
        log_in_as_organizer(client)
        yield client


def _facts(client: TestClient) -> RoundFacts:
    with deployment_of(client).database.read() as session:
        return stored_round(session, "tiny")


def _post(client: TestClient, path: str, status: int = 303, **form: str) -> str:
    answer = client.post(f"{PAGE}{path}", data=form)
    assert answer.status_code == status, answer.text
    return answer.headers["location"] if status == 303 else answer.text


def _switch_to(client: TestClient, team: str) -> None:
    """Log out, and sign up as another team."""
    client.cookies.clear()
    assert sign_up_by_form(client, team).status_code == 303


def _back_as_organizer(client: TestClient) -> None:
    client.cookies.clear()
    client.post("/log-in", data={"email": "organizer@host.example", "password": PASSWORD})


def test_the_list_tells_how_each_round_is_doing(client: TestClient) -> None:
    change_submission(deployment_of(client), 1, state=State.ERROR)
    page = text_of(client, "/organize")
    assert f'href="{PAGE}"' in page
    assert '<span class="bad">1</span>' in page and 'data-label="Waits for you">–</td>' in page
    assert 'href="/organize"' in text_of(client, "/")
    assert f'href="{PAGE}"' in text_of(client, "/rounds/tiny")


def test_whoever_organizes_nothing_reads_what_to_do_and_finds_no_round(client: TestClient) -> None:
    _switch_to(client, "Ordinary")
    assert "heldout round open FOLDER" in text_of(client, "/organize")
    assert 'href="/organize"' not in text_of(client, "/")
    assert "Organize this round" not in text_of(client, "/rounds/tiny")
    assert text_of(client, PAGE, 404) == text_of(client, PAGE, 404)
    for path in ("", "/policy", "/export.zip"):
        assert "There is no round" in text_of(client, PAGE + path, 404)


def test_the_page_tells_truth_dates_entries_and_log(client: TestClient) -> None:
    page = text_of(client, PAGE)
    for words in (
        "<dt>Objects</dt><dd>6</dd>", "<dt>Images without any</dt><dd>0</dd>", "0 to 1", "Close the round now",
        "30 November 2026, 00:00 UTC", "Big Net", "opened the round", "Questions of teams will stand here",
        "Nothing waits and nothing has failed.", "organizer@host.example", "Make a join code",
    ):  # fmt: skip
        assert words in page
    assert "Reveal the results" not in page
    assert _sure_text(page) == "Take no more submissions, and reveal at once: figures per class."


def _sure_text(page: str) -> str:
    """What stands at the box that must be ticked before the button after it does anything."""
    found = re.search(r'name="sure" value="true" required><span>([^<]*)</span></label>\n<button class="quiet"', page)
    assert found is not None
    return found[1]


def test_the_policy_form_shows_every_fault_at_its_field_and_keeps_what_was_typed(client: TestClient) -> None:
    assert 'value="2026-11-30T00:00:00"' in text_of(client, f"{PAGE}/policy")
    keys = "submissions_per_day,submissions_per_week,submissions_total"
    told = _post(
        client,
        "/policy",
        422,
        keys=keys,
        submissions_per_day="many<b>",
        submissions_per_week="0",
        submissions_total="9",
    )
    assert told.count("A limit is a whole number, at least 1") == 2
    assert "many&lt;b&gt;" in told
    assert "Nothing was changed." in told
    assert _facts(client).policy.submissions_total is None
    _post(client, "/policy", keys=keys, submissions_per_day="2", submissions_per_week="", submissions_total="9")
    policy = _facts(client).policy
    assert (policy.submissions_per_day, policy.submissions_per_week, policy.submissions_total) == (2, None, 9)
    assert policy.closes == CLOSES  # other forms stay out of it


def test_every_kind_of_key_is_set_and_taken_out_by_its_form(client: TestClient) -> None:
    _post(client, "/policy", keys="best_by", best_by="top1_error", note="As decided.")
    _post(client, "/policy", keys="domains", domains="one.example, two.example")
    assert _facts(client).policy.domains == ("one.example", "two.example")
    _post(client, "/policy", keys="blind,anonymous,per_class", blind="true", per_class="never")
    _post(client, "/policy", keys="listing,domains,admission", listing="unlisted", domains="", admission="open")
    _post(client, "/policy", keys="data", data="# Data\r\n\r\n[images](https://images.example)")
    _post(
        client, "/policy", keys="opens,closes,time_zone", opens="", closes="2026-12-05T10:00", time_zone="Europe/Paris"
    )
    policy = _facts(client).policy
    assert (policy.domains, policy.best_by) == ((), "top1_error")
    assert (policy.is_blind, policy.is_anonymous, policy.per_class) == (True, False, "never")
    assert (policy.opens, f"{policy.closes:%d %H:%M}", policy.time_zone) == (None, "05 09:00", "Europe/Paris")
    assert policy.listing == "unlisted"
    page = text_of(client, "/rounds/tiny")
    assert "As decided." in page
    assert "5 December 2026, 09:00 UTC" in page and "5 December 2026, 10:00 Europe/Paris" in page
    assert 'href="https://images.example"' in text_of(client, "/rounds/tiny/data")
    _post(client, "/policy", keys="blind", blind="")
    assert not _facts(client).policy.is_blind


def test_a_round_is_closed_revealed_and_gone_on_with_by_buttons(client: TestClient) -> None:
    told = _post(client, "/schedule", 422, act="close")
    assert "Nothing is done" in told and "Tick the box" in told and _facts(client).policy.closes == CLOSES
    assert _post(client, "/schedule", act="close", sure="true") == f"{PAGE}#dates"
    page = text_of(client, PAGE)
    assert "Reveal the results now" not in page  # without a date of its own, the reveal comes with the close
    assert "The results are revealed." in page
    _post(client, "/schedule", act="extend", closes="2026-12-24T18:00:00")
    assert "Close the round now" in text_of(client, PAGE)
    _post(client, "/schedule", act="pause")
    page = text_of(client, PAGE)
    assert "Go on until then" in page and "<dd>paused</dd>" in page
    slug = PAGE.rpartition("/")[2]
    assert "<dt>Paused</dt>" in text_of(client, f"/rounds/{slug}")
    assert "The round was paused" in text_of(client, f"/rounds/{slug}/board")
    _post(client, "/schedule", act="extend", closes="")
    assert "is no time" in _post(client, "/schedule", 422, act="extend", closes="soon")
    assert "no such step" in _post(client, "/schedule", 422, act="explode")
    set_clock(app_of(client), OPENS.replace(day=1))
    assert "Open the round now" in text_of(client, PAGE) and "<dd>not open yet</dd>" in text_of(client, PAGE)
    _post(client, "/schedule", act="open")
    assert _facts(client).policy.opens == OPENS.replace(day=1)


def test_the_page_of_a_paused_round_tells_and_proposes_what_was_scheduled(client: TestClient) -> None:
    _post(client, "/policy", keys="freezes", freezes="2026-11-28T00:00:00")
    assert "Before the pause" not in text_of(client, PAGE)
    _post(client, "/schedule", act="pause")
    page = text_of(client, PAGE)
    assert "it was to close on 30 November 2026, 00:00 UTC, and its board to freeze on 28 November 2026" in page
    assert 'type="datetime-local" step="1" value="2026-11-30T00:00:00"' in page
    assert "Close the round for good" in page and "Take no more submissions, and reveal at once" in page
    _post(client, "/schedule", act="extend", closes="2026-12-02T00:00", time_zone="UTC")
    policy = _facts(client).policy
    assert f"{policy.freezes:%m-%d}" == "11-30" and f"{policy.closes:%m-%d}" == "12-02"
    _post(client, "/policy", keys="closes,freezes", closes="", freezes="")
    _post(client, "/schedule", act="pause")
    page = text_of(client, PAGE)
    assert "Before the pause it was to have no close." in page and 'step="1" value=""' in page
    _post(client, "/schedule", act="close", sure="true")
    assert "The results are revealed." in text_of(client, PAGE)


def test_dates_are_read_and_shown_on_the_clocks_of_the_zone_that_the_form_names(client: TestClient) -> None:
    keys = "time_zone,opens,closes,freezes,reveals,teams_freeze"
    assert '<option value="Europe/Paris">' in text_of(client, f"{PAGE}/policy")
    summer = {"time_zone": "Europe/Paris", "closes": "2027-07-01T18:00", "freezes": "2026-12-24T18:00:00"}
    _post(client, "/policy", keys=keys, **summer)
    policy = _facts(client).policy
    assert [f"{at:%Y-%m-%d %H:%M}" for at in (policy.closes, policy.freezes) if at] == [
        "2027-07-01 16:00", "2026-12-24 17:00",
    ]  # fmt: skip
    page = text_of(client, f"{PAGE}/policy")
    assert 'value="2027-07-01T18:00:00"' in page and 'value="Europe/Paris" autocomplete' in page
    _post(client, "/policy", keys=keys, **{**summer, "time_zone": "Asia/Tokyo"})
    assert f"{_facts(client).policy.closes:%H:%M}" == "09:00"  # as written, on other clocks
    _post(client, "/policy", keys="closes", closes="2027-07-01T18:00:00+00:00")
    assert f"{_facts(client).policy.closes:%H:%M}" == "18:00"  # a zone of its own goes first


def test_a_time_that_clocks_skip_is_told_at_its_field_and_of_two_the_first_is_taken(client: TestClient) -> None:
    keys = "time_zone,closes,freezes,reveals"
    skipped = {"time_zone": "Europe/Paris", "closes": "2027-03-28T02:30", "reveals": "2028-03-26T02:15:00"}
    told = _post(client, "/policy", 422, keys=keys, freezes="", **skipped)
    assert "The clocks of Europe/Paris skip 2027-03-28 02:30, when they are put forward" in told
    assert "write 2027-03-28 01:30 or 2027-03-28 03:30." in told and "write 2028-03-26 01:15" in told
    assert 'value="2027-03-28T02:30"' in told and 'value="Europe/Paris" autocomplete' in told
    assert (_facts(client).policy.closes, _facts(client).policy.time_zone) == (CLOSES, "UTC")
    _post(client, "/policy", keys="time_zone,closes", time_zone="Europe/Paris", closes="2027-10-31T02:30")
    assert f"{_facts(client).policy.closes:%Y-%m-%d %H:%M}" == "2027-10-31 00:30"
    change_policy(
        deployment_of(client), COMMAND, slug="tiny", changes={"closes": datetime(2027, 10, 31, 1, 30, tzinfo=UTC)},
        now=DURING,
    )  # fmt: skip
    _post(client, "/policy", keys="time_zone,closes", time_zone="Europe/Paris", closes="2027-10-31T02:30:00")
    assert f"{_facts(client).policy.closes:%H:%M}" == "01:30"  # the second, which was not touched
    unknown = _post(client, "/policy", 422, keys=keys, time_zone="Mars/Phobos", closes="2027-07-01T18:00", freezes="")
    assert "This time zone is not known" in unknown and 'value="Mars/Phobos"' in unknown
    assert _post(client, "/policy", 422, keys="closes,time_zone", time_zone="Asia/Tokyo", closes="0001-01-01T00:00")


def test_a_new_close_is_on_the_clocks_that_its_form_names_and_comes_back_when_refused(client: TestClient) -> None:
    assert 'value="2026-11-30T00:00:00"' in text_of(client, PAGE)
    _post(client, "/schedule", act="extend", closes="2026-12-24T18:00", time_zone="America/New_York")
    assert f"{_facts(client).policy.closes:%d %H:%M}" == "24 23:00"
    _post(client, "/policy", keys="time_zone", time_zone="Europe/Paris")
    page = text_of(client, PAGE)
    assert 'value="2026-12-25T00:00:00"' in page and 'value="Europe/Paris" autocomplete' in page
    wrong = {"act": "extend", "closes": "2027-03-28T02:30", "time_zone": "Europe/Paris"}
    told = _post(client, "/schedule", 422, **wrong)
    assert "closes: the clocks of Europe/Paris skip 2027-03-28 02:30" in told and 'value="2027-03-28T02:30"' in told
    told = _post(client, "/schedule", 422, **{**wrong, "time_zone": "Mars/<b>"})
    assert "The time zone is not known." in told and 'value="Mars/&lt;b&gt;"' in told
    assert f"{_facts(client).policy.closes:%d %H:%M}" == "24 23:00"


def test_once_private_scores_are_known_the_page_leads_to_the_note_that_going_on_needs(client: TestClient) -> None:
    with deployment_of(client).database.write() as session:
        row = session.exec(select(Round)).one()
        row.policy = {**row.policy, "public_share": 0.5}
        session.add(row)
    assert 'value="extend"' in text_of(client, PAGE)
    _post(client, "/schedule", act="close", sure="true")
    page = text_of(client, PAGE)
    assert 'value="extend"' not in page and f'href="{PAGE}/policy#dates"' in page
    assert 'id="dates"' in text_of(client, f"{PAGE}/policy")
    _post(client, "/policy", keys="closes", closes="2026-12-24T18:00:00", note="The server was down.")
    assert "Close the round now" in text_of(client, PAGE)


def test_a_reveal_that_was_put_off_is_brought_forward(client: TestClient) -> None:
    _post(client, "/policy", keys="reveals", reveals="2026-12-31T00:00")
    _post(client, "/schedule", act="close", sure="true")
    assert _sure_text(text_of(client, PAGE)) == "Show everybody figures per class. It cannot be taken back."
    assert "Tick the box" in _post(client, "/schedule", 422, act="reveal")
    assert _facts(client).policy.reveals == DURING.replace(month=12, day=31, hour=0)
    _post(client, "/schedule", act="reveal", sure="true")
    assert _facts(client).policy.reveals == DURING


def test_announcements_and_answers_are_read_by_everybody_harmlessly(client: TestClient) -> None:
    _post(client, "/announcements", text="# Deadline\n\n**Late** <script>alert(1)</script>")
    twice = _post(client, "/announcements", 409, text="# Deadline\n\n**Late** <script>alert(1)</script>")
    assert "was announced some minutes ago" in twice and "in other words" in twice
    _switch_to(client, "Askers")
    assert client.post("/rounds/tiny/questions", data={"text": "May we <img src=x>?"}).status_code == 303
    page = text_of(client, "/rounds/tiny?asked=true")
    assert "Deadline</h3>" in page and "<strong>Late</strong>" in page
    assert "Your question is on its way." in page
    assert "May we" not in page
    _back_as_organizer(client)
    assert "May we &lt;img src=x&gt;?" in text_of(client, PAGE)
    _post(client, "/questions/1", answer="*Yes*, [see](javascript:alert(1)).")
    assert "<em>Yes</em>, [see]" in text_of(client, PAGE)
    client.cookies.clear()
    page = text_of(client, "/rounds/tiny")
    assert "May we &lt;img src=x&gt;?" in page
    assert "<em>Yes</em>" in page
    assert "Askers" not in page.partition('id="questions"')[2]
    assert "<script>alert" not in page and 'href="javascript' not in page


def test_an_entry_is_disqualified_appealed_for_and_reinstated(client: TestClient) -> None:
    _switch_to(client, "Late Lab")
    send_form(client, method="Slow Net")
    _back_as_organizer(client)
    _post(client, "/entries/disqualify", entry="2", reason="Sent <b>late</b>.")
    assert "Sent &lt;b&gt;late&lt;/b&gt;." in text_of(client, PAGE)
    client.cookies.clear()
    client.post("/log-in", data={"email": "late@team.example", "password": PASSWORD})
    assert "/entries/2/appeal" in text_of(client, "/submissions/2")
    assert "Sent &lt;b&gt;late&lt;/b&gt;." in text_of(client, "/entries/2/appeal")
    assert "needs some words" in client.post("/entries/2/appeal", data={"text": " "}).text
    assert client.post("/entries/2/appeal", data={"text": "Our clock <i>was</i> right."}).status_code == 303
    assert "have not decided yet" in text_of(client, "/entries/2/appeal")
    _back_as_organizer(client)
    assert "Our clock &lt;i&gt;was&lt;/i&gt; right." in text_of(client, PAGE)
    assert "<strong>1 appeal</strong>" in text_of(client, "/organize")
    _post(client, "/appeals/1", answer="So it was.", verdict="grant")
    assert "Granted: So it was." in text_of(client, PAGE)
    _post(client, "/entries/disqualify", entry="1", reason="A test.")
    _post(client, "/entries/1/reinstate")
    assert "not disqualified" in _post(client, "/entries/1/reinstate", 409)


def test_teams_ask_come_by_code_and_are_decided_about(client: TestClient) -> None:
    _post(client, "/policy", keys="admission", admission="approval")
    _post(client, "/join-code", act="renew")
    address = text_of(client, PAGE).partition('<code class="secret">/rounds')[2].partition("</code>")[0]
    client.cookies.clear()
    assert client.get(f"/rounds{address}").headers["location"].startswith("/sign-up?next=%2Frounds%2Ftiny%2Fjoin")
    assert 'href="/rounds/tiny/join"' in text_of(client, "/rounds/tiny")
    _switch_to(client, "Asking Lab")
    assert "Only teams that are admitted" in text_of(client, "/rounds/tiny/submit")
    assert "not the join code" in client.post("/rounds/tiny/join", data={"code": "guess"}).text
    assert client.post("/rounds/tiny/join", data={"message": "We <u>try</u>."}).status_code == 303
    assert "has asked to take part" in text_of(client, "/rounds/tiny/join")
    assert send_form(client).status_code == 403
    _switch_to(client, "Coded Lab")
    assert f'value="{address.partition("=")[2]}"' in text_of(client, f"/rounds{address}")
    assert client.post("/rounds/tiny/join", data={"code": address.partition("=")[2]}).status_code == 303
    assert send_form(client).status_code == 303
    client.post("/rounds/tiny/questions", data={"text": "May we?"})
    client.post("/rounds/tiny/questions", data={"text": "And they?"})
    client.post("/rounds/tiny/reports", data={"image": "1", "text": "A fox."})
    _back_as_organizer(client)
    page = text_of(client, PAGE)
    assert "We &lt;u&gt;try&lt;/u&gt;." in page
    assert "<strong>2 questions, 1 team, 1 image report</strong>" in text_of(client, "/organize")
    _post(client, "/teams", admit="2")
    assert "<strong>2 questions, 1 image report</strong>" in text_of(client, "/organize")
    assert "cannot be turned away" in _post(client, "/teams", 409, refuse="3")
    _post(client, "/join-code", act="remove")
    assert "Make a join code" in text_of(client, PAGE)
    assert "only teams take part" in text_of(client, "/rounds/tiny/join")


def test_a_team_that_was_turned_away_reads_so_also_where_the_round_is_open_to_all(client: TestClient) -> None:
    _post(client, "/policy", keys="admission", admission="approval")
    _switch_to(client, "Asking Lab")
    client.post("/rounds/tiny/join", data={"message": "We try."})
    _back_as_organizer(client)
    _post(client, "/teams", refuse="2")
    _post(client, "/policy", keys="admission,verify_email", admission="open", verify_email="true")
    client.cookies.clear()
    client.post("/log-in", data={"email": "asking@team.example", "password": PASSWORD})
    page = text_of(client, "/rounds/tiny")
    assert "The organizers have turned your team away. Write to them." in page and ">Take part</a>" not in page
    assert "Verify the address" not in page  # it would let nobody in


def test_the_page_of_a_round_of_500_entries_stays_small_and_in_reach(client: TestClient) -> None:
    with deployment_of(client).database.write() as session:
        for number in range(500):
            team = Team(name=f"Team {number * 7919 % 9973}", name_key=f"t{number}", affiliation="Lab", created_at=OPENS)
            session.add(team)
            session.flush()
            for table in (
                Entry(round_id=1, team_id=team.id or 0, method=f"Net {number * 31 % 997}", created_at=OPENS),
                Participation(round_id=1, team_id=team.id or 0, asked_at=OPENS),
            ):
                session.add(table)
    page = text_of(client, PAGE)
    assert len(gzip.compress(page.encode(), compresslevel=6)) < 60_000
    assert page.count("<form") < 20
    assert '<details class="field" open>' not in page and "Every entry: 501" in page


def test_what_failed_is_tried_again_with_a_click(client: TestClient) -> None:
    change_submission(deployment_of(client), 1, state=State.FAILED, failure="time-limit")
    page = text_of(client, PAGE)
    assert "time-limit" in page
    _post(client, "/submissions/1/retry")
    assert "queued" in text_of(client, PAGE).partition('id="queue"')[2]


def test_co_organizers_are_added_and_removed_and_the_last_one_stays(client: TestClient) -> None:
    assert "Nobody has an account" in _post(client, "/organizers", 404, email="nobody@host.example")
    assert "/remove" not in text_of(client, PAGE)
    _switch_to(client, "Helpers")
    _back_as_organizer(client)
    _post(client, "/organizers", email="helpers@team.example")
    page = text_of(client, PAGE)
    assert re.search("helpers@team.example <[^>]*>not verified<", page) and page.count("not verified") == 1
    own, other = sorted(re.findall(rf"{PAGE}(/organizers/\d+/remove)", page))  # by the age of the accounts
    _post(client, other)
    assert "helpers@team.example" not in text_of(client, PAGE)
    assert "cannot be without an organizer" in _post(client, own, 409)


def test_the_export_holds_everything_but_the_truth(client: TestClient) -> None:
    answer = client.get(f"{PAGE}/export.zip")
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(archive.namelist()) == {
        "round.toml", "classes.csv", "results/board.json", "results/board.csv", "results/submissions.csv",
        "results/events.jsonl", "results/reports.csv", "results/rules.csv", "results/round.json",
        "results/scores.csv", "results/corrections.csv", "results/announcements.csv", "results/questions.csv",
        "results/appeals.csv", "results/teams.csv", "results/roster.csv",
    }  # fmt: skip
    assert [row["team"] for row in json.loads(archive.read("results/board.json"))["entries"]] == ["Leaders"]
    header, row = archive.read("results/submissions.csv").decode().splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["all_top5_error"] == "0.25"
    assert b"[truth]" not in archive.read("round.toml")
    assert f'href="{PAGE}/export.zip?files=true"' in text_of(client, PAGE)
    send_form(client)
    whole = zipfile.ZipFile(io.BytesIO(client.get(f"{PAGE}/export.zip?files=true").content))
    assert "submissions/1-is-missing" in whole.namelist()  # which has a score, but never had a file


def test_the_seed_of_a_split_is_committed_to_at_once_and_told_at_the_reveal(client: TestClient, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "split", slug="split", opens=OPENS, closes=CLOSES, public_share=0.5)
    facts = open_folder(deployment_of(client), folder, now=DURING).facts
    assert facts.split_seed is not None
    commitment = seed_commitment(facts.split_seed)
    organize_all(deployment_of(client).database, 1)
    for path in ("/rounds/split", "/organize/split"):
        page = text_of(client, path)
        assert commitment in page
        assert facts.split_seed not in page
    set_clock(app_of(client), CLOSES)
    client.cookies.clear()
    assert facts.split_seed in text_of(client, "/rounds/split")

"""What happened in a round, as its organizers read it."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

from sqlmodel import col, select

from server.db.tables import Event
from server.web.event_lines import ACTIONS
from tests.server.making import write_round
from tests.server.running import CLOSES, OPENS, deployment_of
from tests.server.web.browsing import add_scored, browser, log_in_as_organizer, send_form, sign_up_by_form, text_of

ROOT = Path(__file__).parents[3] / "server"
PAGE = "/organize/tiny"
# Nouns of events that belong to no round, so that no round's page shows them.
ELSEWHERE = {"account", "email", "invitation", "mail", "password", "team", "token"}
TAKEN = ("round.exported", "submission.downloaded", "account.exported")


def _lines(page: str) -> str:
    log = re.sub(r"<[^>]+>", "", page.partition('id="log"')[2])
    return re.sub(r"\s+", " ", log)


def test_events_say_who_did_what_to_what(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)) as client:
        add_scored(deployment_of(client), {"top5_error": 0.25}, team="Leaders", method="Big <Net>")
        sign_up_by_form(client, "Late Lab")
        send_form(client, method="Slow Net")
        client.cookies.clear()
        log_in_as_organizer(client)
        client.post(f"{PAGE}/policy", data={"keys": "submissions_per_day", "submissions_per_day": "3"})
        client.post(f"{PAGE}/schedule", data={"act": "extend", "closes": "2026-12-24T18:00:00"})
        client.post(f"{PAGE}/entries/disqualify", data={"entry": "1", "reason": "Sent late."})
        page = text_of(client, PAGE)
        archive = zipfile.ZipFile(BytesIO(client.get(f"{PAGE}/export.zip").content))
    told = _lines(page)
    for line in (
        "Organizer changed the policy of the round. submissions_per_day: none → 3",
        "closes: 2026-11-30 00:00 UTC → 2026-12-24 18:00 UTC",
        "Organizer disqualified Big &lt;Net&gt; of Leaders. reason: Sent late.",
        "Ada sent submission 2, Slow Net of Late Lab. sha256: ",
        "The server opened the round.",
    ):
        assert line in told
    assert '<a href="/submissions/2"><bdi>submission 2, Slow Net of Late Lab</bdi></a>' in page
    assert "{" not in told and "&#34;" not in told
    events = [json.loads(line) for line in archive.read("results/events.jsonl").decode().splitlines()]
    assert {"reason": "Sent late."} in [event["detail"] for event in events]


def test_what_is_taken_away_leaves_an_event_with_who_took_it(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)) as client:
        sign_up_by_form(client)
        send_form(client)
        for address in ("/submissions/1/file", "/me/export.json"):  # of one's own file, no event
            assert client.get(address).status_code == 200
        client.cookies.clear()
        log_in_as_organizer(client)
        for address in (f"{PAGE}/export.zip?files=true", "/submissions/1/file"):
            assert client.get(address).status_code == 200
        told = _lines(text_of(client, PAGE))
        with deployment_of(client).database.read() as session:
            events = session.exec(select(Event).where(col(Event.action).in_(TAKEN)).order_by(col(Event.id))).all()
    found = [(one.actor, one.action, one.object_type, one.object_id, one.round_id, one.detail) for one in events]
    assert found == [
        ("person:1", "account.exported", "person", 1, None, {}),
        ("person:2", "round.exported", "round", 1, 1, {"files": True, "truth": False}),
        ("person:2", "submission.downloaded", "submission", 1, 1, {}),
    ]
    assert "Organizer exported everything of the round. files: yes; truth: no" in told
    assert "Organizer read the file of submission 1, ResNet-50 of Vision Lab" in told


def test_the_events_of_a_team_stand_with_those_of_the_rounds_it_takes_part_in(tmp_path: Path) -> None:
    rounds = [write_round(tmp_path / slug, slug=slug, opens=OPENS, closes=CLOSES) for slug in ("tiny", "other")]
    with browser(tmp_path / "data", *rounds) as client:
        sign_up_by_form(client, "Late Lab")
        invited = client.post("/teams/1/invitations").text
        client.post("/me/team", data={"team_id": "1"})
        client.cookies.clear()
        link = re.search(r"/join/[\w-]+", invited)
        assert link is not None
        client.post(link[0], data={"name": "Ghost", "email": "ghost@ex.example", "password": "four words in a row"})
        send_form(client, slug="tiny")  # the team takes part only now
        client.post("/me/delete", data={"password": "four words in a row"})
        client.cookies.clear()
        sign_up_by_form(client, "Strangers")
        client.cookies.clear()
        log_in_as_organizer(client)
        read = {slug: client.get(f"/api/v1/rounds/{slug}/events").json()["events"] for slug in ("tiny", "other")}
        archive = zipfile.ZipFile(BytesIO(client.get(f"{PAGE}/export.zip").content))
        told = _lines(text_of(client, PAGE))
    lines = archive.read("results/events.jsonl").decode().splitlines()
    of_team = ["team.signed-up", "invitation.made", "team.joined", "team.left"]
    for events in (read["tiny"], [json.loads(line) for line in lines]):
        found = [event["action"] for event in events if event["object"] == {"type": "team", "id": 1}]
        assert found == of_team
        assert [event["id"] for event in events] == sorted(event["id"] for event in events)
    assert {event["object"]["type"] for event in read["other"]} == {"round"}
    assert "Ada founded Late Lab" in told and "joined Late Lab" in told and "Strangers" not in told


def test_everything_that_can_happen_in_a_round_has_words() -> None:
    told = {
        constant.value
        for folder in ("services", "jobs")
        for path in (ROOT / folder).glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and re.search(r"(^|\.)(_?tell|tell_round|append_event)$", ast.unparse(call.func))
        for constant in ast.walk(call)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    actions = {text for text in told if re.fullmatch(r"[a-z-]+\.[a-z-]+", text)}
    assert len(actions) > 30  # it finds them
    assert {action for action in actions if action.partition(".")[0] not in ELSEWHERE} <= set(ACTIONS)

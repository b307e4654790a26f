"""The form of a policy changes what its sender changed, of what its page had shown, and nothing else."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.auth.permissions import COMMAND
from server.db.tables import Round
from server.services.opening import open_folder
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, stored_round
from tests.server.making import organize_all, write_round
from tests.server.running import CLOSES, DURING, OPENS, deployment_of
from tests.server.web.browsing import browser, log_in_as_organizer, text_of

PAGE = "/organize/tiny"
GROUPS = ("dates", "limits", "ranks", "secrets", "people", "rule-book", "data-page")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An organizer of the round `tiny`."""
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with browser(tmp_path / "data", folder) as client:
        log_in_as_organizer(client)
        yield client


def _facts(client: TestClient) -> RoundFacts:
    with deployment_of(client).database.read() as session:
        return stored_round(session, "tiny")


def _post(client: TestClient, status: int = 303, **form: str) -> str:
    answer = client.post(f"{PAGE}/policy", data=form)
    assert answer.status_code == status, answer.text
    return answer.text


def _form(client: TestClient, group: str) -> dict[str, str]:
    """A form of the policy as a browser sends it when nothing is touched."""
    form = text_of(client, f"{PAGE}/policy").partition(f'<h2 id="{group}">')[2].partition("</form>")[0]
    sent = dict(re.findall(r'<input (?:id="[^"]*" |type="hidden" )name="([^"]*)"[^>]*value="([^"]*)"', form))
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        sent[name] = html.unescape(text).replace("\n", "\r\n")
    for name, choices in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = (re.findall(r"<option selected>(.*?)<", choices) or re.findall(r"<option>(.*?)<", choices))[0]
    for name in re.findall(r'<input type="checkbox" name="([^"]*)" value="true" checked', form):
        sent[name] = "true"
    return {key: re.sub(r"(T\d\d:\d\d):00$", r"\1", value) for key, value in sent.items()}  # as browsers write times


def _policy_by_another(client: TestClient, **changes: object) -> None:
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes=changes, note="", now=DURING)


def test_a_form_that_nobody_touched_changes_nothing_of_what_others_have_changed_since(client: TestClient) -> None:
    _policy_by_another(client, rules="# One\r\nTwo", data="Data", verify_email=True, domains=["a.example"])
    stale = {group: _form(client, group) for group in GROUPS}
    assert len({key for form in stale.values() for key in form}) > 25
    _policy_by_another(
        client, closes=CLOSES + timedelta(days=9), submissions_per_day=7, per_class="never", listing="unlisted",
        rules="New", data="Other", data_terms=True, verify_email=None, domains=["b.example"], time_zone="Asia/Tokyo",
    )  # fmt: skip
    before = _facts(client)
    for form in stale.values():
        _post(client, **form)
    assert _facts(client) == before
    limits = {**stale["limits"], "submissions_total": "9"}
    _post(client, **limits)  # another key than theirs
    policy = _facts(client).policy
    assert (policy.submissions_per_day, policy.submissions_total) == (7, 9)
    _post(client, **limits)  # a second click


def test_no_two_parts_of_the_page_have_one_name(client: TestClient) -> None:
    names = re.findall(r' id="([^"]*)"', text_of(client, f"{PAGE}/policy"))
    assert sorted(names) == sorted(set(names))


def test_who_changes_what_another_has_changed_since_reads_both_and_saves_again(client: TestClient) -> None:
    dates, limits, rules = (_form(client, group) for group in ("dates", "limits", "rule-book"))
    _policy_by_another(client, closes=CLOSES + timedelta(days=9), submissions_per_day=7, rules="Be <b>fair</b>.")
    later = CLOSES + timedelta(days=9)
    told = _post(client, 409, **{**dates, "closes": "2026-12-05T10:00", "reveals": "2026-12-20T00:00"})
    assert "Somebody else has changed the policy since the form was loaded." in told
    assert f"it says {later:%Y-%m-%dT%H:%M:%S} now, and you mean 2026-12-05T10:00:00; save again" in told
    assert 'value="2026-12-05T10:00"' in told and 'value="2026-12-20T00:00"' in told
    assert (_facts(client).policy.closes, _facts(client).policy.reveals) == (later, None)
    told = _post(client, 409, **{**limits, "submissions_per_day": "3"})
    assert "it says 7 now, and you mean 3" in told
    told = _post(client, 409, **{**rules, "rules": "Mine."})
    assert '<div class="lines">Be &lt;b&gt;fair&lt;/b&gt;.</div>' in told and "Mine.</textarea>" in told
    _post(client, **{**_form(client, "rule-book"), "rules": "Mine."})  # having seen theirs
    assert _facts(client).policy.rules == "Mine."


def test_a_time_that_some_clocks_cannot_show_is_refused_at_its_field(client: TestClient) -> None:
    for when, zone in (
        ("9999-12-31T23:59:59", "UTC"),
        ("9999-12-31T23:59", "America/New_York"),
        ("0001-01-01T00:00", "Asia/Tokyo"),
    ):
        form = {"keys": "closes,time_zone", "closes": when, "time_zone": zone}
        assert "the years 1970 to 8999" in _post(client, 422, **form)
        extended = client.post(f"{PAGE}/schedule", data={"act": "extend", "closes": when, "time_zone": zone})
        assert extended.status_code == 422
        assert "the years 1970 to 8999" in extended.text
        assert "closes: write one of the years 1970 to 8999, or leave the key out" in extended.text


def test_a_round_that_closes_at_the_end_of_the_calendar_is_shown_and_mended(client: TestClient) -> None:
    deployment = deployment_of(client)
    with deployment.database.write() as session:
        row = session.get_one(Round, 1)
        row.policy = {**row.policy, "closes": "9999-12-31T23:59:59+00:00", "time_zone": "Asia/Tokyo"}
        session.add(row)
    for page in ("/", "/rounds/tiny", "/rounds/tiny/board", "/organize", PAGE, f"{PAGE}/policy"):
        assert text_of(client, page)
    assert "the years 1970 to 8999" in _post(client, 422, keys="finals", finals="3")
    _post(client, keys="closes", closes="2027-01-01T00:00")
    assert _facts(client).policy.closes == datetime(2026, 12, 31, 15, tzinfo=UTC)


def test_a_date_is_not_read_on_clocks_that_its_form_did_not_show(client: TestClient) -> None:
    dates = _form(client, "dates")
    _policy_by_another(client, time_zone="Asia/Tokyo")
    told = _post(client, 409, **{**dates, "closes": "2026-12-05T10:00"})
    assert "it says Asia/Tokyo now; save again" in told
    moved = {**_form(client, "dates"), "time_zone": "Europe/Paris"}
    _policy_by_another(client, freezes=DURING + timedelta(hours=1))
    told = _post(client, 409, **moved)  # another zone moves every date
    assert "now, and you mean nothing" in told
    assert _facts(client).policy.time_zone == "Asia/Tokyo"


def test_what_a_round_with_a_hierarchy_ranks_by_is_offered(client: TestClient, tmp_path: Path) -> None:
    assert "hierarchical" not in text_of(client, f"{PAGE}/policy")
    folder = write_round(tmp_path / "tree", slug="tree", best_by="hierarchical5_error")
    toml, table = folder / "round.toml", 'table = "classes.csv"'
    toml.write_text(toml.read_text().replace(table, f'{table}\nhierarchy = "tree.json"'))
    leaves = [{"id": i, "wnid": "", "name": str(i), "parents": [8], "height": 0} for i in range(1, 8)]
    root = {"id": 8, "wnid": "", "name": "all", "parents": [], "height": 1}
    (folder / "tree.json").write_text(json.dumps([*leaves, root]))
    open_folder(deployment_of(client), folder, now=DURING)
    organize_all(deployment_of(client).database, 1)
    page = text_of(client, "/organize/tree/policy")
    assert "<option selected>hierarchical5_error</option>" in page and "<option>top1_error</option>" in page

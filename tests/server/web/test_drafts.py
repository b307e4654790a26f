"""An organizer makes a round in a browser: from files to a draft, and from a draft to an open round."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from scoring.rounds import load_public_round
from server.db.rounds import round_by_slug
from tests.scoring.making import round_files
from tests.server.drafting import add_maker, archive_of, become, leftovers
from tests.server.running import API, deployment_of, running_app
from tests.server.web.browsing import BROWSER, browser, sign_up_by_form, text_of

BASELINE = '[[baselines]]\nfile = "ants.txt"\nmethod = "All <ants>"\nscores = { top1_error = 0.2 }\n'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with browser(tmp_path_factory.mktemp("drafts") / "data") as client:
        add_maker(client, "maker")
        add_maker(client, "rival")
        yield client


@pytest.fixture(autouse=True)
def _as_maker(client: TestClient) -> None:
    become(client, "maker")


def send(client: TestClient, content: bytes, name: str = "round.zip") -> Response:
    return client.post("/organize/new", files={"archive": (name, content)})


def test_an_archive_is_an_open_round_after_four_screens(client: TestClient) -> None:
    assert "The folder as one archive" in text_of(client, "/organize/new")  # 1
    assert send(client, archive_of("det", slug="four", within="my round/")).headers["location"] == "/organize/four"
    draft = text_of(client, "/organize/four")  # 2
    assert draft.count("as it must") >= 3 and "bad" not in draft and "<dt>Objects</dt><dd>4</dd>" in draft
    assert leftovers(client) == []
    policy = text_of(client, "/organize/four/policy")  # 3
    assert 'action="/organize/four/open"' in policy
    form = {"keys": "submissions_per_day", "submissions_per_day": "2"}
    assert client.post("/organize/four/policy", data=form).status_code == 303
    dates = {"keys": "freezes,closes", "freezes": "2031-01-01T00:00", "closes": "2031-01-02T00:00"}
    assert client.post("/organize/four/policy", data=dates).status_code == 303
    assert re.findall("<dt>(Opens|Board freezes|Closes|Reveals)</dt>", text_of(client, "/organize/four")) == [
        "Opens", "Board freezes", "Closes", "Reveals",
    ]  # fmt: skip
    assert client.post("/organize/four/open").headers["location"] == "/organize/four"
    opened = text_of(client, "/organize/four")  # 4
    assert "Close the round now" in opened and "<dt>Board freezes</dt>" in opened
    client.cookies.clear()
    assert client.get(f"{API}/rounds/four").json()["slug"] == "four"
    become(client, "maker")
    assert 'action="/organize/four/open"' not in text_of(client, "/organize/four/policy")
    assert client.post("/organize/four/open").status_code == 409
    assert client.post("/organize/four/forget").status_code == 409


def test_single_files_are_a_draft_too(client: TestClient) -> None:
    files = round_files("cls-loc")
    texts = {
        "slug": "parts", "title": "Of parts", "challenge": "", "task": "cls-loc", "images.count": "",
        "policy.rules": "Be *fair*.\r\n",
    }  # fmt: skip
    sent = {
        "images.list": ("images.txt", files["images.txt"]),
        "classes.table": ("classes.txt", files["classes.txt"]),
        "truth.labels": ("labels", files["labels.txt"]),
        "truth.boxes": (r"C:\truth\boxes.CSV", files["boxes.csv"]),
        "truth.blacklist": ("b.txt", files["blacklist.txt"]),
        "truth.masks": ("", b""),  # left empty
    }
    answer = client.post("/organize/new", data=texts, files=sent)
    assert answer.headers["location"] == "/organize/parts", answer.text
    assert "Be <em>fair</em>." in text_of(client, "/rounds/parts")


NODES = '[{"id": 1, "wnid": "n01", "parents": [4], "height": 0}, {"id": 2, "wnid": "n02", "parents": [4], "height": 0},'
NODES += '{"id": 3, "wnid": "n03", "parents": [5], "height": 0}, {"id": 4, "wnid": "n10", "parents": [5], "height": 1},'
NODES += '{"id": 5, "wnid": "n11", "parents": [], "height": 2}]'


def _rich(slug: str, **texts: str) -> dict[str, Any]:
    """The form of a classification round with everything that it can say."""
    said = {
        "slug": slug, "title": "Rich", "task": "cls", "images.count": "3", "predictions.ids": "sorted-wnid",
        "truth.ids": "wnid", "subgroups.under": "insects n10\r\n\r\nn11\r\n",
    }  # fmt: skip
    sent = [
        ("classes.table", ("classes.csv", b"id,wnid,name\n1,n03,crab\n2,n02,bee\n3,n01,ant\n")),
        ("classes.hierarchy", ("tree.json", NODES.encode())),
        ("truth.labels", ("labels.txt", b"n01\nn02\nn03\n")),
        ("subgroups.images", ("camera.csv", b"image,group\n1,old\n2,new\n")),
        ("subgroups.images", ("time of day.csv", b"1,day\n3,night\n")),
        ("baselines", ("All ants.v1.txt", b"0\n0\n0\n")),
        ("baselines", ("All bees.txt.gz", gzip.compress(b"1\n1\n1\n"))),
    ]
    return {"data": {**said, **texts}, "files": sent}


def test_the_form_takes_class_ids_a_hierarchy_subgroups_and_baselines(client: TestClient) -> None:
    answer = client.post("/organize/new", **_rich("rich"))
    assert answer.headers.get("location") == "/organize/rich", answer.text
    public = load_public_round(deployment_of(client).folders.public_half("rich"))
    assert public.prediction_ids == "sorted-wnid" and public.classes.hierarchy is not None
    assert [(one.name, [group.name for group in one.groups]) for one in public.subgroups] == [
        ("insects", ["insects", "other"]), ("n11", ["n11", "other"]), ("camera", ["new", "old"]),
        ("time of day", ["day", "night"]),
    ]  # fmt: skip
    page = text_of(client, "/organize/rich")
    assert "All ants.v1" in page and "All bees<" in page


def test_what_is_wrong_with_the_rarer_parts_stands_at_their_fields(client: TestClient) -> None:
    faulty = _rich("wrong", **{"subgroups.under": "insects n99", "predictions.ids": "guess"})
    page = client.post("/organize/new", **faulty).text
    assert page.count('<details class="field" open>') == 1
    for told in ("This is no WNID of the hierarchy", "This says what the numbers of the classes are"):
        assert page.count(f'class="wrong">{told}') == 1
    assert "insects n99</textarea>" in page
    twice = client.post("/organize/new", **_rich("wrong", **{"subgroups.under": "camera n10"}))
    assert twice.status_code == 422 and "two subgroups have one name: camera" in twice.text


def test_all_faults_are_told_at_once_and_the_form_stays_filled(client: TestClient) -> None:
    texts = {"slug": "Not a slug", "title": "A <b>title</b>", "task": "cls", "images.count": "many"}
    sent = {"classes.table": ("c.csv", b"id,wnid,name\n1,,ant\n2,,bee\n"), "truth.labels": ("l.txt", b"1\n7\n")}
    answer = client.post("/organize/new", data=texts, files=sent)
    assert answer.status_code == 422
    for told in ("a slug is a-z", "images.count", "truth.labels, line 2", "A &lt;b&gt;title", 'value="many"'):
        assert told in answer.text
    assert '<option value="cls" selected>' in answer.text
    assert leftovers(client) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "No file was sent"), (b"no archive", "neither a zip nor a tar"), (archive_of()[:-30], "damaged")],
)
def test_what_is_no_archive_is_told(content: bytes, told: str, client: TestClient) -> None:
    answer = send(client, content)
    assert answer.status_code == 422 and told in answer.text
    assert leftovers(client) == []


@pytest.mark.parametrize("field", ["truth.secrets", "archive"])
def test_a_form_has_the_files_it_has_each_once(field: str, client: TestClient) -> None:
    files = [("archive", ("a.zip", archive_of())), (field, ("b.zip", b"x"))]
    answer = client.post("/organize/new", files=files)
    assert answer.status_code == 422 and "has no file called" in answer.text


def test_nobody_else_knows_of_a_draft(client: TestClient) -> None:
    send(client, archive_of(slug="unseen"))
    assert "unseen" in text_of(client, "/organize")
    become(client, "rival")
    assert "unseen" not in text_of(client, "/organize")
    answer = send(client, archive_of(slug="unseen"))
    assert answer.status_code == 409 and "Another round has this slug" in answer.text
    client.cookies.clear()
    sign_up_by_form(client)
    assert "unseen" not in text_of(client, "/")
    assert client.get("/organize/new").status_code == 403
    assert send(client, archive_of(slug="mine")).status_code == 403
    assert leftovers(client) == []


def test_a_draft_is_replaced_by_its_organizer_and_deleted(client: TestClient) -> None:
    send(client, archive_of(slug="again"))
    send(client, archive_of("det", slug="again"))
    assert "Object detection. A draft" in text_of(client, "/organize/again")
    assert client.post("/organize/again/forget").headers["location"] == "/organize"
    assert client.get("/organize/again").status_code == 404
    folders = deployment_of(client).folders
    assert not (folders.rounds / "again").exists() and leftovers(client) == list(folders.cache.iterdir()) == []
    assert send(client, archive_of(slug="again")).status_code == 303


def test_a_self_test_that_fails_is_a_question_before_the_opening(client: TestClient) -> None:
    changes = {"baselines.toml": BASELINE, "ants.txt": "1\n1\n1\n"}
    send(client, archive_of(slug="odd", changes=changes))
    page = text_of(client, "/organize/odd")
    assert "top1_error is 0.666667, must be within 0.1995 and 0.2005" in page and "All &lt;ants&gt;" in page
    assert client.post("/organize/odd/open").status_code == 409
    assert client.post("/organize/odd/open", data={"anyway": "true"}).status_code == 303


def test_no_round_takes_the_address_of_a_form(client: TestClient) -> None:
    reserved = send(client, archive_of(slug="new"))
    assert reserved.status_code == 409 and "/organize/new is a page of the server" in reserved.text


def test_a_draft_outlives_its_server_and_what_was_under_way_does_not(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("restart") / "data"
    with running_app(data) as client:
        client.headers.update(BROWSER)
        add_maker(client, "maker")
        become(client, "maker")
        send(client, archive_of(slug="kept"))
        unfinished = deployment_of(client).folders.drafts / "unfinished"
        (unfinished / "folder").mkdir(parents=True)
    with running_app(data) as client:
        client.headers.update(BROWSER)
        become(client, "maker")
        assert leftovers(client) == []
        assert client.post("/organize/kept/open").status_code == 303
        with deployment_of(client).database.read() as session:
            row = round_by_slug(session, "kept")
            assert row is not None and not row.round.is_draft

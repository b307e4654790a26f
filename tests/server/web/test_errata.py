"""An organizer corrects the truth on screen, from the file to the board."""

from __future__ import annotations

from pathlib import Path

from server.db.rescorings import note_failure
from tests.server.making import predictions, write_round
from tests.server.running import AFTER, DURING, PASSWORD, deployment_of
from tests.server.web.browsing import (
    browser,
    log_in_as_organizer,
    score_silently,
    send_form,
    sign_up_by_form,
    text_of,
)
from tests.waiting import wait_until

PAGE = "/organize/tiny/errata"
NOISE = "/organize/tiny/noise"


def test_from_a_corrected_file_to_the_board(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), now=DURING, worker_count=1) as client:
        sign_up_by_form(client)
        send_form(client, predictions())
        wait_until(lambda: "Score</h2>" in client.get("/submissions/1").text, what="the score")
        client.cookies.clear()
        assert client.get(PAGE).headers["location"] == f"/log-in?next={PAGE}"
        log_in_as_organizer(client)
        assert f'href="{PAGE}"' in text_of(client, "/organize/tiny")
        said = {"part": "labels", "note": "Image 1 shows <7>."}
        refused = client.post(PAGE, files={"file": ("labels.txt", b"1\n99\n")}, data=said)
        assert refused.status_code == 422
        assert "labels.txt" in refused.text and "The corrected truth has faults" in refused.text
        assert '<option value="labels" selected>' in refused.text and "Image 1 shows &lt;7&gt;.</te" in refused.text
        sent = client.post(PAGE, files={"file": ("labels.txt", b"7\n2\n3\n4\n5\n6\n")}, data={"part": "labels"})
        assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
        assert "Version 2, in preparation" in text_of(client, PAGE)
        wait_until(lambda: "Everything is scored against it" in client.get(PAGE).text, what="the new scores")
        assert '<input type="hidden" name="version" value="2">' in text_of(client, PAGE)
        assert client.post(f"{PAGE}/show", data={"version": "2", "note": " "}).status_code == 409
        refused = client.post(f"{PAGE}/show", data={"version": "2", "note": "long" * 501})
        assert refused.status_code == 422 and f"{'long' * 501}</textarea>" in refused.text
        for stale in ({}, {"version": "3"}):
            for act in ("show", "forget"):
                refused = client.post(f"{PAGE}/{act}", data={**stale, "note": "Image 1 shows class <7>."})
                assert refused.status_code == 409 and "not the one that you looked at" in refused.text
                assert ("Image 1 shows class &lt;7&gt;.</textarea>" in refused.text) == (act == "show")
        assert "Corrections of the ground truth" not in text_of(client, "/rounds/tiny")
        assert client.post(f"{PAGE}/show", data={"version": "2", "note": "Image 1 shows class <7>."}).status_code == 303
        page = text_of(client, PAGE)
        assert "Image 1 shows class &lt;7&gt;." in page and "in preparation" not in page
        assert "0.16667" in text_of(client, "/rounds/tiny/board")
        late = client.post(f"{PAGE}/show", data={"version": "2", "note": "It shows <7>."})
        assert late.status_code == 409 and "It shows &lt;7&gt;.</textarea>" in late.text
        assert client.post("/organize/tiny/rescore", data={"submissions": "1"}).status_code == 303
        assert client.post("/organize/tiny/rescore", data={"submissions": "one"}).status_code == 422
        client.cookies.clear()  # the note is public
        public = text_of(client, "/rounds/tiny")
        assert "Corrections of the ground truth" in public and "Image 1 shows class &lt;7&gt;." in public


def test_what_cannot_be_scored_is_named_and_left_out_only_with_a_tick(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), now=DURING) as client:
        sign_up_by_form(client, "Vision Lab")
        send_form(client, predictions())
        score_silently(deployment_of(client), 1, {"top5_error": 0.25})
        client.cookies.clear()
        log_in_as_organizer(client)
        client.post(PAGE, files={"file": ("labels.txt", b"7\n2\n3\n4\n5\n6\n")}, data={"part": "labels"})
        assert "without_failures" not in text_of(client, PAGE)
        with deployment_of(client).database.write() as session:
            for _ in range(deployment_of(client).settings.max_attempts):
                note_failure(session, submission_id=1, truth_id=2, failure="the <file> is gone")
        page = text_of(client, PAGE)
        assert "1 submission could not be scored against it" in page and '<span class="kind bad">not scored' in page
        assert "<bdi>ResNet-50</bdi> by <bdi>Vision Lab</bdi>" in page and "the &lt;file&gt; is gone" in page
        shown = {"version": "2", "note": "Image 1 shows class 7."}
        assert client.post(f"{PAGE}/show", data=shown).status_code == 409
        assert client.post(f"{PAGE}/show", data={**shown, "without_failures": "true"}).status_code == 303
        client.cookies.clear()
        assert "off the board until then: submission 1." in text_of(client, "/rounds/tiny")
        client.post("/log-in", data={"email": "vision@team.example", "password": PASSWORD})
        page = text_of(client, "/submissions/1")
        assert "could not be scored against it" in page and "Before the correction of 2026-11-20" in page
        assert "0.25000" in page and "Not scored against the corrected truth yet." in page


def test_the_board_of_each_half_is_previewed(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", public_share=0.5, closes=AFTER)
    with browser(tmp_path / "data", folder, now=DURING, worker_count=1) as client:
        sign_up_by_form(client)
        send_form(client, predictions())
        wait_until(lambda: "Score</h2>" in client.get("/submissions/1").text, what="the score")
        client.cookies.clear()
        log_in_as_organizer(client)
        client.post(PAGE, files={"file": ("labels.txt", b"7\n2\n3\n4\n5\n6\n")}, data={"part": "labels"})
        wait_until(lambda: "Everything is scored against it" in client.get(PAGE).text, what="the new scores")
        page = text_of(client, PAGE)
        assert page.index("On the public images</caption>") < page.index("On the private images</caption>")
        assert page.count('data-label="Rank then"') == 2


def test_an_image_is_reported_on_the_rounds_page_and_settled_by_an_organizer(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), now=DURING) as client:
        sign_up_by_form(client)
        sent = client.post("/rounds/tiny/reports", data={"image": "4", "text": "<b>A fox.</b>"})
        assert sent.headers["location"] == "/rounds/tiny?reported=true#report"
        assert "Your report is on its way." in text_of(client, "/rounds/tiny?reported=true")
        assert client.post("/rounds/tiny/reports", data={"image": "44", "text": "A fox."}).status_code == 422
        assert text_of(client, NOISE, 404)
        client.cookies.clear()
        log_in_as_organizer(client)
        page = text_of(client, NOISE)
        assert "Image 4, by" in page and "&lt;b&gt;A fox.&lt;/b&gt;" in page
        assert "of 0 entries asked" in text_of(client, f"{NOISE}?look=true")
        draft = client.get(f"{NOISE}/draft.csv")
        assert draft.text == "image,present,suggested\n4,4,\n"
        assert draft.headers["content-disposition"] == 'attachment; filename="tiny-erratum-draft.csv"'
        assert client.post("/organize/tiny/reports/1").status_code == 303
        assert "Settled." in text_of(client, NOISE)

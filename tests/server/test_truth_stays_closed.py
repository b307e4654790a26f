"""The process that answers requests never opens the ground truth, nor loads what could."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from server.auth.viewer import Viewer
from server.services.accounts import add_organizer
from server.services.opening import open_folder
from server.services.tokens import create_token
from tests.scoring.making import round_toml
from tests.server.drafting import archive_of
from tests.server.making import NOW, organize_all, quick_deployment, quick_settings, write_round

# A whole application in one process, in which every opened path is noted from the start.
WATCHED_SERVER = """
import json, os, sys
from pathlib import Path

opened, read = [], []

def note(event, args):
    if event != "open":
        return
    path, mode, flags = args
    opened.append(str(path))
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_DIRECTORY) == 0:
        read.append(str(path))

sys.addaudithook(note)

def main():
    from fastapi.testclient import TestClient
    from server.app import create_app
    from server.settings import Settings
    from tests.waiting import wait_until

    with TestClient(create_app(Settings(data=Path(sys.argv[1]), worker_count=1))) as client:
        person = {"name": "A", "email": "a@team.example", "password": "four words in a row", "team": "A"}
        token = client.post("/api/v1/teams", json=person).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        predictions = b"1\\n2\\n3\\n4\\n5\\n6\\n"
        for method, content in (("m", predictions), ("other", predictions + b"\\n")):
            sent = client.post(
                "/api/v1/rounds/tiny/submissions", params={"method": method}, content=content, headers=headers
            )
        first = sent.json()["id"]
        look = lambda: client.get(f"/api/v1/submissions/{first}", headers=headers).json()["state"]
        wait_until(lambda: look() not in ("queued", "running"))
        state = look()
        client.get("/rounds/tiny/board")
        wait_until(lambda: client.get("/rounds/tiny/board.json").json()["entries"][0]["rank_interval"])
        compared = client.get("/compare?a=1&b=2").status_code
        client.post("/api/v1/rounds/tiny/check", content=b"1 2 3\\n")
        account = {"email": "organizer@host.example", "password": "four words in a row"}
        organizer = {"Authorization": "Bearer " + client.post("/api/v1/tokens", json=account).json()["token"]}
        truth = predictions.replace(b"1", b"2")
        corrected = client.post(
            "/api/v1/rounds/tiny/erratum", params={"part": "labels"}, content=truth, headers=organizer
        )
        noise = client.get("/api/v1/rounds/tiny/noise", headers=organizer)
        for path in ("/", "/rounds/tiny", "/rounds/tiny/board", "/rounds/tiny/submit", f"/submissions/{first}"):
            client.get(path)
        organizer = {"Authorization": f"Bearer {sys.argv[2]}"}
        archive = {"archive": ("round.zip", Path(sys.argv[3]).read_bytes())}
        drafted = client.post("/organize/new", files=archive, headers=organizer, follow_redirects=False)
        client.get("/organize/small", headers=organizer)
        client.post("/organize/small/open", headers=organizer)
        again = client.post(
            "/api/v1/rounds/small/submissions", params={"method": "m"}, content=b"1\\n2\\n3\\n", headers=headers
        ).json()["id"]
        look = lambda: client.get(f"/api/v1/submissions/{again}", headers=headers).json()["state"]
        wait_until(lambda: look() not in ("queued", "running"))
        drafted_state = look()
    print(json.dumps({
        "compared": compared,
        "organizer": [corrected.status_code, noise.status_code],
        "states": [state, drafted_state],
        "drafted": drafted.status_code,
        "sent": [path for path in read if "drafts" in Path(path).parts and Path(path).name != "answer.json"],
        "answers": sum(Path(path).name == "answer.json" for path in read),
        "truth": [path for path in opened if "truth" in Path(path).parts],
        "loaded": [name for name in ("scoring.truth", "scoring.evaluation") if name in sys.modules],
    }))

if __name__ == "__main__":
    main()
"""


def test_serving_scoring_comparing_and_drafting_opens_no_truth_in_the_serving_process(tmp_path: Path) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data"))
    opened = open_folder(deployment, write_round(tmp_path / "round-folder", rows="entry"), now=NOW)
    truth_file = deployment.folders.truth_file("tiny", opened.facts.truth_digest or "")
    person = add_organizer(
        deployment.database, name="O", email="organizer@host.example", password="four words in a row", now=NOW
    )
    organize_all(deployment.database, person)
    token = create_token(deployment.database, Viewer(person_id=person), label="t", now=NOW).secret
    deployment.close()
    archive = tmp_path / "round.zip"
    labels = {"round.toml": round_toml("cls", truth='labels = "truth/labels.txt"'), "truth/labels.txt": "1\n2\n3\n"}
    archive.write_bytes(archive_of("cls", {**labels, "labels.txt": None}))
    assert "truth" in truth_file.parts  # or the watch below would see nothing
    program = tmp_path / "watched_server.py"
    program.write_text(WATCHED_SERVER)
    run = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "data"), token, str(archive)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == {
        "states": ["scored", "scored"],
        "compared": 200,
        "organizer": [201, 200],
        "drafted": 303,
        "sent": [],
        "answers": 1,  # or the watch over what was sent would see nothing
        "truth": [],
        "loaded": [],
    }

"""The process that answers requests never opens the ground truth, nor loads what could."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from server.deployment import open_deployment
from server.services.accounts import add_organizer
from server.services.opening import open_folder
from tests.server.making import NOW, organize_all, quick_settings, write_round

# A whole application in one process, in which every opened path is noted from the start.
WATCHED_SERVER = """
import json, sys
from pathlib import Path

opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)

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
    print(json.dumps({
        "state": state,
        "compared": compared,
        "organizer": [corrected.status_code, noise.status_code],
        "truth": [path for path in opened if "truth" in Path(path).parts],
        "loaded": [name for name in ("scoring.truth", "scoring.evaluation") if name in sys.modules],
    }))

if __name__ == "__main__":
    main()
"""


def test_serving_scoring_checking_and_comparing_opens_no_truth_in_the_serving_process(tmp_path: Path) -> None:
    deployment = open_deployment(quick_settings(tmp_path / "data"))
    opened = open_folder(deployment, write_round(tmp_path / "round-folder", rows="entry"), now=NOW)
    truth_file = deployment.folders.truth_file("tiny", opened.facts.truth_digest or "")
    person = add_organizer(
        deployment.database, name="O", email="organizer@host.example", password="four words in a row", now=NOW
    )
    organize_all(deployment.database, person)
    deployment.close()
    assert "truth" in truth_file.parts  # or the watch below would see nothing
    program = tmp_path / "watched_server.py"
    program.write_text(WATCHED_SERVER)
    run = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == {
        "state": "scored", "compared": 200, "organizer": [201, 200], "truth": [], "loaded": [],
    }  # fmt: skip

"""Many at once: a quota that holds, one submission for one key, and a worker that slept past its lease."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from server.db.tables import Score, State, Submission
from server.jobs.leases import Outcome, claim, finish
from server.workers import utc_now
from tests.faults.server_process import ServerProcess, TeamClient
from tests.server.making import add_team, predictions, send, tiny_deployment

MakeServer = Callable[..., ServerProcess]

# A worker of its own: claims, says so, and later tries to record a result.
SLEEPY_WORKER = """
import sys
from datetime import timedelta
from pathlib import Path
from server.db.tables import Score, State
from server.deployment import open_deployment
from server.jobs.leases import Outcome, claim, finish
from server.workers import utc_now
from tests.server.making import quick_settings

deployment = open_deployment(quick_settings(Path(sys.argv[1]), database_wait_seconds=60))
with deployment.database.write() as session:
    lease = claim(session, owner="worker:sleepy", now=utc_now(),
                  lease_expires_at=utc_now() + timedelta(seconds=0.5), max_attempts=4)
print("claimed", flush=True)
sys.stdin.readline()
score = Score(submission_id=lease.submission_id, truth_id=1, scorer_version="1", scores={}, counts={},
              per_class=[], created_at=utc_now())
with deployment.database.write() as session:
    print(finish(session, lease, Outcome(state=State.SCORED, scores=(score,)), now=utc_now()), flush=True)
"""


def test_of_200_concurrent_submissions_against_a_quota_of_60_exactly_60_are_accepted(make_server: MakeServer) -> None:
    server = make_server(
        worker_count=0, policy={"submissions_total": 60}, max_open_submissions=1000, database_wait_seconds=60.0
    )
    http = server.start()
    team = TeamClient.sign_up(http)
    with ThreadPoolExecutor(max_workers=200) as threads:
        answers = list(threads.map(lambda salt: team.submit(predictions(salt=salt)), range(200)))
    assert Counter(answer.status_code for answer in answers) == {201: 60, 429: 140}
    assert {answer.json()["error"]["code"] for answer in answers if answer.status_code == 429} == {"quota-spent"}
    with server.opened() as deployment, deployment.database.read() as session:
        rows = session.exec(select(Submission)).all()
    assert sorted(row.id or 0 for row in rows) == sorted(a.json()["id"] for a in answers if a.status_code == 201)
    assert len(list((server.data / "blobs").iterdir())) == 60


def test_the_same_post_many_times_at_once_with_one_key_is_one_submission(make_server: MakeServer) -> None:
    server = make_server(worker_count=0)
    team = TeamClient.sign_up(server.start())
    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = list(threads.map(lambda _: team.submit(key="one wish"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(list((server.data / "blobs").iterdir())) == 1


def test_two_processes_never_claim_the_same_job(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", max_open_submissions=1000)
    team_id = add_team(deployment)
    ids = [send(deployment, team_id, predictions(salt=salt)).id for salt in range(40)]
    program = SLEEPY_WORKER.partition("with deployment")[0] + (
        "claimed = []\n"
        "while True:\n"
        "    with deployment.database.write() as session:\n"
        "        lease = claim(session, owner=f'worker:{sys.argv[2]}', now=utc_now(),\n"
        "                      lease_expires_at=utc_now() + timedelta(hours=1), max_attempts=4)\n"
        "    if lease is None: break\n"
        "    claimed.append(lease.submission_id)\n"
        "print(*claimed)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data"), str(number)], stdout=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]
    claimed = [int(word) for process in processes for word in process.communicate(timeout=60)[0].split()]
    assert sorted(claimed) == sorted(ids)
    deployment.close()


def test_a_worker_stopped_past_its_lease_is_fenced_out_when_it_goes_on(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    receipt = send(deployment, add_team(deployment))
    sleepy = subprocess.Popen(
        [sys.executable, "-c", SLEEPY_WORKER, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert sleepy.stdout is not None
        assert sleepy.stdout.readline() == "claimed\n"
        sleepy.send_signal(signal.SIGSTOP)
        past_the_lease = utc_now() + timedelta(seconds=1)
        with deployment.database.write() as session:
            lease = claim(
                session,
                owner="worker:awake",
                now=past_the_lease,
                lease_expires_at=past_the_lease + timedelta(seconds=30),
                max_attempts=4,
            )
            assert lease is not None
            assert finish(session, lease, Outcome(state=State.REJECTED), now=past_the_lease)
        sleepy.send_signal(signal.SIGCONT)
        answer, _ = sleepy.communicate("go on\n", timeout=60)
    finally:
        sleepy.kill()
        sleepy.communicate()
    assert answer == "False\n"
    with deployment.database.read() as session:
        found = session.get_one(Submission, receipt.id)
        assert (found.state, found.attempt) == (State.REJECTED, 2)
        assert session.exec(select(Score)).all() == []
    deployment.close()

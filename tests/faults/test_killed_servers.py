"""kill -9 and SIGTERM of a real server, with uploads and scoring under way."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import httpx2
import pytest
from sqlmodel import select

from server.db.tables import Score, State, Submission
from tests.faults.server_process import ServerProcess, TeamClient, is_alive, send_signal
from tests.server.making import predictions
from tests.waiting import wait_until

MakeServer = Callable[..., ServerProcess]


def rows_of(server: ServerProcess) -> list[Submission]:
    with server.opened() as deployment, deployment.database.read() as session:
        return list(session.exec(select(Submission)))


def scores_of(server: ServerProcess) -> list[int]:
    """The submissions that have a score, one number per score."""
    with server.opened() as deployment, deployment.database.read() as session:
        return sorted(score.submission_id for score in session.exec(select(Score)))


def test_two_running_and_six_queued_are_all_scored_once_after_the_server_is_killed(make_server: MakeServer) -> None:
    server = make_server(worker_count=2)
    http = server.start()
    frozen = server.await_children(2)
    send_signal(frozen, signal.SIGSTOP)  # whatever is claimed from now on stays running
    teams = [TeamClient.sign_up(http, name) for name in ("A", "B")]
    sent = [(team, team.accepted(predictions(salt=salt))) for team in teams for salt in range(4)]
    wait_until(lambda: [row.state for row in rows_of(server)].count(State.RUNNING) == 2, what="two running")
    assert [row.state for row in rows_of(server)].count(State.QUEUED) == 6

    server.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in frozen), what="the children's death")
    assert scores_of(server) == []
    again = server.start()
    for team, submission in sent:
        assert team.at(again).await_state(submission)["state"] == "scored"
    assert scores_of(server) == sorted(submission for _, submission in sent)
    assert sorted(row.attempt for row in rows_of(server)) == [1, 1, 1, 1, 1, 1, 2, 2]


def test_a_submission_accepted_just_before_the_server_is_killed_is_scored(make_server: MakeServer) -> None:
    server = make_server(worker_count=0)
    team = TeamClient.sign_up(server.start())
    submission = team.accepted()
    server.kill()
    server = make_server(worker_count=1)  # the same folder: the round is there already
    assert team.at(server.start()).await_state(submission)["state"] == "scored"


def test_a_killed_upload_leaves_no_row_and_can_be_sent_again_with_its_key(make_server: MakeServer) -> None:
    server = make_server(worker_count=0)
    http = server.start()
    team = TeamClient.sign_up(http)
    incoming = server.data / "incoming"

    def half_then_kill() -> Iterator[bytes]:
        yield b"1 2 3 4 5\n" * 100_000  # more than any buffer on the way holds
        wait_until(lambda: any(path.stat().st_size for path in incoming.iterdir()), what="the first bytes")
        server.kill()
        yield predictions()

    with pytest.raises(httpx2.TransportError):
        team.submit(half_then_kill(), key="one wish")
    assert rows_of(server) == []
    assert len(list(incoming.iterdir())) == 1
    team = team.at(server.start())
    assert list(incoming.iterdir()) == []
    submission = team.accepted(key="one wish")
    assert team.accepted(key="one wish") == submission
    assert len(rows_of(server)) == 1


def test_a_killed_scoring_child_is_replaced_and_its_submission_scored_once(make_server: MakeServer) -> None:
    server = make_server(worker_count=1)
    http = server.start()
    (child,) = server.await_children(1)
    send_signal([child], signal.SIGSTOP)
    team = TeamClient.sign_up(http)
    submission = team.accepted()
    team.await_state(submission, "running")
    send_signal([child], signal.SIGKILL)
    assert team.await_state(submission)["state"] == "scored"
    assert scores_of(server) == [submission]


def test_sigterm_lets_what_runs_finish(make_server: MakeServer) -> None:
    server = make_server(worker_count=1)
    http = server.start()
    (child,) = server.await_children(1)
    send_signal([child], signal.SIGSTOP)
    team = TeamClient.sign_up(http)
    first, second = team.accepted(), team.accepted(predictions(salt=1))
    team.await_state(first, "running")
    http.close()
    server.terminate()
    wait_until(lambda: _refuses_connections(server), what="the server's closed door")
    send_signal([child], signal.SIGCONT)
    assert server.ended() == 0
    states = {row.id: (row.state, row.attempt) for row in rows_of(server)}
    assert states[first] == (State.SCORED, 1)
    # The second may have been claimed before the server stopped claiming: then it has finished too.
    assert states[second] in {(State.QUEUED, 0), (State.SCORED, 1)}


def test_sigterm_queues_again_what_does_not_finish_in_time(make_server: MakeServer) -> None:
    server = make_server(worker_count=1, drain_seconds=0.5)
    http = server.start()
    (child,) = server.await_children(1)
    send_signal([child], signal.SIGSTOP)
    team = TeamClient.sign_up(http)
    submission = team.accepted()
    team.await_state(submission, "running")
    http.close()
    server.terminate()
    assert server.ended() == 0
    assert not is_alive(child)
    assert [(row.state, row.attempt) for row in rows_of(server)] == [(State.QUEUED, 0)]
    assert team.at(server.start()).await_state(submission)["state"] == "scored"


def _refuses_connections(server: ServerProcess) -> bool:
    try:
        httpx2.get(server.address, timeout=1)
    except httpx2.TransportError:
        return True
    return False

"""Checking files for anybody: the findings of a submission, without a trace of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.auth.viewer import ANONYMOUS
from server.deployment import Deployment
from server.errors import RoundNotFound, ServerBusy, UploadTooBig
from server.jobs.check_process import CheckProcess
from server.jobs.scoring_process import ChildLimits
from server.services.checks import CheckResult, begin_check
from tests import stand_in_tasks
from tests.server.making import predictions, tiny_deployment


def check(deployment: Deployment, content: bytes) -> CheckResult:
    begun = begin_check(deployment, slug="tiny", viewer=ANONYMOUS)
    begun.write(content)
    return begun.finish()


def leftovers(deployment: Deployment) -> list[Path]:
    folders = deployment.folders
    return [path for folder in (folders.incoming, folders.blobs, folders.work) for path in folder.iterdir()]


def test_a_good_file_passes_and_a_bad_one_is_told_everything_at_once(deployment: Deployment) -> None:
    good = check(deployment, predictions())
    assert (good.is_valid, good.lines, good.findings) == (True, 6, [])
    bad = check(deployment, b"1 2 3 4 5\nx 2 3 4 5\n99 2 3 4 5\n")
    assert not bad.is_valid
    assert {finding["code"] for finding in bad.findings} >= {"line-count", "not-numeric"}
    assert leftovers(deployment) == []


def test_a_check_of_an_unknown_round_or_too_large_a_body_is_refused(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_max_upload_bytes=10)
    with pytest.raises(RoundNotFound):
        begin_check(deployment, slug="none", viewer=ANONYMOUS)
    begun = begin_check(deployment, slug="tiny", viewer=ANONYMOUS)
    with pytest.raises(UploadTooBig):
        begun.write(b"x" * 11)
    begun.discard()
    assert leftovers(deployment) == []
    deployment.close()


class MisbehavingChecks(CheckProcess):
    """Runs another task than it is asked for."""

    def __init__(self, task: str, *, seconds: float) -> None:
        super().__init__(ChildLimits(memory_bytes=2 << 30, seconds=seconds))
        self._task = task

    def run(self, task: str, order: Any) -> None:
        super().run(self._task, order)


@pytest.mark.parametrize(
    ("task", "seconds", "told"),
    [
        (stand_in_tasks.HANG, 0.3, "more than the server gives"),
        (stand_in_tasks.TAKE_ALL_MEMORY, 60.0, "more than the server gives"),
        (stand_in_tasks.KILL_ITSELF, 60.0, "interrupted"),
        (stand_in_tasks.RAISE, 60.0, "interrupted"),
    ],
)
def test_a_check_that_does_not_end_well_is_given_up_without_a_trace(
    deployment: Deployment, task: str, seconds: float, told: str
) -> None:
    checker = MisbehavingChecks(task, seconds=seconds)
    with pytest.raises(ServerBusy, match=told):
        check(replace(deployment, checker=checker), predictions())
    assert leftovers(deployment) == []
    checker.close()


def test_a_stopping_server_checks_nothing_more(deployment: Deployment) -> None:
    deployment.checker.close()
    with pytest.raises(ServerBusy):
        check(deployment, predictions())
    assert leftovers(deployment) == []

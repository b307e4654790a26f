"""The child that checks files for everybody: one at a time, few waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.errors import ServerBusy
from server.jobs.check_process import CheckProcess
from server.jobs.scoring_process import ChildLimits
from tests import stand_in_tasks

LIMITS = ChildLimits(memory_bytes=2 << 30, seconds=60)


def test_more_than_a_handful_of_waiting_checks_are_refused_at_once() -> None:
    checks = CheckProcess(LIMITS)
    with ThreadPoolExecutor(max_workers=8) as threads:
        futures = [threads.submit(checks.run, stand_in_tasks.HANG, None) for _ in range(5)]
        refused = threads.submit(checks.run, stand_in_tasks.HANG, None)
        assert isinstance(refused.exception(timeout=30), ServerBusy)
        checks.close()
        assert all(isinstance(future.exception(timeout=30), ServerBusy) for future in futures)


def test_a_closed_one_takes_nothing_more_and_closing_unused_is_fine() -> None:
    checks = CheckProcess(LIMITS)
    checks.close()
    with pytest.raises(ServerBusy):
        checks.run(stand_in_tasks.HANG, None)

"""What is kept of computed statistics; what they say is tested where they are computed and where they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from server.deployment import Deployment
from server.jobs.orders import RANK_TASK
from server.services import statistics as statistics_module
from server.services.statistics import Question, Standing, Statistics, StatisticsUnderWay
from tests.waiting import wait_until


@pytest.fixture
def statistics() -> Iterator[Statistics]:
    statistics = Statistics()
    yield statistics
    statistics.close()


def _question(slug: str) -> Question:
    return Question(
        slug=slug, public_digest="", truth_digest="", split="all", split_seed=None, split_truth_digest="",
        metric="top5_error", standings=(Standing(submission=1, score=0.5, outcomes_key="1"),),
    )  # fmt: skip


def test_only_so_many_boards_are_kept_those_used_last(
    statistics: Statistics, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(statistics_module.KEPT_RESULTS, RANK_TASK, 2)
    monkeypatch.setattr(statistics_module, "_run", lambda *_: {"ranks": [{"best": 1, "worst": 1}], "resolvable": 0.1})

    def is_known(slug: str) -> bool:
        try:
            return statistics.rank(deployment, _question(slug)) is not None
        except StatisticsUnderWay:
            return False

    for slug in ("first", "second"):
        assert not is_known(slug)
        wait_until(partial(is_known, slug), what=f"the statistics of {slug}")
    assert is_known("first")
    assert not is_known("third")
    wait_until(partial(is_known, "third"), what="the statistics of third")
    assert is_known("first")
    assert not is_known("second")

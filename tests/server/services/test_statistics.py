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


def _question(slug: str, *, files: int) -> Question:
    standings = [Standing(submission=number, score=0.5, outcomes_key="1") for number in range(files)]
    return Question(
        slug=slug, public_digest="", truth_digest="", split="all", split_seed=None, split_truth_digest="",
        metric="top5_error", standings=tuple(standings),
    )  # fmt: skip


def _is_known(statistics: Statistics, deployment: Deployment, question: Question) -> bool:
    try:
        return statistics.rank(deployment, question) is not None
    except StatisticsUnderWay:
        return False


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics_module, "_run", lambda *_: {"ranks": [{"best": 1, "worst": 1}], "resolvable": 0.1})


def test_only_so_many_boards_are_kept_those_used_last(
    statistics: Statistics, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(statistics_module.KEPT_FILES, RANK_TASK, 2)

    def is_known(slug: str, *, files: int = 1) -> bool:
        return _is_known(statistics, deployment, _question(slug, files=files))

    for slug in ("first", "second"):
        assert not is_known(slug)
        wait_until(partial(is_known, slug), what=f"the statistics of {slug}")
    assert is_known("first")
    assert not is_known("third")
    wait_until(partial(is_known, "third"), what="the statistics of third")
    assert is_known("first")
    assert not is_known("second")
    wait_until(partial(is_known, "more than there is room for", files=3), what="those of a board that fills the room")
    assert not is_known("first")


def test_of_a_board_of_many_tracks_all_are_kept(statistics: Statistics, deployment: Deployment) -> None:
    """Else those of one more track would be begun whenever it is looked at, and in the place of another's."""
    tracks = [_question(str(number), files=2) for number in range(100)]
    for track in tracks:
        wait_until(partial(_is_known, statistics, deployment, track), what=f"the statistics of track {track.slug}")
    assert all(_is_known(statistics, deployment, track) for track in tracks)

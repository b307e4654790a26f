"""Every score, count and per-class figure of `evaluate` against the oracles, on rounds that hypothesis makes up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.tasks import TASKS
from tests.parity import variants
from tests.parity.agreement import assert_same
from tests.parity.strategies import cases

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("task", TASKS)
@unhurried
@given(data=st.data())
def test_every_figure_is_that_of_the_oracle(task: str, data: st.DataObject) -> None:
    assert_same(data.draw(cases(task)))


@pytest.mark.parametrize("task", ["det", "vid"])
@settings(unhurried, max_examples=settings().max_examples // 3)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_figure_of_crowded_images_is_that_of_the_oracle(task: str, data: st.DataObject, seed: int) -> None:
    assert_same(variants.crowded(data.draw(cases(task)), seed=seed))

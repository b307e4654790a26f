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
@settings(unhurried, max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_every_figure_is_that_of_the_oracle(task: str, data: st.DataObject) -> None:
    assert_same(data.draw(cases(task)))


# A column's order, name and type are what a table adds to the numbers; these are the same in every encoding.
@pytest.mark.parametrize(
    ("task", "encoding"), [(slug, form.encoding) for slug, task in TASKS.items() for form in task.formats[1:]]
)
@settings(unhurried, max_examples=settings().max_examples // 8)
@given(data=st.data())
def test_every_figure_of_every_encoding_is_that_of_the_oracle(task: str, encoding: str, data: st.DataObject) -> None:
    assert_same(variants.in_encoding(data.draw(cases(task)), encoding))


@pytest.mark.parametrize("task", ["det", "vid", "coco-det"])
@settings(unhurried, max_examples=settings().max_examples // 6)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_figure_of_crowded_images_is_that_of_the_oracle(task: str, data: st.DataObject, seed: int) -> None:
    assert_same(variants.crowded(data.draw(cases(task)), seed=seed))

from __future__ import annotations

import pytest

from scoring.whole_numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("20", 20), ("000", 0), ("0" * 5000 + "20", 20)])
def test_plain_digits_are_a_number_whatever_zeros_lead(text: str, number: int) -> None:
    assert whole_number(text, most=20) == number


@pytest.mark.parametrize("text", ["", "21", "100", "1" * 5000, "-1", "+1", "1_0", "1.0", " 1", "٣", "１", "²", "x"])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text, most=20) is None

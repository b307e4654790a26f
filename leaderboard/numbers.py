"""How numbers and names are written. The last step: nothing is ever compared or sorted by these texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.tasks import Metric

# Errors are published to five decimals, which tells one image of 100,000 apart; average precision to four,
# the resolution of the percentages with two decimals in the ILSVRC paper.
ERROR_DECIMALS = 5
PRECISION_DECIMALS = 4

# What stands where there is no value: "undefined" is not zero.
NO_VALUE = "–"


def score_text(value: float | None, metric: Metric) -> str:
    """`value` as it is printed beside others of its metric."""
    return NO_VALUE if value is None else f"{value:.{decimals(metric)}f}"


def difference_text(difference: float, metric: Metric) -> str:
    """A difference of two values, with its sign and a true minus."""
    text = f"{abs(difference):.{decimals(metric)}f}"
    return f"{'−' if difference < 0 else '+' if difference > 0 else '±'}{text}"


def decimals(metric: Metric) -> int:
    """How many decimals values of `metric` are printed with; a name like hierarchical1_error_2011 is an error's too."""
    if metric.unit == "classes":
        return 0
    return ERROR_DECIMALS if "_error" in metric.name else PRECISION_DECIMALS


def shown_name(name: str) -> str:
    """A name as people may see it: what is invisible or turns the reading direction becomes an escape."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)

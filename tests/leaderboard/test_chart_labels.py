"""Labels of a chart: none lies on another, none leaves the picture, and a name that is cut says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.chart_labels import Label, Mark, holder_labels, shortened, spread

NAMES = st.text("abc x", min_size=1, max_size=60)


@st.composite
def _marks(draw: st.DrawFn, *, is_falling: bool) -> list[Mark]:
    """Records over time, each better than the one before."""
    moments = sorted(draw(st.lists(st.floats(1, 99), min_size=1, max_size=12)))
    heights = sorted(draw(st.lists(st.floats(28, 240), min_size=len(moments), max_size=len(moments))))
    heights = heights if is_falling else heights[::-1]
    return [
        Mark(x=x, until=until, y=y, before=before, name=draw(NAMES))
        for x, until, y, before in zip(moments, [*moments[1:], 99.5], heights, [heights[0], *heights], strict=False)
    ]


@given(st.data(), st.booleans(), st.booleans())
def test_no_two_labels_lie_on_each_other_and_all_stay_in_the_picture(
    data: st.DataObject, is_falling: bool, is_beside: bool
) -> None:
    marks = data.draw(_marks(is_falling=is_falling))
    labels = holder_labels(marks, is_falling=is_falling, is_beside=is_beside)
    assert len(marks) - 1 in labels
    for place, label in labels.items():
        assert 0 <= label.left <= label.right <= 100.1
        assert 12 <= label.y <= 258  # above the dates
        assert label.text == marks[place].name or label.text.endswith("…")
        assert all(place == other or _is_apart(label, labels[other]) for other in labels)


def _is_apart(one: Label, other: Label) -> bool:
    return abs(one.y - other.y) >= 16 or one.right <= other.left or other.right <= one.left


def test_a_label_beside_its_corner_moves_off_the_line_before_where_that_is_near() -> None:
    def label_of(before: float, *, is_falling: bool) -> float:
        marks = [
            Mark(x=10, until=80, y=before, before=before, name="A"),
            Mark(x=80, until=99, y=100, before=before, name="B"),
        ]
        return holder_labels(marks, is_falling=is_falling, is_beside=False)[1].y

    assert [label_of(before, is_falling=True) for before in (80, 88, 89, 99)] == [104, 104, 118, 118]
    assert [label_of(before, is_falling=False) for before in (120, 101)] == [104, 92]


def test_a_name_that_is_cut_ends_in_an_ellipsis() -> None:
    assert [shortened("Vision Lab", most) for most in (10, 9, 8)] == ["Vision Lab", "Vision L…", "Vision…"]


def test_labels_beside_the_picture_keep_their_order_and_their_distance_and_end_above_its_foot() -> None:
    assert spread([10, 50, 52, 90], lowest=274) == [10, 50, 66, 90]
    assert spread([10, 244, 245, 246, 247], lowest=274) == [10, 226, 242, 258, 274]
    assert spread([], lowest=274) == []

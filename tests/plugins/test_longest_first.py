"""Which files begin first."""

from __future__ import annotations

from pathlib import Path

from tests.plugins.longest_first import LONGEST, _place


def test_what_is_named_comes_in_that_order_and_the_rest_at_last() -> None:
    files = ["scoring/test_kits.py", "hostile/test_files_api.py", "hostile/test_canary.py", "season/test_season.py"]
    assert sorted(files, key=_place) == [*reversed(files)]


def test_every_name_is_a_file_or_folder_of_tests() -> None:
    tests = Path(__file__).resolve().parents[1]
    assert [name for name in LONGEST if not (tests / name).exists()] == []

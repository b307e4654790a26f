from __future__ import annotations

from pathlib import Path

import pytest

from tests.scoring.making import errors, public_round

TRACKS = public_round("vid-track", images=[1, 2, 5])


@pytest.mark.parametrize("track", ["0", "7.0", str(2**53 - 1)])
def test_a_track_id_is_any_whole_number_that_a_double_tells_from_its_neighbours(track: str, tmp_path: Path) -> None:
    assert errors(TRACKS, f"2 1 {track} 0.5 0 0 9 9\n", tmp_path) == []


@pytest.mark.parametrize("track", ["0.5", "-2", str(2**53), str(2**53 + 1)])
def test_other_numbers_are_refused_as_track_ids(track: str, tmp_path: Path) -> None:
    assert errors(TRACKS, f"2 1 3 0.5 0 0 9 9\n2 1 {track} 0.5 0 0 9 9\n", tmp_path) == [("track", 2, track)]

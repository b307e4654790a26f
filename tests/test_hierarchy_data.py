"""The hierarchy of the 1,000 ILSVRC classes: what it holds, and how it is derived from WordNet."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.faults import FaultLog
from scoring.hierarchy import Hierarchy
from scoring.hierarchy_reader import parse_hierarchy
from scoring.synsets import Classes

DATA = Path(__file__).resolve().parent.parent / "data"
HIERARCHY = DATA / "imagenet-hierarchy.json"
WORDNET = Path("/usr/share/wordnet/data.noun")  # Debian's wordnet-base

# Four kinds of thing, one of them under two, and an instance; offsets stand for places in the file.
NOUNS = """\
  1 This is a licence.
00000010 03 n 02 thing 0 object_of_a_kind 0 003 ~ 00000030 n 0000 ~ 00000020 n 0000 + 00000099 v 0101 | all there is
00000020 05 n 01 animal 0 003 @ 00000010 n 0000 ~ 00000040 n 0000 ~i 00000060 n 0000 | it lives | or not
00000030 05 n 01 pet 0 002 @ 00000010 n 0000 ~ 00000040 n 0000 | it is kept
00000040 05 n 0a dog 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 0 003 @ 00000020 n 0000 @ 00000030 n 0000 ~ 00000050 n 0000 | x
00000050 05 n 01 poodle 0 001 @ 00000040 n 0000 | of no class, and yet a dog is higher for it
00000060 05 n 01 Lassie 0 002 @i 00000020 n 0000 #p 00000010 n 0000 | she alone
"""


def rows_of(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_bytes())


def imagenet(*, in_order_of_wnids: bool = False) -> Hierarchy:
    """Above the classes as the kit numbers them; or numbered from 0 in the order of their WNIDs."""
    rows = rows_of(HIERARCHY)[:1000]
    if in_order_of_wnids:
        rows = [{**row, "id": place} for place, row in enumerate(sorted(rows, key=lambda row: str(row["wnid"])))]
    classes = Classes(
        ids=np.array([row["id"] for row in rows], dtype=np.int32),
        wnids=tuple(row["wnid"] for row in rows),
        names=tuple(row["words"] for row in rows),
    )
    faults = FaultLog()
    hierarchy = parse_hierarchy(HIERARCHY.read_text(encoding="utf-8"), file="h", classes=classes, faults=faults)
    assert hierarchy is not None, faults.faults
    return hierarchy


def test_it_serves_a_table_that_numbers_the_classes_otherwise() -> None:
    ours, theirs = imagenet(), imagenet(in_order_of_wnids=True)
    assert [theirs.wnids[node] for node in theirs.class_nodes] == sorted(ours.wnids[node] for node in ours.class_nodes)


def make(arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DATA / "make_hierarchy.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_holds_1000_classes_and_their_860_ancestors_under_one_root() -> None:
    rows = rows_of(HIERARCHY)
    assert [row["id"] for row in rows] == list(range(1, 1861))
    assert [row["wnid"] for row in rows[1000:]] == sorted(row["wnid"] for row in rows[1000:])
    roots = [(row["id"], row["wnid"], row["words"], row["height"]) for row in rows if not row["parents"]]
    assert roots == [(1001, "n00001740", "entity", 19)]
    assert sum(len(row["parents"]) > 1 for row in rows) == 75
    assert all(set(row) == {"id", "wnid", "words", "parents", "height"} for row in rows)


def test_two_different_classes_are_as_far_apart_on_average_as_is_published() -> None:
    hierarchy = imagenet()
    heights = hierarchy.lca_heights.astype(np.int64)
    assert (np.diag(heights) == 0).all()
    assert (heights == heights.T).all()
    assert f"{heights.sum() / (1000 * 999):.6f}" == "13.563628"
    assert hierarchy.max_height == 19


def test_its_licence_lies_beside_it() -> None:
    licence = (DATA / "imagenet-hierarchy.LICENSE").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in licence
    assert "Permission to use, copy, modify and distribute this software and" in licence


def test_a_hierarchy_is_derived_from_the_nouns_of_wordnet(tmp_path: Path) -> None:
    (tmp_path / "nouns").write_text(NOUNS)
    (tmp_path / "classes.txt").write_text("n00000040 7 dog\nn00000020 3 animal\n")
    made = make(["--wordnet", tmp_path / "nouns", "--classes", tmp_path / "classes.txt", "--into", tmp_path / "h.json"])
    assert made.returncode == 0, made.stderr
    dog = {"id": 7, "wnid": "n00000040", "words": "dog, b, c, d, e, f, g, h, i, j", "parents": [3, 9], "height": 1}
    assert rows_of(tmp_path / "h.json") == [
        {"id": 3, "wnid": "n00000020", "words": "animal", "parents": [8], "height": 2},
        dog,
        {"id": 8, "wnid": "n00000010", "words": "thing, object of a kind", "parents": [], "height": 3},
        {"id": 9, "wnid": "n00000030", "words": "pet", "parents": [8], "height": 2},
    ]


def test_a_class_that_is_no_noun_and_a_wordnet_that_is_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "nouns").write_text(NOUNS)
    (tmp_path / "classes.txt").write_text("n00000040 7 dog\nn00000041 8 fog\n")
    made = make(["--wordnet", tmp_path / "nouns", "--classes", tmp_path / "classes.txt", "--into", tmp_path / "h.json"])
    assert (made.returncode, "n00000041" in made.stderr) == (1, True)
    made = make(["--wordnet", tmp_path / "none", "--into", tmp_path / "h.json"])
    assert (made.returncode, "wordnet-base" in made.stderr) == (1, True)
    assert not (tmp_path / "h.json").exists()


@pytest.mark.skipif(not WORDNET.exists(), reason="Debian's package wordnet-base is not installed")
def test_it_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    made = make(["--into", tmp_path / "h.json"])
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "h.json").read_bytes() == HIERARCHY.read_bytes()

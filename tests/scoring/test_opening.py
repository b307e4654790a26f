from __future__ import annotations

import random
import stat
import sys
from pathlib import Path

import pytest

from scoring.errors import FaultyRound
from scoring.opening import default_cache, open_round
from scoring.truth import Truth
from tests.scoring.making import annotation, faults_of, gzip_of, round_toml, tar_of, write_round, zip_of

XML = {
    "top/val/a.xml": annotation(("n00000003", (0, 0, 9, 9))),
    "top/val/b.xml": annotation(("n00000001", (10, 20, 29, 39))),
    "top/val/c.xml": annotation(("n00000002", (0, 0, 99, 99)), ("n00000003", (5, 5, 24, 24))),
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "cache"


def opened(folder: Path, cache: Path) -> Truth:
    return open_round(folder, cache=cache)[1]


def test_a_parsed_truth_is_kept_in_a_private_place_and_never_beside_the_round(tmp_path: Path, cache: Path) -> None:
    folder = write_round(tmp_path / "round", "det")
    before = sorted(folder.rglob("*"))
    opened(folder, cache)
    assert sorted(folder.rglob("*")) == before
    (kept,) = (cache / "truths").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in (cache, cache / "truths")} == {0o700}


def test_the_second_opening_takes_the_truth_from_the_cache(tmp_path: Path, cache: Path) -> None:
    folder = write_round(tmp_path / "round", "det", {"round.toml": round_toml("det", truth='boxes = "boxes"')})
    for name, content in XML.items():
        write_round(folder, "det", {"boxes/" + name.removeprefix("top/val/"): content,
                                    "round.toml": round_toml("det", truth='boxes = "boxes"')})  # fmt: skip
    write_round(
        folder, "det", {"images.txt": "a 1\nb 2\nc 5\n", "round.toml": round_toml("det", truth='boxes = "boxes"')}
    )
    read: list[int] = []
    first = open_round(folder, cache=cache, progress=lambda done, _: read.append(done))[1]
    assert read == [1, 2, 3]
    second = open_round(folder, cache=cache, progress=lambda done, _: read.append(done))[1]
    assert read == [1, 2, 3]
    assert second.digest == first.digest
    assert second.box_columns.corners.tolist() == first.box_columns.corners.tolist()


@pytest.mark.parametrize(
    ("changes", "is_other_truth"),
    [
        ({"boxes.csv": "1,1,0,0,9,8\n"}, True),
        ({"blacklist.txt": "1 n00000003\n"}, True),
        ({"round.toml": round_toml("det", truth='boxes = "boxes.csv"')}, True),
        ({"images.txt": "val/a 1\nval/b 2\nval/d 7\nval/c 5\n"}, False),
        ({"classes.txt": "n00000003 1 ant\nn00000001 2 bee\nn00000002 3 cat\nn00000004 4 dog\n"}, False),
    ],
)
def test_a_changed_file_is_read_anew(
    changes: dict[str, str], is_other_truth: bool, tmp_path: Path, cache: Path
) -> None:
    first = opened(write_round(tmp_path / "round", "det"), cache)
    second = opened(write_round(tmp_path / "round", "det", changes), cache)
    assert len(list((cache / "truths").iterdir())) == 2
    assert (first.digest != second.digest) == is_other_truth


def test_the_same_files_under_another_roof_are_known(tmp_path: Path, cache: Path) -> None:
    for place in ("here", "there"):
        opened(write_round(tmp_path / place, "det"), cache)
    assert len(list((cache / "truths").iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"garbage", b"PK\x05\x06" + b"\0" * 18])
def test_a_damaged_cache_is_made_anew(damage: bytes, tmp_path: Path, cache: Path) -> None:
    folder = write_round(tmp_path / "round", "det")
    digest = opened(folder, cache).digest
    (kept,) = (cache / "truths").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert opened(folder, cache).digest == digest
    assert kept.read_bytes() == whole


def test_a_faulty_truth_is_not_kept(tmp_path: Path, cache: Path) -> None:
    folder = write_round(tmp_path / "round", "cls", {"labels.txt": "1\n"})
    for _ in range(2):
        with pytest.raises(FaultyRound) as caught:
            opened(folder, cache)
        assert [fault.code for fault in caught.value.faults] == ["label-count"]
        assert caught.value.folder == folder
    assert not cache.exists()


def test_the_digest_of_a_truth_does_not_depend_on_how_it_is_packed(tmp_path: Path, cache: Path) -> None:
    digests = set()
    orders = random.Random(5)
    for kind in ("boxes.tgz", "boxes.tar.gz", "boxes.tar", "boxes.zip", "boxes", "boxes.csv"):
        members = list(XML.items())
        orders.shuffle(members)
        changes: dict[str, str | bytes | None] = {"round.toml": round_toml("det", truth=f'boxes = "{kind}"')}
        if kind == "boxes":
            changes |= {f"boxes/{name}": content for name, content in members}
            changes["images.txt"] = "a 1\nb 2\nc 5\n"
        elif kind != "boxes.csv":
            packed = zip_of(dict(members)) if kind == "boxes.zip" else tar_of(dict(members))
            changes[kind] = packed if kind in ("boxes.zip", "boxes.tar") else gzip_of(tar_of(dict(members)))
            changes["images.txt"] = "a 1\nb 2\nc 5\n"
        folder = write_round(tmp_path / kind.replace(".", "-"), "det", changes)
        digests.add(opened(folder, cache).digest)
    assert len(digests) == 1


def test_the_digest_of_a_truth_does_not_depend_on_the_order_of_a_csv(tmp_path: Path, cache: Path) -> None:
    lines = ["1,1,0,0,9,9", "1,1,5,5,20,20", "2,2,10,20,29,39", "5,3,0,0,99,99", "5,1,5,5,24,24"]
    digests = set()
    for seed in range(4):
        random.Random(seed).shuffle(lines)
        folder = write_round(tmp_path / str(seed), "det", {"boxes.csv": "\n".join(lines)})
        digests.add(opened(folder, cache).digest)
    assert len(digests) == 1


def test_rounds_of_different_tasks_do_not_share_a_cached_truth(tmp_path: Path, cache: Path) -> None:
    truth = 'boxes = "boxes.csv"'
    for task in ("det", "vid"):
        folder = write_round(tmp_path / task, task, {"round.toml": round_toml(task, truth=truth)})
        assert opened(folder, cache).task == task


def test_a_file_of_both_halves_is_a_fault(tmp_path: Path) -> None:
    changes = {"round.toml": round_toml("cls").replace('"labels.txt"', '"./images.txt"')}
    faults = faults_of(write_round(tmp_path / "round", "cls", changes))
    assert ("truth-public", "images.txt", "truth") in [(fault.code, fault.file, fault.key) for fault in faults]


def test_a_folder_of_truth_that_holds_public_files_is_a_fault(tmp_path: Path) -> None:
    changes = {"round.toml": round_toml("det", truth='boxes = "."'), "boxes.csv": None, "blacklist.txt": None}
    faults = faults_of(write_round(tmp_path / "round", "det", changes))
    shared = {fault.file for fault in faults if fault.code == "truth-public"}
    assert shared == {"round.toml", "images.txt", "classes.txt"}


@pytest.mark.parametrize("truth", ["", "truth = 5\n"])
def test_a_round_without_truth_cannot_be_scored(truth: str, tmp_path: Path) -> None:
    toml = truth + round_toml("cls").split("[truth]")[0]
    (fault,) = faults_of(write_round(tmp_path / "round", "cls", {"round.toml": toml}))
    assert (fault.code, fault.file, fault.key) == ("no-truth", "round.toml", "truth")


def test_a_folder_that_is_no_round_is_told_without_more_faults(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert [fault.code for fault in faults_of(tmp_path / "empty")] == ["no-round"]


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HELDOUT_CACHE", str(tmp_path / "own"))
    assert default_cache() == tmp_path / "own"
    open_round(write_round(tmp_path / "round", "cls"))
    assert len(list((tmp_path / "own" / "truths").iterdir())) == 1
    monkeypatch.delenv("HELDOUT_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_cache() == tmp_path / "xdg" / "heldout"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache() == tmp_path / ".cache" / "heldout"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_cache() == tmp_path / "Library" / "Caches" / "heldout"

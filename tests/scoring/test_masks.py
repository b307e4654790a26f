from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.faults import FaultLog
from scoring.masks import TruthMasks, read_masks
from scoring.truth import Truth, load_truth, save_truth, truth_digest
from tests.scoring.formats.label_map_files import (
    palette_png,
    png_in_mode,
    png_of,
    scene_round,
    zip_of_entries,
    zip_of_maps,
)
from tests.scoring.making import classes_of

PUBLIC = scene_round(classes=classes_of((2, 7, 300)))
FIRST, SECOND, THIRD = [[2, 0], [7, 7]], png_of([[300, 2, 0]], bits=16), [[0]]
MASKS = {"ADE_val_3.png": THIRD, "ADE_val_1.png": FIRST, "ADE_val_2.png": SECOND}


def read(path: Path) -> tuple[TruthMasks | None, list[tuple[str, str | None]]]:
    """The masks at `path`, and (code, value) of the faults."""
    faults = FaultLog()
    masks = read_masks(path, images=PUBLIC.images, classes=PUBLIC.classes, faults=faults)
    assert all((fault.file, fault.key) == (path.name, "truth.masks") and fault.advice for fault in faults.faults)
    return masks, [(fault.code, fault.value) for fault in faults.faults]


def zipped(content: bytes, folder: Path) -> Path:
    path = folder / "masks.zip"
    path.write_bytes(content)
    return path


def maps_of(masks: TruthMasks | None) -> list[list[list[int]]]:
    assert masks is not None
    assert len(masks) == 3
    return [masks.class_map(image).tolist() for image in range(len(masks))]


CLASS_MAPS = [[[1, 0], [2, 2]], [[3, 1, 0]], [[0]]]


def test_masks_are_read_from_a_zip_in_the_order_of_the_images(tmp_path: Path) -> None:
    masks, faults = read(zipped(zip_of_maps(MASKS, folder="annotations/"), tmp_path))
    assert faults == []
    assert maps_of(masks) == CLASS_MAPS
    assert masks is not None
    assert [masks.shape(image) for image in range(3)] == [(2, 2), (1, 3), (1, 1)]


def test_masks_are_read_from_a_folder_and_other_files_there_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    (folder / "val").mkdir(parents=True)
    for name, content in MASKS.items():
        (folder / "val" / name).write_bytes(content if isinstance(content, bytes) else png_of(content))
    (folder / "README.txt").write_text("ADE20K")
    (folder / "ADE_val_9.png").mkdir()
    masks, faults = read(folder)
    assert faults == []
    assert maps_of(masks) == CLASS_MAPS


def test_other_files_of_a_zip_are_passed_over(tmp_path: Path) -> None:
    entries = [(name, content if isinstance(content, bytes) else png_of(content)) for name, content in MASKS.items()]
    masks, faults = read(zipped(zip_of_entries(*entries, ("README.txt", b"ADE20K")), tmp_path))
    assert faults == []
    assert maps_of(masks) == CLASS_MAPS


@pytest.mark.parametrize("count", [1, 254, 255, 1000])
def test_masks_of_few_and_of_many_classes_are_kept_whole(count: int, tmp_path: Path) -> None:
    public = scene_round(names=None, images=1, classes=classes_of(range(1, count + 1)))
    path = zipped(zip_of_maps({"1.png": png_of([[0, 1, count]], bits=16)}), tmp_path)
    masks = read_masks(path, images=public.images, classes=public.classes, faults=FaultLog())
    assert masks is not None
    assert masks.class_map(0).tolist() == [[0, 1, count]]


@pytest.mark.parametrize(
    ("masks", "faults"),
    [
        ({"ADE_val_1.png": FIRST}, [("mask-missing", "ADE_val_2"), ("mask-missing", "ADE_val_3")]),
        ({**MASKS, "ADE_val_4.png": FIRST}, [("mask-image", "ADE_val_4.png")]),
        ({**MASKS, "x/ADE_val_1.png": FIRST}, [("mask-image", "x/ADE_val_1.png")]),
        ({**MASKS, "ADE_val_1.png": b"no PNG"}, [("mask", "ADE_val_1.png")]),
        ({**MASKS, "ADE_val_1.png": png_in_mode("RGB")}, [("mask", "ADE_val_1.png")]),
        ({**MASKS, "ADE_val_1.png": [[1, 2, 255]]}, [("unknown-class", "ADE_val_1.png: 1, 255")]),
        (
            {"ADE_val_1.png": [[3]], "ADE_val_2.png": b"", "z.png": FIRST},
            [("unknown-class", "ADE_val_1.png: 3"), ("mask", "ADE_val_2.png"), ("mask-image", "z.png"),
             ("mask-missing", "ADE_val_3")],
        ),
    ],
)  # fmt: skip
def test_all_faults_of_masks_are_told_at_once(
    masks: dict[str, bytes | list[list[int]]], faults: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert read(zipped(zip_of_maps(masks), tmp_path)) == (None, faults)


def test_a_zip_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    whole = zip_of_maps(MASKS)
    assert read(zipped(whole[:-9], tmp_path)) == (None, [("archive", None)])
    assert read(zipped(b"", tmp_path)) == (None, [("archive", None)])


def test_faults_of_other_files_do_not_matter(tmp_path: Path) -> None:
    faults = FaultLog()
    faults.add("slug", "a slug", advice="mend it", file="round.toml")
    path = zipped(zip_of_maps(MASKS), tmp_path)
    assert maps_of(read_masks(path, images=PUBLIC.images, classes=PUBLIC.classes, faults=faults)) == CLASS_MAPS


def test_masks_that_are_not_there_are_for_the_caller_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "masks.zip")


def test_progress_counts_masks(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = zipped(zip_of_maps(MASKS), tmp_path)
    read_masks(
        path, images=PUBLIC.images, classes=PUBLIC.classes, faults=FaultLog(),
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_masks_are_stored_with_the_truth(tmp_path: Path) -> None:
    masks, _ = read(zipped(zip_of_maps(MASKS), tmp_path))
    save_truth(Truth(task="scene-parsing", digest="d", masks=masks), tmp_path / "truth.npz")
    assert maps_of(load_truth(tmp_path / "truth.npz").masks) == CLASS_MAPS
    save_truth(Truth(task="cls", digest="d", labels=np.zeros(1, np.int32)), tmp_path / "other.npz")
    assert load_truth(tmp_path / "other.npz").masks is None
    assert TruthMasks.from_columns({}) is None


def digest(tmp_path: Path, *, table: tuple[int, ...] = (2, 7, 300), **changes: object) -> str:
    public = scene_round(classes=classes_of(table))
    path = zipped(zip_of_maps({**MASKS, **changes}), tmp_path)  # type: ignore[arg-type]
    masks = read_masks(path, images=public.images, classes=public.classes, faults=FaultLog())
    assert masks is not None
    return truth_digest(Truth(task="scene-parsing", digest="", masks=masks), public.images, public.classes)


def test_the_digest_tells_truths_apart_by_their_pixels_alone(tmp_path: Path) -> None:
    original = digest(tmp_path)
    same = ({"ADE_val_1.png": png_of(FIRST, bits=16, compress_level=0)}, {"ADE_val_1.png": palette_png(FIRST)})
    assert {digest(tmp_path, **change) for change in same} == {original}
    other = (
        {"ADE_val_1.png": [[2, 2], [7, 7]]},
        {"ADE_val_1.png": [[2, 0, 7, 7]]},
        {"ADE_val_1.png": [[2], [0], [7], [7]]},
        {"ADE_val_1.png": SECOND, "ADE_val_2.png": FIRST},
    )
    digests = {digest(tmp_path, **change) for change in other} | {digest(tmp_path, table=(2, 7, 9, 300)), original}
    assert len(digests) == len(other) + 2

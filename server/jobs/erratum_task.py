"""The task of a child that reads a corrected truth. No door and no service loads it: it opens the ground truth."""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.images import MAX_IMAGE_ID
from scoring.opening import open_round
from scoring.round_text import round_toml
from scoring.rounds import ROUND_FILE, TRUTH_FILES, PublicRound, load_public_round
from scoring.tasks import find_task
from scoring.truth import Truth, load_truth, save_truth
from scoring.truth_changes import changed_images
from scoring.truth_writer import TruthNotWritten
from scoring.whole_numbers import whole_number
from server.jobs.archive_folders import unpack_folder
from server.jobs.erratum_orders import BOX_COLUMNS, CHANGES, WHOLE, ErratumOrder, ReadCorrection

_GIVEN = "corrected"  # the folder of the files that were sent


def read_correction(order: ErratumOrder) -> None:
    """Parse what was sent, keep the truth, and say what it changes; or every fault."""
    faults = FaultLog()
    try:
        public, shown = load_public_round(order.public_half), load_truth(order.shown_truth)
        folder = _folder(order, public, shown, faults)
        if folder is not None and not faults:
            after, truth = open_round(folder, cache=order.cache)
            _refuse_other_round(public, after, faults)
            if not faults:
                save_truth(truth, order.truth_folder / f"{truth.digest}.npz")
                changed = public.images.indices[changed_images(shown, truth, len(public.images))].tolist()
                ReadCorrection(faults=[], digest=truth.digest, changed=changed).write(order.result_file)
                return
        found = faults.faults
    except FaultyRound as error:
        found = error.faults
    ReadCorrection(faults=[asdict(fault) for fault in found], digest="", changed=[]).write(order.result_file)


def is_same_round(before: PublicRound, after: PublicRound) -> bool:
    """Whether two folders differ in their truth at most, as a correction does."""
    return (
        before.slug == after.slug
        and before.task == after.task
        and np.array_equal(before.images.indices, after.images.indices)
        and np.array_equal(before.classes.ids, after.classes.ids)
        and before.classes.wnids == after.classes.wnids
    )


def _refuse_other_round(before: PublicRound, after: PublicRound, faults: FaultLog) -> None:
    if not is_same_round(before, after):
        faults.add(
            "round-changed", f"the folder has another slug, task, images or classes than the round {before.slug}",
            advice="a correction changes the truth alone; for anything else open a new round", file=ROUND_FILE,
        )  # fmt: skip


def _folder(order: ErratumOrder, public: PublicRound, shown: Truth, faults: FaultLog) -> Path | None:
    """The folder of a whole round with the corrected truth in it; None where what was sent makes none."""
    order.work.mkdir()
    task = find_task(public.task)
    keys = [key for key in (*task.truth_keys, *task.optional_truth_keys) if key in TRUTH_FILES]
    given: dict[str, Path] = {}
    if order.part == WHOLE:
        unpacked = unpack_folder(order.file, order.work / "unpacked", name=order.file_name, faults=faults)
        if faults or (unpacked / ROUND_FILE).is_file():
            return unpacked
        inner = list(unpacked.iterdir())
        unpacked = inner[0] if len(inner) == 1 and inner[0].is_dir() else unpacked
        given = {key: path for path in sorted(unpacked.iterdir()) if (key := _key_of(path)) in keys}
        if not given:
            faults.add(
                "archive", "it holds no round.toml, and no file is called like a part of the truth",
                advice=f"call the files {', '.join(keys)}, with their endings", file=order.file_name,
            )  # fmt: skip
            return None
    elif order.part != CHANGES:
        given = {order.part: order.file}
    return _assembled(order, public, shown, given=given, faults=faults)


def _key_of(path: Path) -> str:
    """labels.txt, truth-labels.txt, boxes/"""
    return path.name.partition(".")[0].removeprefix("truth-")


def _assembled(
    order: ErratumOrder, public: PublicRound, shown: Truth, *, given: Mapping[str, Path], faults: FaultLog
) -> Path | None:
    """The public half with the truth that is shown, but for what was given."""
    folder = order.work / "round"
    shutil.copytree(order.public_half, folder)
    (folder / _GIVEN).mkdir()
    task = find_task(public.task)
    try:
        files = task.truth_files(shown, public)
    except TruthNotWritten as error:
        if set(task.truth_keys) - set(given):
            faults.add("truth-kind", str(error), advice="send the whole folder of the round", file=order.file_name)
            return None
        files = []
    section = {file.key: f"{_GIVEN}/{file.name}" for file in files if file.key not in given}
    for file in files:
        if file.key in section:
            with (folder / section[file.key]).open("wb") as stream:
                stream.writelines(file.pieces)
    if order.part == CHANGES:
        _change(folder, section, order.file.read_text("utf-8-sig", "replace"), public=public, faults=faults)
    for key, path in given.items():
        section[key] = f"{_GIVEN}/{_name(order, key, path)}"
        path.rename(folder / section[key]) if path.is_relative_to(order.work) else shutil.copyfile(
            path, folder / section[key]
        )
    table: dict[str, Any] = tomllib.loads((folder / ROUND_FILE).read_text("utf-8"))
    (folder / ROUND_FILE).write_text(round_toml({**table, "truth": section}), "utf-8")
    return folder


def _name(order: ErratumOrder, key: str, path: Path) -> str:
    """The file's ending tells of which kind it is."""
    sent = order.file_name if path == order.file else path.name
    return key + "".join(f".{part}" for part in sent.split(".")[1:][-2:] if part.isalnum())


def _change(folder: Path, section: Mapping[str, str], changes: str, *, public: PublicRound, faults: FaultLog) -> None:
    """Change the files of `section` as a list says: `image,present,suggested`, or the boxes of some images anew."""
    try:
        rows = list(csv.DictReader(io.StringIO(changes)))
    except csv.Error:  # a field of over 128 KiB: a quote that was never closed
        faults.add("csv", "this cannot be read as CSV", advice="close every quote, or use none", file=CHANGES)
        return
    columns = set(rows[0]) if rows else set()
    box_columns = BOX_COLUMNS[public.task == "vid-track"]
    if "suggested" in columns and "labels" in section:
        path = folder / section["labels"]
        text = _with_labels(path.read_text("utf-8"), rows, public, faults)
    elif columns.issuperset(box_columns) and "boxes" in section:
        path = folder / section["boxes"]
        text = _with_boxes(path.read_text("utf-8"), rows, box_columns)
    else:
        faults.add(
            "changes", "this is no list of changes of this round's truth",
            advice=f"begin with the draft: image,present,suggested, or {','.join(box_columns)}",
            file=CHANGES,
        )  # fmt: skip
        return
    path.write_text(text, "utf-8")


def _with_labels(text: str, rows: Iterable[Mapping[str, str]], public: PublicRound, faults: FaultLog) -> str:
    lines = text.splitlines()
    places = {index: place for place, index in enumerate(public.images.indices.tolist())}
    for number, row in enumerate(rows, start=2):
        suggested, image = (row["suggested"] or "").strip(), (row.get("image") or "").strip()
        if not suggested:
            continue
        index = whole_number(image, most=MAX_IMAGE_ID)
        place = None if index is None else places.get(index)
        if place is None:
            faults.add(
                "unknown-image", "the round has no image of this index", advice="use the indices of the draft",
                file=CHANGES, line=number, value=image,
            )  # fmt: skip
            continue
        name = lines[place].rpartition(" ")[:2] if public.task == "scene" else ()  # there a line names its image
        lines[place] = "".join((*name, suggested))
    return "".join(f"{line}\n" for line in lines)


def _with_boxes(text: str, rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """The boxes of every image that the list names are those of the list; a row without a class: it has none."""
    new = [[(row[column] or "").strip() for column in columns] for row in rows]
    listed = {row[0] for row in new}
    kept = [line for line in text.splitlines() if line.partition(",")[0] not in listed]
    return "".join(f"{line}\n" for line in (*kept, *(",".join(row) for row in new if row[1])))

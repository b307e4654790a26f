"""The smallest faultless rounds, as files and in memory, for tests to break one thing at a time."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from scoring.errors import FaultyRound
from scoring.evaluation import Checked, validate
from scoring.findings import Finding, RoundFault
from scoring.images import Images
from scoring.opening import open_round
from scoring.policies import MAX_LINES, Policy
from scoring.rounds import PublicRound, load_public_round
from scoring.synsets import Classes
from scoring.tasks import find_task

Files = Mapping[str, str | bytes | None]  # None takes a file out

# Ids are not in the order of the WNIDs, as in all kits.
CLASS_TABLE = "n00000003 1 ant\nn00000001 2 honey bee, worker\nn00000002 3 cat\n"
IMAGE_LIST = "val/a 1\nval/b 2\nval/c 5\n"

_TOML = """\
slug = "small"
title = "A small round"
task = "{task}"

[images]
list = "images.txt"

{classes}
{policy}
[truth]
{truth}
"""
_TRUTH_KEYS = {
    "cls": 'labels = "labels.txt"',
    "cls-loc": 'labels = "labels.txt"\nboxes = "boxes.csv"\nblacklist = "blacklist.txt"',
    "det": 'boxes = "boxes.csv"\nblacklist = "blacklist.txt"',
    "vid": 'boxes = "boxes.csv"',
    "vid-track": 'boxes = "tracks.csv"',
    "scene": 'labels = "scenes.txt"',
    "scene-parsing": 'masks = "masks.zip"',
    "coco-det": 'annotations = "instances.json"',
}
_CLASSES = '[classes]\ntable = "classes.txt"\n'
_INSTANCES = {
    "images": [{"id": 1}, {"id": 2}, {"id": 5}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0},
        {"id": 2, "image_id": 2, "category_id": 18, "bbox": [10, 20, 20, 20], "area": 390.5, "iscrowd": 0},
        {"id": 3, "image_id": 5, "category_id": 18, "bbox": [0, 0, 100, 100], "area": 9600, "iscrowd": 1},
    ],
    "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
}


def png_of(rows: Sequence[Sequence[int]]) -> bytes:
    """A grey PNG with these pixels."""
    stream = io.BytesIO()
    Image.fromarray(np.array(rows, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def _masks() -> bytes:
    maps = {"val/a.png": [[1]], "val/b.png": [[2]], "val/c.png": [[3]]}
    return zip_of({name: png_of(rows) for name, rows in maps.items()})


_TRUTH_FILES: Mapping[str, Files] = {
    "labels.txt": "1\n2\n3\n",
    "scenes.txt": "val/a 1\nval/c 3\nval/b 2\n",
    "tracks.csv": "1,1,0,0,0,9,9\n2,1,0,10,20,29,39\n5,3,1,0,0,99,99\n5,1,0,5,5,24,24\n",
    "instances.json": json.dumps(_INSTANCES),
    "boxes.csv": "1,1,0,0,9,9\n2,2,10,20,29,39\n5,3,0,0,99,99\n5,1,5,5,24,24\n",
}
_BLACKLISTS = {"cls-loc": "3\n", "det": "5 n00000003\n"}


def round_toml(task: str, *, policy: str = "", truth: str | None = None) -> str:
    """round.toml of the small round; `policy` holds lines of its [policy]."""
    section = f"\n[policy]\n{policy}\n" if policy else ""
    classes = _CLASSES if find_task(task).has_class_table else ""
    return _TOML.format(task=task, classes=classes, policy=section, truth=_TRUTH_KEYS[task] if truth is None else truth)


def round_files(task: str) -> dict[str, str | bytes | None]:
    """All files of the small round of `task`."""
    keys = _TRUTH_KEYS[task]
    files: dict[str, str | bytes | None] = {
        "round.toml": round_toml(task),
        "images.txt": IMAGE_LIST,
        "classes.txt": CLASS_TABLE,
    }
    files |= {name: content for name, content in _TRUTH_FILES.items() if name in keys}
    if task == "scene-parsing":
        files["masks.zip"] = _masks()
    if not find_task(task).has_class_table:
        del files["classes.txt"]
    if task in _BLACKLISTS:
        files["blacklist.txt"] = _BLACKLISTS[task]
    return files


def write_round(folder: Path, task: str, changes: Files | None = None) -> Path:
    """Write the small round of `task` into `folder`, which is returned, some of its files changed."""
    for name, content in {**round_files(task), **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def faults_of(folder: Path) -> tuple[RoundFault, ...]:
    """What opening the round of `folder` has to say about it."""
    try:
        open_round(folder, cache=folder.parent / "cache")
    except FaultyRound as error:
        return error.faults
    return ()


def public_faults_of(path: Path) -> tuple[RoundFault, ...]:
    """The same of its public half, or of a kit."""
    try:
        load_public_round(path)
    except FaultyRound as error:
        return error.faults
    return ()


def annotation(*objects: tuple[str, Sequence[float]]) -> bytes:
    """PASCAL VOC XML with (WNID, (xmin, ymin, xmax, ymax)), the tags in the order of the kits."""
    parts = [
        f"<object><name>{name}</name><bndbox>"
        f"<xmin>{box[0]}</xmin><xmax>{box[2]}</xmax><ymin>{box[1]}</ymin><ymax>{box[3]}</ymax></bndbox></object>"
        for name, box in objects
    ]
    return f"<annotation><folder>val</folder>{''.join(parts)}</annotation>".encode()


def tar_of(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            # with a date of its own, so that the bytes are the same whenever they are made
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 1)
    return stream.getvalue()


def gzip_of(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def classes_of(ids: Sequence[int] = (1, 2, 3), *, has_wnids: bool = True) -> Classes:
    return Classes(
        ids=np.array(ids, dtype=np.int32),
        wnids=tuple(f"n{9000 - i:08}" if has_wnids else "" for i in ids),
        names=tuple(f"class {i}" for i in ids),
    )


def public_round(
    task: str, *, images: int | Sequence[int] = 3, classes: Classes | None = None, max_lines: int = MAX_LINES
) -> PublicRound:
    """A round in memory: with `images` 1..N, or with these indices."""
    return PublicRound(
        slug="small",
        title="A small round",
        challenge=None,
        task=task,
        images=Images.counted(images) if isinstance(images, int) else Images(indices=np.array(images, dtype=np.int64)),
        classes=classes or classes_of(),
        policy=Policy(best_by=find_task(task).main_metric, max_lines=max_lines),
    )


def checked(public: PublicRound, content: str | bytes, folder: Path) -> Checked:
    """What validating a file of `content` tells."""
    path = folder / "predictions"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return validate(public, path)


def findings(public: PublicRound, content: str | bytes, folder: Path) -> dict[str, Finding]:
    """The first finding of each code."""
    found: dict[str, Finding] = {}
    for finding in checked(public, content, folder).report.findings:
        found.setdefault(finding.code, finding)
    return found


def errors(public: PublicRound, content: str | bytes, folder: Path) -> list[tuple[str, int | None, str | None]]:
    """(code, line, value) of all errors."""
    return [(f.code, f.line, f.value) for f in checked(public, content, folder).report.errors]

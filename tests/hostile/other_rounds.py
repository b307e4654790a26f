"""Small rounds of the tasks whose files are no kit's text of guesses or detections, each with two truths."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from tests.hostile.packed import zip_of
from tests.scoring.making import png_of

OTHER_TASKS = ("vid-track", "scene", "scene-parsing", "coco-det")

NAMES = tuple(f"val/clip{1 + i // 3}/{i + 1:04}" for i in range(6))
CATEGORIES = 12
MAP_SIZE = (3, 4)  # rows and columns

VALID_TEXT = {
    "vid-track": """\
1 3 0 0.95 12 11 108 58
2 3 0 0.60 201.5 9 300 61
3 3 0 0.55 10 10 109 59
1 1 1 0.90 3 3 49 49
2 1 1 0.30 0 0 49 49
3 4 2 0.20 9 9 28 28
4 1 0 0.85 200 200 299 299
5 1 0 0.10 30 40 129 139
6 1 0 0.70 2 2 11 11
6 9 1 0.50 50 60 150.25 240
6 12 2 0.30 1 1 9 9
""",
    "scene": "".join(f"{name} {' '.join(str((3 * i + k) % 12) for k in range(5))}\n" for i, name in enumerate(NAMES)),
    "coco-det": """\
1 3 0.95 12 11 97 48
1 3 0.60 201.5 9 99 53
1 12 0.55 10 10 100 50
2 1 0.90 3 3 47 47
2 1 0.30 0 0 50 50
3 4 0.20 9 9 20 20
4 1 0.85 200 200 100 100
4 1 0.10 30 40 100 100
5 5 0.70 2 2 10 10
6 9 0.50 50 60 100.25 180
""",
}


def valid_maps() -> dict[str, bytes]:
    """A map for every image, by its path in the zip."""
    return {f"{name}.png": map_png(place) for place, name in enumerate(NAMES)}


def map_png(shift: int) -> bytes:
    """A map of classes 0 to 12."""
    rows, columns = MAP_SIZE
    return png_of([[(shift + row * columns + column) % 13 for column in range(columns)] for row in range(rows)])


def valid_zip() -> bytes:
    return zip_of(*valid_maps().items())


def _tracks(shift: int) -> dict[str, bytes]:
    rows = [f"{frame},{1 + shift},0,{frame},{frame},{frame + 99},{frame + 49}\n" for frame in range(1, 7)]
    rows += [f"{frame},{3 + shift},1,10,10,{109 - shift},59\n" for frame in range(1, 4)]
    return {"tracks.csv": "".join(rows).encode()}


def _scenes(shift: int) -> dict[str, bytes]:
    return {"scenes.txt": "".join(f"{name} {(place + shift) % 12}\n" for place, name in enumerate(NAMES)).encode()}


def _masks(shift: int) -> dict[str, bytes]:
    return {"masks.zip": zip_of(*((f"{name}.png", map_png(place + 1 + shift)) for place, name in enumerate(NAMES)))}


def _instances(shift: int) -> dict[str, bytes]:
    boxes = [(1, 3, 10, 10, 100, 50), (2, 1, 0, 0, 50, 50), (4, 1, 30, 40, 100, 100), (6, 9, 50, 50, 100, 200)]
    annotations = [
        {
            "id": place, "image_id": image, "category_id": category, "bbox": [x + 7 * shift, y, width, height],
            "area": width * height, "iscrowd": 0,
        }
        for place, (image, category, x, y, width, height) in enumerate(boxes, 1)
    ]  # fmt: skip
    document = {
        "images": [{"id": number} for number in range(1, 7)],
        "annotations": annotations,
        "categories": [{"id": number, "name": f"category {number}"} for number in range(1, CATEGORIES + 1)],
    }
    return {"instances.json": json.dumps(document).encode()}


# The key under [truth], and the file it names, by how far the truth is off.
_TRUTHS: Mapping[str, tuple[str, Callable[[int], dict[str, bytes]]]] = {
    "vid-track": ("boxes", _tracks),
    "scene": ("labels", _scenes),
    "scene-parsing": ("masks", _masks),
    "coco-det": ("annotations", _instances),
}


def write_other_round(folder: Path, task: str, *, slug: str, policy: str, is_other: bool) -> Path:
    """The folder of a round; with `is_other`, the same public half and another truth."""
    folder.mkdir(parents=True)
    key, make = _TRUTHS[task]
    files = make(int(is_other))
    first = 0 if task == "scene" else 1
    has_table = task != "coco-det"
    classes = '[classes]\ntable = "classes.csv"\n' if has_table else ""
    toml = f'slug = "{slug}"\ntitle = "A small round"\ntask = "{task}"\n[images]\nlist = "images.txt"\n{classes}'
    (folder / "round.toml").write_text(f'{toml}[truth]\n{key} = "{next(iter(files))}"\n[policy]\n{policy}')
    (folder / "images.txt").write_text("".join(f"{name} {number}\n" for number, name in enumerate(NAMES, 1)))
    if has_table:
        rows = [f"{number},n{10_000_000 + 7 * number % 13},class {number}\n" for number in range(first, first + 12)]
        (folder / "classes.csv").write_text("id,wnid,name\n" + "".join(rows))
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def png_of_zeros(rows: int, columns: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (columns, rows)).save(stream, "PNG")
    return stream.getvalue()

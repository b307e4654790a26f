"""The files of a case: its ground truth, as the kits have it, and its predictions in any encoding of the task."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from scoring.tasks import TASKS
from tests.parity import kit_files, table_files
from tests.parity.oracles import TruthBox
from tests.parity.oracles_scenes import LabelMap

if TYPE_CHECKING:
    from tests.parity.cases import Case


def write_truth(case: Case, folder: Path) -> dict[str, str]:
    """Write the ground truth into `folder`; the keys of [truth], and the file that each names."""
    keys = TASKS[case.task].truth_keys
    files = {}
    if "labels" in keys:
        files["labels"] = "labels.txt"
        (folder / "labels.txt").write_text("".join(_label_lines(case)))
    if "boxes" in keys:
        files["boxes"] = case.box_file
        _write_boxes(case, folder / case.box_file)
    if "masks" in keys:
        files["masks"] = "masks.zip"
        (folder / "masks.zip").write_bytes(
            _zip_of_maps(case, dict(zip(sorted(case.image_indices), case.masks, strict=True)))
        )
    if "annotations" in keys:
        files["annotations"] = "instances.json"
        (folder / "instances.json").write_text(json.dumps(instances(case)))
    if case.blacklisted_lines or case.blacklisted_pairs:
        files["blacklist"] = "blacklist.txt"
        wnid_of = {row.id: row.wnid for row in case.classes}
        lines = [str(line) for line in case.blacklisted_lines]
        lines += [f"{image} {wnid_of[class_id]}" for image, class_id in case.blacklisted_pairs]
        (folder / "blacklist.txt").write_text("\n".join(lines) + "\n")
    return files


def instances(case: Case) -> dict[str, Any]:
    """COCO's instances.json."""
    return {
        "images": [{"id": image} for image in case.image_indices],
        "categories": [{"id": row.id, "name": row.name} for row in case.classes],
        "annotations": [dict(annotation) for annotation in case.annotations],
    }


def prediction_file(case: Case) -> bytes:
    """The predictions as `case.encoding` has them."""
    task = TASKS[case.task]
    encoding = case.encoding or task.formats[0].encoding
    if encoding == "label maps":
        return _zip_of_maps(case, kit_files.read_label_maps(case.text))
    if encoding == "text" and not case.row_order:
        return case.text.encode()  # to the letter
    rows = table_files.keyed_rows(table_files.rows_of(case.text), task.layout, case.image_indices)
    ordered = [rows[place] for place in case.row_order] if case.row_order else rows
    return table_files.WRITERS[encoding](ordered, task.layout)


def _label_lines(case: Case) -> list[str]:
    if case.task != "scene":
        return [f"{label}\n" for label in case.labels]
    labels = dict(zip(sorted(case.image_indices), case.labels, strict=True))
    return [
        f"{case.image_names[index] if case.has_image_list else index} {labels[index]}\n" for index in case.image_indices
    ]


def _zip_of_maps(case: Case, maps: dict[int, LabelMap]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for index, values in maps.items():
            name = case.image_names[index] if case.has_image_list else str(index)
            archive.writestr(f"{name}.png", _png(values))
    return stream.getvalue()


def _png(values: LabelMap) -> bytes:
    """A grey PNG, of two bytes a pixel where one does not do."""
    stream = io.BytesIO()
    is_wide = max(map(max, values)) > 255
    Image.fromarray(np.array(values, dtype=np.uint16 if is_wide else np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def _write_boxes(case: Case, path: Path) -> None:
    if ".csv" in path.name:
        track = ("track",) if case.task == "vid-track" else ()
        header = ",".join(("image_index", "class_id", *track, "xmin", "ymin", "xmax", "ymax")) + "\n"
        rows = [
            ",".join(map(str, (truth.image, truth.class_id, *(truth.track for _ in track), *truth.box))) + "\n"
            for truth in case.boxes
        ]
        content = "".join([header, *rows] if case.box_header else rows).encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, xml in _annotations(case):
                archive.writestr(name, xml)
    elif path.suffix:
        with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
            for name, xml in _annotations(case):
                member = tarfile.TarInfo(name)
                member.size = len(xml)
                tar.addfile(member, io.BytesIO(xml))
    else:
        for name, xml in _annotations(case):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(xml)


def _annotations(case: Case) -> Iterator[tuple[str, bytes]]:
    """Path inside the archive and PASCAL VOC XML of every image, images without objects included."""
    wnid_of = {row.id: row.wnid for row in case.classes}
    of_image = objects_by_image(case.boxes)
    for index in case.image_indices:
        objects = "".join(_object_xml(wnid_of[truth.class_id], truth) for truth in of_image[index])
        folder = "" if case.snippets else "val/"  # the names of frames have their folders
        yield f"{folder}{case.image_names[index]}.xml", f"<annotation>{objects}</annotation>".encode()


def objects_by_image(boxes: Sequence[TruthBox]) -> dict[int, list[TruthBox]]:
    of_image: dict[int, list[TruthBox]] = defaultdict(list)
    for truth in boxes:
        of_image[truth.image].append(truth)
    return of_image


def _object_xml(wnid: str, truth: TruthBox) -> str:
    # the order of the kits' tags, which is not that of the corners
    corners = "".join(f"<{tag}>{getattr(truth.box, tag)}</{tag}>" for tag in ("xmin", "xmax", "ymin", "ymax"))
    track = "" if truth.track is None else f"<trackid>{truth.track}</trackid>"
    return f"<object>{track}<name>{escape(wnid)}</name><bndbox>{corners}</bndbox></object>"

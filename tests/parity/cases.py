"""A small round and its predictions as plain data: written to a folder for `scoring`, or handed to the oracles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scoring.tasks import TASKS
from tests.parity import case_files, case_oracles, kit_files
from tests.parity.oracles import OracleScore, TruthBox
from tests.parity.oracles_scenes import LabelMap

BOX_FILES = ("boxes.tgz", "boxes.tar", "boxes.zip", "boxes", "boxes.csv", "boxes.csv.gz")


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    id: int
    wnid: str  # may be empty in a CSV table
    name: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One round, and one prediction file for it."""

    task: str
    image_indices: tuple[int, ...]  # in the order of the list's lines, and of an archive's annotations
    has_image_list: bool  # without one, the indices are 1..N
    classes: tuple[ClassRow, ...]  # in the order of the table's lines
    is_class_csv: bool
    labels: tuple[int, ...] = ()  # cls, cls-loc, scene: in ascending order of index
    boxes: tuple[TruthBox, ...] = ()  # cls-loc, det, vid, vid-track: in file order
    box_file: str = "boxes.csv"
    box_header: bool = True
    blacklisted_lines: tuple[int, ...] = ()  # cls-loc
    blacklisted_pairs: tuple[tuple[int, int], ...] = ()  # det: image index, class id
    snippets: tuple[int, ...] = ()  # vid-track: of each image, in ascending order of index
    masks: tuple[LabelMap, ...] = ()  # scene-parsing: of each image, in ascending order of index
    annotations: tuple[Mapping[str, Any], ...] = ()  # coco-det: as in instances.json, in file order
    # The predictions, rows of the task's columns; of scene-parsing `<image index> <width> <value> ...`. Of these rows
    # the kit's text format is the very text; the other encodings are made from them.
    text: str
    encoding: str = ""  # of the file that is written; else that of the task's first format
    row_order: tuple[int, ...] = ()  # in which a file that names its images has the rows; else as in `text`

    @property
    def wnids(self) -> dict[str, int]:
        return {row.wnid: row.id for row in self.classes if row.wnid}

    @property
    def class_ids(self) -> list[int]:
        return [row.id for row in self.classes]

    @cached_property
    def image_names(self) -> dict[int, str]:
        """What the list calls each image: order of names is order of index, as in all kits; snippets are folders."""
        if not self.snippets:
            return {index: image_name(index) for index in self.image_indices}
        return {
            index: f"val/snippet_{snippet}/{index:06}"
            for index, snippet in zip(sorted(self.image_indices), self.snippets, strict=True)
        }

    def index_of(self, key: str) -> int:
        """The index of the image that a row calls by its name or index."""
        found = [index for index, name in self.image_names.items() if name == key]
        return found[0] if found else kit_files.whole(key)

    def oracle(self) -> OracleScore:
        """What the protocols say about this file."""
        return case_oracles.ORACLES[self.task](self)

    def write(self, folder: Path) -> Path:
        """Write the round into `folder` and the predictions beside its files; the path of the latter is returned."""
        toml = ['slug = "fuzzed"', 'title = "A fuzzed round"', f'task = "{self.task}"', "[images]"]
        if self.has_image_list:
            toml.append('list = "images.txt"')
            lines = [f"{self.image_names[index]} {index}" for index in self.image_indices]
            (folder / "images.txt").write_text("\n".join(lines) + "\n")
        else:
            toml.append(f"count = {len(self.image_indices)}")
        if TASKS[self.task].has_class_table:
            table = "classes.csv" if self.is_class_csv else "classes.txt"
            (folder / table).write_text(_class_table(self.classes, is_csv=self.is_class_csv))
            toml += ["[classes]", f'table = "{table}"']
        toml.append("[truth]")
        toml += [f'{key} = "{name}"' for key, name in case_files.write_truth(self, folder).items()]
        (folder / "round.toml").write_text("\n".join(toml) + "\n")
        predictions = folder / "predictions.txt"
        predictions.write_bytes(case_files.prediction_file(self))
        return predictions


def image_name(index: int) -> str:
    """File-name order is order of index, as in all kits."""
    return f"ILSVRC2012_val_{index:08}"


def _class_table(classes: tuple[ClassRow, ...], *, is_csv: bool) -> str:
    if is_csv:
        return "id,wnid,name\n" + "".join(f'{row.id},{row.wnid},"{row.name}"\n' for row in classes)
    return "".join(f"{row.wnid} {row.id} {row.name}\n" for row in classes)

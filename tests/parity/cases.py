"""A small round and a prediction text as plain data: written to a folder for `scoring`, or handed to the oracles."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tests.parity import kit_files
from tests.parity.oracles import Box, OracleScore, TruthBox, score_cls, score_cls_loc, score_det, score_vid

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
    labels: tuple[int, ...] = ()  # in ascending order of index
    boxes: tuple[TruthBox, ...] = ()  # in file order
    box_file: str = "boxes.csv"
    box_header: bool = True
    blacklisted_lines: tuple[int, ...] = ()  # cls-loc
    blacklisted_pairs: tuple[tuple[int, int], ...] = ()  # det: image index, class id
    text: str  # the predictions

    @property
    def wnids(self) -> dict[str, int]:
        return {row.wnid: row.id for row in self.classes if row.wnid}

    @property
    def class_ids(self) -> list[int]:
        return [row.id for row in self.classes]

    def oracle(self) -> OracleScore:
        """What the protocols say about this file."""
        if self.task == "cls":
            return score_cls(
                class_ids=self.class_ids, labels=self.labels, guesses=kit_files.read_guesses(self.text, self.wnids)
            )
        if self.task == "cls-loc":
            of_image = _objects_by_image(self.boxes)
            return score_cls_loc(
                class_ids=self.class_ids,
                labels=self.labels,
                boxes=[of_image[index] for index in sorted(self.image_indices)],
                blacklist=self.blacklisted_lines,
                guesses=kit_files.read_placed_guesses(self.text, self.wnids),
            )
        detections = kit_files.read_detections(self.text, self.wnids)
        if self.task == "vid":
            return score_vid(
                images=self.image_indices, class_ids=self.class_ids, boxes=self.boxes, detections=detections
            )
        return score_det(
            images=self.image_indices,
            class_ids=self.class_ids,
            boxes=self.boxes,
            blacklist=self.blacklisted_pairs,
            detections=detections,
        )

    def write(self, folder: Path) -> Path:
        """Write the round into `folder` and the predictions beside its files; the path of the latter is returned."""
        toml = ['slug = "fuzzed"', 'title = "A fuzzed round"', f'task = "{self.task}"', "[images]"]
        if self.has_image_list:
            toml.append('list = "images.txt"')
            lines = [f"{image_name(index)} {index}" for index in self.image_indices]
            (folder / "images.txt").write_text("\n".join(lines) + "\n")
        else:
            toml.append(f"count = {len(self.image_indices)}")
        table = "classes.csv" if self.is_class_csv else "classes.txt"
        (folder / table).write_text(_class_table(self.classes, is_csv=self.is_class_csv))
        toml += ["[classes]", f'table = "{table}"', "[truth]"]
        if self.labels:
            toml.append('labels = "labels.txt"')
            (folder / "labels.txt").write_text("".join(f"{label}\n" for label in self.labels))
        if self.task != "cls":
            toml.append(f'boxes = "{self.box_file}"')
            self._write_boxes(folder / self.box_file)
        if self.blacklisted_lines or self.blacklisted_pairs:
            toml.append('blacklist = "blacklist.txt"')
            wnid_of = {row.id: row.wnid for row in self.classes}
            lines = [str(line) for line in self.blacklisted_lines]
            lines += [f"{image} {wnid_of[class_id]}" for image, class_id in self.blacklisted_pairs]
            (folder / "blacklist.txt").write_text("\n".join(lines) + "\n")
        (folder / "round.toml").write_text("\n".join(toml) + "\n")
        predictions = folder / "predictions.txt"
        predictions.write_bytes(self.text.encode())
        return predictions

    def _write_boxes(self, path: Path) -> None:
        if ".csv" in path.name:
            header = "image_index,class_id,xmin,ymin,xmax,ymax\n" if self.box_header else ""
            rows = [",".join(map(str, (truth.image, truth.class_id, *truth.box))) for truth in self.boxes]
            content = (header + "".join(row + "\n" for row in rows)).encode()
            path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                for name, xml in self._annotations():
                    archive.writestr(name, xml)
        elif path.suffix:
            with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
                for name, xml in self._annotations():
                    member = tarfile.TarInfo(name)
                    member.size = len(xml)
                    tar.addfile(member, io.BytesIO(xml))
        else:
            for name, xml in self._annotations():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(xml)

    def _annotations(self) -> Iterator[tuple[str, bytes]]:
        """Path inside the archive and PASCAL VOC XML of every image, images without objects included."""
        wnid_of = {row.id: row.wnid for row in self.classes}
        of_image = _objects_by_image(self.boxes)
        for index in self.image_indices:
            objects = "".join(_object_xml(wnid_of[class_id], box) for class_id, box in of_image[index])
            yield f"val/{image_name(index)}.xml", f"<annotation>{objects}</annotation>".encode()


def image_name(index: int) -> str:
    """File-name order is order of index, as in all kits."""
    return f"ILSVRC2012_val_{index:08}"


def _objects_by_image(boxes: tuple[TruthBox, ...]) -> dict[int, list[tuple[int, Box]]]:
    of_image: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    for truth in boxes:
        of_image[truth.image].append((truth.class_id, truth.box))
    return of_image


def _object_xml(wnid: str, box: Box) -> str:
    # the order of the kits' tags, which is not that of the corners
    corners = "".join(f"<{tag}>{getattr(box, tag)}</{tag}>" for tag in ("xmin", "xmax", "ymin", "ymax"))
    return f"<object><name>{escape(wnid)}</name><bndbox>{corners}</bndbox></object>"


def _class_table(classes: tuple[ClassRow, ...], *, is_csv: bool) -> str:
    if is_csv:
        return "id,wnid,name\n" + "".join(f'{row.id},{row.wnid},"{row.name}"\n' for row in classes)
    return "".join(f"{row.wnid} {row.id} {row.name}\n" for row in classes)

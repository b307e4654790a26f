"""The [truth] half of round.toml -> Truth, with every fault of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from scoring.box_reader import BoxReader
from scoring.faults import FaultLog
from scoring.progress import Progress
from scoring.rounds import ROUND_FILE, FolderSource, PublicRound, check_name, read_text
from scoring.synsets import ClassNaming, parse_naming
from scoring.tasks import find_task
from scoring.tracklets import repeated_rows
from scoring.truth import Truth, truth_digest
from scoring.whole_numbers import whole_number

_Found = TypeVar("_Found")


@dataclass(kw_only=True)
class TruthReader:
    """Reads the truth of one round; faults go to `faults`, and what is returned then is not to be used."""

    folder: Path
    public: PublicRound
    faults: FaultLog
    progress: Progress | None = None
    source: FolderSource = field(init=False)

    def __post_init__(self) -> None:
        self.source = FolderSource(self.folder)

    def read(self, section: Mapping[str, Any]) -> Truth:
        """The truth that the table `section` ([truth] of round.toml) names."""
        task = find_task(self.public.task)
        # the last two are for scoring/opening.py
        known = (*task.truth_keys, *task.optional_truth_keys, "split_seed", "drawn_from")
        for key in task.truth_keys:
            if key not in section:
                self.faults.add(
                    "truth-missing", f"a {task.slug} round needs {key} under [truth]",
                    advice="name the file that has them", file=ROUND_FILE, key=f"truth.{key}",
                )  # fmt: skip
        for key in section:
            if key not in known:
                self.faults.add(
                    "truth-key", f"a {task.slug} round does not use {key}",
                    advice=f"take it out; used are {', '.join(known)}", file=ROUND_FILE, key=f"truth.{key}",
                )  # fmt: skip
        given = {key: name for key, name in section.items() if key in known}
        truth = Truth(task=task.slug, digest="", **self._parts(given))
        if self.faults:
            return truth
        return replace(truth, digest=truth_digest(truth, self.public.images, self.public.classes))

    def _parts(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What each key of [truth] adds to the truth."""
        task = self.public.task
        naming = parse_naming(given, section_name="truth", classes=self.public.classes, faults=self.faults)
        readers: Mapping[str, Callable[[object], dict[str, Any]]] = {
            "labels": lambda name: self._scene_labels(name, naming) if task == "scene" else self._labels(name, naming),
            "boxes": self._boxes,
            "blacklist": self._blacklisted_lines if task == "cls-loc" else self._blacklisted_pairs,
            "annotations": self._annotations,
            "masks": self._masks,
        }
        parts: dict[str, Any] = {}
        for key, name in given.items():
            if key in readers:
                parts |= readers[key](name)
        return parts

    def _boxes(self, name: object) -> dict[str, Any]:
        reader = BoxReader(
            folder=self.folder, public=self.public, faults=self.faults, progress=self.progress,
            has_tracks=self.public.task == "vid-track",
        )  # fmt: skip
        boxes = reader.read(name)
        if reader.has_tracks:
            for row in repeated_rows(boxes.images, np.asarray(boxes.tracks)):
                self.faults.add(
                    "track-twice", "a track has two boxes in this frame", advice="give each object a track of its own",
                    file=str(name), key="truth.boxes",
                    value=f"frame {self.public.images.indices[boxes.images[row]]}",
                )  # fmt: skip
        return {"boxes": boxes}

    def _labels(self, name: object, naming: ClassNaming) -> dict[str, Any]:
        from scoring.label_sets import parse_label_sets

        text = read_text(self.source, name, key="truth.labels", faults=self.faults)
        if text is None:
            return {"labels": np.zeros(0, dtype=np.int32)}
        sets = parse_label_sets(
            text, classes=self.public.classes, ids=naming, image_count=len(self.public.images),
            file=str(name), faults=self.faults, is_single=self.public.task == "cls-loc",
        )  # fmt: skip
        single = sets.single
        return {"label_sets": sets} if single is None else {"labels": single}

    def _scene_labels(self, name: object, naming: ClassNaming) -> dict[str, Any]:
        from scoring.truth_tables import read_scene_labels

        text = read_text(self.source, name, key="truth.labels", faults=self.faults)
        if text is None:
            return {"labels": np.zeros(0, dtype=np.int32)}
        labels = read_scene_labels(
            text, images=self.public.images, classes=self.public.classes, file=str(name), faults=self.faults, ids=naming
        )
        return {"labels": labels}

    def _annotations(self, name: object) -> dict[str, Any]:
        from scoring.coco_truth import read_coco_truth

        content = self._checked(name, "truth.annotations", lambda path: path.read_bytes())
        if content is None:
            return {}
        return {"coco": read_coco_truth(content, images=self.public.images, file=str(name), faults=self.faults)}

    def _masks(self, name: object) -> dict[str, Any]:
        from scoring.masks import read_masks

        masks = self._checked(
            name, "truth.masks",
            lambda path: read_masks(path, images=self.public.images, classes=self.public.classes, faults=self.faults),
        )  # fmt: skip
        return {} if masks is None else {"masks": masks}

    def _checked(self, name: object, key: str, read: Callable[[Path], _Found]) -> _Found | None:
        """What `read` makes of the file or folder `name`; None, and a fault, where there is none."""
        checked = check_name(name, key=key, faults=self.faults)
        if checked is None:
            return None
        try:
            return read(self.folder / checked)
        except OSError:
            self.faults.add(
                "file-missing", "this file cannot be read", advice="put it into the folder, or mend its name",
                file=checked, key=key,
            )  # fmt: skip
            return None

    def _numbered_lines(self, name: object, key: str) -> Iterable[tuple[int, str]]:
        text = read_text(self.source, name, key=key, faults=self.faults)
        return (
            [] if text is None else [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        )

    def _blacklisted_lines(self, name: object) -> dict[str, npt.NDArray[np.bool_]]:
        blacklisted = np.zeros(len(self.public.images), dtype=np.bool_)
        for line, content in self._numbered_lines(name, "truth.blacklist"):
            number = whole_number(content, most=len(blacklisted))
            if not number:
                self.faults.add(
                    "blacklist-line", f"a line is a line number from 1 to {len(blacklisted):,}",
                    advice="number images by their place in the list", file=str(name), key="truth.blacklist",
                    line=line, value=content,
                )  # fmt: skip
                continue
            blacklisted[number - 1] = True
        return {"blacklisted_images": blacklisted}

    def _blacklisted_pairs(self, name: object) -> dict[str, npt.NDArray[np.int32]]:
        pairs = []
        for line, content in self._numbered_lines(name, "truth.blacklist"):
            index_text, wnid = (*content.split(None, 1), "")[:2]
            image = self._image_position(index_text)
            position = self.public.classes.position_of_wnid.get(wnid)
            if image is None or position is None:
                self.faults.add(
                    "blacklist-pair", "a line is `<image index> <WNID>`, both of this round",
                    advice="use indices of the image list and WNIDs of the class table",
                    file=str(name), key="truth.blacklist", line=line, value=content,
                )  # fmt: skip
                continue
            pairs.append((image, position))
        return {"blacklisted_pairs": np.array(pairs, dtype=np.int32).reshape(-1, 2)}

    def _image_position(self, index_text: str) -> int | None:
        positions = self.public.images.position_of_index
        index = whole_number(index_text, most=len(positions) - 1)
        return None if index is None or positions[index] < 0 else int(positions[index])

"""Seeded detection rounds and predictions of any size: the same boxes as the kit's text and as COCO's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tests.benchmarks.cache import made_once
from tests.benchmarks.detection_sampling import Look, Part, Truth, class_shares, sampled_lines, sampled_truth
from tests.benchmarks.detection_shapes import DetectionShape
from tests.benchmarks.detection_writing import LineWriter, write_coco_round, write_coco_truth, write_round

# Raise it when the same settings make other bytes.
_VERSION = 2
# Lines sampled at once: columns of some 100 bytes a line, several times over, so 2 GB at the most.
_PART_LINES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class DetectionData:
    """Which data; the same settings always make the same bytes."""

    shape: DetectionShape
    scale: float = 1.0  # images and lines, as a share of the shape's
    decimals: int = 2  # of the predicted boxes; the kit's demo file has 6
    entry: int = 1  # another entry has other predictions for the same truth
    has_coco: bool = True  # whether the JSON is written too, twice the text's size

    def at(self, scale: float) -> DetectionData:
        """The same at another scale."""
        return replace(self, scale=scale)

    @property
    def images(self) -> int:
        return max(1, round(self.shape.images * self.scale))

    @property
    def lines(self) -> int:
        return max(1, round(self.shape.lines * self.scale))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The images in runs, each with its share of the lines."""
        count = max(1, round(self.lines / _PART_LINES))
        images = [self.images * number // count for number in range(count + 1)]
        lines = [self.lines * number // count for number in range(count + 1)]
        return tuple(
            Part(number=number, first_image=images[number] + 1, images=images[number + 1] - images[number],
                 lines=lines[number + 1] - lines[number])
            for number in range(count)
        )  # fmt: skip

    def described(self) -> str:
        return (
            f"{self.lines:,} lines over {self.images:,} images and {self.shape.classes} classes, "
            f"seed {self.shape.seed}; coordinates with {self.decimals} decimals, confidences with 4 to 6, in part tied"
        )

    def made(self, cache: Path) -> DetectionFiles:
        """The files, made if they are not in `cache`."""
        name = f"{self.shape.name}-v{_VERSION}-{self.scale:g}-{self.decimals}-decimals-entry-{self.entry}"
        folder = cache / (name if self.has_coco else name + "-text")
        return DetectionFiles(folder=made_once(folder, lambda target: make_detection_data(target, self)))


@dataclass(frozen=True, kw_only=True)
class DetectionFiles:
    """What the competitors read."""

    folder: Path

    @property
    def round_folder(self) -> Path:
        """A round as `heldout` reads it, of the kit's text."""
        return self.folder / "round"

    @property
    def predictions(self) -> Path:
        """The kit's text."""
        return self.folder / "predictions.txt"

    @property
    def coco_round_folder(self) -> Path:
        """A round as `heldout` reads it, with `coco_truth` for its truth."""
        return self.folder / "coco-round"

    @property
    def coco_truth(self) -> Path:
        return self.coco_round_folder / "instances.json"

    @property
    def coco_results(self) -> Path:
        return self.folder / "results.json"


def make_detection_data(folder: Path, data: DetectionData) -> DetectionFiles:
    """Make the files in `folder`, which must not exist."""
    files = DetectionFiles(folder=folder)
    shares = class_shares(data.shape)
    truth = Truth.joined([sampled_truth(data.shape, part, shares=shares) for part in data.parts])
    folder.mkdir(parents=True)
    if data.shape.task != "coco-det":
        write_round(files.round_folder, shape=data.shape, truth=truth)
    if data.has_coco:
        write_coco_truth(files.coco_truth, shape=data.shape, truth=truth)
        write_coco_round(files.coco_round_folder, annotations=files.coco_truth, images=data.images)
    with ExitStack() as stack:
        writers = [stack.enter_context(writer) for writer in _writers(files, data)]
        look = Look(shares=shares, decimals=data.decimals, entry=data.entry)
        for part in data.parts:
            lines = sampled_lines(data.shape, part, truth=truth, look=look)
            for writer in writers:
                writer.write(lines)
    return files


def _writers(files: DetectionFiles, data: DetectionData) -> Iterator[LineWriter]:
    if data.shape.task != "coco-det":
        yield LineWriter.of_kit_text(files.predictions)
    if data.has_coco:
        yield LineWriter.of_coco_results(files.coco_results)


def size_of(path: Path) -> str:
    """For a table's reader: `177 MB`."""
    size = path.stat().st_size / 1e6
    return f"{size:,.0f} MB" if size >= 10 else f"{size:.1f} MB"

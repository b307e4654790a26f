"""Scores told apart by subgroup: by a synset of the hierarchy, or by what a table says of each image."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scoring.faults import FaultLog
from scoring.formats.image_keys import UNKNOWN_IMAGE, ImageKeys
from scoring.images import Images
from scoring.synsets import Classes
from scoring.tasks import find_task

if TYPE_CHECKING:
    from scoring.outcomes import Outcomes
    from scoring.rounds import PublicRound

OTHER = "other"  # the classes that are not under the synset

# Each group is scored by itself, so a column of image numbers must not be taken for one of groups.
MAX_GROUPS = 100

_ROUND_FILE = "round.toml"

TextOf = Callable[[object, str], str | None]  # file and key -> the file's text; None, and a fault, where it has none


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Some images, or some classes, of a round."""

    name: str
    images: npt.NDArray[np.int32] | None = None  # positions, ascending; None: all
    classes: npt.NDArray[np.bool_] | None = None  # (classes,); None: all

    def image_mask(self, image_count: int) -> npt.NDArray[np.bool_] | None:
        """(images,) those of the group; None: all."""
        if self.images is None:
            return None
        mask = np.zeros(image_count, dtype=np.bool_)
        mask[self.images] = True
        return mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Subgroup:
    """One way to divide a round.

    Under a synset: the classes of the synset, called as the subgroup is, and all others. By a table: its groups, in
    order of name; images that the table leaves out are in none. Groups may overlap where images have several labels.
    """

    name: str  # as round.toml has it
    groups: tuple[Group, ...]


def subgroup_scores(public: PublicRound, outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    """The scores of every group of every subgroup, the worst group of each, and how far it is behind the best.

    Returns:
        {subgroup: {"groups": {group: {"size", "scores"}}, "worst", "gap"}}. The size counts the images that are scored.
        Worst (the first of equal ones) is judged by the round's deciding metric, and the gap is the absolute difference
        in it; both leave out groups where it is undefined, and are None where fewer than two are left.
    """
    return {subgroup.name: _scores_of(subgroup, public, outcomes) for subgroup in public.subgroups}


def _scores_of(subgroup: Subgroup, public: PublicRound, outcomes: Outcomes) -> dict[str, Any]:
    groups: dict[str, dict[str, Any]] = {}
    for group in subgroup.groups:
        card = outcomes.scorecard(group.image_mask(len(public.images)), classes=group.classes)
        size = card.counts.get("scored_images", card.counts["images"])
        groups[group.name] = {"size": size, "scores": card.scores}
    metric = find_task(public.task).metric(public.policy.best_by)
    deciding = {name: group["scores"][metric.name] for name, group in groups.items()}
    defined = {name: score for name, score in deciding.items() if score is not None}
    if len(defined) < 2:
        return {"groups": groups, "worst": None, "gap": None}
    worst = (max if metric.is_lower_better else min)(defined, key=defined.__getitem__)
    return {"groups": groups, "worst": worst, "gap": max(defined.values()) - min(defined.values())}


def parse_subgroups(
    section: Mapping[str, Any], *, text_of: TextOf, images: Images, classes: Classes, faults: FaultLog
) -> tuple[Subgroup, ...]:
    """Read [subgroups.NAME], each with either `under` (a WNID of the hierarchy) or `images` (a CSV: image, group).

    Args:
        section: the table [subgroups] of round.toml.
        text_of: reads a file of the round.
        images, classes: the round's.
        faults: takes in all that is wrong; what is returned then is not to be used.
    """
    reader = _Reader(text_of=text_of, images=images, classes=classes, faults=faults)
    found = [reader.subgroup(name, table) for name, table in section.items()]
    return tuple(subgroup for subgroup in found if subgroup is not None)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    text_of: TextOf
    images: Images
    classes: Classes
    faults: FaultLog

    def subgroup(self, name: str, table: object) -> Subgroup | None:
        key = f"subgroups.{name}"
        if not isinstance(table, dict) or set(table) not in ({"under"}, {"images"}):
            self.faults.add(
                "subgroup", "a subgroup has either `under` or `images`",
                advice='write under = "n02084071" or images = "camera.csv"', file=_ROUND_FILE, key=key,
                value=repr(table),
            )  # fmt: skip
            return None
        if "under" in table:
            groups = self._under(name, table["under"], key=f"{key}.under")
        else:
            groups = self._by_table(table["images"], key=f"{key}.images")
        return None if groups is None else Subgroup(name=name, groups=groups)

    def _under(self, name: str, wnid: object, *, key: str) -> tuple[Group, ...] | None:
        hierarchy = self.classes.hierarchy
        is_below = None
        if hierarchy is None:
            message, advice = "`under` needs a hierarchy", "name its file: [classes] hierarchy"
        elif name == OTHER:
            message, advice = f"the classes not under the synset are called {OTHER}", "give the subgroup another name"
        elif not isinstance(wnid, str) or wnid not in hierarchy.node_of_wnid:
            message, advice = "this is no WNID of the hierarchy", 'write one like "n02084071"'
        else:
            is_below = hierarchy.subtree(wnid)
            message, advice = "no class of the round is under this synset", "choose one with classes below it"
        if is_below is None or not is_below.any():
            self.faults.add("subgroup", message, advice=advice, file=_ROUND_FILE, key=key, value=repr(wnid))
            return None
        return Group(name=name, classes=is_below), Group(name=OTHER, classes=~is_below)

    def _by_table(self, file: object, *, key: str) -> tuple[Group, ...] | None:
        text = self.text_of(file, key)
        if text is None:
            return None
        places = self._placed(text, file=str(file), key=key)
        names = sorted(set(places.values()))
        if not 0 < len(names) <= MAX_GROUPS:
            self.faults.add(
                "subgroup-count", f"there are {len(names):,} groups, and from 1 to {MAX_GROUPS} can be told apart",
                advice="write `image,group` a line", file=str(file), key=key,
            )  # fmt: skip
            return None
        members: dict[str, list[int]] = {name: [] for name in names}
        for image in sorted(places):
            members[places[image]].append(image)
        return tuple(Group(name=name, images=np.array(found, dtype=np.int32)) for name, found in members.items())

    def _placed(self, text: str, *, file: str, key: str) -> dict[int, str]:
        """The group of each image position that the table names."""
        numbered = self._rows(text, file=file, key=key)
        positions = ImageKeys(self.images).positions([row[0] for _, row in numbered]).tolist()
        if numbered and positions[0] == UNKNOWN_IMAGE and numbered[0][1][0].lower() == "image":  # a header
            del numbered[0], positions[0]
        places: dict[int, str] = {}
        for (line, row), image in zip(numbered, positions, strict=True):
            if image == UNKNOWN_IMAGE:
                message = "no image of the round has this name or index"
            elif image in places:
                message = "this image stands in the table twice"
            else:
                places[image] = row[1]
                continue
            self.faults.add(
                "subgroup-image", message, advice="name each image once, as the round's list does, or by its index",
                file=file, key=key, line=line, value=row[0],
            )  # fmt: skip
        return places

    def _rows(self, text: str, *, file: str, key: str) -> list[tuple[int, list[str]]]:
        """(line, image and group) of each row that is right."""
        reader = csv.reader(io.StringIO(text, newline=None), strict=True)
        rows = []
        try:
            for cells in reader:
                row = [cell.strip() for cell in cells]
                if len(row) == 2 and all(row):
                    rows.append((reader.line_num, row))
                elif any(row):
                    self.faults.add(
                        "subgroup-line", "a line is an image and its group", advice="write `image,group` a line",
                        file=file, key=key, line=reader.line_num, value=",".join(cells),
                    )  # fmt: skip
        except csv.Error as error:
            self.faults.add(
                "subgroup-line", f"this is not a CSV: {error}", advice="write `image,group` a line",
                file=file, key=key, line=reader.line_num,
            )  # fmt: skip
        return rows

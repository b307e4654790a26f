from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from scoring.faults import FaultLog
from scoring.formats.label_lines import GuessColumns
from scoring.images import Images
from scoring.label_sets import LabelSets
from scoring.metrics.classification import LabelOutcomes, LabelScorer
from scoring.outcomes import ClassMask, ImageMask, Outcomes
from scoring.policies import Policy
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.subgroups import MAX_GROUPS, Group, Subgroup, parse_subgroups, subgroup_scores
from scoring.synsets import Classes
from scoring.truth import Truth
from tests.scoring.hierarchies import zoo
from tests.scoring.making import classes_of, public_round

DOG, POODLE, CAT, GOLDFISH, CAR = range(5)
IMAGES = Images(indices=np.array([1, 2, 5, 6], dtype=np.int64), names=("val/a", "val/b", "val/c", "test/c"))
UNDER_DOG = {"dogs": {"under": "n00000002"}}


def parsed(
    section: Mapping[str, Any], files: Mapping[str, str] | None = None,
    *, classes: Classes | None = None, images: Images = IMAGES,
) -> tuple[tuple[Subgroup, ...], list[tuple[str, str, str | None, int | None, str | None]]]:  # fmt: skip
    """The subgroups, and (code, file, key, line, value) of every fault."""
    faults = FaultLog()

    def text_of(name: object, key: str) -> str | None:
        if name in (files or {}):
            return (files or {})[str(name)]
        faults.add("file-missing", "", advice="", file=str(name), key=key)
        return None

    found = parse_subgroups(section, text_of=text_of, images=images, classes=classes or zoo().classes, faults=faults)
    return found, [(fault.code, fault.file, fault.key, fault.line, fault.value) for fault in faults.faults]


def by_table(text: str, images: Images = IMAGES) -> dict[str, list[int]]:
    """Positions of each group of a faultless table."""
    (subgroup,), faults = parsed({"camera": {"images": "camera.csv"}}, {"camera.csv": text}, images=images)
    assert faults == []
    assert subgroup.name == "camera"
    assert all(group.classes is None for group in subgroup.groups)
    return {group.name: [] if group.images is None else group.images.tolist() for group in subgroup.groups}


def table_faults(text: str) -> list[tuple[str, int | None, str | None]]:
    _, faults = parsed({"camera": {"images": "camera.csv"}}, {"camera.csv": text})
    assert all((file, key) == ("camera.csv", "subgroups.camera.images") for _, file, key, _, _ in faults)
    return [(code, line, value) for code, _, _, line, value in faults]


def test_under_a_synset_are_its_classes_and_others_are_other() -> None:
    (dogs,), faults = parsed(UNDER_DOG)
    assert faults == []
    assert dogs.name == "dogs"
    assert [(group.name, group.classes is not None and group.classes.tolist()) for group in dogs.groups] == [
        ("dogs", [True, True, False, False, False]),
        ("other", [False, False, True, True, True]),
    ]
    assert all(group.images is None and group.image_mask(4) is None for group in dogs.groups)


def test_a_table_gives_each_image_by_name_or_by_index_its_group() -> None:
    assert by_table("image,group\nval/a,Canon\n2, Nikon \nval/c,Canon\n") == {"Canon": [0, 2], "Nikon": [1]}
    assert by_table("6,b\n5,a\n1,b\n\n ,\n") == {"a": [2], "b": [0, 3]}
    assert by_table('\r\n"val/a","Canon, old"\r\n') == {"Canon, old": [0]}


def test_a_header_is_known_by_its_first_word_unless_an_image_has_that_name() -> None:
    assert by_table("Image,Camera\n1,a\n") == {"a": [0]}
    images = Images(indices=np.array([1, 2], dtype=np.int64), names=("image", "other"))
    assert by_table("image,a\nother,b\n", images) == {"a": [0], "b": [1]}


def test_images_that_the_table_leaves_out_are_in_no_group() -> None:
    (subgroup,), _ = parsed({"camera": {"images": "camera.csv"}}, {"camera.csv": "5,a\n1,a\n"})
    mask = subgroup.groups[0].image_mask(4)
    assert mask is not None
    assert mask.tolist() == [True, False, True, False]


def test_subgroups_keep_the_order_of_the_file() -> None:
    found, _ = parsed({"b": {"images": "t"}, **UNDER_DOG, "a": {"images": "t"}}, {"t": "1,x\n"})
    assert [subgroup.name for subgroup in found] == ["b", "dogs", "a"]


@pytest.mark.parametrize("table", ["n00000002", {}, {"under": "n00000002", "images": "t"}, {"over": "n00000002"}, 3])
def test_a_subgroup_has_either_a_synset_or_a_table(table: object) -> None:
    found, faults = parsed({"dogs": table}, {"t": "1,x\n"})
    assert found == ()
    assert faults == [("subgroup", "round.toml", "subgroups.dogs", None, repr(table))]


@pytest.mark.parametrize("wnid", ["n99999999", "dog", "", 2, ["n00000002"], None])
def test_a_synset_is_one_of_the_hierarchy(wnid: object) -> None:
    found, faults = parsed({"dogs": {"under": wnid}})
    assert found == ()
    assert faults == [("subgroup", "round.toml", "subgroups.dogs.under", None, repr(wnid))]


def test_a_synset_without_classes_or_hierarchy_or_name_of_its_own_is_refused() -> None:
    cat_alone = replace(zoo().hierarchy, class_nodes=np.array([4], dtype=np.int32))
    cat = Classes(ids=np.array([1], dtype=np.int32), wnids=("",), names=("cat",), hierarchy=cat_alone)
    for section, classes in ((UNDER_DOG, cat), (UNDER_DOG, classes_of()), ({"other": {"under": "n00000002"}}, None)):
        found, faults = parsed(section, classes=classes)
        assert found == ()
        assert [fault[0] for fault in faults] == ["subgroup"]


def test_a_line_of_a_table_is_an_image_of_the_round_and_a_group() -> None:
    text = "1,a\n7,a\n2\n2,\n,b\n5,a,b\nval/d,b\n1,b\nc,b\n"
    assert table_faults(text) == [
        ("subgroup-line", 3, "2"),
        ("subgroup-line", 4, "2,"),
        ("subgroup-line", 5, ",b"),
        ("subgroup-line", 6, "5,a,b"),
        ("subgroup-image", 2, "7"),
        ("subgroup-image", 7, "val/d"),
        ("subgroup-image", 8, "1"),  # twice
        ("subgroup-image", 9, "c"),  # the last part of two names
    ]


def test_a_quote_that_is_never_closed_is_refused() -> None:
    assert table_faults('1,a\n"2,b\n') == [("subgroup-line", 2, None)]


def test_a_table_that_cannot_be_read_is_a_fault_of_its_own() -> None:
    found, faults = parsed({"camera": {"images": "camera.csv"}})
    assert found == ()
    assert faults == [("file-missing", "camera.csv", "subgroups.camera.images", None, None)]


def test_there_are_groups_but_not_too_many() -> None:
    for text in ("", "image,group\n"):
        assert table_faults(text) == [("subgroup-count", None, None)]
    images = Images.counted(MAX_GROUPS + 1)
    lines = [f"{image},group {image}\n" for image in images.indices]
    assert len(by_table("".join(lines[1:]), images)) == MAX_GROUPS
    _, faults = parsed({"each": {"images": "t"}}, {"t": "".join(lines)}, images=images)
    assert [fault[0] for fault in faults] == ["subgroup-count"]


# Scores


def label_outcomes(public: PublicRound) -> LabelOutcomes:
    """Of six images: dog as dog, poodle as dog, cat as cat, goldfish as cat, car and dog as cat, and nothing known."""
    sets = LabelSets.of_sets([[DOG], [POODLE], [CAT], [GOLDFISH], [CAR, DOG], []])
    scorer = LabelScorer(public, Truth(task="cls", digest="", label_sets=sets))
    guesses = np.array([[first, -2, -2, -2, -2] for first in (DOG, DOG, CAT, CAT, CAT, CAT)], np.int32)
    scorer.add(GuessColumns(images=np.arange(6, dtype=np.int32), labels=guesses))
    return scorer.finish()


def test_groups_of_classes_and_of_images_are_scored_apart() -> None:
    (dogs,), _ = parsed(UNDER_DOG)
    camera = Subgroup(
        name="camera",
        groups=(
            Group(name="a", images=np.array([0, 2], np.int32)),
            Group(name="b", images=np.array([1, 2, 3, 5], np.int32)),
            Group(name="c", images=np.array([5], np.int32)),
        ),
    )
    public = replace(public_round("cls", images=6, classes=zoo().classes), subgroups=(dogs, camera))
    found = subgroup_scores(public, label_outcomes(public))
    assert set(found) == {"dogs", "camera"}
    sizes = {name: {group: own["size"] for group, own in found[name]["groups"].items()} for name in found}
    assert sizes == {"dogs": {"dogs": 3, "other": 3}, "camera": {"a": 2, "b": 3, "c": 0}}
    errors = {group: own["scores"]["top5_error"] for name in found for group, own in found[name]["groups"].items()}
    assert errors == {"dogs": 2 / 3, "other": 2 / 3, "a": 0, "b": 2 / 3, "c": None}
    assert found["dogs"]["groups"]["dogs"]["scores"]["mistake_severity"] == 3  # poodle as dog is 1 off, dog as cat 5
    assert (found["dogs"]["worst"], found["dogs"]["gap"]) == ("dogs", 0)  # the first of equal ones
    assert (found["camera"]["worst"], found["camera"]["gap"]) == ("b", 2 / 3)
    assert set(found["camera"]) == {"groups", "worst", "gap"}


@dataclass
class OutcomesOf:
    """A stand-in for outcomes of detection: a mean AP for each number of images asked for."""

    by_images: Mapping[int | None, float | None]
    asked: list[tuple[ImageMask | None, ClassMask | None]] = field(default_factory=list)

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        self.asked.append((mask, classes))
        images = None if mask is None else int(mask.sum())
        return Scorecard(scores={"mean_ap": self.by_images[images]}, counts={"images": images or 9}, per_class=[])

    def save(self, path: object) -> None: ...


def scored(by_images: Mapping[int | None, float | None]) -> dict[str, Any]:
    """Three groups of one, two and three of nine images."""
    groups = tuple(Group(name=f"of {n}", images=np.arange(n, dtype=np.int32)) for n in (1, 2, 3))
    public = replace(
        public_round("det", images=9),
        subgroups=(Subgroup(name="size", groups=groups),),
        policy=Policy(best_by="mean_ap"),
    )
    outcomes: Outcomes = OutcomesOf(by_images)
    return subgroup_scores(public, outcomes)["size"]


def test_the_worst_group_is_the_one_of_the_worst_deciding_score() -> None:
    found = scored({1: 0.5, 2: 0.25, 3: 0.75})
    assert (found["worst"], found["gap"]) == ("of 2", 0.5)
    assert found["groups"]["of 3"] == {"size": 3, "scores": {"mean_ap": 0.75}}


def test_groups_without_a_score_are_neither_worst_nor_best() -> None:
    found = scored({1: None, 2: 0.25, 3: 0.75})
    assert (found["worst"], found["gap"]) == ("of 2", 0.5)
    for only in ({1: None, 2: 0.25, 3: None}, {1: None, 2: None, 3: None}):
        found = scored(only)
        assert (found["worst"], found["gap"]) == (None, None)
        assert len(found["groups"]) == 3


def test_groups_of_classes_are_asked_for_by_class() -> None:
    (dogs,), _ = parsed(UNDER_DOG)
    outcomes = OutcomesOf({None: 0.5})
    public = replace(public_round("det", images=9, classes=zoo().classes), subgroups=(dogs,))
    assert subgroup_scores(public, outcomes)["dogs"]["groups"]["other"] == {"size": 9, "scores": {"mean_ap": 0.5}}
    assert [(mask, None if classes is None else classes.tolist()) for mask, classes in outcomes.asked] == [
        (None, [True, True, False, False, False]),
        (None, [False, False, True, True, True]),
    ]


def test_a_round_without_subgroups_has_no_such_scores() -> None:
    assert subgroup_scores(public_round("det"), OutcomesOf({})) == {}

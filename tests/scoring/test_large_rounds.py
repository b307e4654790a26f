"""A round of as many classes as ImageNet has synsets, whole: from its folder to its scorecard."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.scorecard import Scorecard

CLASSES, IMAGES = 21_841, 4_000
FAMILY, ORDER = 30, 600  # classes in each, by their place among the sorted WNIDs
HEIGHT = 3  # of the root, above the orders

TOML = """\
slug = "imagenet-21k"
task = "cls"

[images]
count = 4000

[classes]
table = "classes.txt"
hierarchy = "hierarchy.json"

[predictions]
ids = "sorted-wnid"

[truth]
labels = "labels.txt"
"""


def wnid(place: int) -> str:
    return f"n{1_000_000 + 7 * place:08}"


def node(name: str, number: int, *, parents: list[int | str], height: int) -> dict[str, object]:
    return {"id": number, "wnid": name, "words": name, "parents": parents, "height": height}


def hierarchy() -> list[dict[str, object]]:
    """A root over orders of 20 families of 30 classes each; numbered behind all class ids."""
    orders, families = -(-CLASSES // ORDER), -(-CLASSES // FAMILY)
    return [
        node("root", 50_000, parents=[], height=3),
        *(node(f"order {k}", 60_000 + k, parents=["root"], height=2) for k in range(orders)),
        *(node(f"family {k}", 70_000 + k, parents=[60_000 + k * FAMILY // ORDER], height=1) for k in range(families)),
        *(node(wnid(k), 100_000 + k, parents=[f"family {k // FAMILY}"], height=0) for k in range(CLASSES)),
    ]


def write_round(folder: Path, kit_ids: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> None:
    """`kit_ids` are by place among the sorted WNIDs, and so are `labels`, which the truth writes as kit ids."""
    folder.mkdir()
    (folder / "round.toml").write_text(TOML)
    rows = sorted((kit_id, wnid(place)) for place, kit_id in enumerate(kit_ids.tolist()))
    (folder / "classes.txt").write_text("".join(f"{name} {kit_id} thing {kit_id}\n" for kit_id, name in rows))
    (folder / "hierarchy.json").write_text(json.dumps(hierarchy()))
    (folder / "labels.txt").write_text("".join(f"{kit_id}\n" for kit_id in kit_ids[labels].tolist()))


def distances(guesses: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(images, 5) the height of what covers both."""
    ours, theirs = guesses, labels[:, None]
    levels = [ours != theirs, ours // FAMILY != theirs // FAMILY, ours // ORDER != theirs // ORDER]
    heights: npt.NDArray[np.int64] = np.stack(levels).sum(axis=0)
    return heights


def check_scores(card: Scorecard, guesses: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> None:
    heights = distances(guesses, labels)
    for k in range(1, 6):
        first = heights[:, :k]
        assert card.scores[f"top{k}_error"] == (first != 0).all(axis=1).mean()
        assert card.scores[f"hierarchical{k}_error"] == first.min(axis=1).mean()
        of_greatest = card.scores[f"hierarchical{k}_error_2011"]
        assert of_greatest is not None
        assert abs(of_greatest - first.min(axis=1).mean() / HEIGHT) < 1e-15
        distance = card.scores[f"hier_dist{k}"]
        assert distance is not None
        assert abs(distance - first.mean()) < 1e-14
    wrong = heights[:, 0][heights[:, 0] > 0]
    assert card.scores["mistake_severity"] == wrong.mean()


def check_rows(
    card: Scorecard, guesses: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], kit_ids: npt.NDArray[np.int64]
) -> None:
    images = np.bincount(labels, minlength=CLASSES)
    missed = np.bincount(labels[(guesses != labels[:, None]).all(axis=1)], minlength=CLASSES)
    place_of_id = np.argsort(kit_ids)  # ids count from 1
    assert [row["id"] for row in card.per_class] == list(range(1, CLASSES + 1))
    assert [row["images"] for row in card.per_class] == images[place_of_id].tolist()
    assert [row["top5_error"] for row in card.per_class] == [
        int(missed[place]) / int(images[place]) if images[place] else None for place in place_of_id.tolist()
    ]
    subtrees = {row["wnid"]: row for row in card.details["subtrees"]}
    assert subtrees["root"]["images"] == IMAGES
    assert subtrees["order 5"]["images"] == ((labels >= 5 * ORDER) & (labels < 6 * ORDER)).sum()


def test_a_round_of_21841_classes_is_scored_as_plain_numpy_scores_it(tmp_path: Path) -> None:
    generator = np.random.default_rng(21)
    kit_ids, labels = generator.permutation(CLASSES) + 1, generator.integers(0, CLASSES, IMAGES)
    near = labels[:, None] + generator.integers(-40, 41, (IMAGES, 5))  # often of the family, else of the order
    guesses = np.clip(np.where(generator.random((IMAGES, 5)) < 0.3, labels[:, None], near), 0, CLASSES - 1)
    guesses[::7, 0] = generator.integers(0, CLASSES, len(guesses[::7]))
    guesses[0] = CLASSES - 1
    write_round(tmp_path / "round", kit_ids, labels)
    (tmp_path / "predictions").write_text("".join(f"{' '.join(map(str, row))}\n" for row in guesses.tolist()))
    public, truth = open_round(tmp_path / "round", cache=tmp_path / "cache")
    evaluation = evaluate(public, truth, tmp_path / "predictions")
    card = evaluation.scorecard
    assert card is not None, evaluation.checked.report.errors
    check_scores(card, guesses, labels)
    check_rows(card, guesses, labels, kit_ids)

"""Hierarchical figures and sets of labels on real data: those that are published, and those of the oracles."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.scorecard import Scorecard
from scoring.subgroups import subgroup_scores
from tests.parity import kit_files, oracles_hierarchy, real_rounds
from tests.parity.agreement import is_same
from tests.parity.oracles_hierarchy import Tree, score_hierarchy, score_label_sets
from tests.parity.real_rounds import OpenedRound

HIERARCHY = Path(__file__).parents[2] / "data" / "imagenet-hierarchy.json"

# What the round below says beside its task and files.
SUBGROUPS = '[subgroups.dogs]\nunder = "n02084071"\n[subgroups.half]\nimages = "half.csv"\n'


def own_rows() -> list[dict[str, Any]]:
    return json.loads(HIERARCHY.read_bytes())


def kit_rows(ilsvrc: Path) -> list[dict[str, Any]]:
    return json.loads((ilsvrc / "synsets/clsloc_hierarchy.json").read_bytes())


def kit_tree(ilsvrc: Path) -> Tree:
    """The kit's hierarchy, which names children instead of parents, and numbers ancestors in an order of its own."""
    rows = kit_rows(ilsvrc)
    parents: dict[int, list[int]] = {row["id"]: [] for row in rows}
    for row in rows:
        for child in row["children"]:
            parents[child].append(row["id"])
    return Tree(parents=parents, heights={row["id"]: row["wordnet_height"] for row in rows})


def model_guesses(ilsvrc: Path, model: str) -> list[list[int]]:
    return kit_files.read_guesses(kit_files.read_text(real_rounds.model_file(ilsvrc, "clsloc", model)))


def real_label_sets(ilsvrc: Path) -> list[set[int]]:
    """The ReaL labels as ids of the kit."""
    ids = kit_files.read_class_table(ilsvrc / "synsets/map_clsloc.txt")
    in_order = [ids[wnid] for wnid in sorted(ids)]
    return [{in_order[label] for label in labels} for labels in json.loads((ilsvrc / "clsloc/real.json").read_bytes())]


def open_real_labels(ilsvrc: Path, folder: Path) -> OpenedRound:
    """The 50,000 validation images with their ReaL labels, a hierarchy, and subgroups of classes and of images."""
    shutil.copyfile(ilsvrc / "clsloc/real.json", folder / "real.json")
    shutil.copyfile(ilsvrc / "synsets/map_clsloc.txt", folder / "classes.txt")
    shutil.copyfile(HIERARCHY, folder / "hierarchy.json")
    halves = [f"{image},{'first' if image <= 25_000 else 'second'}\n" for image in range(1, 50_001)]
    (folder / "half.csv").write_text("image,group\n" + "".join(halves))
    (folder / "round.toml").write_text(
        'slug = "real"\ntitle = "ReaL"\ntask = "cls"\n[images]\ncount = 50000\n'
        '[classes]\ntable = "classes.txt"\nhierarchy = "hierarchy.json"\n'
        f'{SUBGROUPS}[truth]\nlabels = "real.json"\nids = "sorted-wnid"\n'
    )
    public, truth = open_round(folder, cache=folder / "cache")
    return OpenedRound(folder=folder, public=public, truth=truth)


def differing(card: Scorecard, expected: dict[str, Any]) -> dict[str, Any]:
    found = card.scores | card.counts
    return {key: (found[key], value) for key, value in expected.items() if not is_same(found[key], value)}


def test_our_hierarchy_has_the_parents_and_the_heights_of_the_kit(ilsvrc: Path) -> None:
    wnid_of = {row["id"]: row["wnid"] for row in own_rows()}
    ours = {row["wnid"]: ({wnid_of[parent] for parent in row["parents"]}, row["height"]) for row in own_rows()}
    tree = kit_tree(ilsvrc)
    wnid_of_kit = {row["id"]: row["wnid"] for row in kit_rows(ilsvrc)}
    theirs = {
        wnid: ({wnid_of_kit[parent] for parent in tree.parents[node]}, tree.heights[node])
        for node, wnid in wnid_of_kit.items()
    }
    assert ours == theirs
    assert {row["wnid"]: row["words"] for row in own_rows()} == {row["wnid"]: row["words"] for row in kit_rows(ilsvrc)}
    classes = kit_files.read_class_table(ilsvrc / "synsets/map_clsloc.txt")
    assert {row["wnid"]: row["id"] for row in own_rows()[:1000]} == classes


@pytest.fixture(scope="module")
def real_round(ilsvrc: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenedRound:
    return open_real_labels(ilsvrc, tmp_path_factory.mktemp("real-labels"))


def test_a_real_model_has_its_published_accuracy_on_sets_of_labels(ilsvrc: Path, real_round: OpenedRound) -> None:
    card = real_round.scorecard(real_rounds.model_file(ilsvrc, "clsloc", "resnet50"))
    assert (card.counts["images"], card.counts["scored_images"]) == (50_000, 46_837)
    accuracies = [100 * (1 - (card.scores[f"top{k}_error"] or 0)) for k in (1, 5)]
    assert [f"{accuracy:.3f}" for accuracy in accuracies] == ["82.958", "95.469"]


def test_a_real_model_has_every_figure_of_the_oracles(
    ilsvrc: Path, real_round: OpenedRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, sets, guesses = kit_tree(ilsvrc), real_label_sets(ilsvrc), model_guesses(ilsvrc, "resnet50")
    above = {node: oracles_hierarchy.ancestors(tree, node) for node in tree.parents}
    monkeypatch.setattr(oracles_hierarchy, "ancestors", lambda _, node: above[node])  # found once, not every time
    expected = score_label_sets(sets, guesses) | score_hierarchy(tree, sets, guesses)
    card = real_round.scorecard(real_rounds.model_file(ilsvrc, "clsloc", "resnet50"))
    assert set(card.scores) == {key for key in expected if not key.endswith(("_wrong", "_images"))}
    assert differing(card, expected) == {}


def test_subgroups_of_real_data_are_rounds_of_their_own(ilsvrc: Path, real_round: OpenedRound) -> None:
    file = real_rounds.model_file(ilsvrc, "clsloc", "resnet50")
    outcomes = evaluate(real_round.public, real_round.truth, file).outcomes
    assert outcomes is not None
    found = subgroup_scores(real_round.public, outcomes)
    sets, guesses = real_label_sets(ilsvrc), model_guesses(ilsvrc, "resnet50")
    hierarchy = real_round.public.classes.hierarchy
    assert hierarchy is not None
    dogs = {int(position) + 1 for position in np.flatnonzero(hierarchy.subtree("n02084071"))}
    assert len(dogs) == 118
    rows = {
        ("dogs", "dogs"): [row for row in range(50_000) if sets[row] & dogs],
        ("dogs", "other"): [row for row in range(50_000) if sets[row] - dogs],
        ("half", "first"): list(range(25_000)),
        ("half", "second"): list(range(25_000, 50_000)),
    }
    for (name, group), own in rows.items():
        expected = score_label_sets([sets[row] for row in own], [guesses[row] for row in own])
        assert found[name]["groups"][group]["size"] == expected["scored_images"]
        for k in range(1, 6):
            ours = found[name]["groups"][group]["scores"][f"top{k}_error"]
            assert is_same(ours, expected[f"top{k}_error"])
    for name in ("dogs", "half"):
        errors = {group: own["scores"]["top5_error"] for group, own in found[name]["groups"].items()}
        assert found[name]["worst"] == max(errors, key=errors.__getitem__)
        assert found[name]["gap"] == max(errors.values()) - min(errors.values())

"""The public and the private images: drawn by a seed, the same for everybody who knows it, alike in every class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.boxes import Corners
from scoring.errors import FaultyRound
from scoring.evaluation import evaluate
from scoring.images import Images
from scoring.kits import copy_public_half
from scoring.opening import open_round, require_split_seed, split_seed, split_truth
from scoring.splits import seed_commitment, split_mask
from scoring.truth import Truth, TruthBoxes
from tests.scoring.making import faults_of, round_toml, write_round

IMAGES = Images.counted(1000)


def truth_of(labels: np.ndarray) -> Truth:
    return Truth(task="cls", digest="", labels=labels.astype(np.int32))


def public_half(truth: Truth, *, share: float = 0.3, seed: str = "s", images: Images = IMAGES) -> np.ndarray:
    mask = split_mask("public", truth=truth, images=images, share=share, seed=seed)
    assert mask is not None
    return mask


def test_every_image_is_public_or_private_and_all_are_all() -> None:
    truth = truth_of(np.arange(1000) % 7)
    private = split_mask("private", truth=truth, images=IMAGES, share=0.3, seed="s")
    assert private is not None and (private == ~public_half(truth)).all()
    assert split_mask("all", truth=truth, images=IMAGES, share=0.3, seed="s") is None


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99])
def test_each_class_has_its_share_to_one_image(share: float) -> None:
    rng = np.random.default_rng(1)
    labels = rng.choice(9, size=1000, p=np.array([1, 2, 3, 4, 5, 6, 7, 8, 64]) / 100)
    mask = public_half(truth_of(labels), share=share)
    for label in range(9):
        assert abs(mask[labels == label].sum() - share * (labels == label).sum()) <= 1
    assert abs(mask.sum() - share * 1000) <= 1


def test_the_seed_alone_decides_and_another_one_decides_otherwise() -> None:
    truth = truth_of(np.arange(1000) % 7)
    assert (public_half(truth) == public_half(truth)).all()
    assert 0.3 < (public_half(truth) != public_half(truth, seed="t")).mean() < 0.55  # 0.42 by chance


def test_a_split_is_what_it_was_in_earlier_releases() -> None:
    few = Images.counted(12)
    mask = public_half(truth_of(np.arange(12) % 3), share=0.5, seed="5f1c", images=few)
    assert np.flatnonzero(mask).tolist() == [0, 4, 5, 6, 8, 10]


def test_images_of_several_classes_are_divided_by_their_rarest() -> None:
    images = np.repeat(np.arange(400, dtype=np.int32), 2)
    classes = np.tile(np.array([0, 1], dtype=np.int32), 400)
    classes[1:80:2] = 2  # forty images have the rare class beside the common one
    corners: Corners = np.zeros((800, 4))
    truth = Truth(task="det", digest="", boxes=TruthBoxes(images=images, classes=classes, corners=corners))
    mask = public_half(truth, share=0.25, images=Images.counted(400))
    assert abs(mask[:40].sum() - 10) <= 1
    assert abs(mask.sum() - 100) <= 1


def test_a_truth_without_classes_is_divided_all_the_same() -> None:
    mask = public_half(Truth(task="scene-parsing", digest=""), share=0.25)
    assert mask.sum() in {250, 251}


def test_a_commitment_binds_to_the_seed_without_telling_it() -> None:
    assert seed_commitment("a") != seed_commitment("b")
    assert "secret" not in seed_commitment("secret") and len(seed_commitment("secret")) == 64


def test_scores_of_both_halves_make_up_the_whole(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "cls")
    public, truth = open_round(folder, cache=tmp_path / "cache")
    file = tmp_path / "predictions.txt"
    file.write_text("1\n" * len(public.images))
    result = evaluate(public, truth, file)
    wrong = {}
    for split in ("all", "public", "private"):
        mask = split_mask(split, truth=truth, images=public.images, share=0.5, seed="s")
        document = result.as_json(public, split=split, mask=mask)
        assert document.get("split") == (None if split == "all" else split)
        wrong[split] = document["counts"]["top1_wrong"]
    assert wrong["public"] + wrong["private"] == wrong["all"]


def test_the_seed_stands_under_truth_and_is_asked_for_where_it_is_needed(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "cls")
    toml = folder / "round.toml"
    public, _ = open_round(folder, cache=tmp_path / "cache")
    assert split_seed(folder) is None
    with pytest.raises(FaultyRound) as no_split:
        require_split_seed(folder, public)
    assert no_split.value.faults[0].key == "policy.public_share"
    text = toml.read_text()
    toml.write_text(text.replace("[truth]", "[policy]\npublic_share = 0.5\n[truth]"))
    public, _ = open_round(folder, cache=tmp_path / "cache")
    with pytest.raises(FaultyRound) as no_seed:
        require_split_seed(folder, public)
    assert no_seed.value.faults[0].key == "truth.split_seed"
    toml.write_text(toml.read_text().replace("[truth]", '[truth]\nsplit_seed = "5f1c"'))
    assert require_split_seed(folder, public) == (0.5, "5f1c")
    assert open_round(folder, cache=tmp_path / "cache")[0].policy.public_share == 0.5
    toml.write_text(toml.read_text().replace('"5f1c"', "5"))
    with pytest.raises(FaultyRound, match="1 fault"):
        split_seed(folder)


DRAWN_FROM = 'labels = "labels.txt"\n[truth.drawn_from]\nlabels = "{file}"'


def test_a_round_that_was_corrected_can_say_which_truth_its_split_was_drawn_from(tmp_path: Path) -> None:
    toml = round_toml("cls", truth=DRAWN_FROM.format(file="first.txt"))
    folder = write_round(tmp_path / "round", "cls", {"round.toml": toml, "first.txt": "1\n1\n3\n"})
    cache = tmp_path / "cache"
    public, truth = open_round(folder, cache=cache)
    first = split_truth(folder, public, cache=cache)
    assert first is not None
    assert [public.classes.ids[labels].tolist() for labels in (truth.label_column, first.label_column)] == [
        [1, 2, 3], [1, 1, 3],
    ]  # fmt: skip
    plain = write_round(tmp_path / "plain", "cls")
    known, same = open_round(plain, cache=cache)
    assert (same.digest, split_truth(plain, known, cache=cache)) == (truth.digest, None)
    (tmp_path / "public").mkdir()
    copy_public_half(folder, tmp_path / "public")
    assert sorted(path.name for path in (tmp_path / "public").iterdir()) == ["classes.txt", "images.txt", "round.toml"]
    assert "drawn_from" not in (tmp_path / "public" / "round.toml").read_text()


@pytest.mark.parametrize(
    ("truth", "files", "codes"),
    [
        ('labels = "labels.txt"\ndrawn_from = "first.txt"', {}, ["section"]),
        (DRAWN_FROM.format(file="none.txt"), {}, ["file-missing"]),
        (
            DRAWN_FROM.format(file="first.txt") + '\nboxes = "b.csv"',
            {"first.txt": "1\n2\n"},
            ["truth-key", "label-count"],
        ),
    ],
)
def test_faults_of_the_truth_that_a_split_was_drawn_from_are_told(
    truth: str, files: dict[str, str], codes: list[str], tmp_path: Path
) -> None:
    folder = write_round(tmp_path / "round", "cls", {"round.toml": round_toml("cls", truth=truth), **files})
    public, _ = open_round(folder, cache=tmp_path / "cache")
    with pytest.raises(FaultyRound) as refused:
        split_truth(folder, public, cache=tmp_path / "cache")
    assert [fault.code for fault in refused.value.faults] == codes


def test_the_truth_that_a_split_was_drawn_from_is_no_file_of_the_kit(tmp_path: Path) -> None:
    toml = round_toml("cls", truth=DRAWN_FROM.format(file="classes.txt"))
    folder = write_round(tmp_path / "round", "cls", {"round.toml": toml})
    assert [fault.code for fault in faults_of(folder)] == ["truth-public"]

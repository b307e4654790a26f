from __future__ import annotations

import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.faults import FaultLog
from scoring.formats.label_maps import MapColumns
from scoring.formats.map_classes import BLOCK_PIXELS, MapClasses
from scoring.masks import TruthMasks, read_masks
from scoring.metrics.scene_parsing import MapOutcomes, SceneParsingScorer, count_pixels
from scoring.misfits import MisfitPredictions
from scoring.rounds import PublicRound
from scoring.truth import Truth
from tests.parity.oracles_scenes import LabelMap, SceneScore, score_scene_parsing
from tests.scoring.formats.label_map_files import scene_round, zip_of_maps
from tests.scoring.making import classes_of

CLASS_IDS = (2, 3, 9)


def public_of(images: int, class_ids: Sequence[int] = CLASS_IDS) -> PublicRound:
    return scene_round(names=None, images=images, classes=classes_of(class_ids))


def masks_of(public: PublicRound, truths: Sequence[LabelMap], folder: Path) -> TruthMasks:
    faults = FaultLog()
    (folder / "masks.zip").write_bytes(zip_of_maps({f"{n}.png": truth for n, truth in enumerate(truths, start=1)}))
    masks = read_masks(folder / "masks.zip", images=public.images, classes=public.classes, faults=faults)
    assert masks is not None, faults.faults
    return masks


def scorer_of(public: PublicRound, truths: Sequence[LabelMap], folder: Path) -> SceneParsingScorer:
    return SceneParsingScorer(public, Truth(task="scene-parsing", digest="", masks=masks_of(public, truths, folder)))


def columns(public: PublicRound, image: int, prediction: LabelMap) -> MapColumns:
    return MapColumns(image=image, classes=MapClasses.of(public.classes).classes(np.array(prediction, dtype=np.uint8)))


def outcomes_of(
    truths: Sequence[LabelMap],
    predictions: Sequence[LabelMap | None],
    folder: Path,
    class_ids: Sequence[int] = CLASS_IDS,
) -> MapOutcomes:
    """The outcomes of maps that come in the order opposite to the images'; None stands for one that does not come."""
    public = public_of(len(truths), class_ids)
    scorer = scorer_of(public, truths, folder)
    for image, prediction in reversed(list(enumerate(predictions))):
        if prediction is not None:
            scorer.add(columns(public, image, prediction))
    return scorer.finish()


def assert_agrees(outcomes: MapOutcomes, expected: SceneScore, **masks: object) -> None:
    card = outcomes.scorecard(**masks)  # type: ignore[arg-type]
    for name in ("pixel_accuracy", "mean_iou", "score"):
        exact: Fraction | None = getattr(expected, name)
        assert card.scores[name] == (None if exact is None else pytest.approx(float(exact), abs=1e-15))
    for row in card.per_class:
        class_id = row["id"]
        assert row["iou"] == float(expected.ious[class_id])
        assert (row["intersection"], row["union"]) == (expected.intersections[class_id], expected.unions[class_id])
        assert (row["pixels"], row["predicted_pixels"]) == (expected.pixels[class_id], expected.predicted[class_id])


# Three images worked out by hand. Pixels (truth, prediction), 0 for other, classes 2, 3 and 9:
#   first   2,2  2,3  0,3  3,3
#   second  3,2  3,0  3,3  2,2
#   third   0,9  0,2
# Labelled: 7 pixels; right: 2,2  3,3  3,3  2,2 = 4.
# Class 2: intersection 2, labelled 3, predicted 3 (2,2  3,2  2,2): union 4. Class 3: 2, 4, 3 (2,3  3,3  3,3): union 5.
# Class 9: nowhere where there is a label: 0 of 0, which counts 0.
TRUTHS = ([[2, 2], [0, 3]], [[3, 3, 3, 2]], [[0, 0]])
PREDICTIONS = ([[2, 3], [3, 3]], [[2, 0, 3, 2]], [[9, 2]])


def test_figures_worked_out_by_hand(tmp_path: Path) -> None:
    card = outcomes_of(TRUTHS, PREDICTIONS, tmp_path).scorecard()
    mean = (2 / 4 + 2 / 5 + 0) / 3
    assert card.scores == {"pixel_accuracy": 4 / 7, "mean_iou": mean, "score": (4 / 7 + mean) / 2}
    assert card.counts == {"images": 3, "pixels": 7, "correct_pixels": 4}
    assert card.per_class == [
        {"id": 2, "wnid": "n00008998", "name": "class 2", "iou": 0.5, "pixels": 3, "predicted_pixels": 3,
         "intersection": 2, "union": 4},
        {"id": 3, "wnid": "n00008997", "name": "class 3", "iou": 0.4, "pixels": 4, "predicted_pixels": 3,
         "intersection": 2, "union": 5},
        {"id": 9, "wnid": "n00008991", "name": "class 9", "iou": 0.0, "pixels": 0, "predicted_pixels": 0,
         "intersection": 0, "union": 0},
    ]  # fmt: skip
    assert_agrees(outcomes_of(TRUTHS, PREDICTIONS, tmp_path), score_scene_parsing(CLASS_IDS, TRUTHS, PREDICTIONS))


def test_unions_are_summed_over_the_set_before_they_divide(tmp_path: Path) -> None:
    # image by image, class 2 would have 1/1 and 0/3, so one half; summed it has 1/4
    outcomes = outcomes_of(([[2]], [[2, 2, 2]]), ([[2]], [[3, 3, 3]]), tmp_path)
    assert outcomes.scorecard().per_class[0]["iou"] == 0.25


@st.composite
def image_pairs(draw: st.DrawFn) -> list[tuple[LabelMap, LabelMap]]:
    """(truth, prediction) of some small images, each of its own size."""
    value = st.sampled_from((0, *CLASS_IDS))
    pairs = []
    for _ in range(draw(st.integers(1, 4))):
        width, height = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        rows = st.lists(st.lists(value, min_size=width, max_size=width), min_size=height, max_size=height)
        pairs.append((draw(rows), draw(rows)))
    return pairs


@given(pairs=image_pairs(), data=st.data())
def test_every_figure_is_that_of_the_oracle_under_any_mask(
    pairs: list[tuple[LabelMap, LabelMap]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outcomes = outcomes_of([truth for truth, _ in pairs], [guess for _, guess in pairs], tmp_path_factory.mktemp("r"))
    assert_agrees(outcomes, score_scene_parsing(CLASS_IDS, *zip(*pairs, strict=True)))
    is_kept = data.draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    is_meant = data.draw(st.lists(st.booleans(), min_size=3, max_size=3))
    kept = [pair for pair, keep in zip(pairs, is_kept, strict=True) if keep]
    only = [class_id for class_id, meant in zip(CLASS_IDS, is_meant, strict=True) if meant]
    expected = score_scene_parsing(CLASS_IDS, [t for t, _ in kept], [p for _, p in kept], only=only)
    assert_agrees(outcomes, expected, mask=np.array(is_kept), classes=np.array(is_meant))
    assert outcomes.scorecard(np.array(is_kept)).counts["images"] == len(kept)


def test_masks_that_leave_nothing_out_change_nothing(tmp_path: Path) -> None:
    outcomes = outcomes_of(TRUTHS, PREDICTIONS, tmp_path)
    assert outcomes.scorecard(np.ones(3, np.bool_), classes=np.ones(3, np.bool_)) == outcomes.scorecard()


@pytest.mark.parametrize(
    ("mask", "classes"), [([False] * 3, None), ([False, False, True], None), (None, [False] * 3), (None, [0, 0, 1])]
)
def test_where_no_pixel_is_labelled_nothing_is_defined(
    mask: list[bool] | None, classes: list[bool] | None, tmp_path: Path
) -> None:
    card = outcomes_of(TRUTHS, PREDICTIONS, tmp_path).scorecard(
        None if mask is None else np.array(mask), classes=None if classes is None else np.array(classes, dtype=np.bool_)
    )
    assert card.scores == {"pixel_accuracy": None, "mean_iou": None, "score": None}
    assert (card.counts["pixels"], card.counts["correct_pixels"]) == (0, 0)


def test_perfect_maps_score_one_where_every_class_has_a_pixel(tmp_path: Path) -> None:
    truths = ([[2, 0, 3]], [[9]])
    card = outcomes_of(truths, ([[2, 9, 3]], [[9]]), tmp_path).scorecard()  # where nothing is labelled, all is right
    assert card.scores == {"pixel_accuracy": 1.0, "mean_iou": 1.0, "score": 1.0}


def test_images_without_a_map_count_as_other(tmp_path: Path) -> None:
    none = outcomes_of(TRUTHS, (None, None, None), tmp_path).scorecard()
    assert none.scores == {"pixel_accuracy": 0.0, "mean_iou": 0.0, "score": 0.0}
    assert none.counts == {"images": 3, "pixels": 7, "correct_pixels": 0}
    empty = ([[0, 0], [0, 0]], PREDICTIONS[1], [[0, 0]])
    some = outcomes_of(TRUTHS, (None, PREDICTIONS[1], None), tmp_path).scorecard()
    assert some == outcomes_of(TRUTHS, empty, tmp_path).scorecard()


@pytest.mark.parametrize("prediction", [[[2, 2, 0, 3]], [[2], [2], [0], [3]], [[2, 2]], [[2, 2], [0, 3], [0, 0]]])
def test_a_map_of_another_size_is_refused(prediction: LabelMap, tmp_path: Path) -> None:
    public = public_of(3)
    scorer = scorer_of(public, TRUTHS, tmp_path)
    scorer.add(columns(public, 0, prediction))
    with pytest.raises(MisfitPredictions, match="the image has 2 x 2 pixels, its map has another size") as refused:
        scorer.finish()
    (finding,) = refused.value.report.errors
    assert (finding.code, finding.line) == ("map-size", None)
    assert finding.value == f"1: {len(prediction[0])} x {len(prediction)}"
    assert finding.advice


def test_all_maps_of_another_size_are_told_of(tmp_path: Path) -> None:
    public = public_of(3)
    scorer = scorer_of(public, TRUTHS, tmp_path)
    for image, prediction in enumerate(([[2]], PREDICTIONS[1], [[0], [0]])):
        scorer.add(columns(public, image, prediction))
    with pytest.raises(MisfitPredictions) as refused:
        scorer.finish()
    told = [(finding.value, finding.message, finding.count) for finding in refused.value.report.errors]
    assert told == [
        ("1: 1 x 1", "the image has 2 x 2 pixels, its map has another size", 2),
        ("3: 1 x 2", "the image has 2 x 1 pixels, its map has another size", 2),
    ]


def test_a_truth_without_masks_is_no_truth_of_this_task() -> None:
    with pytest.raises(TypeError, match="a scene-parsing truth has no masks"):
        SceneParsingScorer(public_of(1), Truth(task="scene-parsing", digest=""))


def test_large_maps_of_many_classes_are_counted_whole() -> None:
    rng = np.random.default_rng(7)
    side = 1100  # more than a block of pixels
    assert side * side > BLOCK_PIXELS
    truth = rng.integers(0, 301, (side, side)).astype(np.uint16)
    guess = np.where(rng.random((side, side)) < 0.5, truth, rng.integers(0, 301, (side, side))).astype(np.uint16)
    counts = count_pixels(guess, truth, 300)
    for position in (0, 150, 299):
        is_label, is_guess = truth == position + 1, (guess == position + 1) & (truth > 0)
        assert counts.labelled[position] == is_label.sum()
        assert counts.predicted[position] == is_guess.sum()
        assert counts.both[position] == (is_label & is_guess).sum()
    assert len(counts.both) == len(counts.predicted) == len(counts.labelled) == 300


@pytest.mark.parametrize("class_count", [126, 127, 128, 253, 254])
def test_the_last_class_is_counted_whatever_their_number(class_count: int) -> None:
    last = np.full((1, 3), class_count, dtype=np.uint8)
    counts = count_pixels(last, last, class_count)
    assert (counts.both[-1], counts.predicted[-1], counts.labelled[-1]) == (3, 3, 3)
    assert (counts.both.sum(), counts.predicted.sum(), counts.labelled.sum()) == (3, 3, 3)


def test_outcomes_are_kept_as_columns_of_what_each_image_has(tmp_path: Path) -> None:
    path = tmp_path / "outcomes"
    outcomes_of(TRUTHS, PREDICTIONS, tmp_path).save(path)
    assert zipfile.is_zipfile(path)
    with np.load(path) as kept:
        rows = {name: kept[name].tolist() for name in kept}
        assert kept["images"].itemsize == kept["classes"].itemsize == 4
    # the third image has no label, so nothing of it counts
    assert rows == {
        "images": [0, 0, 1, 1], "classes": [0, 1, 0, 1], "both": [1, 1, 1, 1], "predicted": [1, 2, 2, 1],
        "labelled": [2, 1, 1, 3],
    }  # fmt: skip

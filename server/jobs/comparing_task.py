"""The tasks of a scoring child that compare files by their kept outcomes: sums over images come out, never an image."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from leaderboard.comparison import (
    RESAMPLES,
    SEED,
    BoardStatistics,
    Comparison,
    Losses,
    Scores,
    compare_losses,
    compare_resampled,
    loss_statistics,
    paired_by,
    resampled_costs,
    resampled_statistics,
)
from leaderboard.curves import RECALLS
from leaderboard.image_costs import has_image_costs, image_costs
from scoring.outcomes import ImageMask
from scoring.rounds import PublicRound
from scoring.splits import ALL, PUBLIC
from scoring.tasks import find_task
from scoring.truth import Truth
from server.jobs.child_rounds import public_images, public_round, truth_of
from server.jobs.orders import ComparingOrder

if TYPE_CHECKING:  # loaded where detections are compared
    from scoring.metrics.positives import Positives
    from scoring.metrics.resampling import RankedDetections


def compare(order: ComparingOrder) -> None:
    """Compare two files; the answer is a Comparison as JSON, or null."""
    public, truth = public_round(order.public_half, order.public_digest), truth_of(order.truth_file)
    found: Comparison | None
    if paired_by(public.task, order.metric) == "losses":
        found = compare_losses(*_losses(order, public, truth))
    else:
        images = int(_is_scored(order, public, truth).sum())
        found = compare_resampled(np.array(order.scores), _resampled(order, public, truth), images=images)
    order.result_file.write_text(json.dumps(None if found is None else asdict(found)), "utf-8")


def rank(order: ComparingOrder) -> None:
    """Compare all files of a board; the answer is BoardStatistics as JSON, or null."""
    public, truth = public_round(order.public_half, order.public_digest), truth_of(order.truth_file)
    found: BoardStatistics | None
    if paired_by(public.task, order.metric) == "losses":
        found = loss_statistics(_losses(order, public, truth))
    else:
        found = resampled_statistics(
            np.array(order.scores),
            _resampled(order, public, truth),
            is_lower_better=find_task(public.task).metric(order.metric).is_lower_better,
        )
    order.result_file.write_text(json.dumps(None if found is None else asdict(found)), "utf-8")


def curve(order: ComparingOrder) -> None:
    """The mean precision of one file at each of RECALLS, as JSON; null where no class has a positive."""
    from scoring.metrics.positives import Positives

    public, truth = public_round(order.public_half, order.public_digest), truth_of(order.truth_file)
    positives = Positives.of(truth, len(public.images), len(public.classes))
    mask = _mask(order)
    is_counted = np.ones(len(public.images), np.bool_) if mask is None else mask
    found = _mean_precision(_ranked(order.outcomes_files[0], positives, public), is_counted)
    order.result_file.write_text(json.dumps(found), "utf-8")


def _mean_precision(ranked: RankedDetections, is_counted: ImageMask) -> list[float] | None:
    """The precision that is left at each of RECALLS, over the classes that have a positive."""
    from scoring.metrics.detection_curves import precision_recall_curve

    rows = []
    for c in range(len(ranked.class_starts) - 1):
        first, last = ranked.class_starts[c], ranked.class_starts[c + 1]
        is_found = np.zeros(last - first, np.bool_)
        is_found[ranked.found[ranked.found_starts[c] : ranked.found_starts[c + 1]] - first] = True
        is_found = is_found[is_counted[ranked.images[first:last]]]
        boxes = ranked.positive_images[ranked.positive_starts[c] : ranked.positive_starts[c + 1]]
        found = precision_recall_curve(np.cumsum(~is_found)[is_found], int(is_counted[boxes].sum()))
        if found is not None:  # behind the last corner nothing is left
            rows.append(np.append(found.precision, 0.0)[np.searchsorted(found.recall, np.array(RECALLS))])
    return np.mean(rows, axis=0).tolist() if rows else None


def _mask(order: ComparingOrder) -> ImageMask | None:
    if order.split == ALL:
        return None
    is_public = public_images(order.public_half, order.public_digest, order.split_truth_file, order.split_seed)
    return is_public if is_public is None or order.split == PUBLIC else ~is_public


def _losses(order: ComparingOrder, public: PublicRound, truth: Truth) -> Losses:
    """(files, images) what each file has wrong, of the images that the metric scores in this split."""
    is_scored = _is_scored(order, public, truth)
    guesses = int(order.metric[3])
    column = "box_ranks" if order.metric.startswith("loc") else "label_ranks"
    return np.stack([_column(file, column)[is_scored] > guesses for file in order.outcomes_files])


def _costs(order: ComparingOrder, public: PublicRound, truth: Truth) -> Scores:
    """(files, images) what each image costs, of those that the metric scores in this split."""
    is_scored, hierarchy = _is_scored(order, public, truth), public.classes.hierarchy
    max_height = 0 if hierarchy is None else hierarchy.max_height  # without one there is no such metric
    heights = (_column(file, "guess_heights")[is_scored] for file in order.outcomes_files)
    return np.stack([image_costs(order.metric, each, max_height=max_height) for each in heights])


def _is_scored(order: ComparingOrder, public: PublicRound, truth: Truth) -> ImageMask:
    mask = _mask(order)
    is_scored = np.ones(len(public.images), np.bool_) if mask is None else mask
    if truth.label_sets is not None:
        is_scored = is_scored & truth.label_sets.is_labelled
    if order.metric.startswith("loc") and truth.blacklisted_images is not None:
        is_scored = is_scored & ~truth.blacklisted_images
    return is_scored


def _column(file: Path, name: str) -> npt.NDArray[np.uint8]:
    with np.load(file, allow_pickle=False) as columns:
        ranks: npt.NDArray[np.uint8] = columns[name]
    return ranks


def _resampled(order: ComparingOrder, public: PublicRound, truth: Truth) -> Scores:
    """(resamples, files) the metric, every file on the same resamples of the split's images."""
    if has_image_costs(order.metric):
        return resampled_costs(_costs(order, public, truth))
    from scoring.metrics.positives import Positives
    from scoring.metrics.resampling import ImageResamples, resampled_mean_ap

    positives = Positives.of(truth, len(public.images), len(public.classes))
    entries = [_ranked(file, positives, public) for file in order.outcomes_files]
    mask = _mask(order)
    resamples = ImageResamples(image_count=len(public.images), count=RESAMPLES, seed=SEED, mask=mask)
    return resampled_mean_ap(entries, resamples)


def _ranked(file: Path, positives: Positives, public: PublicRound) -> RankedDetections:
    from scoring.metrics.detection import DetectionOutcomes, DetectionWindow
    from scoring.metrics.resampling import RankedDetections

    with np.load(file, allow_pickle=False) as columns:
        window = DetectionWindow(
            images=columns["images"],
            classes=columns["classes"],
            confidences=columns["confidences"],
            states=columns["states"],
            first_row=0,
        )
    return RankedDetections.of(
        DetectionOutcomes(
            classes=public.classes, image_count=len(public.images), positives=positives, windows=(window,)
        )
    )

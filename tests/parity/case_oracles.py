"""Which oracle judges the cases of each task, and what of a case it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.parity import kit_files
from tests.parity.case_files import objects_by_image
from tests.parity.oracles import OracleScore, score_cls, score_cls_loc, score_det, score_vid
from tests.parity.oracles_scenes import score_scene_parsing
from tests.parity.oracles_tracking import Line, score_tracking

if TYPE_CHECKING:
    from tests.parity.cases import Case

COCO_MOST = 100  # detections of one image and category that COCO looks at
COCO_LARGEST_AREA = 1e10  # of an object, in square pixels; larger ones are of no size


def _labels(case: Case) -> OracleScore:
    guesses = kit_files.read_guesses(case.text, case.wnids)
    return score_cls(class_ids=case.class_ids, labels=case.labels, guesses=guesses)


def _scenes(case: Case) -> OracleScore:
    named = kit_files.read_named_guesses(case.text, case.wnids)
    guesses = {case.index_of(name): ids for name, ids in named}
    in_order = [guesses[index] for index in sorted(case.image_indices)]
    return score_cls(class_ids=case.class_ids, labels=case.labels, guesses=in_order)


def _places(case: Case) -> OracleScore:
    of_image = objects_by_image(case.boxes)
    return score_cls_loc(
        class_ids=case.class_ids,
        labels=case.labels,
        boxes=[[(truth.class_id, truth.box) for truth in of_image[index]] for index in sorted(case.image_indices)],
        blacklist=case.blacklisted_lines,
        guesses=kit_files.read_placed_guesses(case.text, case.wnids),
    )


def _detections(case: Case) -> OracleScore:
    return score_det(
        images=case.image_indices,
        class_ids=case.class_ids,
        boxes=case.boxes,
        blacklist=case.blacklisted_pairs,
        detections=kit_files.read_detections(case.text, case.wnids),
    )


def _video_detections(case: Case) -> OracleScore:
    return score_vid(
        images=case.image_indices,
        class_ids=case.class_ids,
        boxes=case.boxes,
        detections=kit_files.read_detections(case.text, case.wnids),
    )


def _tracks(case: Case) -> OracleScore:
    frame_of = {index: frame for frame, index in enumerate(sorted(case.image_indices))}
    truth = [Line(frame_of[t.image], t.class_id, t.track or 0, t.box) for t in case.boxes]
    lines = [
        Line(frame_of[found.image], found.class_id, track, found.box, found.confidence)
        for track, found in kit_files.read_tracked_detections(case.text, case.wnids)
    ]
    numbers: dict[int, int] = {}  # of the snippets, as they first appear
    snippets = [numbers.setdefault(snippet, len(numbers)) for snippet in case.snippets]
    scores, rows = score_tracking(class_ids=case.class_ids, snippets=snippets, truth=truth, lines=lines)
    return OracleScore(
        scores=scores,
        counts={
            "images": len(snippets),
            "snippets": len(numbers),
            "detections": len(lines),
            "tracklets": len({(snippets[line.frame], line.track) for line in lines}),
            "positives": len({(snippets[line.frame], line.track, line.class_id) for line in truth}),
        },
        per_class=[{"id": class_id, **row} for class_id, row in zip(sorted(case.class_ids), rows, strict=True)],
    )


def _label_maps(case: Case) -> OracleScore:
    maps = kit_files.read_label_maps(case.text)
    ids = sorted(case.class_ids)
    found = score_scene_parsing(ids, case.masks, [maps[index] for index in sorted(case.image_indices)])
    return OracleScore(
        scores={
            "pixel_accuracy": _number(found.pixel_accuracy),
            "mean_iou": _number(found.mean_iou),
            "score": _number(found.score),
        },
        counts={
            "images": len(case.image_indices),
            "pixels": sum(found.pixels.values()),
            "correct_pixels": sum(found.intersections.values()),
        },
        per_class=[
            {
                "id": class_id,
                "iou": float(found.ious[class_id]),
                "pixels": found.pixels[class_id],
                "predicted_pixels": found.predicted[class_id],
                "intersection": found.intersections[class_id],
                "union": found.unions[class_id],
            }
            for class_id in ids
        ],
    )


def _number(figure: Fraction | None) -> float | None:
    return None if figure is None else float(figure)


def _coco(case: Case) -> OracleScore:
    """The kit's twelve figures; the counts, which it does not tell, by its rules."""
    from tests.parity.coco_cases import CocoCase
    from tests.parity.coco_oracle import kit_figures

    detections = kit_files.read_sized_detections(case.text)
    kit = kit_figures(
        CocoCase(
            image_ids=case.image_indices,
            category_ids=case.class_ids,
            annotations=[dict(annotation) for annotation in case.annotations],
            detections=detections,
        )
    )
    sent = Counter((image, category) for image, category, _, _ in detections)
    of_category = Counter(category for _, category, _, _ in detections)
    objects = Counter(
        annotation["category_id"]
        for annotation in case.annotations
        if not annotation["iscrowd"] and annotation["area"] <= COCO_LARGEST_AREA
    )
    passed_over = [
        count if category not in case.class_ids else max(0, count - COCO_MOST) for (_, category), count in sent.items()
    ]
    return OracleScore(
        scores=kit.scores,
        counts={
            "images": len(case.image_indices),
            "detections": len(detections),
            "positives": objects.total(),
            "skipped": sum(passed_over),
        },
        per_class=[
            {
                "id": category,
                "ap": kit.per_class[category][0],
                "ap50": kit.per_class[category][1],
                "positives": objects[category],
                "detections": of_category[category],
            }
            for category in sorted(case.class_ids)
        ],
    )


# A task that is added to the registry needs its line here.
ORACLES: Mapping[str, Callable[[Case], OracleScore]] = {
    "cls": _labels,
    "cls-loc": _places,
    "det": _detections,
    "vid": _video_detections,
    "vid-track": _tracks,
    "scene": _scenes,
    "scene-parsing": _label_maps,
    "coco-det": _coco,
}

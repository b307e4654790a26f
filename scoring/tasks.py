"""The registry of tasks.

A new task is a format file, a metric file and one entry here; the server, the board and the generic tests follow it.
Readers and scorers stand here by name: they are loaded when first asked for. So `cls` never loads the compiler of the
detection kernels, and whoever only wants to know what tasks there are loads nothing that knows of ground truth.
"""

from __future__ import annotations

from scoring.errors import UnknownTask
from scoring.formats.layouts import (
    COCO_DETECTIONS,
    DETECTIONS,
    LABELS,
    LOCATED_LABELS,
    NO_COLUMNS,
    SCENES,
    TRACKS,
)
from scoring.task import Encoding, Format, Metric, Task

__all__ = ["TASKS", "Encoding", "Format", "Metric", "Task", "find_task"]


def _error_metrics(prefix: str, label: str) -> tuple[Metric, ...]:
    return tuple(Metric(name=f"{prefix}{k}_error", label=f"top-{k} {label}", is_lower_better=True) for k in range(1, 6))


def _levels(name: str, label: str) -> tuple[Metric, ...]:
    return tuple(
        Metric(name=name.format(k), label=label.format(k), is_lower_better=True, unit="levels of the hierarchy")
        for k in range(1, 6)
    )


_HIERARCHY_METRICS = (
    *_levels("hierarchical{}_error", "top-{} hierarchical error"),
    *(
        Metric(
            name=f"hierarchical{k}_error_2011",
            label=f"top-{k} hierarchical error, of the greatest",
            is_lower_better=True,
        )
        for k in range(1, 6)
    ),
    Metric(name="mistake_severity", label="mistake severity", is_lower_better=True, unit="levels of the hierarchy"),
    *_levels("hier_dist{}", "hierarchical distance at {}"),
)

_COCO_LABELS = {
    "ap": "AP",
    "ap50": "AP at IoU 0.5",
    "ap75": "AP at IoU 0.75",
    "ap_small": "AP of small objects",
    "ap_medium": "AP of medium objects",
    "ap_large": "AP of large objects",
    "ar_1": "AR at 1 detection",
    "ar_10": "AR at 10 detections",
    "ar_100": "AR at 100 detections",
    "ar_small": "AR of small objects",
    "ar_medium": "AR of medium objects",
    "ar_large": "AR of large objects",
}

_DETECTION_METRICS = (
    Metric(name="mean_ap", label="mean AP", is_lower_better=False),
    Metric(name="median_ap", label="median AP", is_lower_better=False),
)


def _table_formats(*, csv: str, json: str) -> tuple[Format, ...]:
    """The formats that name their columns; `csv` and `json` are small files."""
    header = csv.partition("\n")[0]
    return (
        Format(
            name="CSV", encoding="csv", line=header, example=csv,
            note="The first line names the columns, in any order. Commas or tabs.",
        ),
        Format(
            name="JSON", encoding="json", line=json[1:-1], example=json,
            note="A list of records with the names of the CSV's columns, or COCO's own where there are boxes.",
        ),
        Format(
            name="Parquet", encoding="parquet", line=header, example="",
            note="A table with the names of the CSV's columns, all of them numbers.",
        ),
    )  # fmt: skip


_KAGGLE_NOTE = "Kaggle's two columns: the image's name and, in one string, the line of the text format. WNIDs or ids."

_DETECTION_TABLES = _table_formats(
    csv="image,class,confidence,xmin,ymin,xmax,ymax\n1,27,0.884664,119.98,104.97,446.64,196.63",
    json='[{"image_id": 1, "category_id": 27, "bbox": [119.98, 104.97, 327.66, 92.66], "score": 0.884664}]',
)

_TASKS = (
    Task(
        slug="cls",
        title="image classification",
        sentence="For each image, name up to five classes, the most confident first.",
        metrics=_error_metrics("top", "error"),
        main_metric="top5_error",
        formats=(
            Format(
                name="labels",
                encoding="text",
                line="<id> <id> <id> <id> <id>",
                example="771 778 794 387 650",
                note="One line per image, in the order of the images; one to five class ids, the most confident first.",
            ),
            *_table_formats(
                csv="image,label1,label2,label3,label4,label5\n1,771,778,794,387,650",
                json='[{"image": 1, "labels": [771, 778, 794, 387, 650]}]',
            ),
            Format(
                name="Kaggle CSV",
                encoding="kaggle",
                line="<image name>,<id> <id> <id> <id> <id>",
                example="ImageId,PredictionString\n1,771 778 794 387 650",
                note=_KAGGLE_NOTE,
            ),
        ),
        truth_keys=("labels",),
        optional_truth_keys=("ids",),
        layout=LABELS,
        hierarchy_metrics=_HIERARCHY_METRICS,
        has_kernels=False,
        reader_name="scoring.formats.label_lines:LabelLines",
        scorer_name="scoring.metrics.classification:LabelScorer",
    ),
    Task(
        slug="cls-loc",
        title="single-object localization",
        sentence="For each image, name up to five classes, each with one box around an object of that class.",
        metrics=_error_metrics("loc", "localization error") + _error_metrics("top", "error"),
        main_metric="loc5_error",
        formats=(
            Format(
                name="located labels",
                encoding="text",
                line="<id> <xmin> <ymin> <xmax> <ymax> [up to five such groups]",
                example="771 10 20 110 220 778 15 18 120 200",
                note="One line per image, in the order of the images. Corners in pixels, inclusive.",
            ),
            *_table_formats(
                csv="image,label1,xmin1,ymin1,xmax1,ymax1\n1,771,10,20,110,220",
                json='[{"image": 1, "guesses": [[771, 10, 20, 110, 220], [778, 15, 18, 120, 200]]}]',
            ),
            Format(
                name="Kaggle CSV",
                encoding="kaggle",
                line="<image name>,<WNID> <xmin> <ymin> <xmax> <ymax> [up to five such groups]",
                example="ImageId,PredictionString\n1,771 10 20 110 220 778 15 18 120 200",
                note=_KAGGLE_NOTE,
            ),
        ),
        truth_keys=("labels", "boxes"),
        optional_truth_keys=("blacklist", "ids"),
        layout=LOCATED_LABELS,
        hierarchy_metrics=_HIERARCHY_METRICS,
        reader_name="scoring.formats.located_lines:LocatedLines",
        scorer_name="scoring.metrics.localization:LocatedScorer",
    ),
    Task(
        slug="det",
        title="object detection",
        sentence="Find every object of the round's classes: a box, a class and a confidence for each.",
        metrics=_DETECTION_METRICS,
        main_metric="mean_ap",
        category_metric="ap",
        formats=(
            Format(
                name="detections",
                encoding="text",
                line="<image index> <class id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                example="1 159 0.884664 119.98 104.97 446.64 196.63",
                note="One line per object, in any order. Images without a line have no detections.",
            ),
            *_DETECTION_TABLES,
        ),
        truth_keys=("boxes",),
        optional_truth_keys=("blacklist",),
        layout=DETECTIONS,
        can_explain=True,
        reader_name="scoring.formats.detection_lines:DetectionLines",
        scorer_name="scoring.metrics.detection:DetectionScorer",
    ),
    Task(
        slug="vid",
        title="object detection from video",
        sentence="Find every object of the round's classes in every frame: a box, a class and a confidence for each.",
        metrics=_DETECTION_METRICS,
        main_metric="mean_ap",
        category_metric="ap",
        formats=(
            Format(
                name="detections",
                encoding="text",
                line="<frame index> <class id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                example="1 27 0.884664 417 7 606 172",
                note="One line per object, in any order. Frames without a line have no detections.",
            ),
            *_DETECTION_TABLES,
        ),
        truth_keys=("boxes",),
        optional_truth_keys=(),
        layout=DETECTIONS,
        can_explain=True,
        reader_name="scoring.formats.detection_lines:DetectionLines",
        scorer_name="scoring.metrics.detection:DetectionScorer",
    ),
    Task(
        slug="vid-track",
        title="object tracking in video",
        sentence="Follow every object of the round's classes through its snippet: a box a frame, under one track id.",
        metrics=(
            Metric(name="mean_ap", label="mean AP", is_lower_better=False),
            Metric(name="mean_ap_25", label="mean AP at overlap 0.25", is_lower_better=False),
            Metric(name="mean_ap_50", label="mean AP at overlap 0.5", is_lower_better=False),
            Metric(name="mean_ap_75", label="mean AP at overlap 0.75", is_lower_better=False),
        ),
        main_metric="mean_ap",
        category_metric="ap",
        formats=(
            Format(
                name="tracked detections",
                encoding="text",
                line="<frame index> <class id> <track id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                example="1 27 0 0.884664 417 7 606 172",
                note="One line per object and frame, in any order. A track id counts within its snippet, from 0.",
            ),
            *_table_formats(
                csv="image,class,track,confidence,xmin,ymin,xmax,ymax\n1,27,0,0.884664,417,7,606,172",
                json='[{"image_id": 1, "category_id": 27, "track_id": 0, "bbox": [417, 7, 190, 166], "score": 0.88}]',
            ),
        ),
        truth_keys=("boxes",),
        optional_truth_keys=(),
        layout=TRACKS,
        reader_name="scoring.formats.track_lines:TrackLines",
        scorer_name="scoring.metrics.tracking:TrackingScorer",
    ),
    Task(
        slug="scene",
        title="scene classification",
        sentence="For each image, name five scene categories, the most confident first.",
        metrics=_error_metrics("top", "error"),
        main_metric="top5_error",
        formats=(
            Format(
                name="scenes",
                encoding="text",
                line="<file name> <id> <id> <id> <id> <id>",
                example="1 27 159 387 650 771",
                note="One line per image, in any order, joined by the file's name. Exactly five ids, counted from 0.",
            ),
            *_table_formats(
                csv="image,label1,label2,label3,label4,label5\n1,27,159,387,650,771",
                json='[{"image": 1, "labels": [27, 159, 387, 650, 771]}]',
            ),
        ),
        truth_keys=("labels",),
        optional_truth_keys=("ids",),
        layout=SCENES,
        hierarchy_metrics=_HIERARCHY_METRICS,
        first_class_id=0,
        has_kernels=False,
        reader_name="scoring.formats.scene_lines:SceneLines",
        scorer_name="scoring.metrics.classification:LabelScorer",
    ),
    Task(
        slug="scene-parsing",
        title="scene parsing",
        sentence="Give each pixel of every image the class of what it shows.",
        metrics=(
            Metric(name="score", label="mean of both", is_lower_better=False),
            Metric(name="pixel_accuracy", label="pixel accuracy", is_lower_better=False),
            Metric(name="mean_iou", label="mean IoU", is_lower_better=False),
        ),
        main_metric="score",
        formats=(
            Format(
                name="label maps",
                encoding="label maps",
                line="<image name>.png",
                example="",
                note="A zip of one PNG per image, grey or with a palette, of the image's size: each pixel holds a "
                "class id, or 0 for none of them.",
            ),
        ),
        truth_keys=("masks",),
        optional_truth_keys=(),
        layout=NO_COLUMNS,
        has_kernels=False,
        reader_name="scoring.formats.label_maps:LabelMaps",
        scorer_name="scoring.metrics.scene_parsing:SceneParsingScorer",
    ),
    Task(
        slug="coco-det",
        title="object detection, COCO's way",
        sentence="Find every object of the categories: a box, a category and a score for each.",
        metrics=tuple(Metric(name=name, label=label, is_lower_better=False) for name, label in _COCO_LABELS.items()),
        main_metric="ap",
        formats=(
            Format(
                name="COCO results",
                encoding="json",
                line='{"image_id": <id>, "category_id": <id>, "bbox": [<x>, <y>, <width>, <height>], "score": <score>}',
                example='[{"image_id": 1, "category_id": 18, "bbox": [258.15, 41.29, 348.26, 243.78], "score": 0.236}]',
                note="A list of records. Images without a record have no detections.",
            ),
            Format(
                name="CSV",
                encoding="csv",
                line="image,class,confidence,x,y,width,height",
                example="image,class,confidence,x,y,width,height\n1,18,0.236,258.15,41.29,348.26,243.78",
                note="The first line names the columns, in any order. Commas or tabs.",
            ),
            Format(
                name="Parquet",
                encoding="parquet",
                line="image,class,confidence,x,y,width,height",
                example="",
                note="A table with the names of the CSV's columns, all of them numbers.",
            ),
        ),
        truth_keys=("annotations",),
        optional_truth_keys=(),
        layout=COCO_DETECTIONS,
        has_class_table=False,
        has_image_ids=True,
        reader_name="scoring.formats.coco_lines:CocoLines",
        scorer_name="scoring.metrics.coco:coco_scorer",
    ),
)

TASKS: dict[str, Task] = {task.slug: task for task in _TASKS}


def find_task(slug: str) -> Task:
    """The registered task called `slug`.

    Raises:
        UnknownTask: when there is none.
    """
    try:
        return TASKS[slug]
    except KeyError:
        raise UnknownTask(f"no task is called {slug!r}; there are {', '.join(TASKS)}") from None

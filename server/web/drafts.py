"""/organize/new: a round out of one archive, or of single files; and what its draft's buttons do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import Form
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.tasks import TASKS
from server.auth.permissions import NEW_ROUND, Action, authorize
from server.errors import ServerError, status_of
from server.jobs.draft_orders import BASELINES, IMAGE_GROUPS, SYNSET_GROUPS
from server.routers import page_router
from server.services.draft_uploads import FILE_KEYS, MAX_FOLDER_BYTES, SEVERAL_KEYS, begin_draft
from server.services.drafts import forget_draft, open_draft
from server.uploads import discarding, take_files
from server.web.fields import Field, Problem, fault_sentence, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()

_TRUTH_HINTS = {
    "labels": "One class id a line, in image order; of scenes, the image's name before it.",
    "boxes": "PASCAL VOC XML in a .tgz, .tar or .zip; or a CSV: image, class, xmin, ymin, xmax, ymax.",
    "blacklist": "Optional: line numbers, or an image index and a WNID a line.",
    "annotations": "COCO's instances.json.",
    "masks": "A .zip with one PNG for each image.",
}

_IDS_LABELS = {"predictions.ids": "Class ids in predictions", "truth.ids": "Class ids in the ground truth"}
_ID_KINDS = {
    "": "the ids of the class table",
    "sorted-wnid": "0, 1, … in order of WNID, as most models count",
    "wnid": "WNIDs",
}

# What most rounds leave out.
_MORE_FILES = {
    "classes.hierarchy": (
        "Class hierarchy", "JSON: id, wnid, parents, height of each node. Then cls measures how far wrong a guess is."
    ),
    IMAGE_GROUPS: (
        "Subgroups of images",
        "A CSV for each subgroup, image and group a line; it is called as the file is: camera.csv.",
    ),
    BASELINES: (
        "Baselines", "Prediction files, each called as its method is: ResNet-50.txt. They are shown without a rank."
    ),
}  # fmt: skip
_MORE_KEYS = (*_IDS_LABELS, SYNSET_GROUPS, *_MORE_FILES)


class TaskChoice(NamedTuple):
    """A task to choose."""

    slug: str
    title: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FileField:
    """A file of the form."""

    key: str
    label: str
    hint: str
    fault: str
    is_multiple: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class IdsField:
    """What the numbers of the classes are, in one kind of file."""

    key: str
    label: str
    fault: str
    choices: tuple[tuple[str, str, bool], ...]  # value, words, whether it is chosen


class FaultLine(NamedTuple):
    """One fault of what was sent."""

    file: str
    place: str  # the key of round.toml, and the line of the file
    told: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRoundPage:
    """The two forms, and all that was wrong with what was sent."""

    title: str
    problem: Problem | None
    faults: tuple[FaultLine, ...]
    max_bytes: int
    fields: tuple[Field, ...]
    tasks: tuple[TaskChoice, ...]
    task_fault: str
    count: Field
    files: tuple[FileField, ...]
    rules: str
    ids: tuple[IdsField, ...]
    synset_groups: Field
    more_files: tuple[FileField, ...]
    has_more: bool  # whether any of what most rounds leave out is filled in, or at fault


@router.get("/organize/new")
def new_round(visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    authorize(visit.viewer, Action.CREATE_ROUND, NEW_ROUND)
    return _form(visit, texts={})


@router.post("/organize/new")
async def new_round_sent(visit: VisitDep) -> Response:
    upload = await run_in_threadpool(begin_draft, visit.deployment, visit.viewer)
    texts: Mapping[str, str] = {}
    try:
        async with discarding(upload):
            texts = await take_files(visit.request, upload.take)
            facts = await run_in_threadpool(upload.finish, texts, now=visit.now)
    except ServerError as error:
        return await run_in_threadpool(_form, visit, texts=texts, error=error)
    return go_to(f"/organize/{facts.slug}")


@router.post("/organize/{slug}/open")
def draft_opened(slug: str, visit: VisitDep, *, anyway: Annotated[str, Form()] = "") -> Response:
    open_draft(visit.deployment, visit.viewer, slug=slug, is_anyway=anyway == "true", now=visit.now)
    return go_to(f"/organize/{slug}")


@router.post("/organize/{slug}/forget")
def draft_forgotten(slug: str, visit: VisitDep) -> Response:
    forget_draft(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    return go_to("/organize")


def _form(visit: Visit, *, texts: Mapping[str, str], error: ServerError | None = None) -> Response:
    faults: list[dict[str, Any]] = [] if error is None else error.details.get("faults", [])
    told = {fault["key"]: fault_sentence(fault) for fault in reversed(faults) if fault["key"]}
    page = NewRoundPage(
        title="Create a round",
        problem=problem_of(error),
        faults=tuple(_fault_line(fault) for fault in faults),
        max_bytes=MAX_FOLDER_BYTES,
        fields=(
            _field("slug", "Slug", texts, told, most=80),
            _field("title", "Title", texts, told, most=200),
            _field("challenge", "Challenge", texts, told, most=200, is_required=False),
        ),
        tasks=tuple(
            TaskChoice(task.slug, f"{task.slug}: {task.title}", task.slug == texts.get("task"))
            for task in TASKS.values()
        ),
        task_fault=told.get("task", ""),
        count=_field("images.count", "Number of images", texts, told, most=20, is_required=False),
        files=tuple(_file_fields(told)),
        rules=texts.get("policy.rules", ""),
        ids=tuple(_ids_field(key, label, texts, told) for key, label in _IDS_LABELS.items()),
        synset_groups=_field(
            SYNSET_GROUPS,
            "Subgroups of classes: a name and a WNID a line",
            texts,
            {SYNSET_GROUPS: _fault_of(SYNSET_GROUPS, told)},
            most=2_000,
            is_required=False,
        ),
        more_files=tuple(
            FileField(key=key, label=label, hint=hint, fault=_fault_of(key, told), is_multiple=key in SEVERAL_KEYS)
            for key, (label, hint) in _MORE_FILES.items()
        ),
        has_more=any(texts.get(key) for key in _MORE_KEYS) or any(_fault_of(key, told) for key in _MORE_KEYS),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "organize_new.html", page, viewer=visit.viewer, status=status)


def _field(
    key: str, label: str, texts: Mapping[str, str], told: Mapping[str, str], *, most: int, is_required: bool = True
) -> Field:  # fmt: skip
    return Field(
        name=key, label=label, max_characters=most, is_required=is_required, value=texts.get(key, "")[:most],
        fault=told.get(key, ""),
    )  # fmt: skip


def _ids_field(key: str, label: str, texts: Mapping[str, str], told: Mapping[str, str]) -> IdsField:
    chosen = texts.get(key, "")
    return IdsField(
        key=key,
        label=label,
        fault=_fault_of(key, told),
        choices=tuple((value, words, value == chosen) for value, words in _ID_KINDS.items()),
    )


def _fault_of(key: str, told: Mapping[str, str]) -> str:
    """A fault of a field: of what it gives several of, each has a key in between, as subgroups.camera.images."""
    section, _, last = key.partition(".")
    return next((fault for name, fault in told.items() if name.startswith(section) and name.endswith(last)), "")


def _file_fields(told: Mapping[str, str]) -> Iterable[FileField]:
    for key in (key for key in FILE_KEYS if key not in _MORE_FILES):
        section, _, name = key.partition(".")
        if section == "truth":
            used = ", ".join(t.slug for t in TASKS.values() if name in t.truth_keys + t.optional_truth_keys)
            yield FileField(
                key=key, label=f"Ground truth: {name}", fault=told.get(key, ""),
                hint=f"For {used}. {_TRUTH_HINTS.get(name, '')}",
            )  # fmt: skip
        elif section == "classes":
            yield FileField(
                key=key, label="Class table", fault=told.get(key, ""),
                hint="WNID, id and name a line, or a CSV with the header id,wnid,name. None for coco-det.",
            )  # fmt: skip
        else:
            hint = "Name and index of an image a line. Or leave it out, and give their number above."
            yield FileField(key=key, label="Image list", hint=hint, fault=told.get(key, told.get("images", "")))


def _fault_line(fault: Mapping[str, Any]) -> FaultLine:
    line = "" if fault["line"] is None else f"line {fault['line']:,}"
    value = f": {fault['value']}" if fault["value"] else ""
    more = f" ({fault['count']:,} of this kind in the file)" if fault["count"] > 1 else ""
    return FaultLine(
        file=fault["file"],
        place=", ".join(filter(None, (fault["key"], line))),
        told=f"{fault['message']}{value}{more}",
        advice=fault["advice"],
    )

"""/organize/new: a round out of one archive, or of single files; and what its draft's buttons do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Form
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.tasks import TASKS
from server.auth.permissions import NEW_ROUND, Action, authorize
from server.errors import ServerError, status_of
from server.services.draft_uploads import FILE_KEYS, MAX_FOLDER_BYTES, begin_draft
from server.services.drafts import forget_draft, open_draft
from server.uploads import discarding, take_files
from server.web.fields import Field, Problem, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = APIRouter()

_TRUTH_HINTS = {
    "labels": "One class id a line, in image order; of scenes, the image's name before it.",
    "boxes": "PASCAL VOC XML in a .tgz, .tar or .zip; or a CSV: image, class, xmin, ymin, xmax, ymax.",
    "blacklist": "Optional: line numbers, or an image index and a WNID a line.",
    "annotations": "COCO's instances.json.",
    "masks": "A .zip with one PNG for each image.",
}


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
    told = {fault["key"]: f"{fault['message'].capitalize()}; {fault['advice']}." for fault in reversed(faults)}
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


def _file_fields(told: Mapping[str, str]) -> Iterable[FileField]:
    for key in FILE_KEYS:
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

"""round.toml -> the public half of a round. The other half, the truth, is read by scoring.truth_reader."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.images import MAX_IMAGE_ID, MAX_IMAGE_INDEX, Images
from scoring.policies import POLICY_KEYS, Policy, parse_policy
from scoring.synsets import NO_CLASSES, Classes, ClassNaming, parse_classes, parse_naming
from scoring.tasks import TASKS, Task
from scoring.toml_tables import read_toml
from scoring.whole_numbers import whole_number

if TYPE_CHECKING:
    from scoring.subgroups import Subgroup

ROUND_FILE = "round.toml"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# Keys of [truth] that name files, whatever the task.
TRUTH_FILES = tuple(dict.fromkeys(
    key for task in TASKS.values() for key in task.truth_keys + task.optional_truth_keys if key != "ids"
))  # fmt: skip

_KNOWN_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("slug", "title", "challenge", "task", "images", "classes", "predictions", "subgroups", "policy", "truth"),
    "images": ("list", "count"),
    "classes": ("table", "hierarchy"),
    "predictions": ("ids",),
    "policy": POLICY_KEYS,
    "truth": (*TRUTH_FILES, "ids", "split_seed", "drawn_from"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class PublicRound:
    """Everything about a round that its participants may know."""

    slug: str
    title: str
    challenge: str | None  # rounds of one challenge are shown together
    task: str
    images: Images
    classes: Classes
    policy: Policy
    prediction_ids: ClassNaming = "kit"  # what the numbers of a prediction file are
    subgroups: tuple[Subgroup, ...] = ()  # by which scores are told apart


class RoundSource(Protocol):
    """Where a round's files lie: a folder, or the zip of its public half."""

    path: Path

    def read_bytes(self, name: str) -> bytes:
        """The file's content; raises OSError or KeyError when it is not there."""
        ...


class FolderSource:
    """A round's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_bytes(self, name: str) -> bytes:
        return (self.path / name).read_bytes()


class KitSource:
    """The zip that `heldout round kit` writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_bytes(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name)


def load_public_round(path: Path) -> PublicRound:
    """Read the public half of a round from its folder or kit.

    Raises:
        FaultyRound: with all faults of the public half.
    """
    faults = FaultLog()
    source: RoundSource = FolderSource(path) if path.is_dir() else KitSource(path)
    half = read_public_half(source, faults)
    if half.public is None or faults:
        raise FaultyRound(path, faults.faults)
    return half.public


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicHalf:
    """What could be read of a public half; faultless only where no fault was logged."""

    table: dict[str, Any]  # the parsed round.toml
    public: PublicRound | None  # None where even the task is unknown; stand-ins take the place of what is faulty
    unjudged: frozenset[str] = frozenset()  # codes of truth faults that would only follow from those found here


# What cannot be said of a truth while the images, or the classes, are not known.
_NEED_IMAGES = frozenset({
    "label-count", "blacklist-line", "blacklist-pair", "annotation-count", "annotation-image", "annotation-missing",
    "unknown-image", "mask-image", "mask-missing", "label-missing", "image-twice",
})  # fmt: skip
_NEED_CLASSES = frozenset({"unknown-class", "blacklist-pair"})


def read_public_half(source: RoundSource, faults: FaultLog) -> PublicHalf:
    """The public half as far as it can be read, all its faults in `faults`."""
    table = _read_toml(source, faults)
    if table is None:
        return PublicHalf(table={}, public=None)
    _refuse_unknown_keys(table, faults)
    task = _task(table, faults)
    slug = _slug(table, faults)
    title, challenge = _text(table, "title", faults), _text(table, "challenge", faults)
    before_images = len(faults)
    images = _images(source, _section(table, "images", faults), task, faults) or Images.counted(1)
    before_classes = len(faults)
    classes = _classes(source, _section(table, "classes", faults), task, faults)
    naming = _naming(_section(table, "predictions", faults), task, classes=classes, faults=faults)
    after_classes = len(faults)
    subgroups = _subgroups(source, _section(table, "subgroups", faults), images=images, classes=classes, faults=faults)
    policy = _policy(source, _section(table, "policy", faults), task=task, classes=classes, faults=faults)
    if task is None:
        return PublicHalf(table=table, public=None)
    return PublicHalf(
        table=table,
        public=PublicRound(
            slug=slug,
            title=title or slug,
            challenge=challenge,
            task=task.slug,
            images=images,
            classes=classes,
            policy=policy,
            prediction_ids=naming,
            subgroups=subgroups,
        ),
        unjudged=(_NEED_IMAGES if before_classes > before_images else frozenset())
        | (_NEED_CLASSES if after_classes > before_classes else frozenset()),
    )


def _slug(table: Mapping[str, Any], faults: FaultLog) -> str:
    slug = table.get("slug")
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug) or len(slug) > 80:
        faults.add(
            "slug", "a slug is a-z, 0-9 and single hyphens, at most 80 characters",
            advice='write one like slug = "ilsvrc2014-det-val"', file=ROUND_FILE, key="slug", value=repr(slug),
        )  # fmt: skip
        return ""
    return slug


def _text(table: Mapping[str, Any], key: str, faults: FaultLog) -> str | None:
    text = table.get(key)
    if text is None or isinstance(text, str):
        return text
    faults.add("text", f"the {key} is text", advice="put it into quotes", file=ROUND_FILE, key=key, value=repr(text))
    return None


def _policy(
    source: RoundSource, section: Mapping[str, Any], *, task: Task | None, classes: Classes, faults: FaultLog
) -> Policy:
    """The policy; of a round whose task is unknown, for its faults alone."""
    texts = {
        key: read_text(source, section[key], key=f"policy.{key}", faults=faults) if key in section else None
        for key in ("rules", "data")
    }
    metrics = [
        metric.name
        for known in ([task] if task else TASKS.values())
        for metric in known.metrics + (known.hierarchy_metrics if classes.hierarchy is not None else ())
    ]
    return parse_policy(
        section,
        metrics=tuple(dict.fromkeys(metrics)),
        main_metric=task.main_metric if task else metrics[0],
        faults=faults,
        has_categories=task is None or task.category_metric is not None,
        texts=texts,
    )


def check_name(name: object, *, key: str, faults: FaultLog) -> str | None:
    """The name of a file that round.toml gives under `key`, if it is one inside the folder."""
    if name is None:
        faults.add(
            "file-name", "a file is needed here", advice='give one; in round.toml by its name: "val.txt"',
            file=ROUND_FILE, key=key,
        )  # fmt: skip
        return None
    if not isinstance(name, str) or not name:
        faults.add(
            "file-name", "a file's name is due here", advice='write it as text: "val.txt"',
            file=ROUND_FILE, key=key, value=repr(name),
        )  # fmt: skip
        return None
    path = PurePosixPath(name)
    if path == PurePosixPath(ROUND_FILE):
        faults.add(
            "file-name", "round.toml cannot be one of its own files", advice="put this into a file of its own",
            file=ROUND_FILE, key=key, value=name,
        )  # fmt: skip
        return None
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        faults.add(
            "file-outside", "this path leaves the round's folder", advice="put the file into the folder",
            file=ROUND_FILE, key=key, value=name,
        )  # fmt: skip
        return None
    return name


def read_text(source: RoundSource, name: object, *, key: str, faults: FaultLog) -> str | None:
    """The text of a file of the round; None, and a fault, where it cannot be read."""
    checked = check_name(name, key=key, faults=faults)
    if checked is None:
        return None
    try:
        return source.read_bytes(checked).decode("utf-8-sig")
    except (OSError, KeyError, zipfile.BadZipFile):
        faults.add(
            "file-missing", "this file cannot be read", advice="put it into the folder, or mend its name",
            file=checked, key=key,
        )  # fmt: skip
    except UnicodeDecodeError:
        faults.add("not-utf8", "this file is not UTF-8 text", advice="save it as UTF-8", file=checked, key=key)
    return None


def _read_toml(source: RoundSource, faults: FaultLog) -> dict[str, Any] | None:
    try:
        return read_toml(source.read_bytes(ROUND_FILE).decode("utf-8-sig"))
    except (OSError, KeyError, zipfile.BadZipFile):
        faults.add(
            "no-round", "there is no round.toml here",
            advice="name a round's folder, or the zip that `heldout round kit` wrote", file=ROUND_FILE,
        )  # fmt: skip
    except ValueError as error:
        faults.add("toml", f"round.toml is not TOML: {error}", advice="mend the named place", file=ROUND_FILE)
    return None


def _section(table: Mapping[str, Any], name: str, faults: FaultLog) -> Mapping[str, Any]:
    section = table.get(name, {})
    if isinstance(section, dict):
        return section
    faults.add(
        "section", f"[{name}] is a table", advice=f"write [{name}] on a line, its keys below", file=ROUND_FILE, key=name
    )
    return {}


def _refuse_unknown_keys(table: Mapping[str, Any], faults: FaultLog) -> None:
    for section, known in _KNOWN_KEYS.items():
        keys: Iterable[str] = table if not section else table[section] if isinstance(table.get(section), dict) else ()
        for key in keys:
            if key not in known:
                from difflib import get_close_matches  # wrong keys are rare

                near = get_close_matches(key, known, n=1)
                faults.add(
                    "unknown-key", "this key is not known", file=ROUND_FILE, key=f"{section}.{key}".lstrip("."),
                    advice=f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}",
                )  # fmt: skip


def _task(table: Mapping[str, Any], faults: FaultLog) -> Task | None:
    slug = table.get("task")
    if not isinstance(slug, str) or slug not in TASKS:
        faults.add(
            "task", "a round needs one of the known tasks", advice=f"choose one of {', '.join(TASKS)}",
            file=ROUND_FILE, key="task", value=None if slug is None else repr(slug),
        )  # fmt: skip
        return None
    return TASKS[slug]


def _images(source: RoundSource, section: Mapping[str, Any], task: Task | None, faults: FaultLog) -> Images | None:
    if ("list" in section) == ("count" in section):
        faults.add(
            "images", "[images] needs either a list or a count",
            advice='write list = "val.txt" or count = 50000', file=ROUND_FILE, key="images",
        )  # fmt: skip
        return None
    if "count" in section:
        count = section["count"]
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MAX_IMAGE_INDEX:
            faults.add(
                "images", f"the count is a whole number from 1 to {MAX_IMAGE_INDEX:,}", advice="write count = 50000",
                file=ROUND_FILE, key="images.count", value=repr(count),
            )  # fmt: skip
            return None
        return Images.counted(count)
    text = read_text(source, section["list"], key="images.list", faults=faults)
    bounds = (0, MAX_IMAGE_ID) if task and task.has_image_ids else (1, MAX_IMAGE_INDEX)
    return None if text is None else _image_list(text, str(section["list"]), bounds=bounds, faults=faults)


def _image_list(text: str, file: str, *, bounds: tuple[int, int], faults: FaultLog) -> Images | None:
    first, last = bounds
    names: dict[str, int] = {}
    indices: set[int] = set()
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        name, _, index_text = content.strip().replace("\t", " ").rpartition(" ")
        name = name.strip()
        index = whole_number(index_text, most=last)
        if not name or index is None or index < first:
            faults.add(
                "image-line", f"a line is `<image name> <index>`, the index from {first} to {last:,}",
                advice="write one image a line", file=file, key="images.list", line=line, value=content,
            )  # fmt: skip
        elif name in names or index in indices:
            faults.add(
                "image-twice", "this image name or index stands in the list twice", advice="list every image once",
                file=file, key="images.list", line=line, value=content,
            )  # fmt: skip
        else:
            names[name] = index
            indices.add(index)
    if not names:
        faults.add("no-images", "the image list is empty", advice="list one image a line", file=file, key="images.list")
        return None
    ordered = sorted(names, key=names.__getitem__)
    return Images(indices=np.array(sorted(indices), dtype=np.int64), names=tuple(ordered))


def _classes(source: RoundSource, section: Mapping[str, Any], task: Task | None, faults: FaultLog) -> Classes:
    if task is not None and not task.has_class_table:
        if section:
            faults.add(
                "classes-unused", f"a {task.slug} round does not use [classes]",
                advice="leave the section out: the annotations list the categories", file=ROUND_FILE, key="classes",
            )  # fmt: skip
        return NO_CLASSES
    text = read_text(source, section.get("table"), key="classes.table", faults=faults)
    if text is None:
        return NO_CLASSES
    first_id = task.first_class_id if task else 1
    classes = parse_classes(text, file=str(section["table"]), faults=faults, first_id=first_id)
    if "hierarchy" not in section:
        return classes
    text = read_text(source, section["hierarchy"], key="classes.hierarchy", faults=faults)
    if text is None:
        return classes
    from scoring.hierarchy_reader import parse_hierarchy

    return replace(
        classes, hierarchy=parse_hierarchy(text, file=str(section["hierarchy"]), classes=classes, faults=faults)
    )


def _naming(section: Mapping[str, Any], task: Task | None, *, classes: Classes, faults: FaultLog) -> ClassNaming:
    if task is None or task.has_class_naming:
        return parse_naming(section, section_name="predictions", classes=classes, faults=faults)
    if section:
        faults.add(
            "predictions-unused", f"a {task.slug} round does not use [predictions]",
            advice=f"leave the section out: {_OWN_IDS[task.has_class_table]}", file=ROUND_FILE, key="predictions",
        )  # fmt: skip
    return "kit"


# What the classes of files are called where nothing else can be said, by whether the round has a class table.
_OWN_IDS = {True: "maps hold the ids of the class table", False: "files hold the categories' ids"}


def _subgroups(
    source: RoundSource, section: Mapping[str, Any], *, images: Images, classes: Classes, faults: FaultLog
) -> tuple[Subgroup, ...]:
    if not section:
        return ()
    from scoring.subgroups import parse_subgroups

    def text_of(name: object, key: str) -> str | None:
        return read_text(source, name, key=key, faults=faults)

    return parse_subgroups(section, text_of=text_of, images=images, classes=classes, faults=faults)

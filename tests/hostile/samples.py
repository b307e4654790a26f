"""One small round for each task, with a valid prediction file: what the bad files are made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.hostile.other_rounds import OTHER_TASKS, VALID_TEXT, write_other_round
from tests.parity.cases import Case, ClassRow
from tests.parity.oracles import Box, TruthBox

IMAGE_TASKS = ("cls", "cls-loc")  # one line per image
BOX_TASKS = ("det", "vid")  # one line per detection
LOCATED_TASKS = ("cls-loc", "det", "vid")  # with coordinates
KIT_TASKS = IMAGE_TASKS + BOX_TASKS  # four of the tasks with a text: bad texts are made for these first
OTHER_TEXT_TASKS = ("vid-track", "scene")  # the others with a text, for which bad_tables makes most
EVERY_TASK = KIT_TASKS + OTHER_TASKS

IMAGES = 6
CLASSES = 12
NEVER_RIGHT = CLASSES  # the class that no image shows

# The caps of the tight rounds; the others have the project's defaults.
TIGHT_UPLOAD_BYTES = 300_000
TIGHT_UNPACKED_BYTES = 3_000_000
TIGHT_LINES = 100

_TIGHT_CAPS = (
    f"max_upload_bytes = {TIGHT_UPLOAD_BYTES}\nmax_unpacked_bytes = {TIGHT_UNPACKED_BYTES}\nmax_lines = {TIGHT_LINES}\n"
)

# WNIDs in another order than ids, as in the kits.
_ROWS = tuple(ClassRow(id=i, wnid=f"n{10_000_000 + 7 * i % 13}", name=f"class {i}") for i in range(1, CLASSES + 1))

_LABELS = (3, 1, 4, 1, 5, 9)
_BOXES = (
    TruthBox(1, 3, Box(10, 10, 109, 59)),
    TruthBox(1, 3, Box(200, 10, 299, 59)),
    TruthBox(2, 1, Box(0, 0, 49, 49)),
    TruthBox(3, 4, Box(5, 5, 24, 24)),
    TruthBox(4, 1, Box(30, 40, 129, 139)),
    TruthBox(5, 5, Box(0, 0, 9, 9)),
    TruthBox(6, 9, Box(50, 50, 149, 249)),
    TruthBox(6, 3, Box(300, 50, 349, 99)),
)

_VALID = {
    "cls": """\
3 1 4 5 9
2 1 3 5 7
6 7 4 8 10
2 3 5 6 12
5 6 7 8 9
1 2 3 4 9
""",
    "cls-loc": """\
3 12 11 108 58 1 0 0 9 9 4 5 5 20 20 5 1 1 9 9 9 2 2 30 40
2 0 0 49 49 1 3 3 49 49 3 0 0 49 49 5 0 0 49 49 7 0 0 49 49
6 5 5 24 24 7 5 5 24 24 4 90 90 99 99 8 5 5 24 24 10 5 5 24 24
2 30 40 129 139 3 30 40 129 139 5 30 40 129 139 6 30 40 129 139 12 30 40 129 139
5 2 2 11 11 6 2 2 11 11 7 2 2 11 11 8 2 2 11 11 9 2 2 11 11
1 50 50 149 249 2 50 50 149 249 3 50 50 149 249 4 50 50 149 249 9 50.5 60 150.25 240
""",
    "det": """\
1 3 0.95 12 11 108 58
1 3 0.60 201.5 9 300 61
1 12 0.55 10 10 109 59
2 1 0.90 3 3 49 49
2 1 0.30 0 0 49 49
3 4 0.20 9 9 28 28
4 1 0.85 200 200 299 299
4 1 0.10 30 40 129 139
5 5 0.70 2 2 11 11
6 9 0.50 50 60 150.25 240
6 3 0.40 301 51 350 100
6 3 0.80 10 10 40 40
""",
}
_VALID["vid"] = _VALID["det"]


def case_of(task: str, text: str | None = None) -> Case:
    """The round of `task`, with `text` (else the valid file) as its predictions."""
    return Case(
        task=task,
        image_indices=tuple(range(1, IMAGES + 1)),
        has_image_list=True,
        classes=_ROWS,
        is_class_csv=False,
        labels=_LABELS if task in IMAGE_TASKS else (),
        boxes=_BOXES if task != "cls" else (),
        blacklisted_lines=(5,) if task == "cls-loc" else (),
        blacklisted_pairs=((6, 3),) if task == "det" else (),
        text=valid_text(task) if text is None else text,
    )


def other_truth(task: str) -> Case:
    """The same public half, and a truth in which every label and every box is another."""
    return replace(
        case_of(task),
        labels=tuple(NEVER_RIGHT - label for label in _LABELS) if task in IMAGE_TASKS else (),
        boxes=() if task == "cls" else tuple(
            TruthBox(box.image, NEVER_RIGHT - box.class_id, Box(1, 1, 400, 400)) for box in _BOXES
        ),
        blacklisted_lines=(1, 2) if task == "cls-loc" else (),
        blacklisted_pairs=((1, 3), (2, 1)) if task == "det" else (),
    )  # fmt: skip


def write_round(folder: Path, case: Case, *, is_tight: bool = False, policy: str = "") -> Path:
    """The folder of a round of its own, called after the task."""
    folder.mkdir(parents=True)
    case.write(folder).unlink()
    toml = (folder / "round.toml").read_text()
    toml = toml.replace('slug = "fuzzed"', f'slug = "{slug_of(case.task, is_tight=is_tight)}"')
    (folder / "round.toml").write_text(f"{toml}[policy]\n{_TIGHT_CAPS if is_tight else ''}{policy}")
    return folder


def write_small_round(
    folder: Path, task: str, *, is_tight: bool = False, is_other: bool = False, policy: str = ""
) -> Path:
    """The small round of any task; with `is_other`, of the other truth."""
    if task in KIT_TASKS:
        return write_round(folder, other_truth(task) if is_other else case_of(task), is_tight=is_tight, policy=policy)
    policy = policy + (_TIGHT_CAPS if is_tight else "")
    return write_other_round(folder, task, slug=slug_of(task, is_tight=is_tight), policy=policy, is_other=is_other)


def slug_of(task: str, *, is_tight: bool) -> str:
    return f"tight-{task}" if is_tight else f"small-{task}"


def valid_text(task: str) -> str:
    return _VALID[task] if task in _VALID else VALID_TEXT[task]


def lines_of(task: str) -> list[str]:
    return _VALID[task].splitlines()


def joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def with_token(task: str, line: int, place: int, token: str) -> str:
    """The valid file with one token of one line (both counted: the line from 1, the token from 0) replaced."""
    lines = lines_of(task)
    tokens = lines[line - 1].split()
    tokens[place] = token
    lines[line - 1] = " ".join(tokens)
    return joined(lines)


def wnid_of(class_id: int) -> str:
    return _ROWS[class_id - 1].wnid


def label_places(task: str, line: str) -> list[int]:
    """Which tokens of a line name classes."""
    count = len(line.split())
    return {"cls": list(range(count)), "cls-loc": list(range(0, count, 5))}.get(task, [1])


def with_labels(task: str, rename: dict[int, str]) -> str:
    """The valid file with class ids written otherwise."""
    lines = []
    for line in lines_of(task):
        tokens = line.split()
        for place in label_places(task, line):
            tokens[place] = rename.get(int(tokens[place]), tokens[place])
        lines.append(" ".join(tokens))
    return joined(lines)

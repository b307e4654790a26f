"""Open a round whole: its public half and its truth, the parsed truth taken from the cache where it is known."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scoring.cache_folder import default_cache
from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.progress import Progress
from scoring.rounds import ROUND_FILE, TRUTH_FILES, FolderSource, PublicRound, check_name, read_public_half
from scoring.tasks import find_task
from scoring.truth import Truth, load_truth, save_truth

# Goes into the cache's keys: raise it when the parsed form changes, or what is refused.
_CACHE_VERSION = b"3"

# The parts of round.toml that name files.
PUBLIC_SECTIONS = ("images", "classes", "subgroups", "policy")
SECTIONS = (*PUBLIC_SECTIONS, "truth")

_FILE_KEYS = {
    "images": ("list",), "classes": ("table", "hierarchy"), "policy": ("rules", "data"), "truth": TRUTH_FILES,
}  # fmt: skip


def open_round(
    folder: Path, *, cache: Path | None = None, progress: Progress | None = None
) -> tuple[PublicRound, Truth]:
    """Read both halves of the round in `folder`.

    Args:
        folder: holds round.toml and what it names.
        cache: where parsed truths are kept (mode 0700); the default is `default_cache()`.
        progress: called with (done, total) while annotations are read.

    Raises:
        FaultyRound: with all faults of both halves.
    """
    faults = FaultLog()
    half = read_public_half(FolderSource(folder), faults)
    public, table = half.public, half.table
    section = table.get("truth")
    if table and not isinstance(section, dict):
        faults.add(
            "no-truth", "there is no [truth] here, so nothing can be scored",
            advice="a kit is for `heldout validate`; scoring needs the organizer's folder, or what"
            " `heldout round export --with-truth` wrote",
            file=ROUND_FILE, key="truth",
        )  # fmt: skip
    if public is None or not isinstance(section, dict):
        raise FaultyRound(folder, faults.faults)
    refuse_shared_files(folder, table, faults)
    if faults:  # the truth is read all the same, for its own faults
        faults.leave_out(half.unjudged)
        find_task(public.task).truth_reader(folder=folder, public=public, faults=faults, progress=None).read(section)
        raise FaultyRound(folder, faults.faults)
    return public, _truth(folder, public, table, root=cache or default_cache(), faults=faults, progress=progress)


def _truth(
    folder: Path, public: PublicRound, table: dict[str, Any], *, root: Path, faults: FaultLog,
    progress: Progress | None = None,
) -> Truth:  # fmt: skip
    """What `table` names under [truth], from the cache where it is known."""
    cached = root / "truths" / f"{_folder_digest(folder, table)}.npz"
    known = _known_truth(cached)
    if known is not None:
        return known
    reader = find_task(public.task).truth_reader(folder=folder, public=public, faults=faults, progress=progress)
    truth: Truth = reader.read(table["truth"])
    if faults:
        raise FaultyRound(folder, faults.faults)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    save_truth(truth, cached)
    return truth


def split_truth(folder: Path, public: PublicRound, *, cache: Path | None = None) -> Truth | None:
    """The truth that both halves of the images were drawn from, where it was corrected since.

    Its files stand under [truth.drawn_from]. None where there is no such table: they follow from the round's own.

    Raises:
        FaultyRound: with all faults of that truth.
    """
    table = read_public_half(FolderSource(folder), FaultLog()).table
    section = table["truth"].get("drawn_from")
    if section is None:
        return None
    faults = FaultLog()
    if not isinstance(section, dict):
        faults.add(
            "section", "[truth.drawn_from] is a table",
            advice="write [truth.drawn_from] on a line, below it the keys of the truth the split was drawn from",
            file=ROUND_FILE, key="truth.drawn_from",
        )  # fmt: skip
        raise FaultyRound(folder, faults.faults)
    return _truth(folder, public, {**table, "truth": section}, root=cache or default_cache(), faults=faults)


def split_seed(folder: Path) -> str | None:
    """What [truth] gives as `split_seed`: both splits follow from it; None where it gives none.

    Raises:
        FaultyRound: it is no text.
    """
    section = read_public_half(FolderSource(folder), FaultLog()).table.get("truth")
    seed = section.get("split_seed") if isinstance(section, dict) else None
    if seed is not None and (not isinstance(seed, str) or not seed):
        raise _split_fault(folder, "the seed of a split is a text", "truth.split_seed", value=repr(seed))
    return seed


def require_split_seed(folder: Path, public: PublicRound) -> tuple[float, str]:
    """The share of public images and the seed, of a round that is split.

    Raises:
        FaultyRound: it is not, or its seed is not known.
    """
    if public.policy.public_share is None:
        raise _split_fault(folder, "this round has no public and private split", "policy.public_share")
    seed = split_seed(folder)
    if seed is None:
        raise _split_fault(folder, "the seed of the split is not here", "truth.split_seed")
    return public.policy.public_share, seed


def _split_fault(folder: Path, message: str, key: str, *, value: str | None = None) -> FaultyRound:
    faults = FaultLog()
    faults.add(
        "split", message, advice='[policy] public_share goes with [truth] split_seed = "...", which the server tells',
        file=ROUND_FILE, key=key, value=value,
    )  # fmt: skip
    return FaultyRound(folder, faults.faults)


def _known_truth(cached: Path) -> Truth | None:
    """The truth kept there; None where there is none, or a damaged one, which is then made anew."""
    try:
        return load_truth(cached)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None


def refuse_shared_files(folder: Path, table: dict[str, object], faults: FaultLog) -> None:
    """A file that both halves name, by whatever name or link, would be handed out with the kit."""
    public = dict(round_files(folder, table, PUBLIC_SECTIONS))
    for name, path in public.items():
        if not path.resolve().is_relative_to(folder.resolve()):
            faults.add(
                "file-outside", "this link leads out of the round's folder", advice="put the file itself into it",
                file=name,
            )  # fmt: skip
    identities = {_identity(path) for path in (*public.values(), folder / ROUND_FILE)}
    for name, path in round_files(folder, table, ("truth",)):
        if _identity(path) in identities:
            faults.add(
                "truth-public", "this file belongs to the truth and to the public half",
                advice="keep the truth in files of its own", file=name, key="truth",
            )  # fmt: skip


def _identity(path: Path) -> tuple[int, int]:
    """The same for two names of one file: links of both kinds, and capitals where the disk ignores them."""
    status = path.stat()
    return status.st_dev, status.st_ino


def round_files(folder: Path, table: dict[str, object], sections: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """(relative name, path) of every file that these sections of round.toml name, folders walked."""
    for key, name in _named_files(table, sections):
        if check_name(name, key=key, faults=FaultLog()) is None:
            continue
        path = folder / str(name)
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                yield file.relative_to(folder).as_posix(), file


def _named_files(table: dict[str, object], sections: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """(key, what it says) of every key that names a file."""
    for section in sections:
        values = table.get(section)
        if not isinstance(values, dict):
            continue
        if section == "subgroups":
            for name, group in values.items():
                if isinstance(group, dict) and "images" in group:
                    yield f"subgroups.{name}.images", group["images"]
            continue
        for key in _FILE_KEYS[section]:
            if key in values:
                yield f"{section}.{key}", values[key]
        if section == "truth":
            yield from _named_files({section: values.get("drawn_from")}, (section,))


def _folder_digest(folder: Path, table: dict[str, object]) -> str:
    """sha256 over the task and every file that decides what the truth is."""
    digest = hashlib.sha256(
        _CACHE_VERSION + repr((table.get("task"), table.get("images"), table.get("truth"))).encode()
    )
    for name, path in round_files(folder, table, ("images", "classes", "truth")):
        with path.open("rb") as stream:
            digest.update(name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()

"""An organizer's files on their way to a draft: each streamed to the disk, then read by a child alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import uuid4

from scoring.rounds import TRUTH_FILES
from server.auth.permissions import NEW_ROUND, Action, authorize
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.errors import EmptyUpload, InvalidRequest, ServerBusy, UploadTooBig
from server.jobs.draft_orders import (
    BASELINES,
    IMAGE_GROUPS,
    PREPARE_TASK,
    REMOVE_TASK,
    SYNSET_GROUPS,
    PreparedRound,
    PrepareOrder,
    SentFile,
)
from server.jobs.scoring_process import ChildDied, MemoryLimitHit, TaskFault, TimeLimitHit
from server.organizing_errors import FaultyFolder, FolderTooHeavy
from server.services.drafts import keep_draft
from server.services.receiving import harmless_file_name
from server.services.rounds import RoundFacts
from server.storage.blobs import IncomingBlob
from server.storage.local_blobs import LocalBlobs

# The largest truth of ILSVRC, that of its localization training set, is a tenth of it.
MAX_FOLDER_BYTES = 2 << 30

ARCHIVE = "archive"

# What a form may say and send, by key of round.toml.
TEXT_KEYS = (
    "slug", "title", "challenge", "task", "images.count", "policy.rules", "predictions.ids", "truth.ids", SYNSET_GROUPS,
)  # fmt: skip
FILE_KEYS = ("images.list", "classes.table", *(f"truth.{key}" for key in TRUTH_FILES), "classes.hierarchy")
SEVERAL_KEYS = (IMAGE_GROUPS, BASELINES)  # of which there may be several files, each called as what it is


class _Part:
    """One file of the upload."""

    def __init__(self, upload: DraftUpload, incoming: IncomingBlob, name: str) -> None:
        self.incoming = incoming
        self.name = name
        self._upload = upload

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            UploadTooBig, StorageFull: nothing of the upload is kept.
        """
        self._upload.count(len(chunk))
        self.incoming.write(chunk)

    def discard(self) -> None:
        self.incoming.discard()


class DraftUpload:
    """A round on its way in. Whoever began it ends it with `discard()`, after `finish()` too."""

    def __init__(self, deployment: Deployment, viewer: Viewer) -> None:
        self._deployment = deployment
        self._viewer = viewer
        self._folder = deployment.folders.drafts / uuid4().hex
        self._folder.mkdir(mode=0o700)
        self._blobs = LocalBlobs(self._folder, incoming=self._folder)
        self._parts: dict[str, list[_Part]] = {}
        self._size_bytes = 0

    def take(self, field: str, file_name: str) -> _Part:
        """Begin a file of the form.

        Raises:
            InvalidRequest: there is no such field, or it came before.
        """
        is_first = field not in self._parts
        if field not in ((ARCHIVE, *FILE_KEYS, *SEVERAL_KEYS) if is_first else SEVERAL_KEYS):
            raise InvalidRequest(f'The form has no file called "{field[:40]}", or has it twice.')
        part = _Part(self, self._blobs.receive(), harmless_file_name(file_name))
        self._parts.setdefault(field, []).append(part)
        return part

    def count(self, size_bytes: int) -> None:
        """Count bytes of all files together."""
        self._size_bytes += size_bytes
        if self._size_bytes > MAX_FOLDER_BYTES:
            raise UploadTooBig(
                f"A round's files may have {MAX_FOLDER_BYTES:,} bytes together.",
                advice="Pack the annotations, or have the round opened by command on the server's machine.",
                details={"max_upload_bytes": MAX_FOLDER_BYTES},
            )

    def finish(self, texts: Mapping[str, str], *, now: datetime) -> RoundFacts:
        """Have a child read and try the round, and keep it as a draft.

        Args:
            texts: what the form says; nothing beside an archive.
            now: the present moment.

        Raises:
            EmptyUpload: there is no file.
            FaultyFolder: with all faults; nothing is kept.
            FolderTooHeavy, ServerBusy: it cannot be read here, or now.
            SlugTaken, SlugReserved: another round has its slug, or a page.
        """
        if not self._size_bytes:
            raise EmptyUpload("No file was sent.", advice="Choose the round's archive, or its files.")
        prepared = self._prepare(texts)
        if prepared.round is None:
            raise FaultyFolder(details={"faults": prepared.faults})
        return keep_draft(
            self._deployment, self._viewer, prepared, place=self._folder / "round", aside=self._folder / "before",
            now=now,
        )  # fmt: skip

    def discard(self) -> None:
        """Remove whatever is left. Folders may hold a truth, so a child removes those."""
        for part in chain.from_iterable(self._parts.values()):
            part.discard()
        _remove(self._deployment, self._folder)

    def _prepare(self, texts: Mapping[str, str]) -> PreparedRound:
        sent = {
            field: tuple(SentFile(path=self._folder / part.incoming.commit().key, name=part.name) for part in parts)
            for field, parts in self._parts.items()
        }
        order = PrepareOrder(
            archive=sent.pop(ARCHIVE, (None,))[0],
            texts={key: texts[key] for key in TEXT_KEYS if key in texts},
            files=sent,
            work=self._folder,
            staged=self._folder / "round",
            cache=self._folder / "cache",  # gone with the upload: of a draft that is deleted nothing stays
            result_file=self._folder / "answer.json",
        )
        try:
            self._deployment.truths.run(PREPARE_TASK, order)
        except (TimeLimitHit, MemoryLimitHit) as error:
            raise FolderTooHeavy from error
        except (ChildDied, TaskFault) as error:
            raise ServerBusy("Reading the round was interrupted.", advice="Send it again.") from error
        return PreparedRound.read(order.result_file)


def begin_draft(deployment: Deployment, viewer: Viewer) -> DraftUpload:
    """Begin to take a round in.

    Raises:
        NotLoggedIn, NotAllowed: they may not make rounds.
        StorageFull: not now.
    """
    authorize(viewer, Action.CREATE_ROUND, NEW_ROUND)
    return DraftUpload(deployment, viewer)


def remove_leftovers(deployment: Deployment) -> None:
    """Remove what uploads left that were under way when the last server ended."""
    for folder in deployment.folders.drafts.iterdir():
        _remove(deployment, folder)


def _remove(deployment: Deployment, folder: Path) -> None:
    if not folder.exists():
        return
    if any(path.is_dir() for path in folder.iterdir()):
        with suppress(TimeLimitHit, MemoryLimitHit, ChildDied, TaskFault, ServerBusy):  # else at the next start
            deployment.truths.run(REMOVE_TASK, folder)
        return
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()

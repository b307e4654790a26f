"""Checking a file for anybody: no account, no quota, no truth, and nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from leaderboard.visibility import Viewer
from server.deployment import Deployment
from server.errors import ServerBusy
from server.jobs.orders import CHECK_TASK, CheckedFile, CheckOrder
from server.jobs.scoring_process import ChildDied, MemoryLimitHit, TaskFault, TimeLimitHit
from server.services.rounds import RoundFacts, find_round


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """What reading the file told."""

    is_valid: bool
    findings: list[dict[str, Any]]  # as JSON shows them
    sha256: str
    lines: int
    format: str


class Check:
    """A file on its way in to be checked. Whoever began it ends it with `finish()` or `discard()`."""

    def __init__(self, deployment: Deployment, round_: RoundFacts) -> None:
        self._deployment = deployment
        self._round = round_
        self._incoming = deployment.blobs.receive(max_bytes=round_.policy.max_upload_bytes)

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            UploadTooBig, StorageFull: nothing of the file is kept.
        """
        self._incoming.write(chunk)

    def discard(self) -> None:
        """Forget the bytes; without effect after `finish()`."""
        self._incoming.discard()

    def finish(self) -> CheckResult:
        """Validate the file in a scoring child.

        Raises:
            ServerBusy: it cannot be done here and now; the same check runs on anybody's machine.
            StorageFull: there is no room; nothing is kept.
        """
        folders = self._deployment.folders
        result_file = folders.work / f"{uuid4().hex}.json"
        blob = self._incoming.commit()
        try:
            with self._deployment.blobs.as_file(blob.key) as file:
                order = CheckOrder(
                    public_half=folders.public_half(self._round.slug),
                    public_digest=self._round.public_digest,
                    file=file,
                    result_file=result_file,
                )
                self._deployment.checker.run(CHECK_TASK, order)
            checked = CheckedFile.read(result_file)
        except (TimeLimitHit, MemoryLimitHit) as error:
            raise ServerBusy("Checking this file takes more than the server gives to a check.") from error
        except (ChildDied, TaskFault) as error:
            raise ServerBusy("The check was interrupted.") from error
        finally:
            result_file.unlink(missing_ok=True)
            self._deployment.blobs.delete(blob.key)
        return CheckResult(
            is_valid=checked.is_valid,
            findings=checked.findings,
            sha256=checked.sha256,
            lines=checked.lines,
            format=checked.format,
        )


def begin_check(deployment: Deployment, *, slug: str, viewer: Viewer) -> Check:
    """Begin to take in a file that is only checked; closed rounds included.

    Raises:
        RoundNotFound: there is no such round, or it is not theirs to see.
        StorageFull, DatabaseUnavailable: not now.
    """
    with deployment.database.read() as session:
        return Check(deployment, find_round(session, slug, viewer))

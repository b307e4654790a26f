"""Why a submission ended without a score although its file may be right: what its team reads about it."""

from __future__ import annotations

from dataclasses import dataclass

from server.db.tables import State


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One way for scoring to end early."""

    code: str  # kept on the row
    state: State  # FAILED: by the file's size or shape; ERROR: by the server
    message: str
    advice: str


TIME_LIMIT = Failure(
    code="time-limit",
    state=State.FAILED,
    message="Scoring this file took longer than a submission may take.",
    advice="Send fewer predictions, for example without those of very low confidence. The quota was not charged.",
)
MEMORY_LIMIT = Failure(
    code="memory-limit",
    state=State.FAILED,
    message="Scoring this file needed more memory than a submission may use.",
    advice="Send fewer predictions, for example without those of very low confidence. The quota was not charged.",
)
INTERNAL = Failure(
    code="internal-error",
    state=State.ERROR,
    message="The server could not score this file; the fault is the server's.",
    advice="The organizers have been told and can score it again. The quota was not charged.",
)
WORKER_LOST = Failure(
    code="worker-lost",
    state=State.ERROR,
    message="The scoring process ended before it was done, every time it was tried.",
    advice="The organizers have been told and can score the file again. The quota was not charged.",
)

FAILURES: dict[str, Failure] = {failure.code: failure for failure in (TIME_LIMIT, MEMORY_LIMIT, INTERNAL, WORKER_LOST)}

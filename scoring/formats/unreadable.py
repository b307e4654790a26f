"""A file that cannot be read on, and what says so."""

from __future__ import annotations

from scoring.findings import Finding

# Text of numbers packs at 3 to 10, and at 100 where all lines are alike; a file over 64 MB that packs better is a bomb.
BOMB_BYTES = 64_000_000
BOMB_RATIO = 200

TOO_LARGE = "too-large"


class UnreadableFile(Exception):
    """The file cannot be read on; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def unreadable(code: str, message: str, advice: str, *, value: str | None = None) -> UnreadableFile:
    return UnreadableFile(Finding(code=code, severity="error", message=message, advice=advice, value=value))


def too_large(message: str) -> UnreadableFile:
    return unreadable(TOO_LARGE, message, "send fewer detections, or ask the organizer to raise the cap")

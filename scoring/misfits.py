"""Well-formed predictions that do not fit what they are compared with."""

from __future__ import annotations

from scoring.errors import HeldoutError
from scoring.findings import Report


class MisfitPredictions(HeldoutError):
    """The predictions do not fit the images: they are refused, like a file that cannot be read.

    A scorer raises it in the end, with all it found, for what the public half of a round cannot tell and every
    participant can: the size of an image that was handed out.
    """

    def __init__(self, report: Report) -> None:
        super().__init__("; ".join(finding.message for finding in report.errors[:1]))
        self.report = report

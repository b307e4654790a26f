"""Kinds of mail: which of them a person may do without, and what they are called on /me."""

from __future__ import annotations

from enum import StrEnum


class MailKind(StrEnum):
    """Why a mail is sent."""

    VERIFY = "verify"
    RESET = "reset"
    FAILURE = "failure"
    ALERT = "alert"
    ERRATUM = "erratum"
    DEADLINE = "deadline"
    ANNOUNCEMENT = "announcement"

    @property
    def is_optional(self) -> bool:
        """Whether a person may choose not to get it."""
        return self in OPTIONAL_KINDS

    @property
    def holds_secret(self) -> bool:
        """Whether its text is a key, which is not kept once it is sent."""
        return self in {MailKind.VERIFY, MailKind.RESET}


OPTIONAL_KINDS: dict[MailKind, str] = {
    MailKind.FAILURE: "A submission of my team was rejected, failed or disqualified",
    MailKind.ERRATUM: "The ground truth of a round was corrected",
    MailKind.DEADLINE: "A round of my team closes soon",
    MailKind.ANNOUNCEMENT: "The organizers of a round announce something, or decide whether my team takes part",
    MailKind.ALERT: "The server could not score a submission to a round that I organize",
}

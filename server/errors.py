"""Why a request cannot be done. One class per cause; its docstring is the message, its advice how to go on.

The domain raises; the doors (API and pages) look the HTTP status up in `STATUS_OF` and nowhere else.

ServerError
├── NotLoggedIn · WrongLogin · InvalidToken  401
├── NotAllowed · NoTeam · ForgedRequest      403
├── TokenNotFound                            404
├── EmailTaken · TeamNameTaken               409
├── InvalidRequest · InvalidEmail · WeakPassword   422
├── TooManyTries                             429
├── RoundNotFound · SubmissionNotFound       404
├── RoundClosed · RoundNotOpenYet            403
├── UploadTooBig                             413
├── UploadStalled                            408
├── EmptyUpload                              422
├── InvalidName · InvalidDetail              422
├── EntryNotFound                            404
├── NotPossible · ErratumNotReady · ErratumReplaced   409
├── FindingsRefused                          422
├── DuplicateFile · IdempotencyConflict      409
├── QuotaSpent · TooManyOpen · TooManyRejected · TooManyChecks · TooManyStreams   429
├── StorageFull                              507
├── DatabaseUnavailable · ServerBusy         503
├── RoundChanged                             409
└── DataFolderInUse · DatabaseNewer          503
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from scoring.errors import HeldoutError


class ServerError(HeldoutError):
    """Something went wrong on this server."""

    code: ClassVar[str] = "server-error"
    advice: ClassVar[str] = "Try again; if it goes on, tell the organizers."

    def __init__(
        self,
        message: str | None = None,
        *,
        advice: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        super().__init__(self.message)
        self.advice_given = advice or self.advice
        self.details: dict[str, Any] = dict(details or {})
        self.retry_at = retry_at  # when it makes sense to try again; becomes Retry-After

    def as_json(self) -> dict[str, Any]:
        """The one JSON shape of every error."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "advice": self.advice_given,
                "details": self.details,
            }
        }


class RoundNotFound(ServerError):
    """There is no such round here."""

    code = "round-not-found"
    advice = "Look the round's short name up in the list of rounds."


class SubmissionNotFound(ServerError):
    """There is no such submission."""

    code = "submission-not-found"
    advice = "Look at the list of your team's submissions."


class RoundClosed(ServerError):
    """The round was closed when the upload started."""

    code = "round-closed"
    advice = "Its board stays readable; look for a round that is open."


class RoundPaused(RoundClosed):
    """The round takes nothing for now."""

    advice = "Keep the file and send it when the organizers go on; its page tells the new close."


class RoundNotOpenYet(ServerError):
    """The round had not opened when the upload started."""

    code = "round-not-open-yet"
    advice = "Check the file with `heldout validate` meanwhile; it needs no account."


class UploadTooBig(ServerError):
    """The upload is larger than the round allows."""

    code = "too-large"
    advice = "Send it compressed (.gz or .zst), with fewer detections or fewer decimals."


class UploadStalled(ServerError):
    """No byte of the upload arrived for a minute; nothing was kept."""

    code = "upload-stalled"
    advice = "Send it again; with the same Idempotency-Key nothing happens twice."


class EmptyUpload(ServerError):
    """The upload held no bytes."""

    code = "empty-upload"
    advice = "Send the prediction file itself as the body of the request, or as the form's file."


class InvalidName(ServerError):
    """The name cannot be used."""

    code = "invalid-name"
    advice = "Use 1 to 200 printable characters that show as they are written."


class InvalidDetail(ServerError):
    """What was said of the method cannot be used."""

    code = "invalid-detail"
    advice = "Mend the named field, and send the file again."


class EntryNotFound(ServerError):
    """There is no such entry here."""

    code = "entry-not-found"
    advice = "Look at the round's board: every row leads to its entry."


class NotPossible(ServerError):
    """This cannot be done with the submission as it stands."""

    code = "not-possible"
    advice = "Look at the submission's page: it says what can be done."


class ErratumNotReady(ServerError):
    """The corrected truth cannot be shown yet."""

    code = "erratum-not-ready"
    advice = "Look at the preview: it says what is missing."


class ErratumReplaced(ServerError):
    """The corrected truth in preparation is another one than the one you looked at."""

    code = "erratum-replaced"
    advice = "Look at the preview again: a correction was prepared since."


class FindingsRefused(ServerError):
    """The prediction file is not valid; the findings say what to mend."""

    code = "invalid-predictions"
    advice = "Mend the file as each finding says, then check it again."


class DuplicateFile(ServerError):
    """Your team has sent exactly this file to this round before."""

    code = "duplicate-file"
    advice = "Look at the earlier submission; to send the file again anyway, add again=true."


class IdempotencyConflict(ServerError):
    """This Idempotency-Key was used before, with another file, round or method."""

    code = "idempotency-conflict"
    advice = "Use a new key for a new submission; repeat a key only to repeat the same one."


class QuotaSpent(ServerError):
    """Your team has used up its submissions to this round."""

    code = "quota-spent"
    advice = "Wait for the reset; `heldout validate` checks files without any quota."


class TooManyOpen(ServerError):
    """Your team has as many submissions waiting or running as is allowed at once."""

    code = "too-many-open"
    advice = "Wait until one of them is scored, then send the next."


class TooManyRejected(ServerError):
    """Too many of your team's files were rejected within an hour."""

    code = "too-many-rejected"
    advice = "Check files with `heldout validate` before sending them; it has no limit."


class TooManyStreams(ServerError):
    """You follow as many submissions at once as is allowed."""

    code = "too-many-streams"
    advice = "Close a page that follows one; every page also tells the state when it is loaded again."


class TooManyChecks(ServerError):
    """Too many files were checked from this address within an hour."""

    code = "too-many-checks"
    advice = "Run `heldout validate` on your own machine; it has no limit."


class StorageFull(ServerError):
    """The server has no room left for the file; nothing was kept."""

    code = "storage-full"
    advice = "Try again later; the organizers have to make room."


class DatabaseUnavailable(ServerError):
    """The database cannot be reached or written just now; nothing was changed."""

    code = "database-unavailable"
    advice = "Try again in a few seconds; with the same Idempotency-Key nothing happens twice."


class ServerBusy(ServerError):
    """The server has no scoring process free for this just now."""

    code = "server-busy"
    advice = "Try again in a minute, or run `heldout validate` on your own machine."


class RoundChanged(ServerError):
    """A round of this name is open already, and this folder differs from it."""

    code = "round-changed"
    advice = "Give the changed folder a new slug in round.toml: scores already given must stay comparable."


class DataFolderInUse(ServerError):
    """Another server is already running on this data folder."""

    code = "data-folder-in-use"
    advice = "Stop the other server, or give this one a folder of its own with --data."


class DatabaseNewer(ServerError):
    """A newer version of Heldout has changed the database, and this one does not know how; nothing was changed."""

    code = "database-newer"
    advice = "Run the newer version again, or this one on the backup that was made before it."


class NotLoggedIn(ServerError):
    """This needs an account, and nobody is logged in."""

    code = "not-logged-in"
    advice = "Log in, or send an API token as `Authorization: Bearer hld_...` (`heldout login` stores one)."


class WrongLogin(ServerError):
    """The e-mail address and the password do not belong together."""

    code = "wrong-login"
    advice = "Check both; if you have no account yet, sign up first."


class InvalidToken(ServerError):
    """The API token is unknown or was revoked."""

    code = "invalid-token"
    advice = "Make a new one with `heldout login`, or with POST /api/v1/tokens."


class NotAllowed(ServerError):
    """Your account may not do this."""

    code = "not-allowed"
    advice = "Ask the organizers of the round."


class NoTeam(ServerError):
    """Your account belongs to no team, and only teams submit."""

    code = "no-team"
    advice = "Found one on /me or by `heldout team found NAME`, or ask a member of a team for an invitation."


class ForgedRequest(ServerError):
    """The request seems to come from another site's page, so nothing was done."""

    code = "cross-site-request"
    advice = "Use this server's own pages, or send an API token instead of the browser's session."


class TokenNotFound(ServerError):
    """You have no such token."""

    code = "token-not-found"
    advice = "Look at the list of your tokens; it may have been revoked already."


class EmailTaken(ServerError):
    """There is an account with this e-mail address already."""

    code = "email-taken"
    advice = "Log in with it, or sign up with another address."


class TeamNameTaken(ServerError):
    """Another team has this name, or one that looks like it."""

    code = "team-name-taken"
    advice = "Choose another team name."


class InvalidRequest(ServerError):
    """The request does not have the form that is expected here."""

    code = "invalid-request"
    advice = "Correct the fields named in the details; /docs shows what each operation takes."


class InvalidEmail(ServerError):
    """This is not an e-mail address."""

    code = "invalid-email"
    advice = "Write it like name@university.example, without blanks."


class WeakPassword(ServerError):
    """The password is too easy to guess."""

    code = "weak-password"
    advice = "Take at least 10 characters; a few words in a row are easy to keep in mind."


class TooManyTries(ServerError):
    """This was tried too often in a short time."""

    code = "too-many-tries"
    advice = "Wait as long as the Retry-After header says, then try again."


# The only place where a cause becomes an HTTP status.
STATUS_OF: dict[type[ServerError], int] = {
    NotLoggedIn: 401,
    WrongLogin: 401,
    InvalidToken: 401,
    NotAllowed: 403,
    NoTeam: 403,
    ForgedRequest: 403,
    TokenNotFound: 404,
    EmailTaken: 409,
    TeamNameTaken: 409,
    InvalidRequest: 422,
    InvalidEmail: 422,
    WeakPassword: 422,
    TooManyTries: 429,
    RoundNotFound: 404,
    SubmissionNotFound: 404,
    RoundClosed: 403,
    RoundNotOpenYet: 403,
    UploadTooBig: 413,
    UploadStalled: 408,
    EmptyUpload: 422,
    InvalidName: 422,
    InvalidDetail: 422,
    EntryNotFound: 404,
    NotPossible: 409,
    ErratumNotReady: 409,
    ErratumReplaced: 409,
    FindingsRefused: 422,
    DuplicateFile: 409,
    IdempotencyConflict: 409,
    QuotaSpent: 429,
    TooManyOpen: 429,
    TooManyRejected: 429,
    TooManyChecks: 429,
    TooManyStreams: 429,
    StorageFull: 507,
    DatabaseUnavailable: 503,
    ServerBusy: 503,
    RoundChanged: 409,
    DataFolderInUse: 503,
    DatabaseNewer: 503,
}


def status_of(error: ServerError) -> int:
    """The HTTP status of an error: its own, else that of the nearest parent, else 500."""
    for kind in type(error).__mro__:
        if kind in STATUS_OF:
            return STATUS_OF[kind]
    return 500

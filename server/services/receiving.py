"""Taking a submission in: bytes first, then one transaction that decides, and only then an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.entries import find_or_add_entry
from server.db.events import append_event
from server.db.rounds import hold_round
from server.db.submissions import (
    by_idempotency_key,
    earlier_with_same_bytes,
    is_blob_named,
    lock_team,
    queue_positions,
)
from server.db.tables import Entry, Membership, State, Submission, stored_id
from server.deployment import Deployment
from server.errors import (
    DatabaseUnavailable,
    DuplicateFile,
    IdempotencyConflict,
    NoTeam,
    RoundClosed,
    RoundNotOpenYet,
    RoundPaused,
)
from server.names import clean_name
from server.services.admission import require_admitted
from server.services.entry_details import EntryDetails, take_details
from server.services.quotas import QuotaState
from server.services.rounds import RoundFacts, stored_round
from server.services.rules_acceptance import accept_rules
from server.services.spending import read_quota, require_place
from server.services.taking_part import refuse_changed_team, require_one_team, round_for_team
from server.services.tokens import acting_team
from server.services.verification import require_verified
from server.storage.blobs import StoredBlob

MAX_METHOD_CHARACTERS = 200

MAX_FILE_NAME_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The answer to an accepted upload: everything in it is committed."""

    id: int
    state: State
    sha256: str
    size_bytes: int
    queue_position: int | None  # from 1; None once it is no longer queued
    quota: QuotaState
    is_repeat: bool  # the same Idempotency-Key as before: nothing new was made
    rules_accepted: str | None  # digest of the version of the rules that was accepted by this


class Upload:
    """A file on its way in. Whoever began it ends it with `finish()` or `discard()`."""

    def __init__(
        self,
        deployment: Deployment,
        *,
        round_: RoundFacts,
        team_id: int,
        person_id: int | None,
        started_at: datetime,
        idempotency_key: str | None,
    ) -> None:
        self._deployment = deployment
        self._round = round_
        self._team_id = team_id
        self._person_id = person_id
        self._started_at = started_at
        self._idempotency_key = idempotency_key
        self._incoming = deployment.blobs.receive(max_bytes=round_.policy.max_upload_bytes)

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            UploadTooBig, StorageFull: nothing of the file is kept.
        """
        self._incoming.write(chunk)

    def finish(
        self, *, method: str, file_name: str = "", again: bool = False, details: EntryDetails | None = None,
        accepted_rules: str | None = None, now: datetime,
    ) -> Receipt:  # fmt: skip
        """Keep the file and queue it for scoring.

        Args:
            method: the name of the entry it is sent for; a new name makes a new entry.
            file_name: what the sender calls the file; shown to the team, used for nothing.
            again: take bytes that were sent before.
            details: what the team says of the method.
            accepted_rules: the digest of the rules that the sender has accepted; None where sending is the acceptance.
            now: the moment that counts for the quota's day: the upload's start, as for the deadline.

        Raises:
            InvalidName, InvalidDetail, InvalidText, DuplicateFile, IdempotencyConflict, QuotaSpent, TooManyOpen,
                TooManyRejected: refused.
            NotPossible: the method is disqualified, and competing or anonymity would change.
            NoTeam: the sender has left the team meanwhile.
            RoundNotFound, NotAdmitted: the organizers have turned the team away meanwhile.
            TeamsFrozen: somebody joined the team after the round had frozen its teams.
            SecondTeam: the team is new in the round, and a member takes part in it with another.
            RulesNotAccepted: the sender has not accepted the rules in force.
            StorageFull, DatabaseUnavailable: not now; nothing is kept.
        """
        try:
            method = clean_name(method, field="method name", max_characters=MAX_METHOD_CHARACTERS)
            blob = self._incoming.commit()
        finally:
            self._incoming.discard()
        try:
            receipt = self._record(
                blob, method=method, file_name=file_name, again=again, details=details or EntryDetails(),
                accepted_rules=accepted_rules, now=now,
            )  # fmt: skip
        except BaseException:
            self._drop_unless_named(blob.key)
            raise
        if receipt.is_repeat:
            self._drop_unless_named(blob.key)
        else:
            self._deployment.bell.ring()
        return receipt

    def discard(self) -> None:
        """Forget the bytes; without effect after `finish()`."""
        self._incoming.discard()

    def _record(
        self, blob: StoredBlob, *, method: str, file_name: str, again: bool, details: EntryDetails,
        accepted_rules: str | None, now: datetime,
    ) -> Receipt:  # fmt: skip
        """The one transaction: count, decide, insert."""
        database = self._deployment.database
        with database.write() as session:
            if lock_team(session, self._team_id) is None:
                raise NoTeam
            self._refuse_who_has_left(session)
            hold_round(session, self._round.id)  # nobody changes its policy meanwhile
            round_ = stored_round(session, self._round.slug)  # it may have changed since the upload began
            repeat = self._repeat(session, blob, method)
            if repeat is not None:
                return self._receipt(session, repeat, round_, now=now, is_repeat=True, rules_accepted=None)
            if not again:
                self._refuse_duplicate(session, blob)
            require_one_team(session, team_id=self._team_id, round_id=self._round.id)  # first: it locks the people
            require_admitted(session, round_, team_id=self._team_id)  # may have been turned away meanwhile
            refuse_changed_team(session, round_, team_id=self._team_id)
            require_place(session, round_, team_id=self._team_id, settings=self._deployment.settings, now=now)
            rules_accepted = accept_rules(
                session, self._round, person_id=self._person_id, accepted=accepted_rules, now=now
            )
            entry = self._entry(session, round_, method, details, now=now)
            submission = Submission(
                entry_id=stored_id(entry.id),
                round_id=self._round.id,
                team_id=self._team_id,
                person_id=self._person_id,
                state=State.QUEUED,
                blob_key=blob.key,
                file_name=harmless_file_name(file_name),
                sha256=blob.sha256,
                size_bytes=blob.size_bytes,
                upload_started_at=self._started_at,
                accepted_at=now,
                idempotency_key=self._idempotency_key,
            )
            session.add(submission)
            session.flush()
            self._tell(session, submission, now=now)
            return self._receipt(session, submission, round_, now=now, is_repeat=False, rules_accepted=rules_accepted)

    def _entry(
        self, session: Session, round_: RoundFacts, method: str, details: EntryDetails, *, now: datetime
    ) -> Entry:  # fmt: skip
        entry, is_new = find_or_add_entry(session, round_id=round_.id, team_id=self._team_id, method=method, now=now)
        take_details(entry, details, round_.policy, is_new=is_new)
        entry.withdrawn_at = None  # a new file brings a withdrawn method back
        session.add(entry)
        return entry

    def _refuse_who_has_left(self, session: Session) -> None:
        """Who begins files for many teams and leaves each would have as many quotas, and be of none when they end."""
        if self._person_id is not None and session.get(Membership, (self._person_id, self._team_id)) is None:
            raise NoTeam(
                "You have left the team while its file was on its way; nothing was kept.",
                advice="Send it for the team you are in.",
            )

    def _repeat(self, session: Session, blob: StoredBlob, method: str) -> Submission | None:
        """What this Idempotency-Key has made before; it has to be the same wish."""
        if self._idempotency_key is None:
            return None
        earlier = by_idempotency_key(session, team_id=self._team_id, key=self._idempotency_key)
        if earlier is None:
            return None
        entry = session.get_one(Entry, earlier.entry_id)
        if (earlier.sha256, earlier.round_id, entry.method) != (blob.sha256, self._round.id, method):
            raise IdempotencyConflict(details={"submission": earlier.id})
        return earlier

    def _refuse_duplicate(self, session: Session, blob: StoredBlob) -> None:
        earlier = earlier_with_same_bytes(session, team_id=self._team_id, round_id=self._round.id, sha256=blob.sha256)
        if earlier is not None:
            raise DuplicateFile(
                f"Your team has sent exactly this file to this round before: submission {earlier.id}.",
                details={"submission": earlier.id},
            )

    def _tell(self, session: Session, submission: Submission, *, now: datetime) -> None:
        append_event(
            session,
            at=now,
            actor="system" if self._person_id is None else f"person:{self._person_id}",
            action="submission.accepted",
            object_type="submission",
            object_id=stored_id(submission.id),
            round_id=self._round.id,
            detail={"sha256": submission.sha256, "size_bytes": submission.size_bytes},
        )

    def _receipt(
        self, session: Session, submission: Submission, round_: RoundFacts, *,
        now: datetime, is_repeat: bool, rules_accepted: str | None,
    ) -> Receipt:  # fmt: skip
        return Receipt(
            id=stored_id(submission.id),
            state=State(submission.state),
            sha256=submission.sha256,
            size_bytes=submission.size_bytes,
            queue_position=queue_positions(session, [submission]).get(stored_id(submission.id)),
            quota=read_quota(session, round_, team_id=self._team_id, now=now),
            is_repeat=is_repeat,
            rules_accepted=rules_accepted,
        )

    def _drop_unless_named(self, key: str) -> None:
        """Remove bytes that no row names. Where that cannot be known now, the sweeper finds out later."""
        try:
            with self._deployment.database.read() as session:
                is_named = is_blob_named(session, key)
        except DatabaseUnavailable:
            return
        if not is_named:
            self._deployment.blobs.delete(key)


def begin_team_upload(
    deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime, idempotency_key: str | None = None
) -> Upload:
    """Begin to take a file in for the team that the viewer acts for.

    Raises:
        NotLoggedIn, NoTeam: only teams submit.
        ServerError: whatever `begin_upload` raises.
    """
    with deployment.database.read() as session:
        round_for_team(session, viewer, slug, action=Action.SUBMIT)
    return begin_upload(
        deployment,
        slug=slug,
        team_id=acting_team(viewer),
        person_id=viewer.person_id,
        now=now,
        idempotency_key=idempotency_key,
    )


def begin_upload(
    deployment: Deployment,
    *,
    slug: str,
    team_id: int,
    person_id: int | None,
    now: datetime,
    idempotency_key: str | None = None,
) -> Upload:
    """Begin to take a file in. Whether the round is open is decided now, however long the upload takes.

    The quota is looked at as well, so that nobody sends a gigabyte in vain; `Upload.finish` decides about it.

    Raises:
        RoundNotFound, RoundNotOpenYet, RoundClosed: there is nothing to send to.
        TeamsFrozen: somebody joined the team after the round had frozen its teams.
        EmailNotVerified: the round takes files of verified addresses only.
        NotAdmitted: the team does not take part.
        QuotaSpent, TooManyOpen, TooManyRejected: the team may not send anything just now.
        StorageFull, DatabaseUnavailable: not now.
    """
    with deployment.database.read() as session:
        round_ = stored_round(session, slug)
        is_repeat = (
            idempotency_key is not None
            and by_idempotency_key(session, team_id=team_id, key=idempotency_key) is not None
        )
        if not is_repeat:  # who repeats because the first answer was lost gets it again, the round closed or not
            require_admitted(session, round_, team_id=team_id)
            _require_open(round_, now)
            require_verified(session, round_.policy, person_id=person_id)
            refuse_changed_team(session, round_, team_id=team_id)
            require_place(session, round_, team_id=team_id, settings=deployment.settings, now=now)
    return Upload(
        deployment,
        round_=round_,
        team_id=team_id,
        person_id=person_id,
        started_at=now,
        idempotency_key=idempotency_key,
    )


def receive(
    deployment: Deployment,
    chunks: Iterable[bytes],
    *,
    slug: str,
    team_id: int,
    person_id: int | None,
    method: str,
    now: datetime,
    file_name: str = "",
    idempotency_key: str | None = None,
    again: bool = False,
) -> Receipt:
    """Take a whole file in: `begin_upload`, `write` and `finish` at once, with what they raise."""
    upload = begin_upload(
        deployment, slug=slug, team_id=team_id, person_id=person_id, now=now, idempotency_key=idempotency_key
    )
    try:
        for chunk in chunks:
            upload.write(chunk)
        return upload.finish(method=method, file_name=file_name, again=again, now=now)
    finally:
        upload.discard()


def harmless_file_name(name: str) -> str:
    """The last part of a sender's path, with what does not show as it is written replaced."""
    last = name.replace("\\", "/").rpartition("/")[2][:MAX_FILE_NAME_CHARACTERS]
    return "".join(c if c.isprintable() else "\ufffd" for c in last)


def _require_open(round_: RoundFacts, now: datetime) -> None:
    match round_.state(now):
        case "before":
            raise RoundNotOpenYet(
                f"The round {round_.slug} opens at {round_.policy.opens:%Y-%m-%d %H:%M UTC}.",
                details={"opens": f"{round_.policy.opens:%Y-%m-%dT%H:%M:%SZ}"},
                retry_at=round_.policy.opens,
            )
        case "paused":
            paused = round_.policy.closes
            raise RoundPaused(
                f"The round {round_.slug} is paused since {paused:%Y-%m-%d %H:%M UTC}.",
                details={"paused": f"{paused:%Y-%m-%dT%H:%M:%SZ}"},
            )
        case "closed":
            closed = round_.policy.closes
            raise RoundClosed(
                f"The round {round_.slug} closed at {closed:%Y-%m-%d %H:%M UTC}, before the upload began.",
                details={"closed": f"{closed:%Y-%m-%dT%H:%M:%SZ}"},
            )
        case "open":
            pass

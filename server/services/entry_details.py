"""What a team says of its method: a track, a description, links, and how it wants to stand on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scoring.policies import Policy
from server.db.tables import Entry
from server.errors import InvalidDetail, NotPossible
from server.texts import clean_text

# An abstract of a paper has some 2,000 characters.
MAX_DESCRIPTION_CHARACTERS = 4000
MAX_URL_CHARACTERS = 500

_YES = frozenset({"1", "on", "true", "yes"})


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDetails:
    """What was said with a file; None leaves it as it is."""

    track: str | None = None
    description: str | None = None
    paper_url: str | None = None
    code_url: str | None = None
    is_anonymous: bool | None = None
    is_competing: bool | None = None


def read_details(fields: Mapping[str, str]) -> EntryDetails:
    """The details among the fields of a form or of a query.

    Raises:
        InvalidDetail, InvalidText: a field cannot be used.
    """
    not_competing, description = _flag(fields, "not_competing"), fields.get("description")
    return EntryDetails(
        track=fields.get("track") or None,
        description=None if description is None else _description(description),
        paper_url=_url(fields, "paper"),
        code_url=_url(fields, "code"),
        is_anonymous=_flag(fields, "anonymous"),
        is_competing=None if not_competing is None else not not_competing,
    )


def take_details(entry: Entry, details: EntryDetails, policy: Policy, *, is_new: bool) -> None:
    """Write the details into an entry; its track is chosen with its first file.

    Raises:
        InvalidDetail: the round has no such track, the entry another, or a new entry none.
        NotPossible: it is disqualified, and competing or anonymity would change.
    """
    _take_track(entry, details.track, policy.tracks, is_new=is_new)
    if entry.disqualified_at is not None:  # else its team could take its name off the public reason
        _refuse_other_standing(entry, details)
    for name in ("description", "paper_url", "code_url", "is_anonymous", "is_competing"):
        value = getattr(details, name)
        if value is not None:
            setattr(entry, name, value)


def _refuse_other_standing(entry: Entry, details: EntryDetails) -> None:
    if details.is_anonymous in {None, entry.is_anonymous} and details.is_competing in {None, entry.is_competing}:
        return
    raise NotPossible(
        "The entry is disqualified: whether it competes, and under whose name, stays as it is.",
        advice=appeal_advice(entry),
    )


def appeal_advice(entry: Entry) -> str:
    """How the team of a disqualified entry goes on."""
    return f"Appeal at /entries/{entry.id}/appeal, or with `heldout appeal {entry.id}`."


def _take_track(entry: Entry, track: str | None, tracks: tuple[str, ...], *, is_new: bool) -> None:
    known = f"Choose one of {', '.join(tracks)}." if tracks else "Leave the track out."
    if track is not None and track not in tracks:
        raise InvalidDetail(f'This round has no track "{track[:80]}".', advice=known, details={"field": "track"})
    if not is_new and track is not None and track != entry.track:
        raise InvalidDetail(
            f"This method is in the track {entry.track}.", advice="Give the other track's method another name.",
            details={"field": "track"},
        )  # fmt: skip
    if is_new:
        if tracks and track is None:
            raise InvalidDetail(
                "A new method is sent for a track of this round.", advice=known, details={"field": "track"}
            )
        entry.track = track or ""


def _description(said: str) -> str:
    return clean_text(said, field="description", max_characters=MAX_DESCRIPTION_CHARACTERS, is_optional=True)


def _url(fields: Mapping[str, str], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    address = value.strip()
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_usable = False
    if not is_usable or len(address) > MAX_URL_CHARACTERS or not address.isprintable() or " " in address:
        raise InvalidDetail(
            f"The address of the {name} cannot be used.", advice="Write a whole one, like https://example.org/paper.",
            details={"field": name},
        )  # fmt: skip
    return address


def _flag(fields: Mapping[str, str], name: str) -> bool | None:
    value = fields.get(name)
    return None if value is None else value.lower() in _YES

"""The policy of a round: who may send how much, when, which score decides, and what is shown until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from scoring.faults import FaultLog
from scoring.policy_reader import PolicyReader

Rows = Literal["team", "entry"]
Represents = Literal["best", "latest", "finals"]
Ranking = Literal["metric", "categories"]
PerClass = Literal["revealed", "open", "never"]
Listing = Literal["public", "unlisted", "private"]
Admission = Literal["open", "approval", "domains"]

# The defaults let any file of the ILSVRC years through: the largest (VID, 30 million lines) unpack to 1.5 GB.
MAX_UPLOAD_BYTES = 1 << 30
MAX_UNPACKED_BYTES = 4 << 30
MAX_LINES = 40_000_000

# As many as Kaggle's competitions let a team choose.
FINALS = 2
APPEAL_DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What round.toml says under [policy]. Times are aware and in UTC; None means "no limit" or "always"."""

    best_by: str  # the metric that ranks, with its own direction
    rules: str | None = None  # the text of the rule book, Markdown
    data: str | None = None  # the text of the data page, Markdown: links, checksums, licence, terms
    has_data_terms: bool = False  # whether the data page holds terms, which are accepted as the rules are
    time_zone: str = "UTC"  # in which times are shown beside UTC, an IANA name

    opens: datetime | None = None
    closes: datetime | None = None
    freezes: datetime | None = None  # from here on the board shows what was sent before, until the reveal
    reveals: datetime | None = None  # when what was held back is shown; None: at the close
    teams_freeze: datetime | None = None  # from here on nobody joins or leaves a team that takes part

    submissions_per_day: int | None = None  # per team and UTC calendar day
    submissions_per_week: int | None = None  # per team and week from Monday, UTC
    submissions_total: int | None = None  # per team
    max_upload_bytes: int = MAX_UPLOAD_BYTES  # of the file as sent
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES
    max_lines: int = MAX_LINES

    rows: Rows = "team"  # a board's rows: one per team, or one per method
    represents: Represents = "best"  # which submission stands for an entry
    finals: int = FINALS  # how many a team may choose, where chosen ones stand for it
    ranking: Ranking = "metric"  # or by the number of categories won, as ILSVRC's detection
    tracks: tuple[str, ...] = ()  # ranked apart; none: one board for all

    public_share: float | None = None  # of the images, whose scores are shown before the reveal; None: all
    is_blind: bool = False  # no score is shown before the reveal
    is_anonymous: bool = False  # no team is named before the reveal
    per_class: PerClass = "revealed"  # when figures per class are shown

    listing: Listing = "public"  # unlisted: by its address alone; private: to those who joined
    admission: Admission = "open"
    domains: tuple[str, ...] = ()  # of the e-mail addresses that are admitted
    needs_email: bool = False  # whether an address must be verified before a submission
    appeal_days: int = APPEAL_DAYS  # after a disqualification


# round.toml leaves the verb out.
KEYS: Mapping[str, str] = {
    "blind": "is_blind", "anonymous": "is_anonymous", "verify_email": "needs_email", "data_terms": "has_data_terms",
}  # fmt: skip

_TIMES = ("opens", "closes", "freezes", "reveals", "teams_freeze")
_LIMITS = ("submissions_per_day", "submissions_per_week", "submissions_total")
_SIZES = ("max_upload_bytes", "max_unpacked_bytes", "max_lines", "finals", "appeal_days")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "rows": ("team", "entry"),
    "represents": ("best", "latest", "finals"),
    "ranking": ("metric", "categories"),
    "per_class": ("revealed", "open", "never"),
    "listing": ("public", "unlisted", "private"),
    "admission": ("open", "approval", "domains"),
}
_FILES = ("rules", "data")
POLICY_KEYS = (
    *_FILES, "best_by", "time_zone", *_TIMES, *_LIMITS, *_SIZES, *_CHOICES, "tracks", "public_share", *KEYS, "domains",
)  # fmt: skip


def parse_policy(
    table: Mapping[str, Any], *, metrics: tuple[str, ...], main_metric: str, faults: FaultLog,
    has_categories: bool = True, texts: Mapping[str, str | None] | None = None,
) -> Policy:  # fmt: skip
    """Read [policy].

    Args:
        table: the section.
        metrics, main_metric: of the round's task.
        faults: where what is wrong is told.
        has_categories: whether the task has an AP per class, so that categories can be won.
        texts: of the files that the keys of `table` name.
    """
    reader = PolicyReader(table=table, faults=faults)
    found: dict[str, Any] = {key: reader.time(key) for key in _TIMES}
    found |= {key: reader.count(key) for key in _LIMITS}
    found |= {key: value for key in _SIZES if (value := reader.count(key)) is not None}
    found |= {key: reader.choice(key, choices) for key, choices in _CHOICES.items()}
    found |= {name: reader.flag(key) for key, name in KEYS.items()} | dict(texts or {})
    policy = Policy(
        best_by=reader.choice("best_by", metrics, main_metric),
        time_zone=reader.time_zone("time_zone"),
        tracks=reader.names("tracks"),
        domains=reader.domains("domains"),
        public_share=reader.share("public_share"),
        **found,
    )
    _refuse_contradictions(policy, reader, has_categories=has_categories)
    return policy


def _refuse_contradictions(policy: Policy, reader: PolicyReader, *, has_categories: bool) -> None:
    if policy.opens and policy.closes and policy.closes <= policy.opens:
        reader.wrong("closes", "the round closes before it opens", "put `closes` after `opens`")
    if policy.reveals and policy.closes is None:
        reader.wrong("reveals", "a round that never closes has nothing to reveal", "give `closes`, too")
    elif policy.reveals and policy.closes and policy.reveals < policy.closes:
        reader.wrong("reveals", "the reveal comes before the close", "put `reveals` at or after `closes`")
    if policy.freezes and policy.closes and policy.freezes >= policy.closes:
        reader.wrong("freezes", "the freeze comes after the close", "put `freezes` before `closes`")
    if policy.ranking == "categories" and not has_categories:
        reader.wrong("ranking", "this task has no AP per class to win a category by", "leave the key out")
    if policy.admission == "domains" and not policy.domains:
        reader.wrong("admission", "no domain is listed", 'name some, as in domains = ["example.edu"]')
    if policy.has_data_terms and not policy.data:
        reader.wrong("data_terms", "there is no data page that could hold terms", "give `data`, too")


def policy_table(policy: Policy) -> dict[str, Any]:
    """The policy as round.toml has it under [policy], less what is as by default, and less files."""
    default = Policy(best_by="")
    name_of = {name: key for key, name in KEYS.items()}
    table: dict[str, Any] = {}
    for field in fields(Policy):
        value = getattr(policy, field.name)
        if field.name not in _FILES and value != getattr(default, field.name):
            table[name_of.get(field.name, field.name)] = list(value) if isinstance(value, tuple) else value
    return table


def policy_json(policy: Policy) -> dict[str, Any]:
    """`policy_table` for a database: moments are texts."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else value for key, value in policy_table(policy).items()
    }


def policy_of_json(document: Mapping[str, Any], *, rules: str | None = None, data: str | None = None) -> Policy:
    """What `policy_json` made a document of."""
    values: dict[str, Any] = {KEYS.get(key, key): value for key, value in document.items()}
    for key in _TIMES:
        if key in values:
            values[key] = datetime.fromisoformat(values[key])
    for key in ("tracks", "domains"):
        if key in values:
            values[key] = tuple(values[key])
    return replace(Policy(**values), rules=rules, data=data)

"""The board: computed from entries and a policy, for a viewer and a moment. Nothing of it is ever stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from leaderboard.categories import CATEGORIES_WON, ClassScores, ranked_by_categories_won
from leaderboard.entries import Entry
from leaderboard.policy import Policy, Rows
from leaderboard.ranking import ranks
from leaderboard.records import Record, Sent, record_submissions
from leaderboard.rules import Standing, standings, within_choice
from leaderboard.visibility import SeenRound, Split, Viewer, Visibility, visible

if TYPE_CHECKING:
    from leaderboard.intervals import Interval
    from leaderboard.rank_intervals import RankInterval
    from scoring.tasks import Metric, Task

# Who is not named yet: it says nothing, not even which rows are of one team.
UNNAMED = "Anonymous team"

# (team, track, entry); None where the number is over all of them
_Spender = tuple[int, str | None, int | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the board."""

    rank: int | None  # within its track; None out of competition
    is_tied: bool  # shares its rank with another row
    entry: int
    team_id: int
    team: str
    is_named: bool  # whether `team` is its name
    method: str
    track: str
    submission: int  # the id of the submission that stands for the entry
    scores: Mapping[str, float | None]
    interval: Interval | None  # of the deciding metric; None where it has none, as categories won
    submissions_spent: int  # by the team in this round, under its name; of who is not named, for this row
    submitted_at: datetime
    is_baseline: bool
    is_competing: bool
    disqualified_for: str
    links: Mapping[str, str]
    is_apart: bool = False  # of a team's anonymous entries, which stand beside its own row until the reveal
    rank_interval: RankInterval | None = None  # the ranks it may truly have, where that is known


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """A round's ranking as one viewer may see it at one moment."""

    round_slug: str
    task_slug: str
    metric: Metric  # the one that decides
    metrics: tuple[Metric, ...]  # every metric of the task, in its order
    truth_digest: str | None  # which ground truth the scores come from; None before there is one
    row_per: Rows
    tracks: tuple[str, ...]
    split: Split  # of which images the scores are
    visibility: Visibility
    rows: tuple[Row, ...]
    records: tuple[Record, ...] = ()  # who led when, by the metric of `best_by`; the first one first
    is_truth_sealed: bool = True  # whether that digest is a seal, which confirms no guess of the truth
    resolvable: float | None = None  # the difference of two such entries that is found four times in five; if known


@dataclass(frozen=True, kw_only=True, slots=True)
class Standings:
    """What a board is computed from, whoever looks."""

    entries: Sequence[Entry]
    class_scores: Mapping[int, ClassScores] = field(default_factory=dict)  # by submission, where categories are won


def build_board(
    found: Standings,
    round_: SeenRound,
    *,
    round_slug: str,
    task: Task,
    truth_digest: str | None,
    is_truth_sealed: bool = True,
    viewer: Viewer,
    now: datetime,
    split: Split | None = None,
) -> Board:
    """Rank what was found by the policy's metric, as far as `viewer` may see it at `now`.

    Args:
        found: the round's entries, with their scores on the images of `split`.
        round_: its id and policy.
        round_slug, task, truth_digest, is_truth_sealed: for the board's heading.
        viewer, now: who looks, and when.
        split: which scores `found` holds; None: those the viewer sees first.
    """
    seen, policy = visible(round_, viewer, now), round_.policy
    by_categories = policy.ranking == "categories" and seen.is_revealed
    metric = CATEGORIES_WON if by_categories else task.metric(policy.best_by)
    entries = [_as_sent(entry, seen.sent_before) for entry in found.entries]
    shown = split or seen.split
    rows = _rows(entries, found.class_scores, policy, task=task, seen=seen, metric=metric) if seen.scores else ()
    stands = frozenset(row.submission for row in rows) if shown != "public" and policy.public_share else None
    return Board(
        round_slug=round_slug,
        task_slug=task.slug,
        metric=metric,
        metrics=((metric,) if by_categories else ()) + _measured(task, entries, metric),
        truth_digest=truth_digest,
        is_truth_sealed=is_truth_sealed,
        row_per=policy.rows,
        tracks=policy.tracks,
        split=shown,
        visibility=seen,
        rows=rows,
        records=tuple(
            _record(sent, is_named=_is_named(sent.entry, policy, seen))
            for sent in record_submissions(entries, task.metric(policy.best_by), stands=stands)
        )
        if seen.scores
        else (),
    )


def _as_sent(entry: Entry, before: datetime | None) -> Entry:
    """The entry as it stood at a freeze."""
    if before is None:
        return entry
    return replace(
        entry,
        submissions=tuple(sent for sent in entry.submissions if sent.submitted_at < before),
        spent_at=tuple(moment for moment in entry.spent_at if moment < before),
    )


def _measured(task: Task, entries: Sequence[Entry], main: Metric) -> tuple[Metric, ...]:
    """The task's metrics, with those that only some rounds measure where this one does."""
    scored = {name for entry in entries for submission in entry.submissions for name in submission.scores}
    return task.metrics + tuple(m for m in task.hierarchy_metrics if m.name in scored or m == main)


def _rows(
    entries: Sequence[Entry], class_scores: Mapping[int, ClassScores], policy: Policy, *,
    task: Task, seen: Visibility, metric: Metric,
) -> tuple[Row, ...]:  # fmt: skip
    represents = policy.represents if seen.is_revealed or policy.represents != "finals" else "best"
    standing = within_choice(entries, finals=policy.finals) if represents == "finals" else entries
    ordered = standings(
        standing,
        rows=policy.rows,
        metric=task.metric(policy.best_by),
        represents=represents,
        are_names_hidden=_hides_some_names(policy, seen),
    )
    if metric is CATEGORIES_WON:
        ordered = _by_categories(ordered, class_scores)
    places = ranks(ordered, metric)
    holders = Counter((standing.entry.track, rank) for standing, rank in zip(ordered, places, strict=True))
    spent: Counter[_Spender] = Counter()
    for entry in entries:
        spent[_spender(entry, policy, seen)] += len(entry.spent_at)
    return tuple(
        _row(
            standing,
            rank=rank,
            is_tied=rank is not None and holders[standing.entry.track, rank] > 1,
            spent=spent[_spender(standing.entry, policy, seen)],
            is_named=_is_named(standing.entry, policy, seen),
            is_apart=policy.rows == "team" and standing.entry.is_anonymous and _hides_some_names(policy, seen),
            has_interval=metric is not CATEGORIES_WON,
        )
        for rank, standing in _with_last(zip(places, ordered, strict=True))
    )


def _by_categories(ordered: Sequence[Standing], class_scores: Mapping[int, ClassScores]) -> tuple[Standing, ...]:
    """Each track counts its own categories; who is out of competition wins none."""
    ranked: list[Standing] = []
    for track in dict.fromkeys(standing.entry.track for standing in ordered):
        competing = [s for s in ordered if s.entry.is_ranked and s.entry.track == track]
        ranked += ranked_by_categories_won(competing, class_scores)
    return (*ranked, *(standing for standing in ordered if not standing.entry.is_ranked))


def _with_last(pairs: Iterable[tuple[int | None, Standing]]) -> list[tuple[int | None, Standing]]:
    """Who is disqualified comes last; baselines and the like stay where their score puts them."""
    found = list(pairs)
    return sorted(found, key=lambda pair: bool(pair[1].entry.disqualified_for))


def _spender(entry: Entry, policy: Policy, seen: Visibility) -> _Spender:
    """Whose submissions are counted together: a number that two rows share would tell that they are of one team."""
    if _is_named(entry, policy, seen):
        return entry.team_id, None, None
    if policy.rows == "entry" or not entry.is_ranked:
        return entry.team_id, None, entry.id
    return entry.team_id, entry.track, None


def _is_named(entry: Entry, policy: Policy, seen: Visibility) -> bool:
    is_hidden = policy.is_anonymous or entry.is_anonymous
    return seen.names or not is_hidden or entry.is_baseline or entry.team_id == seen.own_team_id


def _hides_some_names(policy: Policy, seen: Visibility) -> bool:
    """Whether anonymous entries stand apart from the others of their teams; the ranks are the same for everybody."""
    return not (seen.is_revealed or policy.is_anonymous)


def _record(sent: Sent, *, is_named: bool) -> Record:
    return Record(
        entry=sent.entry.id,
        team_id=sent.entry.team_id,
        team=sent.entry.team if is_named else UNNAMED,
        is_named=is_named,
        method=sent.entry.method,
        track=sent.entry.track,
        value=sent.value,
        at=sent.submission.submitted_at,
    )


def _row(
    standing: Standing, *,
    rank: int | None, is_tied: bool, spent: int, is_named: bool, is_apart: bool, has_interval: bool,
) -> Row:  # fmt: skip
    entry, sent = standing.entry, standing.submission
    return Row(
        rank=rank,
        is_tied=is_tied,
        entry=entry.id,
        team_id=entry.team_id,
        team=entry.team if is_named else UNNAMED,
        is_named=is_named,
        method=entry.method,
        track=entry.track,
        submission=sent.id,
        scores=sent.scores,
        interval=sent.interval if has_interval else None,
        submissions_spent=spent,
        submitted_at=sent.submitted_at,
        is_baseline=entry.is_baseline,
        is_competing=entry.is_competing,
        disqualified_for=entry.disqualified_for,
        links=entry.links if is_named else {},
        is_apart=is_apart,
    )

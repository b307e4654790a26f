"""Sentences that several pages share: rules of the quota and of the rows, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leaderboard.board import Board
from leaderboard.comparison import resolvable_at_worst
from leaderboard.numbers import score_text
from leaderboard.policy import Phase
from leaderboard.visibility import Visibility
from scoring.policies import Policy
from server.services.quotas import QuotaState
from server.services.rounds import RoundFacts
from server.web.moments import distance, moment
from server.web.round_dates import reveal_date

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

TURNED_AWAY = "The organizers have turned your team away. Write to them."


def ordinal(place: int) -> str:
    """A place in a queue: third, 12th."""
    if place <= len(_ORDINALS):
        return _ORDINALS[place - 1]
    suffix = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{suffix}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 line, 20 lines, 2 entries."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def rows_rule(facts: RoundFacts) -> str:
    """What a row of the board stands for."""
    which = {"best": "best", "latest": "latest", "finals": "chosen"}[facts.policy.represents]
    chosen = f" {finals_rule(facts)}" if facts.policy.represents == "finals" else ""
    tracks = f" The tracks {_listed(facts.policy.tracks)} are ranked apart." if len(facts.policy.tracks) > 1 else ""
    if facts.policy.rows == "entry":
        return f"One row per method: its {which} submission.{chosen}{tracks}"
    each = _in_each_track(facts.policy)
    if facts.policy.represents == "latest":
        return f"One row per team{each}: its best method, each taken by its latest submission.{tracks}"
    return f"One row per team{each}: its {which} submission.{chosen}{tracks}"


def _in_each_track(policy: Policy) -> str:
    return " in each track" if len(policy.tracks) > 1 else ""


def finals_rule(facts: RoundFacts) -> str:
    """How many submissions a team may choose, and what counts where it chose none."""
    policy = facts.policy
    each = _in_each_track(policy)
    apart = ", of each method apart" if policy.rows == "entry" else ""
    return (
        f"Until the close a team chooses up to {counted(policy.finals, 'submission')}{each}: at the reveal the best of"
        f" those chosen counts{apart}; where none is chosen, the best by the scores that the team saw."
    )


def rows_told(facts: RoundFacts, board: Board) -> str:
    """How many rows the board has: 12 teams and 2 baselines; entries, where a team may have several rows.

    What is out of competition has a row beside that of its team, as has what stands apart until the reveal.
    """
    has_more_rows = len(facts.policy.tracks) > 1 or any(
        row.is_apart or (row.rank is None and not row.is_baseline) for row in board.rows
    )
    noun = "entry" if facts.policy.rows == "entry" or has_more_rows else "team"
    baselines = sum(row.is_baseline for row in board.rows)
    counts = ((len(board.rows) - baselines, noun), (baselines, "baseline"))
    return " and ".join(counted(number, what) for number, what in counts if number)


def split_note(facts: RoundFacts, board: Board) -> str:
    """Of which images the scores are, what is held back until the reveal, and what stands still."""
    policy, seen = facts.policy, board.visibility
    notes = []
    if policy.public_share is not None and seen.scores:
        stay = "were" if seen.is_revealed else "stay"
        others = f"{100 * policy.public_share:g} % of the images are public, the others {stay} private until the reveal"
        notes.append(
            f"Scores on the {board.split} images: {others}." if board.split != "all" else "Scores on all images."
        )
    if seen.sent_before is not None:
        notes.append(f"Frozen: what was sent from {seen.sent_before:%Y-%m-%d %H:%M} UTC on shows at the reveal.")
    if not seen.is_revealed:
        notes += [
            note
            for is_so, note in (
                (policy.is_blind, "Blind: no score is shown before the reveal."),
                (policy.is_anonymous, "Anonymous: no team is named before the reveal."),
                (
                    any(row.is_apart for row in board.rows),
                    "Anonymous entries have a row beside that of their team until the reveal.",
                ),
                (policy.ranking == "categories", "At the reveal the ranking is by the number of categories won."),
            )
            if is_so
        ]
    return " ".join(notes)


def spent_note(board: Board) -> str:
    """Which files a row counts; while names are hidden it must not tell what else a team has sent."""
    if board.visibility.names:
        return "“Submissions” counts every scored file of the team in this round."
    return (
        "“Submissions” counts the scored files that a team has sent to this round under its name;"
        " of a row without a name, those of that row alone."
    )


def quota_rule(facts: RoundFacts) -> str:
    """How much a team may send."""
    policy = facts.policy
    limits = [
        f"{counted(limit, 'submission') if place == 0 else f'{limit:,}'} {per}"
        for place, (limit, per) in enumerate(
            (limit, per)
            for limit, per in (
                (policy.submissions_per_day, "a UTC day"),
                (policy.submissions_per_week, "a week"),
                (policy.submissions_total, "in all"),
            )
            if limit is not None
        )
    ]
    if not limits:
        return "A team may send any number of submissions."
    return f"A team may send {_listed(limits)}."


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def close_tells(facts: RoundFacts) -> str:
    """What an organizer agrees to who closes the round now."""
    if facts.policy.reveals is not None and not facts.has_reveal_of_pause:
        at = facts.policy.reveals
        return f"Take no more submissions; the reveal stays on {moment(at, at).text}."
    shown = _held_back(facts.policy)
    return f"Take no more submissions{', and reveal at once: ' if shown else ''}{', '.join(shown)}."


def pause_note(facts: RoundFacts) -> str:
    """What was scheduled before a pause, and what becomes of it; "" where nothing is kept."""
    kept = facts.kept_dates
    if kept is None:
        return ""
    close = "have no close" if kept.closes is None else f"close on {moment(kept.closes, kept.closes).text}"
    if kept.freezes is None:
        return f"Before the pause it was to {close}."
    freeze = moment(kept.freezes, kept.freezes).text
    return (
        f"Before the pause it was to {close}, and its board to freeze on {freeze}; the freeze comes as long before the"
        " new close."
    )


def reveal_tells(facts: RoundFacts) -> str:
    """What an organizer agrees to who reveals a closed round now."""
    shown = ", ".join(_held_back(facts.policy)) or "all that was held back"
    return f"Show everybody {shown}. It cannot be taken back."


def _held_back(policy: Policy) -> list[str]:
    """What is shown from the reveal on."""
    return [
        what
        for is_so, what in (
            (policy.is_blind, "all scores"),
            (policy.public_share is not None, "the private scores"),
            (policy.freezes is not None, "what was sent since the freeze"),
            (policy.is_anonymous, "the teams' names"),
            (policy.ranking == "categories", "the categories won"),
            (policy.per_class == "revealed", "figures per class"),
        )
        if is_so
    ]


def teams_rule(facts: RoundFacts) -> str:
    """Until when the members of teams may change."""
    at = facts.policy.teams_freeze
    if at is None:
        return ""
    return (
        f"Nobody joins or leaves a team that takes part from {at:%Y-%m-%d %H:%M} UTC on;"
        " one that somebody joins later cannot submit."
    )


def quota_left(quota: QuotaState, now: datetime) -> str:
    """What is left of it now, and when there is more."""
    if quota.remaining is None:
        return "No limit on submissions."
    return f"{counted(quota.remaining, 'submission')} left now.{quota_more(quota, now)}"


def quota_more(quota: QuotaState, now: datetime) -> str:
    """When there is more of it, as a further sentence; "" where there is none before the close."""
    if quota.resets_at is None:
        return ""
    return f" More {distance(quota.resets_at, now)}, on {moment(quota.resets_at, now).text}."


def round_state(facts: RoundFacts, phase: Phase, now: datetime) -> str:
    """Whether the ranking can still change, until when, and when more of it shows."""
    policy, reveals = facts.policy, reveal_date(facts, now)
    if phase == "before":
        return f"The round opens {distance(policy.opens, now)}." if policy.opens else ""
    sentences, is_paused = ["The round is open, without a deadline."], facts.state(now) == "paused"
    if policy.closes is not None:
        verb = "closes" if phase == "open" else "was paused" if is_paused else "closed"
        sentences = [f"The round {verb} {_told(policy.closes, now)}."]
    if is_paused:
        sentences.append("Nothing can be sent until its organizers go on.")
    if policy.freezes is not None and now < policy.freezes:
        sentences.append(
            f"The board freezes {_told(policy.freezes, now)}: what is sent from then on shows at the reveal."
        )
    if reveals is not None and now < reveals:
        sentences.append(f"The reveal comes {'with the close' if reveals == policy.closes else _told(reveals, now)}.")
    return " ".join(sentences)


def _told(at: datetime, now: datetime) -> str:
    when = moment(at, now)
    return f"{when.distance}, on {when.text}"


def empty_board(seen: Visibility) -> str:
    """What will stand on a board without rows, and what to do now."""
    if not seen.scores and seen.phase != "before":
        return "This round is blind: no score is shown before the reveal, not even your own."
    return {
        "before": "The board starts when the round opens. Get your first file ready with `heldout validate`.",
        "open": "Teams will stand here, best first, as soon as a submission is scored. Yours can be the first.",
        "closed": "No submission has been scored in this round.",
    }[seen.phase]


def resolution_note(facts: RoundFacts, board: Board) -> str:
    """The smallest difference that the round's images can tell."""
    if board.resolvable is not None:
        return (
            f"Two neighbours on this board are told apart four times in five once they differ by "
            f"{score_text(board.resolvable, board.metric)}; smaller differences are often chance."
        )
    share = facts.policy.public_share
    images = facts.image_count if share is None or board.split == "all" else round(
        facts.image_count * (share if board.split == "public" else 1 - share)
    )  # fmt: skip
    worst = resolvable_at_worst(images, facts.task, board.metric.name)
    if worst is None:
        return ""
    return (
        f"With {images:,} images two entries are told apart four times in five once they differ by "
        f"{score_text(worst, board.metric)}, and sooner the more alike they are."
    )

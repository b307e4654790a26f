"""What the pages of a draft show: its truth, its self-test, and the way to open it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.tasks import find_task
from server.services.round_affairs import Affairs
from server.web.organizing_lines import truth_facts
from server.web.round_dates import RoundDate, round_dates
from server.web.submit import Fact
from server.web.wording import quota_rule, rows_rule


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedLine:
    """A file of the self-test."""

    name: str
    score: str
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenForm:
    """The button that opens a draft."""

    slug: str
    has_faults: bool  # of the self-test: then opening takes a tick


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftPage:
    """A draft, from its truth to the button that opens it."""

    title: str
    slug: str
    task: str
    truth: tuple[Fact, ...]
    metric: str  # by which the round ranks, in words
    tried: tuple[TriedLine, ...]
    opens_at_once: bool
    dates: tuple[RoundDate, ...]
    rules: tuple[str, ...]  # of the policy, in sentences
    split: str
    form: OpenForm


def draft_page(affairs: Affairs, now: datetime) -> DraftPage:
    """The page of a draft."""
    facts, policy = affairs.facts, affairs.facts.policy
    task = find_task(facts.task)
    metric = task.metric(policy.best_by)
    share = policy.public_share
    return DraftPage(
        title=facts.title,
        slug=facts.slug,
        task=task.title,
        truth=truth_facts(affairs),
        metric=f"{metric.label}, {metric.direction}",
        tried=tuple(_tried(tried, metric.name) for tried in affairs.selftest),
        opens_at_once=policy.opens is None,
        dates=round_dates(facts, now),
        rules=(rows_rule(facts), quota_rule(facts)),
        split="None: every score is of all images." if share is None else f"{share:.0%} of the images are public.",
        form=open_form(affairs),
    )


def open_form(affairs: Affairs) -> OpenForm:
    """The button that opens a draft."""
    return OpenForm(slug=affairs.facts.slug, has_faults=any(tried["faults"] for tried in affairs.selftest))


def _tried(tried: Mapping[str, Any], metric: str) -> TriedLine:
    score = tried["scores"].get(metric)
    return TriedLine(
        name=tried["name"], score="undefined" if score is None else f"{score:.5f}", faults=tuple(tried["faults"])
    )

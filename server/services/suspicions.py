"""Images where the strong entries agree against the truth, for the round's organizers alone; found by a child."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from server.auth.permissions import COMMAND, Action
from server.auth.viewer import Viewer
from server.db.image_reports import ReportRow, reports_of_round
from server.db.scores import active_scores_of
from server.db.submissions import submissions_of_round
from server.db.tables import stored_id
from server.db.truths import first_digest
from server.deployment import Deployment
from server.errors import ServerBusy
from server.jobs.scoring_process import ChildDied, MemoryLimitHit, TaskFault, TimeLimitHit
from server.jobs.suspicion_orders import SUSPICION_TASK, SuspicionOrder, Suspicions
from server.services.boards import compute_board
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round

# The rows of the board whose word counts: with fewer, one team's fault weighs much; with more, weak ones have a say.
STRONG_ROWS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class _Strong:
    """The strong submissions and what is kept of each."""

    facts: RoundFacts
    blobs: tuple[tuple[str, str], ...]  # (predictions, outcomes)
    reported: tuple[int, ...]
    split_truth_digest: str  # of the round's first truth


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise:
    """What is known of faults in the truth."""

    facts: RoundFacts
    reports: list[ReportRow]


def noise_of(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> Noise:
    """What teams have reported.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    with deployment.database.read() as session:
        organized = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now)
        return Noise(facts=stored_round(session, slug), reports=reports_of_round(session, organized.round_id))


def find_suspicions(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> tuple[Suspicions, int]:
    """The doubtful images with the draft of an erratum, and how many entries were asked.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ServerBusy: it cannot be done here and now.
    """
    strong = _strong(deployment, viewer, slug=slug, now=now)
    folders, facts = deployment.folders, strong.facts
    result_file = folders.work / f"{uuid4().hex}.json"
    try:
        with ExitStack() as held:
            files, outcomes = (
                tuple(held.enter_context(deployment.blobs.as_file(pair[kind])) for pair in strong.blobs)
                for kind in (0, 1)
            )
            order = SuspicionOrder(
                public_half=folders.public_half(slug),
                truth_file=folders.truth_file(slug, facts.truth_digest or ""),
                files=files,
                outcomes=outcomes,
                public_digest=facts.public_digest,
                split_truth_file=folders.truth_file(slug, strong.split_truth_digest),
                split_seed=facts.split_seed,
                reported=strong.reported,
                result_file=result_file,
            )
            deployment.truths.run(SUSPICION_TASK, order)
        return Suspicions.read(result_file), len(strong.blobs)
    except (TimeLimitHit, MemoryLimitHit, ChildDied, TaskFault) as error:
        raise ServerBusy("Looking for doubtful images was interrupted.") from error
    finally:
        result_file.unlink(missing_ok=True)


def _strong(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> _Strong:
    with deployment.database.read() as session:
        organized = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now)
        facts = stored_round(session, slug)
        board = compute_board(session, facts, viewer=COMMAND, now=now, split="all")
        ranked = sorted((row for row in board.rows if row.rank is not None), key=lambda row: row.rank or 0)
        wanted = {row.submission for row in ranked[:STRONG_ROWS]}
        found = [one for one in submissions_of_round(session, organized.round_id) if one.id in wanted]
        scores = active_scores_of(session, found)
        blobs = []
        for one in found:
            scored = scores.get(stored_id(one.id), {}).get("all")
            if scored is not None and scored.score.outcomes_key is not None:
                blobs.append((one.blob_key, scored.score.outcomes_key))
        reports = reports_of_round(session, organized.round_id)
        first = first_digest(session, organized.round_id)
    reported = sorted({row.report.image for row in reports if row.report.settled_at is None})
    return _Strong(facts=facts, blobs=tuple(blobs), reported=tuple(reported), split_truth_digest=first)

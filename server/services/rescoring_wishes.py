"""An organizer's wish to have submissions scored again: one, some or all; and to have failures forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.rescorings import forget_failures, wish
from server.db.rounds import lock_round
from server.db.submissions import states_of_round
from server.db.tables import State
from server.db.truths import wanted_versions
from server.deployment import Deployment
from server.errors import SubmissionNotFound
from server.jobs.leases import queue_again
from server.services.organizing import organized_round


def rescore(
    deployment: Deployment, viewer: Viewer, *, slug: str, submission_ids: Collection[int] | None, now: datetime
) -> int:
    """Have submissions scored again, against the truth that is shown.

    A score stays on the board until the new one takes its place. What failed or ended as an error has given its place
    in the quota back, and its team may have used that since: scored after all, it would stand above the limit. Nobody
    gets that by the way, so it is queued again only where it is named: then it counts on the day it was sent, within
    the limit or not, for the fault was not the team's.

    Args:
        deployment: the server.
        viewer: whose wish it is.
        slug: of the round.
        submission_ids: which; None for all that have a score.
        now: the present moment.

    Returns:
        How many will be scored: others have no score to be made again, or wait for their first.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        SubmissionNotFound: one is not of this round.
    """
    wished, again = list[int](), 0
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.RESCORE, now=now)
        lock_round(session, organized.round_id)  # as whoever fulfils another wish
        found = states_of_round(session, organized.round_id)
        missing = sorted(set(submission_ids or ()) - set(found))
        if missing:
            raise SubmissionNotFound(f"There is no submission {missing[0]} in this round.")
        truth_id = organized.row.active_truth_id
        for number in sorted(found if submission_ids is None else set(submission_ids)):
            if found[number] == State.SCORED and truth_id is not None:
                wished.append(number)
            elif submission_ids is not None and queue_again(
                session, number, round_id=organized.round_id, actor=actor_of(viewer), now=now
            ):
                again += 1
        if truth_id is not None:
            wish(session, wished, truth_id=truth_id, now=now)
        count = len(wished) + again
        organized.tell(session, "submissions.rescored", detail={"submissions": count})
    deployment.bell.ring(max(count, 1))
    return count


def retry_erratum(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> int:
    """Try again what could not be scored against the truth in preparation or the one that is shown; how many.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        lock_round(session, organized.round_id)  # nobody shows the version, or gives it up, meanwhile
        count = forget_failures(session, truth_ids=wanted_versions(session, organized.round_id))
        if count:
            organized.tell(session, "erratum.retried", detail={"submissions": count})
    deployment.bell.ring(max(count, 1))
    return count

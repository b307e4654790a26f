"""Images whose truth a team doubts: reported to the organizers, and settled by them.

Any image of the round can be reported, whatever half of the split it is in: to refuse those of the private half would
tell which they are.
"""

from __future__ import annotations

from datetime import datetime

from scoring.images import Images
from scoring.rounds import load_public_round
from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.image_reports import open_report_count, report_of
from server.db.organizing_tables import ImageReport
from server.db.tables import stored_id
from server.deployment import Deployment
from server.organizing_errors import ReportNotFound, TooManyReports, UnknownImage
from server.services.organizing import organized_round
from server.services.taking_part import round_for_team
from server.services.tokens import acting_team
from server.texts import clean_text

# Of one team in one round, that nobody has settled: organizers are people.
MAX_OPEN_REPORTS = 100

MAX_REPORT_CHARACTERS = 1_000


def report_image(deployment: Deployment, viewer: Viewer, *, slug: str, image: str, text: str, now: datetime) -> int:
    """Tell the organizers what is wrong with the truth of an image; of the same image again, in place of the first.

    Args:
        deployment: the server.
        viewer: whose team reports it.
        slug: of the round.
        image: its index or its name.
        text: what is wrong.
        now: the present moment.

    Returns:
        The report's id.

    Raises:
        NotLoggedIn, NoTeam, RoundNotFound: only teams that see the round report.
        UnknownImage, InvalidText, TooManyReports: not so.
    """
    with deployment.database.read() as session:
        round_for_team(session, viewer, slug, action=Action.REPORT_IMAGE)
    said, team_id = clean_text(text, field="report", max_characters=MAX_REPORT_CHARACTERS), acting_team(viewer)
    index = _index(load_public_round(deployment.folders.public_half(slug)).images, image.strip())
    with deployment.database.write() as session:
        facts = round_for_team(session, viewer, slug, action=Action.REPORT_IMAGE)
        known = report_of(session, round_id=facts.id, team_id=team_id, image=index)
        if known is None and open_report_count(session, round_id=facts.id, team_id=team_id) >= MAX_OPEN_REPORTS:
            raise TooManyReports
        made = known or ImageReport(round_id=facts.id, team_id=team_id, image=index, text=said, reported_at=now)
        made.text, made.reported_at, made.settled_at = said, now, None
        session.add(made)
        session.flush()
        append_event(
            session, at=now, actor=actor_of(viewer), action="image.reported", object_type="image",
            object_id=index, round_id=facts.id,
        )  # fmt: skip
        return stored_id(made.id)


def settle_report(deployment: Deployment, viewer: Viewer, *, slug: str, report_id: int, now: datetime) -> None:
    """Take a report off the list of those that wait.

    Raises:
        NotLoggedIn, RoundNotFound, ReportNotFound: it is not theirs.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.SETTLE_REPORT, now=now)
        report = session.get(ImageReport, report_id)
        if report is None or report.round_id != organized.round_id:
            raise ReportNotFound
        if report.settled_at is None:
            report.settled_at = now
            session.add(report)
            organized.tell(session, "report.settled", object_type="image", object_id=report.image)


def _index(images: Images, said: str) -> int:
    if images.names is not None and said in images.position_of_name:
        return int(images.indices[images.position_of_name[said]])
    if said.isascii() and said.isdigit() and len(said) < 17 and int(said) in set(images.indices.tolist()):
        return int(said)
    raise UnknownImage

"""Rounds that are not for everybody: unlisted, private, by join code, by approval, by domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, insert, select

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.participations import participations_of_round
from server.db.people_tables import Mail
from server.db.rounds import round_by_slug
from server.db.tables import Entry
from server.deployment import Deployment
from server.errors import NoTeam, NotLoggedIn, RoundNotFound
from server.organizing_errors import (
    DomainNotAdmitted,
    NotAdmitted,
    ParticipationNotFound,
    TeamHasSubmitted,
    WrongJoinCode,
)
from server.services.admission import decide_admission, join, renew_join_code
from server.services.checks import begin_check
from server.services.mail_kinds import MailKind
from server.services.policy_changes import change_policy
from server.services.receiving import begin_upload
from server.services.rounds import find_round, list_rounds
from server.services.submissions import submissions_of_team
from tests.server.making import NOW, predictions, send
from tests.server.services.organizing import actions, committed_meanwhile, member, organizer, other_organizer, team_of


def _set(deployment: Deployment, **changes: Any) -> None:
    change_policy(deployment, COMMAND, slug="tiny", changes=changes, now=NOW)


@contextmanager
def _reading(deployment: Deployment) -> Iterator[Session]:
    with deployment.database.read() as session:
        yield session


def _finds(deployment: Deployment, viewer: Viewer) -> bool:
    with _reading(deployment) as session:
        try:
            find_round(session, "tiny", viewer)
        except RoundNotFound as error:
            assert str(error) == 'There is no round "tiny" here.'
            return False
        return True


def _lists(deployment: Deployment, viewer: Viewer) -> bool:
    with _reading(deployment) as session:
        return [facts.slug for facts in list_rounds(session, viewer)] == ["tiny"]


def _code(deployment: Deployment) -> str:
    code = renew_join_code(deployment, COMMAND, slug="tiny", is_wanted=True, now=NOW)
    assert code is not None
    return code


def test_an_unlisted_round_is_found_by_its_address_alone(deployment: Deployment) -> None:
    _set(deployment, listing="unlisted")
    team = member(deployment)
    assert _finds(deployment, ANONYMOUS)
    assert not _lists(deployment, ANONYMOUS)
    assert not _lists(deployment, team)
    assert _lists(deployment, organizer(deployment))
    send(deployment, team_of(team))
    assert _lists(deployment, team)  # those who take part find it again


def test_a_private_round_is_there_for_its_teams_its_organizers_and_admins_alone(deployment: Deployment) -> None:
    _set(deployment, listing="private")
    inside, outside, host = member(deployment, "Inside"), member(deployment, "Outside"), organizer(deployment)
    join(deployment, inside, slug="tiny", code=_code(deployment), now=NOW)
    for viewer, is_known in (
        (ANONYMOUS, False), (outside, False), (other_organizer(deployment), False),
        (inside, True), (host, True), (Viewer(person_id=99, is_admin=True), True),
    ):  # fmt: skip
        assert _finds(deployment, viewer) is is_known
        assert _lists(deployment, viewer) is is_known
    for viewer in (ANONYMOUS, outside):
        with pytest.raises(RoundNotFound):
            begin_check(deployment, slug="tiny", viewer=viewer)
    with _reading(deployment) as session, pytest.raises(RoundNotFound):
        submissions_of_team(session, team_id=team_of(outside), viewer=outside, now=NOW, slug="tiny")
    with pytest.raises(RoundNotFound):
        send(deployment, team_of(outside))
    assert send(deployment, team_of(inside)).id == 1


def test_a_private_round_answers_a_wrong_code_as_if_it_were_not_there(deployment: Deployment) -> None:
    _set(deployment, listing="private")
    _code(deployment)
    team = member(deployment)
    for slug in ("tiny", "nowhere"):
        for code in ("", "wrong", "\udc80"):
            with pytest.raises(RoundNotFound):
                join(deployment, team, slug=slug, code=code, now=NOW)


def test_a_join_code_is_replaced_and_removed(deployment: Deployment) -> None:
    old = _code(deployment)
    new = _code(deployment)
    team = member(deployment)
    with pytest.raises(WrongJoinCode):
        join(deployment, team, slug="tiny", code=old, now=NOW)
    assert join(deployment, team, slug="tiny", code=f" {new} ", now=NOW).state == "admitted"
    renew_join_code(deployment, COMMAND, slug="tiny", is_wanted=False, now=NOW)
    with _reading(deployment) as session:
        row = round_by_slug(session, "tiny")
    assert row is not None and row.round.join_code is None
    with pytest.raises(WrongJoinCode):
        join(deployment, member(deployment, "Late"), slug="tiny", code=new, now=NOW)
    assert actions(deployment)[1:] == [
        "join-code.renewed", "join-code.renewed", "participation.admitted", "join-code.removed",
    ]  # fmt: skip


def test_the_organizer_decides_about_teams_that_ask(deployment: Deployment) -> None:
    _set(deployment, admission="approval")
    host, team, other = organizer(deployment), member(deployment), member(deployment, "Others")
    with pytest.raises(NotAdmitted):
        send(deployment, team_of(team))
    assert join(deployment, team, slug="tiny", message="We teach vision.", now=NOW).state == "asked"
    assert join(deployment, team, slug="tiny", message="Again!", now=NOW).message == "We teach vision."
    join(deployment, other, slug="tiny", now=NOW)
    with pytest.raises(NotAdmitted):
        send(deployment, team_of(team))
    for _ in range(2):  # the second time it tells nobody
        decide_admission(deployment, host, slug="tiny", team_id=team_of(team), is_admitted=True, now=NOW)
    decide_admission(deployment, host, slug="tiny", team_id=team_of(other), is_admitted=False, now=NOW)
    with _reading(deployment) as session:
        told = [mail.subject for mail in session.exec(select(Mail).where(Mail.kind == MailKind.ANNOUNCEMENT))]
    assert told == ["tiny: your team takes part", "tiny: your team was turned away"]
    send(deployment, team_of(team))
    with pytest.raises(NotAdmitted):
        send(deployment, team_of(other))
    with pytest.raises(NotAdmitted, match="turned your team away"):
        join(deployment, other, slug="tiny", code=_code(deployment), now=NOW)
    with _reading(deployment) as session:
        states = {row.team.name: row.participation.state for row in participations_of_round(session, 1)}
    assert states == {"Vision Lab": "admitted", "Others": "refused"}


def test_a_team_turned_away_stays_so_when_the_round_opens_to_all(deployment: Deployment) -> None:
    _set(deployment, admission="approval")
    team, other = member(deployment), member(deployment, "Others")
    join(deployment, team, slug="tiny", now=NOW)
    decide_admission(deployment, organizer(deployment), slug="tiny", team_id=team_of(team), is_admitted=False, now=NOW)
    _set(deployment, admission="open")
    with pytest.raises(NotAdmitted, match="turned your team away"):
        send(deployment, team_of(team))
    assert send(deployment, team_of(other)).id == 1
    decide_admission(deployment, COMMAND, slug="tiny", team_id=team_of(team), is_admitted=True, now=NOW)
    assert send(deployment, team_of(team)).id == 2


def test_a_team_that_is_turned_away_while_its_file_is_on_its_way_has_not_submitted(deployment: Deployment) -> None:
    _set(deployment, admission="approval")
    team = member(deployment)
    join(deployment, team, slug="tiny", now=NOW)
    decide_admission(deployment, COMMAND, slug="tiny", team_id=team_of(team), is_admitted=True, now=NOW)
    upload = begin_upload(deployment, slug="tiny", team_id=team_of(team), person_id=None, now=NOW)
    upload.write(predictions())
    decide_admission(deployment, COMMAND, slug="tiny", team_id=team_of(team), is_admitted=False, now=NOW)
    with pytest.raises(NotAdmitted, match="turned your team away"):
        upload.finish(method="ResNet-50", now=NOW)
    with pytest.raises(NotAdmitted, match="turned your team away"):
        send(deployment, team_of(team))


def test_a_team_whose_file_is_taken_in_just_now_is_not_turned_away(deployment: Deployment) -> None:
    """PostgreSQL has two transactions write at once."""
    _set(deployment, admission="approval")
    team = member(deployment)
    join(deployment, team, slug="tiny", now=NOW)
    sent = insert(Entry).values(round_id=1, team_id=team_of(team), method="ResNet-50", created_at=NOW)
    with committed_meanwhile(sent, table="team"), pytest.raises(TeamHasSubmitted):
        decide_admission(deployment, COMMAND, slug="tiny", team_id=team_of(team), is_admitted=False, now=NOW)


def test_a_team_that_has_submitted_is_not_turned_away(deployment: Deployment) -> None:
    _set(deployment, admission="approval")
    host, team = organizer(deployment), member(deployment)
    join(deployment, team, slug="tiny", now=NOW)
    decide_admission(deployment, host, slug="tiny", team_id=team_of(team), is_admitted=True, now=NOW)
    send(deployment, team_of(team))
    with pytest.raises(TeamHasSubmitted):
        decide_admission(deployment, host, slug="tiny", team_id=team_of(team), is_admitted=False, now=NOW)
    with pytest.raises(ParticipationNotFound):
        decide_admission(deployment, host, slug="tiny", team_id=99, is_admitted=True, now=NOW)
    with pytest.raises(RoundNotFound):
        decide_admission(deployment, team, slug="tiny", team_id=team_of(team), is_admitted=True, now=NOW)


def test_addresses_of_listed_domains_are_admitted_once_verified(deployment: Deployment) -> None:
    _set(deployment, admission="domains", domains=["lab.example", "b.example"])
    assert join(deployment, member(deployment, "Verified", verified_at=NOW), slug="tiny", now=NOW).state == "admitted"
    with pytest.raises(DomainNotAdmitted, match="not verified yet") as refused:
        join(deployment, member(deployment, "Unverified"), slug="tiny", now=NOW)
    assert "/me and `heldout account verify` send one" in refused.value.advice_given  # nobody has been sent any yet
    _set(deployment, domains=["b.example"])
    with pytest.raises(DomainNotAdmitted, match=r"Only who has an e-mail address of b\.example takes part"):
        join(deployment, member(deployment, "Elsewhere", verified_at=NOW), slug="tiny", now=NOW)


def test_only_teams_join(deployment: Deployment) -> None:
    with pytest.raises(NotLoggedIn):
        join(deployment, ANONYMOUS, slug="tiny", now=NOW)
    with pytest.raises(NoTeam):
        join(deployment, organizer(deployment), slug="tiny", now=NOW)
    team = member(deployment)
    assert join(deployment, team, slug="tiny", now=NOW).state == "admitted"  # an open round takes everybody
    assert join(deployment, team, slug="tiny", now=NOW).state == "admitted"
    assert actions(deployment) == ["round.opened", "participation.admitted"]


def test_who_has_sent_something_keeps_what_a_round_becomes(deployment: Deployment, tmp_path: Path) -> None:
    team = member(deployment)
    send(deployment, team_of(team))
    _set(deployment, listing="private", admission="approval")
    assert _finds(deployment, team)
    with _reading(deployment) as session:
        assert session.get(Entry, 1) is not None
    assert send(deployment, team_of(team), b"1 2 3 4 5\n" * 6).id == 2

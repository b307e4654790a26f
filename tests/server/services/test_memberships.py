"""Joining by a link, leaving, acting for a team, and when these are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.departed_addresses import departed_persons
from server.db.people_tables import Invitation, Participation
from server.db.tables import Entry, Event, Membership, Team, Token
from server.deployment import Deployment
from server.errors import EmailTaken, InvalidRequest, NoTeam, NotLoggedIn, QuotaSpent, TeamNameTaken, WeakPassword
from server.people_errors import InvitationNotFound, SecondTeam, TeamNotFound, TeamsFrozen
from server.services.account_settings import delete_account
from server.services.accounts import log_in, sign_up, start_session, viewer_of_session
from server.services.admission import join as take_part
from server.services.founding import found
from server.services.invitations import (
    INVITATION_LIFETIME,
    invitations_for,
    invite,
    invited_to,
    revoke_invitation,
)
from server.services.memberships import act_for, join, join_as_new_person, leave, list_teams
from server.services.opening import open_folder
from server.services.pauses import LONGEST_PAUSE
from server.services.policy_changes import change_policy
from server.services.receiving import Upload, begin_team_upload
from server.services.schedules import extend, pause
from server.services.spending import quota_of_team
from server.services.tokens import create_token, viewer_of_token
from tests.server.making import NOW, predictions, send, tiny_deployment, write_round

PASSWORD = "four words in a row"
FREEZE = datetime(2026, 11, 22, tzinfo=UTC)
CLOSE = datetime(2026, 11, 30, tzinfo=UTC)


def _team(deployment: Deployment, name: str) -> Viewer:
    email = f"{name.lower()}@team.example"
    return sign_up(deployment.database, name=f"Ms {name}", email=email, password=PASSWORD, team=name, now=NOW).viewer


def _team_id(viewer: Viewer) -> int:
    assert viewer.team_id is not None
    return viewer.team_id


def _invite(deployment: Deployment, viewer: Viewer) -> str:
    return invite(deployment.database, viewer, team_id=_team_id(viewer), now=NOW).secret


def _join(deployment: Deployment, viewer: Viewer, host: Viewer, *, now: datetime = NOW) -> int:
    return join(deployment.database, viewer, secret=_invite(deployment, host), now=now)


def test_who_follows_a_link_is_in_the_team_and_an_event_tells_it(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    assert _join(deployment, two, one, now=NOW + timedelta(minutes=1)) == one.team_id
    assert [team.name for team in list_teams(deployment.database, two)] == ["Two", "One"]
    with deployment.database.read() as session:
        actions = [event.action for event in session.exec(select(Event)) if event.object_id == one.team_id]
    assert actions[-2:] == ["invitation.made", "team.joined"]


def test_joining_twice_is_no_fault_and_is_told_once(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    _join(deployment, two, one)
    _join(deployment, two, one)
    with deployment.database.read() as session:
        assert len(session.exec(select(Event).where(Event.action == "team.joined")).all()) == 1


def test_only_the_hash_of_a_link_is_kept(deployment: Deployment) -> None:
    secret = _invite(deployment, _team(deployment, "One"))
    with deployment.database.read() as session:
        kept = session.exec(select(Invitation)).one()
    assert secret not in repr(kept.model_dump())


def test_a_link_ends_after_fourteen_days_or_when_it_is_revoked(deployment: Deployment) -> None:
    one = _team(deployment, "One")
    made = invite(deployment.database, one, team_id=_team_id(one), now=NOW)
    last = NOW + INVITATION_LIFETIME - timedelta(seconds=1)
    assert timedelta(days=14) == INVITATION_LIFETIME
    assert invited_to(deployment.database, made.secret, now=last).team == "One"
    with pytest.raises(InvitationNotFound):
        invited_to(deployment.database, made.secret, now=NOW + INVITATION_LIFETIME)
    assert revoke_invitation(deployment.database, one, invitation_id=made.id, now=NOW) == one.team_id
    assert invitations_for(deployment.database, one, team_id=_team_id(one), now=NOW) == []
    with pytest.raises(InvitationNotFound):
        join(deployment.database, _team(deployment, "Two"), secret=made.secret, now=NOW)
    with pytest.raises(InvitationNotFound):
        revoke_invitation(deployment.database, one, invitation_id=made.id, now=NOW)


def test_nobody_invites_to_or_revokes_links_of_a_team_they_are_not_in(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    with pytest.raises(TeamNotFound):
        invite(deployment.database, two, team_id=_team_id(one), now=NOW)
    with pytest.raises(NotLoggedIn):
        invite(deployment.database, ANONYMOUS, team_id=_team_id(one), now=NOW)
    made = invite(deployment.database, one, team_id=_team_id(one), now=NOW)
    with pytest.raises(InvitationNotFound):
        revoke_invitation(deployment.database, two, invitation_id=made.id, now=NOW)


def test_a_token_of_one_team_does_nothing_for_another_team_of_the_same_person(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    _join(deployment, two, one)
    with pytest.raises(TeamNotFound):
        invite(deployment.database, replace(two, token_id=1), team_id=_team_id(one), now=NOW)


def test_a_new_person_signs_up_into_the_team_or_not_at_all(deployment: Deployment) -> None:
    one = _team(deployment, "One")
    fields = {"name": "Grace", "email": "grace@team.example", "password": PASSWORD}
    secret = _invite(deployment, one)
    viewer = join_as_new_person(deployment.database, secret=secret, now=NOW, **fields)
    assert (viewer.person_name, viewer.team_name) == ("Grace", "One")
    with pytest.raises(EmailTaken):
        join_as_new_person(deployment.database, secret=secret, now=NOW, **fields)
    with pytest.raises(InvitationNotFound):
        join_as_new_person(deployment.database, secret="guessed", now=NOW, **{**fields, "email": "x@team.example"})
    with pytest.raises(WeakPassword):
        join_as_new_person(deployment.database, secret=secret, now=NOW, **{**fields, "password": "short"})


def test_nobody_joins_or_leaves_between_a_rounds_team_freeze_and_its_close(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_teams_freeze=FREEZE, round_closes=CLOSE)
    one, two, three = (_team(deployment, name) for name in ("One", "Two", "Three"))
    _join(deployment, two, one)  # the team takes part in nothing yet
    send(deployment, _team_id(one))
    for now in (FREEZE, NOW, CLOSE - timedelta(seconds=1)):
        with pytest.raises(TeamsFrozen, match="Round tiny has frozen its teams"):
            _join(deployment, three, one, now=now)
        with pytest.raises(TeamsFrozen):
            leave(deployment.database, two, team_id=_team_id(one), now=now)
    leave(deployment.database, two, team_id=_team_id(one), now=FREEZE - timedelta(seconds=1))
    _join(deployment, three, one, now=CLOSE)
    deployment.close()


def test_a_pause_lifts_no_team_freeze_until_the_round_shows_its_results(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_teams_freeze=FREEZE, round_closes=CLOSE)
    one, two, three = (_team(deployment, name) for name in ("One", "Two", "Three"))
    _join(deployment, two, one)
    send(deployment, _team_id(one))
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(TeamsFrozen, match=r"has frozen its teams at .* It is paused"):
        _join(deployment, three, one, now=NOW)
    with pytest.raises(TeamsFrozen):
        leave(deployment.database, two, team_id=_team_id(one), now=CLOSE)
    leave(deployment.database, two, team_id=_team_id(one), now=NOW + LONGEST_PAUSE)
    deployment.close()


def test_who_joined_after_the_freeze_may_always_leave(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_teams_freeze=FREEZE, round_closes=NOW + timedelta(hours=1))
    one, two, three = (_team(deployment, name) for name in ("One", "Two", "Three"))
    send(deployment, _team_id(one))
    after = NOW + timedelta(hours=2)
    _join(deployment, two, one, now=after)
    extend(deployment, COMMAND, slug="tiny", closes=CLOSE, now=after)  # the round goes on
    with pytest.raises(TeamsFrozen, match="cannot submit"):
        send(deployment, _team_id(one), predictions(salt=1), now=after)
    with pytest.raises(TeamsFrozen):
        leave(deployment.database, one, team_id=_team_id(one), now=after)  # its founder
    with pytest.raises(TeamsFrozen):
        _join(deployment, three, one, now=after)
    leave(deployment.database, two, team_id=_team_id(one), now=after)
    send(deployment, _team_id(one), predictions(salt=1), now=after)
    deployment.close()


def test_a_team_that_asked_to_take_part_is_frozen_too_unless_it_was_refused(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_teams_freeze=FREEZE)
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    with deployment.database.write() as session:
        session.add(Participation(round_id=1, team_id=_team_id(one), state="asked", asked_at=NOW))
    with pytest.raises(TeamsFrozen):
        _join(deployment, two, one)
    with deployment.database.write() as session:
        asked = session.exec(select(Participation)).one()
        asked.state = "refused"
        session.add(asked)
    _join(deployment, two, one)
    deployment.close()


def test_the_last_member_leaves_and_two_teams_of_one_challenge_become_one(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    send(deployment, _team_id(one))
    send(deployment, _team_id(two), predictions(salt=1))
    with pytest.raises(SecondTeam):
        _join(deployment, two, one)
    leave(deployment.database, two, team_id=_team_id(two), now=NOW)
    _join(deployment, two, one)
    with deployment.database.read() as session:
        assert session.get(Team, _team_id(two)) is not None
        assert [entry.team_id for entry in session.exec(select(Entry))] == [one.team_id, two.team_id]
    with pytest.raises(TeamNotFound):
        leave(deployment.database, two, team_id=_team_id(two), now=NOW)


def _left(deployment: Deployment, viewer: Viewer) -> int | None:
    with deployment.database.read() as session:
        return quota_of_team(session, slug="tiny", team_id=_team_id(viewer), now=LATER).remaining


def _found(deployment: Deployment, viewer: Viewer, name: str) -> Viewer:
    return replace(viewer, team_id=found(deployment.database, viewer, team=name, now=LATER))


LATER = NOW + timedelta(minutes=1)


def test_nobody_sends_for_a_team_that_they_have_left_since_they_began(tmp_path: Path) -> None:
    """Else files begun for many teams, each left at once, would be as many quotas."""
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=1)
    viewer = _team(deployment, "First")

    def begin(salt: int) -> Upload:
        upload = begin_team_upload(deployment, viewer, slug="tiny", now=LATER)
        upload.write(predictions(salt=salt))
        return upload

    first = begin(1)
    leave(deployment.database, viewer, team_id=_team_id(viewer), now=LATER)
    viewer = _found(deployment, viewer, "Second")
    begin(2).finish(method="Net", now=LATER)
    with pytest.raises(NoTeam, match="left the team"):
        first.finish(method="Net", now=LATER)
    with deployment.database.read() as session:
        assert [entry.team_id for entry in session.exec(select(Entry))] == [viewer.team_id]
    deployment.close()


def test_a_team_that_somebody_joined_after_the_freeze_cannot_submit_with_them(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_teams_freeze=FREEZE, round_admission="approval")
    early = FREEZE - timedelta(days=1)
    one, two = (
        sign_up(
            deployment.database, name=f"Ms {name}", email=f"{name}@team.example", password=PASSWORD, team=name,
            now=early,
        ).viewer
        for name in ("One", "Two")
    )  # fmt: skip
    _join(deployment, two, one)  # the team takes part in nothing yet
    with pytest.raises(TeamsFrozen, match="Ms Two joined the team after Round tiny had frozen its teams"):
        take_part(deployment, one, slug="tiny", now=NOW)
    change_policy(deployment, COMMAND, slug="tiny", changes={"admission": None}, now=NOW)
    with pytest.raises(TeamsFrozen, match="cannot submit") as refused:
        send(deployment, _team_id(one))
    assert refused.value.details == {"round": "tiny"}
    leave(deployment.database, two, team_id=_team_id(one), now=NOW)
    send(deployment, _team_id(one))
    alone = _found(deployment, two, "Alone")  # a team founded after the freeze has its founder alone
    send(deployment, _team_id(alone), predictions(salt=1), now=LATER)
    deployment.close()


@pytest.mark.parametrize("listing", ["private", "unlisted"])
def test_a_frozen_round_that_not_everybody_sees_is_named_to_members_alone(tmp_path: Path, listing: str) -> None:
    deployment = tiny_deployment(
        tmp_path / "data", round_teams_freeze=FREEZE, round_closes=CLOSE, round_listing=listing
    )  # fmt: skip
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    with deployment.database.write() as session:
        session.add(Participation(round_id=1, team_id=_team_id(one), state="admitted", asked_at=NOW))
    with pytest.raises(TeamsFrozen) as refused:
        _join(deployment, two, one)
    assert "tiny" not in f"{refused.value.message} {refused.value.details}"
    assert "2026" not in refused.value.message
    with pytest.raises(TeamsFrozen, match="Round tiny has frozen its teams"):
        leave(deployment.database, one, team_id=_team_id(one), now=NOW)
    deployment.close()


def test_nobody_gets_a_second_quota_by_moving_to_another_team(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_submissions_total=3)
    one, two, three = (_team(deployment, name) for name in ("One", "Two", "Three"))
    _join(deployment, two, one)
    for salt in range(2):  # whoever of the team sends them
        send(deployment, _team_id(one), predictions(salt=salt))
    leave(deployment.database, two, team_id=_team_id(one), now=LATER)
    alone = _found(deployment, two, "Alone")
    assert (_left(deployment, one), _left(deployment, alone)) == (1, 1)
    send(deployment, _team_id(one), predictions(salt=2), now=LATER)  # after they left: it is not theirs any more
    assert (_left(deployment, one), _left(deployment, alone)) == (0, 1)
    send(deployment, _team_id(alone), predictions(salt=3), now=LATER)
    with pytest.raises(QuotaSpent):
        send(deployment, _team_id(alone), predictions(salt=4), now=LATER)
    again = LATER + timedelta(minutes=1)
    leave(deployment.database, alone, team_id=_team_id(alone), now=again)
    assert _left(deployment, _found(deployment, two, "Once more")) == 0
    assert _left(deployment, three) == 3
    _join(deployment, two, three, now=again)  # whom they join has what they left behind on its account
    assert _left(deployment, three) == 0
    deployment.close()


def test_nobody_gets_a_second_quota_by_deleting_the_account_and_signing_up_again(tmp_path: Path) -> None:
    deployment = tiny_deployment(
        tmp_path / "data", round_submissions_total=2, round_teams_freeze=FREEZE, round_closes=CLOSE
    )
    database = deployment.database
    for name in ("One", "Other"):
        send(deployment, _team_id(_team(deployment, name)), predictions())
    one = viewer_at(deployment, "one@team.example")
    for again in range(2):  # however often
        delete_account(database, one, now=LATER)
        with database.read() as session:
            assert "one@team.example" not in str([row.model_dump() for row in departed_persons(session)])
        fields = {"name": "Ms One", "email": "One@team.example", "password": PASSWORD, "now": LATER}
        one = sign_up(database, team=f"Again {again}", **fields).viewer
        assert _left(deployment, one) == 1
    newcomer = _team(deployment, "Newcomer")
    assert _left(deployment, newcomer) == 2
    delete_account(database, one, now=LATER)
    joined = join_as_new_person(
        database, secret=_invite(deployment, newcomer), name="One", email="one@team.example", password=PASSWORD, now=NOW
    )
    assert _left(deployment, joined) == 1  # for all of the team that takes them in
    deployment.close()


def viewer_at(deployment: Deployment, email: str) -> Viewer:
    return log_in(deployment.database, email=email, password=PASSWORD)


def test_a_name_that_is_taken_founds_no_team(deployment: Deployment) -> None:
    one = _team(deployment, "One")
    with pytest.raises(TeamNameTaken):
        found(deployment.database, one, team="ONE", now=NOW)
    with pytest.raises(NotLoggedIn):
        found(deployment.database, ANONYMOUS, team="Nobodys", now=NOW)
    team_id = found(deployment.database, one, team="Second", affiliation="University", now=NOW)
    with deployment.database.read() as session:
        assert session.get_one(Team, team_id).affiliation == "University"
        assert session.exec(select(Event.action).where(Event.object_id == team_id)).all() == ["team.founded"]


def test_who_leaves_takes_no_token_and_no_link_along(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    _join(deployment, two, one)
    secret = create_token(deployment.database, one, label="cluster", now=NOW).secret
    link = _invite(deployment, one)
    leave(deployment.database, one, team_id=_team_id(one), now=NOW)
    assert viewer_of_token(deployment.database, secret, now=NOW) is None
    with pytest.raises(InvitationNotFound):
        invited_to(deployment.database, link, now=NOW)
    with deployment.database.read() as session:
        assert session.exec(select(Token)).one().revoked_at == NOW


def test_nobody_joins_a_second_team_of_one_challenge(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    send(deployment, _team_id(one))
    send(deployment, _team_id(two), predictions(salt=1))
    with pytest.raises(SecondTeam, match="Ms Two is in another team") as refused:
        _join(deployment, two, one)
    assert "Two" not in refused.value.message.replace("Ms Two", "")  # the other team may be anonymous


def test_the_first_submission_of_a_second_team_is_refused_in_every_round_of_the_challenge(
    deployment: Deployment, tmp_path: Path
) -> None:
    open_folder(deployment, write_round(tmp_path / "second", slug="second"), now=NOW)  # of the same challenge
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    send(deployment, _team_id(one))
    _join(deployment, two, one)  # "Two" takes part in nothing yet
    with pytest.raises(SecondTeam):
        send(deployment, _team_id(two), predictions(salt=1), slug="second")
    with deployment.database.read() as session:
        assert session.get(Membership, (two.person_id, two.team_id)) is not None
    leave(deployment.database, two, team_id=_team_id(one), now=NOW)
    send(deployment, _team_id(two), predictions(salt=1), slug="second")


def test_of_two_teams_joined_at_the_same_moment_one_refuses(deployment: Deployment) -> None:
    one, two, three = (_team(deployment, name) for name in ("One", "Two", "Three"))
    send(deployment, _team_id(one))
    send(deployment, _team_id(two), predictions(salt=1))

    def attempt(secret: str) -> bool:
        try:
            join(deployment.database, three, secret=secret, now=NOW)
        except SecondTeam:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, [_invite(deployment, one), _invite(deployment, two)])) == [False, True]


def test_later_submissions_of_a_team_are_not_asked_again(deployment: Deployment) -> None:
    one = _team(deployment, "One")
    send(deployment, _team_id(one))
    send(deployment, _team_id(one), predictions(salt=1))


def test_a_browser_acts_for_the_chosen_team_while_the_membership_lasts(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    _join(deployment, two, one, now=NOW + timedelta(minutes=1))
    secret = start_session(deployment.database, two, now=NOW)
    act_for(deployment.database, two, team_id=_team_id(one), session_secret=secret, now=NOW)
    acting = viewer_of_session(deployment.database, secret, now=NOW)
    assert acting is not None and acting.team_name == "One"
    leave(deployment.database, two, team_id=_team_id(one), now=NOW)
    acting = viewer_of_session(deployment.database, secret, now=NOW)
    assert acting is not None and acting.team_name == "Two"


def test_nobody_acts_for_a_team_they_are_not_in_nor_by_token(deployment: Deployment) -> None:
    one, two = _team(deployment, "One"), _team(deployment, "Two")
    secret = start_session(deployment.database, two, now=NOW)
    with pytest.raises(TeamNotFound):
        act_for(deployment.database, two, team_id=_team_id(one), session_secret=secret, now=NOW)
    with pytest.raises(InvalidRequest):
        by_token = replace(two, token_id=1)
        act_for(deployment.database, by_token, team_id=_team_id(two), session_secret=None, now=NOW)

"""How far API tokens go, and what ends with them."""

from __future__ import annotations

import pytest
from sqlmodel import select

from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.db.people_tables import Mail
from server.db.tables import Person
from server.deployment import Deployment
from server.errors import InvalidToken, TokenNotFound
from server.people_errors import InvitationNotFound, TokenTooNarrow
from server.services.accounts import add_organizer, sign_up
from server.services.invitations import invitations_for, invite, invited_to
from server.services.memberships import join, leave
from server.services.password_reset import ask_for_reset, reset_password
from server.services.tokens import NewToken, create_token, list_tokens, revoke_token, viewer_of_token
from tests.server.making import NOW, organize_all

PASSWORD = "four words in a row"


@pytest.fixture
def ada(deployment: Deployment) -> Viewer:
    made = sign_up(deployment.database, name="Ada", email="ada@team.example", password=PASSWORD, team="One", now=NOW)
    return made.viewer


def _make(deployment: Deployment, viewer: Viewer, label: str, scope: Scope | None = None) -> NewToken:
    return create_token(deployment.database, viewer, label=label, scope=scope, now=NOW)


def _seen(deployment: Deployment, token: NewToken) -> Viewer | None:
    return viewer_of_token(deployment.database, token.secret, now=NOW)


def _used(deployment: Deployment, token: NewToken) -> Viewer:
    viewer = _seen(deployment, token)
    assert viewer is not None
    return viewer


def test_a_leaked_token_ends_with_all_that_it_has_made(deployment: Deployment, ada: Viewer) -> None:
    leaked, other = _make(deployment, ada, "leaked"), _make(deployment, ada, "other")
    child = _make(deployment, _used(deployment, leaked), "child")
    grandchild = _make(deployment, _used(deployment, child), "grandchild")
    by_child = _used(deployment, child)
    revoke_token(deployment.database, ada, token_id=leaked.id, now=NOW)
    assert [_seen(deployment, token) for token in (leaked, child, grandchild)] == [None, None, None]
    assert [facts.label for facts in list_tokens(deployment.database, ada)] == ["other"]
    assert _seen(deployment, other) is not None
    with pytest.raises(InvalidToken):  # a request that was under way when its token ended
        _make(deployment, by_child, "too late")


def test_a_token_that_submits_knows_and_ends_itself_and_its_own_alone(deployment: Deployment, ada: Viewer) -> None:
    laptop, cluster = _make(deployment, ada, "laptop"), _make(deployment, ada, "cluster", Scope.SUBMIT)
    by_cluster = _used(deployment, cluster)
    assert by_cluster.scope is Scope.SUBMIT and _used(deployment, laptop).scope is Scope.ACCOUNT
    node = _make(deployment, by_cluster, "node")
    assert node.scope is Scope.SUBMIT
    with pytest.raises(TokenTooNarrow):
        _make(deployment, by_cluster, "more", Scope.ACCOUNT)
    assert [(facts.label, facts.made_by_id) for facts in list_tokens(deployment.database, by_cluster)] == [
        ("node", cluster.id), ("cluster", None),
    ]  # fmt: skip
    with pytest.raises(TokenNotFound):
        revoke_token(deployment.database, by_cluster, token_id=laptop.id, now=NOW)
    revoke_token(deployment.database, by_cluster, token_id=cluster.id, now=NOW)
    assert _seen(deployment, node) is None and _seen(deployment, laptop) is not None


def test_an_organizers_token_that_submits_organizes_nothing(deployment: Deployment) -> None:
    person = add_organizer(
        deployment.database, name="Host", email="host@host.example", password=PASSWORD, is_admin=True, now=NOW
    )
    organize_all(deployment.database, person)
    for scope, organizes in ((Scope.SUBMIT, False), (Scope.ACCOUNT, True)):
        seen = _used(deployment, _make(deployment, Viewer(person_id=person), "t", scope))
        assert (seen.is_organizer, seen.is_admin, bool(seen.organized), seen.organizes(1)) == (organizes,) * 4


def test_a_token_made_for_another_team_ends_with_the_one_that_made_it(deployment: Deployment, ada: Viewer) -> None:
    bea = sign_up(
        deployment.database, name="Bea", email="bea@team.example", password=PASSWORD, team="Two", now=NOW
    ).viewer
    assert ada.team_id is not None and bea.team_id is not None
    link = invite(deployment.database, bea, team_id=bea.team_id, now=NOW).secret
    first = _make(deployment, ada, "first")
    join(deployment.database, _used(deployment, first), secret=link, now=NOW)
    second = _make(deployment, Viewer(person_id=ada.person_id, team_id=bea.team_id, token_id=first.id), "second")
    leave(deployment.database, ada, team_id=ada.team_id, now=NOW)
    assert [_seen(deployment, token) for token in (first, second)] == [None, None]


def test_a_new_password_ends_every_token_and_every_invitation(deployment: Deployment, ada: Viewer) -> None:
    assert ada.team_id is not None
    token = _make(deployment, ada, "leaked")
    link = invite(deployment.database, ada, team_id=ada.team_id, now=NOW).secret  # may have been made by a thief
    ask_for_reset(deployment.database, email="ada@team.example", now=NOW)
    with deployment.database.read() as session:
        body = session.exec(select(Mail.body)).one()
        assert session.exec(select(Person.name)).one() == "Ada"
    assert "ends every log-in and every API token" in body
    secret = body.partition("/reset/")[2].split()[0]
    reset_password(deployment.database, secret=secret, password="another four words here", now=NOW)
    assert _seen(deployment, token) is None
    assert list_tokens(deployment.database, ada) == []
    assert invitations_for(deployment.database, ada, team_id=ada.team_id, now=NOW) == []
    with pytest.raises(InvitationNotFound):
        invited_to(deployment.database, link, now=NOW)

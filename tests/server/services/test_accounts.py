"""People, sessions and tokens, without any request around them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from server.auth.cookies import SESSION_LIFETIME
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.engine import Database
from server.db.events import events_of
from server.db.tables import Event, Membership, Person, Team, Token, WebSession
from server.errors import EmailTaken, NotLoggedIn, ServerError, TeamNameTaken, TokenNotFound, WrongLogin
from server.services.accounts import (
    SignedUp,
    add_organizer,
    end_session,
    log_in,
    sign_up,
    start_session,
    viewer_of_session,
)
from server.services.teams import team_facts
from server.services.tokens import LAST_USE_RESOLUTION, create_token, list_tokens, revoke_token, viewer_of_token
from tests.server.making import NOW, quick_deployment, quick_settings

PASSWORD = "four words in a row"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    deployment = quick_deployment(quick_settings(tmp_path / "data"))
    yield deployment.database
    deployment.close()


def _sign_up(database: Database, team: str = "Engines", email: str = "ada@team.example") -> SignedUp:
    return sign_up(database, name="Ada", email=email, password=PASSWORD, team=team, affiliation="  ", now=NOW)


def test_a_person_and_their_team_come_together_with_an_event(database: Database) -> None:
    made = _sign_up(database)
    with database.read() as session:
        assert session.exec(select(Membership)).one().team_id == made.team_id
        event = session.exec(select(Event)).one()
    assert (event.action, event.object_id, event.actor) == ("team.signed-up", made.team_id, "person:1")
    facts = team_facts(database, made.team_id)
    assert facts is not None
    assert (facts.name, facts.affiliation, facts.members) == ("Engines", "", ("Ada",))
    assert team_facts(database, 999) is None


def test_of_many_who_want_one_name_at_once_one_gets_it(database: Database) -> None:
    def attempt(number: int) -> str:
        try:
            return _sign_up(database, email=f"{number}@team.example").team_name
        except ServerError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["Engines", *["team-name-taken"] * 5]
    with database.read() as session:
        assert len(session.exec(select(Person)).all()) == len(session.exec(select(Team)).all()) == 1


def test_names_and_addresses_are_taken_once(database: Database) -> None:
    _sign_up(database)
    with pytest.raises(TeamNameTaken):
        _sign_up(database, email="other@team.example")
    with pytest.raises(EmailTaken):
        _sign_up(database, team="Others")
    with pytest.raises(EmailTaken):
        add_organizer(database, name="O", email="ADA@team.example", password=PASSWORD, now=NOW)


def test_a_log_in_is_the_person_with_their_team(database: Database) -> None:
    made = _sign_up(database)
    assert log_in(database, email=" ADA@team.example", password=PASSWORD) == made.viewer
    for email, password in (("ada@team.example", "wrong password"), ("nobody@team.example", PASSWORD), ("", "")):
        with pytest.raises(WrongLogin):
            log_in(database, email=email, password=password)


def test_an_organizer_sees_everything_and_has_no_team(database: Database) -> None:
    person = add_organizer(database, name="O", email="o@team.example", password=PASSWORD, now=NOW)
    viewer = log_in(database, email="o@team.example", password=PASSWORD)
    assert viewer == Viewer(person_id=person, person_name="O", is_organizer=True)
    with database.read() as session:
        (event,) = events_of(session, object_type="person", object_id=person)
    assert (event.actor, event.action, event.detail) == ("command", "account.organizer-made", {"is_admin": False})


def test_a_session_lasts_until_it_expires_or_is_ended(database: Database) -> None:
    viewer = _sign_up(database).viewer
    secret = start_session(database, viewer, now=NOW)
    just_before = NOW + SESSION_LIFETIME - timedelta(seconds=1)
    assert viewer_of_session(database, secret, now=just_before) == viewer
    assert viewer_of_session(database, secret, now=NOW + SESSION_LIFETIME) is None
    assert viewer_of_session(database, "guessed", now=NOW) is None
    end_session(database, secret)
    end_session(database, secret)
    assert viewer_of_session(database, secret, now=NOW) is None


def test_expired_sessions_are_swept_by_the_next_log_in(database: Database) -> None:
    viewer = _sign_up(database).viewer
    start_session(database, viewer, now=NOW)
    start_session(database, viewer, now=NOW + SESSION_LIFETIME)
    with database.read() as session:
        assert len(session.exec(select(WebSession)).all()) == 1


def test_a_token_speaks_for_its_person_and_team_until_it_is_revoked(database: Database) -> None:
    viewer = _sign_up(database).viewer
    token = create_token(database, viewer, label="  ", now=NOW)
    assert token.label == "token"
    seen = viewer_of_token(database, token.secret, now=NOW)
    assert seen is not None
    assert (seen.person_id, seen.team_id, seen.token_id) == (viewer.person_id, viewer.team_id, token.id)
    revoke_token(database, viewer, token_id=token.id, now=NOW)
    assert viewer_of_token(database, token.secret, now=NOW) is None
    with pytest.raises(TokenNotFound):
        revoke_token(database, viewer, token_id=token.id, now=NOW)


def test_tokens_are_listed_newest_first_without_their_secrets(database: Database) -> None:
    viewer = _sign_up(database).viewer
    made = [create_token(database, viewer, label=label, now=NOW) for label in ("laptop", "cluster")]
    listed = list_tokens(database, viewer)
    assert [facts.label for facts in listed] == ["cluster", "laptop"]
    assert all(token.secret not in repr(listed) for token in made)


def test_the_last_use_of_a_token_is_noted_to_the_hour(database: Database) -> None:
    viewer = _sign_up(database).viewer
    token = create_token(database, viewer, label="laptop", now=NOW)
    later = NOW + LAST_USE_RESOLUTION
    for moment, noted in (
        (NOW, NOW),
        (later, NOW),
        (later + timedelta(seconds=1), later + timedelta(seconds=1)),
        (NOW - timedelta(days=1), NOW - timedelta(days=1)),  # a clock that was set back
    ):
        viewer_of_token(database, token.secret, now=moment)
        with database.read() as session:
            assert session.get_one(Token, token.id).last_used_at == noted


def test_nobody_in_particular_has_neither_sessions_nor_tokens(database: Database) -> None:
    with pytest.raises(NotLoggedIn):
        start_session(database, ANONYMOUS, now=NOW)
    with pytest.raises(NotLoggedIn):
        create_token(database, ANONYMOUS, label="x", now=NOW)
    with pytest.raises(NotLoggedIn):
        list_tokens(database, ANONYMOUS)

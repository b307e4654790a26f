"""A link that sets a password works once, also for who is fast."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from server.db.people_tables import Mail
from server.deployment import Deployment
from server.errors import WrongLogin
from server.people_errors import MailLinkNotFound
from server.services.accounts import log_in, sign_up
from server.services.password_reset import ask_for_reset, reset_password
from tests.server.making import NOW

EMAIL = "ada@team.example"


def test_of_two_who_use_one_link_at_the_same_moment_one_sets_the_password(deployment: Deployment) -> None:
    database = deployment.database
    sign_up(database, name="Ada", email=EMAIL, password="four words in a row", team="One", now=NOW)
    ask_for_reset(database, email=EMAIL, now=NOW)
    with database.read() as session:
        secret = session.exec(select(Mail.body)).one().partition("/reset/")[2].split()[0]

    def attempt(password: str) -> bool:
        try:
            reset_password(database, secret=secret, password=password, now=NOW)
        except MailLinkNotFound:
            return False
        return True

    passwords = ["the first new password", "the second new password"]
    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(attempt, passwords))
    assert sorted(won) == [False, True]
    assert log_in(database, email=EMAIL, password=passwords[won.index(True)]).person_name == "Ada"
    with pytest.raises(WrongLogin):
        log_in(database, email=EMAIL, password=passwords[won.index(False)])

"""Where the data page holds terms, who has not accepted them reads it without its addresses."""

from __future__ import annotations

import pytest

from server.auth.permissions import COMMAND
from server.auth.tokens import Scope
from server.auth.viewer import ANONYMOUS, Viewer
from server.deployment import Deployment
from server.errors import NotLoggedIn
from server.people_errors import RulesNotAccepted
from server.services.data_pages import WITHHELD, DataFacts, data_facts, without_addresses
from server.services.policy_changes import change_policy
from server.services.rounds import find_round
from server.services.rules_acceptance import accept
from tests.server.making import NOW
from tests.server.services.organizing import actions, add_person, member, organizer

TERMS = "No selling. [Images](https://images.example/all.tgz), sha256 abc"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a](https://a.example/x_(1).tgz) b", "[a](#accept) b"),
        ('[a](<https://a.example/x 1.tgz> "t")', '[a](#accept "t")'),
        ("[a][r]\n\n[r]: https://a.example/x", "[a][r]\n\n[r]: #accept"),
        ("[a](//a.example/x) [b](files/x.tgz)", "[a](#accept) [b](#accept)"),
        ("<https://a.example/x>", WITHHELD),
        ("`wget HTTPS://a.example/x`, www.a.example.", f"`wget {WITHHELD}`, {WITHHELD}."),
        ("s3://bucket/key or a.example/x.tgz", f"{WITHHELD} or {WITHHELD}"),
        ("my_set.s3.a.example/x, *.a.example/x, m\u00fcnchen.a.example/x", f"{WITHHELD}, *{WITHHELD}, {WITHHELD}"),
        ("_www.a.example/x_ see...a.example:8080/x", f"{WITHHELD}_ {WITHHELD}"),
        (r"[a](<files/x \> y.tgz>)", "[a](#accept)"),
        ("```\ncurl -O ftp://a.example/x\n```", f"```\ncurl -O {WITHHELD}\n```"),
    ],
)
def test_no_address_that_leads_elsewhere_is_left(text: str, told: str) -> None:
    assert without_addresses(text) == told


def test_terms_checksums_and_links_within_the_server_stay() -> None:
    kept = "and/or 1//2, sha256: 9f86d081; [rules](/rounds/x#rules), [us](mailto:a@b.example), a@b.example, v1.0"
    assert without_addresses(kept) == kept


@pytest.mark.parametrize("piece", ["a.", "a-", "](<", "http", "a://.,"])
def test_no_long_word_takes_quadratic_time(piece: str) -> None:
    """Hours, if it did; the limit of a test would end it."""
    assert WITHHELD not in without_addresses(piece * 200_000) or "://" in piece


def _told(deployment: Deployment, viewer: Viewer) -> DataFacts:
    with deployment.database.read() as session:
        return data_facts(session, find_round(session, "tiny", viewer), viewer)


def test_the_addresses_are_told_to_who_has_accepted_the_version_in_force(deployment: Deployment) -> None:
    def change(**changes: str | bool) -> None:
        change_policy(deployment, COMMAND, slug="tiny", changes=changes, now=NOW)

    viewer, other = member(deployment), member(deployment, "Others")
    change(data=TERMS)
    assert (_told(deployment, ANONYMOUS).text, _told(deployment, ANONYMOUS).is_withheld) == (TERMS, False)
    change(data_terms=True)
    withheld = "No selling. [Images](#accept), sha256 abc"
    for reader in (ANONYMOUS, viewer, other):
        assert (_told(deployment, reader).text, _told(deployment, reader).is_withheld) == (withheld, True)
    assert _told(deployment, ANONYMOUS).rules_digest is None  # persons accept
    for reader in (organizer(deployment), COMMAND):
        assert _told(deployment, reader).text == TERMS
    digest = _told(deployment, viewer).rules_digest or ""
    with pytest.raises(NotLoggedIn):
        accept(deployment, ANONYMOUS, slug="tiny", accepted=digest, now=NOW)
    for wrong, words in (("", "have not accepted"), ("0" * 64, "have changed")):
        with pytest.raises(RulesNotAccepted, match=words):
            accept(deployment, viewer, slug="tiny", accepted=wrong, now=NOW)
    assert accept(deployment, viewer, slug="tiny", accepted=digest, now=NOW) == digest
    assert accept(deployment, viewer, slug="tiny", accepted=digest, now=NOW) is None
    assert (_told(deployment, viewer).text, _told(deployment, viewer).is_withheld) == (TERMS, False)
    assert _told(deployment, other).text == withheld
    assert actions(deployment).count("rules.accepted") == 1
    change(rules="Be fair.")  # is accepted with the terms, as one version
    assert _told(deployment, viewer).text == withheld


def test_who_is_in_no_team_and_a_token_that_submits_alone_accept_as_well(deployment: Deployment) -> None:
    change_policy(deployment, COMMAND, slug="tiny", changes={"data": TERMS, "data_terms": True}, now=NOW)
    alone = Viewer(person_id=add_person(deployment.database, "alone@a.example"), token_id=1, scope=Scope.SUBMIT)
    digest = _told(deployment, alone).rules_digest or ""
    assert accept(deployment, alone, slug="tiny", accepted=digest, now=NOW) == digest
    assert _told(deployment, alone).text == TERMS

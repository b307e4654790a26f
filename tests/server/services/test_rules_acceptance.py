"""Rules are accepted once per person and version, by word or by what is done, and the organizer sees by whom."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.people_errors import RulesNotAccepted
from server.services.boards import Boards
from server.services.policy_changes import change_policy
from server.services.receiving import Receipt, begin_upload
from server.services.round_exports import export_files
from tests.server.making import NOW, predictions
from tests.server.services.organizing import actions, member, team_of

RULES = "Be fair."
DIGEST = hashlib.sha256(RULES.encode()).hexdigest()


def _set_rules(deployment: Deployment, text: str) -> None:
    change_policy(deployment, COMMAND, slug="tiny", changes={"rules": text}, now=NOW)


def _send(deployment: Deployment, viewer: Viewer, accepted: str | None, *, salt: int = 0) -> Receipt:
    upload = begin_upload(
        deployment, slug="tiny", team_id=team_of(viewer), person_id=viewer.person_id, now=NOW, idempotency_key=None
    )
    upload.write(predictions(salt=salt))
    return upload.finish(method="Net", accepted_rules=accepted, now=NOW)


def test_a_version_is_accepted_once_and_a_new_one_again(deployment: Deployment) -> None:
    viewer = member(deployment)
    assert _send(deployment, viewer, "").rules_accepted is None  # there are no rules yet
    _set_rules(deployment, RULES)
    for wrong, words in (("", "have not accepted"), ("0" * 64, "have changed")):
        with pytest.raises(RulesNotAccepted, match=words) as refusal:
            _send(deployment, viewer, wrong, salt=1)
        assert refusal.value.details == {"rules_digest": DIGEST}
    assert _send(deployment, viewer, DIGEST, salt=1).rules_accepted == DIGEST
    assert _send(deployment, viewer, "", salt=2).rules_accepted is None
    _set_rules(deployment, "Be fairer.")
    with pytest.raises(RulesNotAccepted):
        _send(deployment, viewer, "", salt=3)
    assert _send(deployment, viewer, None, salt=3).rules_accepted not in {None, DIGEST}
    assert actions(deployment).count("rules.accepted") == 2


def test_terms_of_the_data_are_accepted_with_the_rules_or_alone(deployment: Deployment) -> None:
    def change(**changes: str | bool | None) -> None:
        change_policy(deployment, COMMAND, slug="tiny", changes=changes, now=NOW)

    viewer = member(deployment)
    change(data="[Images](https://images.example)")
    assert _send(deployment, viewer, "").rules_accepted is None  # a list of links is nothing to accept
    change(data="Not for sale.", data_terms=True)
    with pytest.raises(RulesNotAccepted) as refusal:
        _send(deployment, viewer, "", salt=1)
    terms = refusal.value.details["rules_digest"]
    assert terms == _sha256(f" {_sha256('Not for sale.')}")
    assert _send(deployment, viewer, terms, salt=1).rules_accepted == terms
    change(rules=RULES)
    with pytest.raises(RulesNotAccepted):
        _send(deployment, viewer, DIGEST, salt=2)  # the rules alone are not all
    both = _sha256(f"{DIGEST} {_sha256('Not for sale.')}")
    assert _send(deployment, viewer, both, salt=2).rules_accepted == both
    change(data="Not for sale. Nor for rent.")
    with pytest.raises(RulesNotAccepted, match="have changed"):
        _send(deployment, viewer, both, salt=3)
    change(data_terms=None)
    assert _send(deployment, viewer, DIGEST, salt=3).rules_accepted == DIGEST


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_export_tells_who_accepted_which_version(deployment: Deployment) -> None:
    viewer = member(deployment)
    _set_rules(deployment, RULES)
    _send(deployment, viewer, None)
    _set_rules(deployment, "Be fairer.")
    _send(deployment, viewer, None, salt=1)
    with deployment.database.read() as session:
        files = export_files(
            session, Boards(), COMMAND, deployment=deployment, slug="tiny", has_files=False, now=NOW
        )  # fmt: skip
        contents = {file.name: file.content for file in files}
    table = contents["results/rules.csv"]
    assert isinstance(table, bytes)
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    assert [(int(row["person"]), row["is_in_force"]) for row in rows] == [
        (viewer.person_id, "false"),
        (viewer.person_id, "true"),
    ]
    assert rows[0]["rules_sha256"] == DIGEST

"""A round is its folder: what is exported here is opened elsewhere, as the same round, of whatever task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scoring.tasks import TASKS
from server.cli.main import main
from server.db.truths import first_digest
from server.deployment import Deployment
from server.services.correcting import prepare_erratum
from server.services.errata import activate_erratum
from server.services.opening import open_folder
from server.services.round_folders import export_folder
from server.services.rounds import RoundFacts, stored_round
from tests.hostile.bad_file import valid
from tests.hostile.samples import write_small_round
from tests.server.making import NOW, quick_deployment, quick_settings

SPLIT = "public_share = 0.5\n"


@dataclass(frozen=True, kw_only=True)
class Server:
    """One of two."""

    deployment: Deployment

    def facts(self, slug: str) -> tuple[RoundFacts, str]:
        """What the server has of a round, and the digest of the truth that its images are split by."""
        with self.deployment.database.read() as session:
            facts = stored_round(session, slug)
            return facts, first_digest(session, facts.id)

    def correct(self, folder: Path, slug: str) -> None:
        prepare_erratum(self.deployment, folder, note="It was wrong.", now=NOW)
        with self.deployment.database.write() as session:
            activate_erratum(session, slug, actor="test", now=NOW)

    def export(self, slug: str, target: Path) -> Path:
        export_folder(self.deployment, target, slug=slug, has_truth=True, has_files=False, now=NOW)
        return target


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    deployments = [quick_deployment(quick_settings(tmp_path / name)) for name in ("here", "there")]
    yield Server(deployment=deployments[0]), Server(deployment=deployments[1])
    for deployment in deployments:
        deployment.close()


def told(capsys: pytest.CaptureFixture[str], folder: Path, file: Path, *options: str) -> Any:
    capsys.readouterr()
    assert main(["score", str(folder), str(file), "--format", "json", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("task", TASKS)
def test_a_corrected_and_split_round_of_any_task_is_the_same_elsewhere(
    task: str, servers: tuple[Server, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = servers
    opened = write_small_round(tmp_path / "opened", task, policy=SPLIT)
    corrected = write_small_round(tmp_path / "corrected", task, is_other=True, policy=SPLIT)
    for folder in (opened, corrected):
        toml = (folder / "round.toml").read_text()
        (folder / "round.toml").write_text(toml.replace("[truth]", '[truth]\nsplit_seed = "5f1c"'))
    slug = open_folder(here.deployment, opened, now=NOW).facts.slug
    here.correct(corrected, slug)
    exported = here.export(slug, tmp_path / "exported")
    assert open_folder(there.deployment, exported, now=NOW).is_new
    facts, first = here.facts(slug)
    again, first_again = there.facts(slug)
    assert (again.truth_digest, first_again) == (facts.truth_digest, first)
    assert (again.split_seed, again.policy, again.public_digest) == (
        facts.split_seed,
        facts.policy,
        facts.public_digest,
    )
    assert first != facts.truth_digest
    file = tmp_path / "predictions"
    file.write_bytes(valid(task))
    for split in ("all", "public", "private"):
        before = ["--drawn-from", str(opened)] if split != "all" else []
        expected = told(capsys, corrected, file, "--split", split, *before)
        assert told(capsys, exported, file, "--split", split) == expected


NODES = [
    {"id": 1, "wnid": "n00000001", "parents": [5], "height": 0},
    {"id": 2, "wnid": "n00000002", "parents": [5], "height": 0},
    {"id": 3, "wnid": "n00000003", "parents": [4], "height": 0},
    {"id": 4, "wnid": "n00000004", "parents": [], "height": 2},
    {"id": 5, "wnid": "n00000005", "parents": [4], "height": 1},
]

# Its image list has the name that a truth's file would have; images have several labels, or none.
ODD = """\
slug = "odd"
task = "cls"
[images]
list = "truth-labels.txt"
[classes]
table = "classes.txt"
hierarchy = "hierarchy.json"
[predictions]
ids = "sorted-wnid"
[subgroups.insects]
under = "n00000005"
[subgroups."the weather"]
images = "weather.csv"
[policy]
public_share = 0.5
[truth]
labels = "labels"
ids = "wnid"
"""


def write_odd_round(folder: Path, labels: str) -> Path:
    folder.mkdir()
    files = {
        "round.toml": ODD,
        "truth-labels.txt": "a 1\nb 2\nc d 4\ne 7\n",
        "classes.txt": "n00000003 1 cat\nn00000001 2 honey bee\nn00000002 3 ant\n",
        "hierarchy.json": json.dumps(NODES),
        "weather.csv": "image,group\na,dry\nb,wet\nc d,wet\ne,dry\n",
        "labels": labels,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_labels_named_otherwise_hierarchy_and_subgroups_go_along(
    servers: tuple[Server, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = servers
    opened = write_odd_round(tmp_path / "opened", "n00000003\nn00000001 n00000002\n\nn00000002\n")
    corrected = write_odd_round(tmp_path / "corrected", "n00000003 n00000001\n\nn00000001\n\n")
    open_folder(here.deployment, opened, now=NOW)
    here.correct(corrected, "odd")
    exported = here.export("odd", tmp_path / "exported")
    open_folder(there.deployment, exported, now=NOW)
    again = there.export("odd", tmp_path / "again")
    assert there.facts("odd")[1] == here.facts("odd")[1]
    assert {path.name for path in exported.iterdir()} == {
        "round.toml", "truth-labels.txt", "classes.txt", "hierarchy.json", "weather.csv", "results",
        "truth-2-labels.txt", "split-truth-labels.txt",
    }  # fmt: skip
    for name in ("round.toml", "truth-labels.txt", "truth-2-labels.txt", "split-truth-labels.txt"):
        assert (again / name).read_bytes() == (exported / name).read_bytes()
    file = tmp_path / "predictions.txt"
    file.write_text("2\n0 1\n0\n1 2\n")
    card = told(capsys, corrected, file)
    assert card["counts"]["images"] == 4
    assert {"insects", "the weather"} == set(card["subgroups"])
    assert told(capsys, exported, file) == card

"""Opening a round from its folder: copied whole, once, and never quietly changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import select

from scoring.errors import FaultyRound
from scoring.rounds import load_public_round
from server.app import create_app
from server.auth.viewer import ANONYMOUS
from server.db.tables import Challenge, Entry, Event, Round, Submission, Team, TruthVersion
from server.deployment import Deployment
from server.errors import DatabaseUnavailable, RoundChanged, RoundNotFound
from server.organizing_errors import SlugReserved
from server.services.opening import open_folder
from server.services.round_rows import RESERVED_SLUGS
from server.services.rounds import list_rounds, stored_round
from tests.server.making import NOW, add_team, predictions, quick_deployment, quick_settings, write_round
from tests.server.services.organizing import add_person


@pytest.fixture
def empty(tmp_path: Path) -> Deployment:
    return quick_deployment(quick_settings(tmp_path / "data"))


def test_a_round_is_opened_with_its_policy_and_both_halves_apart(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder", submissions_per_day=2, rows="entry", best_by="top1_error")
    opened = open_folder(empty, folder, now=NOW)
    facts = opened.facts
    assert opened.is_new
    assert (facts.slug, facts.title, facts.task, facts.challenge) == ("tiny", "Round tiny", "cls", "Tests")
    assert (facts.image_count, facts.class_count) == (6, 7)
    assert (facts.policy.submissions_per_day, facts.policy.rows, facts.policy.best_by) == (2, "entry", "top1_error")
    public = empty.folders.public_half("tiny")
    assert load_public_round(public).slug == "tiny"
    assert {path.name for path in public.iterdir()} == {"round.toml", "classes.csv"}
    assert facts.truth_digest is not None
    assert empty.folders.truth_file("tiny", facts.truth_digest).is_file()
    with empty.database.read() as session:
        assert [event.action for event in session.exec(select(Event))] == ["round.opened"]
        assert list_rounds(session, ANONYMOUS) == [facts]
    empty.close()


def test_opening_the_same_folder_again_changes_nothing(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder")
    first = open_folder(empty, folder, now=NOW)
    second = open_folder(empty, folder, now=NOW)
    assert not second.is_new
    assert second.facts == first.facts
    with empty.database.read() as session:
        assert len(session.exec(select(TruthVersion)).all()) == 1
        assert len(session.exec(select(Event)).all()) == 1
    assert sorted(path.name for path in empty.folders.rounds.iterdir()) == ["tiny"]
    empty.close()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"submissions_per_day": 3}, "another public half"),
        ({"labels": (6, 5, 4, 3, 2, 1)}, "another ground truth"),
    ],
)
def test_a_changed_folder_of_the_same_slug_is_refused(
    empty: Deployment, tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    first = open_folder(empty, write_round(tmp_path / "a"), now=NOW)
    with pytest.raises(RoundChanged, match=told):
        open_folder(empty, write_round(tmp_path / "b", **changes), now=NOW)  # type: ignore[arg-type]
    with empty.database.read() as session:
        assert stored_round(session, "tiny") == first.facts
    empty.close()


SEED = 'split_seed = "5f1c"'
FIRST = '[truth.drawn_from]\nlabels = "first.txt"'


def write_split_round(folder: Path, *, seed: str = SEED, drawn_from: str = FIRST, first: str = "6\n" * 6) -> Path:
    write_round(folder, public_share=0.5)
    (folder / "first.txt").write_text(first)
    toml = folder / "round.toml"
    toml.write_text(f"{toml.read_text().replace('[truth]', f'[truth]{chr(10)}{seed}')}{drawn_from}\n")
    return folder


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 'split_seed = "5f1d"'}, "another truth.split_seed"),
        ({"first": "5\n" * 6}, r"another \[truth.drawn_from\]"),
        ({"drawn_from": ""}, r"another \[truth.drawn_from\]"),  # so it follows from the truth as it is now
        ({"seed": "", "first": "5\n" * 6}, r"another \[truth.drawn_from\]"),
        (
            {"seed": 'split_seed = "x"', "first": "5\n" * 6},
            r"another truth.split_seed and another \[truth.drawn_from\]",
        ),
    ],
)
def test_a_folder_that_splits_the_round_otherwise_is_refused(
    empty: Deployment, tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    open_folder(empty, write_split_round(tmp_path / "a"), now=NOW)
    with pytest.raises(RoundChanged, match=told) as refusal:
        open_folder(empty, write_split_round(tmp_path / "b", **changes), now=NOW)
    assert "round export --with-truth" in refusal.value.advice_given
    assert "5f1" not in f"{refusal.value.message} {refusal.value.advice_given}"
    empty.close()


@pytest.mark.parametrize("changes", [{}, {"seed": ""}, {"seed": "", "drawn_from": ""}])
def test_a_folder_that_says_as_much_or_less_of_the_split_is_the_same(
    empty: Deployment, tmp_path: Path, changes: dict[str, str]
) -> None:
    open_folder(empty, write_split_round(tmp_path / "a"), now=NOW)
    assert not open_folder(empty, write_split_round(tmp_path / "b", **changes), now=NOW).is_new
    empty.close()


def test_a_seed_that_splits_nothing_is_no_change(empty: Deployment, tmp_path: Path) -> None:
    for name, seed in (("a", "5f1c"), ("b", "5f1d")):
        folder = write_round(tmp_path / name)
        with (folder / "round.toml").open("a") as toml:
            toml.write(f'split_seed = "{seed}"\n')
        assert open_folder(empty, folder, now=NOW).is_new == (name == "a")
    empty.close()


def test_a_faulty_folder_leaves_nothing_behind(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder", labels=(1, 2, 99))
    with pytest.raises(FaultyRound):
        open_folder(empty, folder, now=NOW)
    assert list(empty.folders.rounds.iterdir()) == []
    empty.close()


BASELINE = '[[baselines]]\nfile = "five.txt"\nmethod = "Five"\n'


def test_baselines_of_the_folder_are_submitted_out_of_competition(empty: Deployment, tmp_path: Path) -> None:
    add_person(empty.database, "somebody@lab.example", team_id=add_team(empty, "Baselines of tiny"))
    folder = write_round(tmp_path / "folder")
    (folder / "baselines.toml").write_text(BASELINE)
    (folder / "five.txt").write_bytes(predictions())
    for _ in range(2):
        open_folder(empty, folder, now=NOW)
    with empty.database.read() as session:
        (entry,), (submission,) = session.exec(select(Entry)).all(), session.exec(select(Submission)).all()
        team = session.get_one(Team, entry.team_id)
    assert (entry.method, entry.is_baseline, entry.is_competing) == ("Five", True, False)
    assert (submission.state, submission.file_name, team.name) == ("queued", "five.txt", "Baselines of tiny (2)")
    with empty.blobs.as_file(submission.blob_key) as stored:
        assert stored.read_bytes() == predictions()
    empty.close()


def test_faulty_baselines_open_nothing(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder")
    (folder / "baselines.toml").write_text(BASELINE)
    with pytest.raises(FaultyRound):
        open_folder(empty, folder, now=NOW)
    assert list(empty.folders.rounds.iterdir()) == []
    empty.close()


def test_a_draft_is_not_opened_over(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder")
    open_folder(empty, folder, now=NOW)
    with empty.database.write() as session:
        session.exec(select(Round)).one().is_draft = True
    with pytest.raises(RoundChanged, match="There is a draft of the round tiny"):
        open_folder(empty, folder, now=NOW)
    empty.close()


def test_rounds_of_one_challenge_share_it(empty: Deployment, tmp_path: Path) -> None:
    for slug in ("a", "b"):
        open_folder(empty, write_round(tmp_path / slug, slug=slug), now=NOW)
    with empty.database.read() as session:
        assert session.exec(select(Challenge.slug)).all() == ["tests"]
        assert [facts.slug for facts in list_rounds(session, ANONYMOUS)] == ["b", "a"]
        with pytest.raises(RoundNotFound):
            stored_round(session, "c")
    empty.close()


def test_an_opening_interrupted_before_its_commit_can_be_done_again(empty: Deployment, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "folder")
    (empty.folders.rounds / "tiny" / "public").mkdir(parents=True)
    (empty.folders.rounds / "tiny" / "public" / "half-copied").touch()
    assert open_folder(empty, folder, now=NOW).is_new
    assert not (empty.folders.public_half("tiny") / "half-copied").exists()
    empty.close()


def test_an_opening_while_the_database_is_locked_leaves_nothing_behind(tmp_path: Path) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data", database_wait_seconds=0.1))
    with deployment.database.write(), pytest.raises(DatabaseUnavailable):
        open_folder(deployment, write_round(tmp_path / "folder"), now=NOW)
    assert list(deployment.folders.rounds.iterdir()) == []
    with deployment.database.read() as session:
        assert session.exec(select(Round)).all() == []
    deployment.close()


def test_no_round_takes_the_address_of_a_page(empty: Deployment, tmp_path: Path) -> None:
    with pytest.raises(SlugReserved, match="/organize/new is a page of the server"):
        open_folder(empty, write_round(tmp_path / "folder", slug="new"), now=NOW)
    assert list(empty.folders.rounds.iterdir()) == []
    empty.close()


def test_every_word_that_stands_where_a_slug_may_stand_is_reserved(empty: Deployment) -> None:
    routes = [context.path.split("/") for context in iter_route_contexts(create_app(empty.settings).routes)]
    places = {tuple(parts[:-1]) for parts in routes if parts[-1] == "{slug}"}
    assert {parts[-1] for parts in routes if tuple(parts[:-1]) in places} - {"{slug}"} == RESERVED_SLUGS
    empty.close()

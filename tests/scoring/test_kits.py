from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import FaultyRound
from scoring.evaluation import validate
from scoring.kits import copy_public_half, write_kit
from scoring.round_text import public_round_toml
from scoring.rounds import load_public_round
from scoring.samples import sample_file
from scoring.tasks import TASKS
from tests.scoring.making import annotation, gzip_of, round_toml, tar_of, write_round

# Every byte sequence of the truth that a kit is searched for.
SECRETS = (b"73219", b"labels.txt", b"blacklist", b"secret")


def secret_round(folder: Path) -> Path:
    """A round whose truth and whose comments hold the secrets."""
    toml = round_toml(
        "det", policy='rules = "docs/RULES.md"', truth='boxes = "secret.tgz"\nblacklist = "blacklist.txt"'
    )
    toml = toml.replace("[images]", "# the secret is 73219\n[images]  # secret")
    toml = toml.replace('"classes.txt"', '"classes.txt" # not labels.txt').replace("[truth]", "[ truth ] # secret")
    members = {f"{name}.xml": annotation(("n00000003", (0, 0, 73219, 9))) for name in "abc"}
    return write_round(
        folder,
        "det",
        {
            "round.toml": toml,
            "images.txt": "a 1\nb 2\nc 5\n",
            "docs/RULES.md": "Be fair.",
            "docs/notes.md": "73219",
            "secret.tgz": gzip_of(tar_of(members)),
            "blacklist.txt": "5 n00000003\n",
            "boxes.csv": None,
        },
    )


def test_a_kit_holds_the_public_files_and_no_byte_of_the_truth(tmp_path: Path) -> None:
    write_kit(secret_round(tmp_path / "round"), tmp_path / "kit.zip")
    with zipfile.ZipFile(tmp_path / "kit.zip") as kit:
        assert kit.namelist() == ["round.toml", "images.txt", "classes.txt", "docs/RULES.md"]
        contents = b"".join(kit.read(name) for name in kit.namelist())
    for secret in SECRETS:
        assert secret not in contents
        assert secret not in (tmp_path / "kit.zip").read_bytes()
    assert b"#" not in contents


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = secret_round(tmp_path / name)
        (folder / "images.txt").touch()
        write_kit(folder, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("task", TASKS)
def test_a_kit_is_enough_to_validate(task: str, tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", task)
    write_kit(folder, tmp_path / "kit.zip")
    public = load_public_round(tmp_path / "kit.zip")
    file = tmp_path / "predictions.txt"
    file.write_bytes(b"".join(sample_file(public).pieces))
    assert validate(public, file) == validate(load_public_round(folder), file)
    assert validate(public, file).report.is_valid


def test_the_public_half_copied_is_a_round_of_its_own(tmp_path: Path) -> None:
    copy_public_half(secret_round(tmp_path / "round"), tmp_path / "copy")
    assert load_public_round(tmp_path / "copy").policy.rules == "Be fair."
    names = sorted(path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*.*"))
    assert names == ["classes.txt", "docs/RULES.md", "images.txt", "round.toml"]


def test_a_truth_written_inline_is_left_out_too(tmp_path: Path) -> None:
    toml = 'truth = { labels = "labels.txt" }\n' + round_toml("cls").split("[truth]")[0]
    copy_public_half(write_round(tmp_path / "round", "cls", {"round.toml": toml}), tmp_path / "copy")
    assert "labels" not in (tmp_path / "copy" / "round.toml").read_text()


def test_a_file_that_both_halves_name_is_not_handed_out(tmp_path: Path) -> None:
    toml = round_toml("cls").replace('"labels.txt"', '"images.txt"')
    folder = write_round(tmp_path / "round", "cls", {"round.toml": toml})
    with pytest.raises(FaultyRound) as caught:
        write_kit(folder, tmp_path / "kit.zip")
    assert [fault.code for fault in caught.value.faults] == ["truth-public"]
    assert not (tmp_path / "kit.zip").exists()


def test_round_toml_itself_cannot_be_named_as_a_public_file(tmp_path: Path) -> None:
    toml = round_toml("cls", policy='rules = "round.toml"')
    with pytest.raises(FaultyRound) as caught:
        write_kit(write_round(tmp_path / "round", "cls", {"round.toml": toml}), tmp_path / "kit.zip")
    assert [(fault.code, fault.key) for fault in caught.value.faults] == [("file-name", "policy.rules")]


def test_a_faulty_public_half_is_not_handed_out(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "cls", {"classes.txt": ""})
    with pytest.raises(FaultyRound):
        copy_public_half(folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


texts = st.text(st.characters(exclude_categories=("Cs",)))
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.one_of(st.just(UTC), zones))  # noqa: DTZ001
values = st.one_of(texts, times, st.integers(1, 2**60))
sections = st.dictionaries(st.sampled_from(("list", "count", "table", "rules", "opens", "closes")), values)
tables = st.dictionaries(
    st.sampled_from(("slug", "title", "images", "classes", "policy", "truth")), st.one_of(texts, sections)
)


@given(tables)
def test_round_toml_says_the_same_without_its_truth(table: dict[str, Any]) -> None:
    written = tomllib.loads(public_round_toml(table))
    assert written == {key: value for key, value in table.items() if key != "truth"}
    # plain values before sections, as TOML needs it; otherwise in the order there was
    for kind in (str, dict):
        ordered = [key for key, value in table.items() if isinstance(value, kind) and key != "truth"]
        assert [key for key, value in written.items() if isinstance(value, kind)] == ordered


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_link_to_the_truth_is_no_public_file(link: Callable[[Path, Path], None], tmp_path: Path) -> None:
    folder = secret_round(tmp_path / "round")
    (folder / "docs" / "RULES.md").unlink()
    link(folder / "docs" / "RULES.md", folder / "blacklist.txt")
    with pytest.raises(FaultyRound) as caught:
        write_kit(folder, tmp_path / "kit.zip")
    assert [fault.code for fault in caught.value.faults] == ["truth-public"]
    assert not (tmp_path / "kit.zip").exists()


def test_a_link_out_of_the_folder_is_no_public_file(tmp_path: Path) -> None:
    folder = secret_round(tmp_path / "round")
    (tmp_path / "elsewhere.md").write_text("73219")
    (folder / "docs" / "RULES.md").unlink()
    (folder / "docs" / "RULES.md").symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(FaultyRound) as caught:
        write_kit(folder, tmp_path / "kit.zip")
    assert [fault.code for fault in caught.value.faults] == ["file-outside"]


@pytest.mark.parametrize("name", ["secret.tgz", "round.toml", "images.txt"])
def test_a_kit_overwrites_no_file_of_its_round(name: str, tmp_path: Path) -> None:
    folder = secret_round(tmp_path / "round")
    before = (folder / name).read_bytes()
    with pytest.raises(FaultyRound) as caught:
        write_kit(folder, folder / name)
    assert [fault.code for fault in caught.value.faults] == ["kit-target"]
    assert (folder / name).read_bytes() == before


def test_flags_shares_and_lists_of_a_policy_are_handed_out_as_they_are(tmp_path: Path) -> None:
    policy = 'blind = true\nanonymous = false\npublic_share = 0.25\ntracks = ["provided", "more \\"data\\""]'
    folder = write_round(tmp_path / "round", "det", {"round.toml": round_toml("det", policy=policy)})
    table = tomllib.loads((folder / "round.toml").read_text())
    assert tomllib.loads(public_round_toml(table))["policy"] == table["policy"]

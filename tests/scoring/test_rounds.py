from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.findings import RoundFault
from scoring.kits import write_kit
from scoring.rounds import load_public_round
from scoring.tasks import TASKS
from tests.scoring.making import Files, faults_of, public_faults_of, round_toml, write_round


def one_fault(folder: Path, changes: Files, *, task: str = "cls") -> RoundFault:
    (fault,) = public_faults_of(write_round(folder, task, changes))
    assert fault.message
    assert fault.advice
    return fault


def toml_with(old: str, new: str) -> Files:
    toml = round_toml("cls")
    assert old in toml
    return {"round.toml": toml.replace(old, new)}


@pytest.mark.parametrize("task", TASKS)
def test_a_faultless_folder_gives_the_round_it_describes(task: str, tmp_path: Path) -> None:
    public = load_public_round(write_round(tmp_path, task))
    assert (public.slug, public.title, public.challenge, public.task) == ("small", "A small round", None, task)
    assert public.images.indices.tolist() == [1, 2, 5]
    assert public.images.names == ("val/a", "val/b", "val/c")
    assert public.classes.ids.tolist() == ([1, 2, 3] if TASKS[task].has_class_table else [])
    assert public.policy.best_by == TASKS[task].main_metric


def test_the_public_half_needs_no_file_of_the_truth(tmp_path: Path) -> None:
    folder = write_round(tmp_path, "det", {"boxes.csv": None, "blacklist.txt": None})
    assert len(load_public_round(folder).images) == 3


def test_a_kit_gives_the_same_round_as_its_folder(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "det", {"round.toml": round_toml("det", policy='rules = "RULES.md"'),
                                                     "RULES.md": "Be fair."})  # fmt: skip
    write_kit(folder, tmp_path / "kit.zip")
    from_folder, from_kit = load_public_round(folder), load_public_round(tmp_path / "kit.zip")
    assert from_folder.policy == from_kit.policy
    assert from_folder.images.names == from_kit.images.names
    assert from_folder.classes.wnids == from_kit.classes.wnids
    assert from_kit.policy.rules == "Be fair."


def test_a_round_without_a_title_is_called_by_its_slug(tmp_path: Path) -> None:
    folder = write_round(tmp_path, "cls", toml_with('title = "A small round"', 'challenge = "Small ones"'))
    public = load_public_round(folder)
    assert (public.title, public.challenge) == ("small", "Small ones")


def test_a_byte_order_mark_before_a_file_does_no_harm(tmp_path: Path) -> None:
    changes = {"round.toml": "\ufeff" + round_toml("cls"), "images.txt": "\ufeffa 1\nb 2\nc 3\n"}
    assert load_public_round(write_round(tmp_path, "cls", changes)).images.names == ("a", "b", "c")


def test_images_can_be_a_count(tmp_path: Path) -> None:
    public = load_public_round(write_round(tmp_path, "cls", toml_with('list = "images.txt"', "count = 4")))
    assert public.images.indices.tolist() == [1, 2, 3, 4]
    assert public.images.names is None


def test_image_lists_may_have_blank_lines_tabs_names_with_blanks_and_any_order(tmp_path: Path) -> None:
    folder = write_round(tmp_path, "cls", {"images.txt": "my picture.jpg 12\n\n  b\t3  \r\nc   007\n"})
    images = load_public_round(folder).images
    assert images.indices.tolist() == [3, 7, 12]
    assert images.names == ("b", "c", "my picture.jpg")


def test_policies_come_from_their_section(tmp_path: Path) -> None:
    policy = 'opens = 2026-12-01T02:00:00+02:00\nsubmissions_per_day = 2\nrows = "entry"\nbest_by = "top1_error"'
    public = load_public_round(write_round(tmp_path, "cls", {"round.toml": round_toml("cls", policy=policy)}))
    assert public.policy.opens == datetime(2026, 12, 1, tzinfo=UTC)
    assert (public.policy.submissions_per_day, public.policy.submissions_total) == (2, None)
    assert (public.policy.rows, public.policy.best_by) == ("entry", "top1_error")


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ('"small"', '"Small"', "slug", "slug"),
        ('"small"', '"small-"', "slug", "slug"),
        ('"small"', '"two--hyphens"', "slug", "slug"),
        ('"small"', f'"{"x" * 81}"', "slug", "slug"),
        ('"small"', "5", "slug", "slug"),
        ('slug = "small"\n', "", "slug", "slug"),
        ('"A small round"', "2026", "text", "title"),
        ('title = "A small round"', 'title = "A"\nchallenge = ["x"]', "text", "challenge"),
        ('"cls"', '"clsloc"', "task", "task"),
        ('"cls"', '["cls"]', "task", "task"),
        ('list = "images.txt"', "", "images", "images"),
        ('list = "images.txt"', 'list = "images.txt"\ncount = 3', "images", "images"),
        ('list = "images.txt"', "count = 0", "images", "images.count"),
        ('list = "images.txt"', "count = true", "images", "images.count"),
        ('list = "images.txt"', "count = 20_000_001", "images", "images.count"),
        ('list = "images.txt"', 'count = "3"', "images", "images.count"),
        ('"images.txt"', "5", "file-name", "images.list"),
        ('"images.txt"', '""', "file-name", "images.list"),
        ('"images.txt"', '"./round.toml"', "file-name", "images.list"),
        ('"images.txt"', '"/etc/passwd"', "file-outside", "images.list"),
        ('"images.txt"', '"a/../../x"', "file-outside", "images.list"),
        ('"images.txt"', r'"a\\b"', "file-outside", "images.list"),
        ('"images.txt"', r'"a\u0000b"', "file-outside", "images.list"),
        ('table = "classes.txt"', "", "file-name", "classes.table"),
        ('table = "classes.txt"', 'table = "classes.txt"\n[policy]\nrules = 7', "file-name", "policy.rules"),
        ('table = "classes.txt"', 'table = "classes.txt"\n[policy]\nrows = "teams"', "policy", "policy.rows"),
        ("[classes]", "[class]\na = 1\n[classes]", "unknown-key", "class"),
        ('table = "classes.txt"', 'table = "classes.txt"\ntabel = "x"', "unknown-key", "classes.tabel"),
        ('labels = "labels.txt"', 'label = "labels.txt"', "unknown-key", "truth.label"),
    ],
)
def test_a_fault_of_round_toml_names_its_key(old: str, new: str, code: str, key: str, tmp_path: Path) -> None:
    fault = one_fault(tmp_path, toml_with(old, new))
    assert (fault.code, fault.file, fault.key) == (code, "round.toml", key)


def test_a_section_that_is_no_table_is_a_fault_beside_what_it_lacks(tmp_path: Path) -> None:
    folder = write_round(tmp_path, "cls", {"round.toml": "images = 5\n" + round_toml("cls").replace("[images]", "[x]")})
    found = [(fault.code, fault.key) for fault in public_faults_of(folder)]
    assert found == [("unknown-key", "x"), ("section", "images"), ("images", "images")]


def test_a_misspelt_key_is_answered_with_the_right_one(tmp_path: Path) -> None:
    fault = one_fault(tmp_path, toml_with('list = "images.txt"', 'list = "images.txt"\ncuont = 3'))
    assert (fault.key, fault.advice) == ("images.cuont", "did you mean count?")


def test_a_strange_key_is_answered_with_all_there_are(tmp_path: Path) -> None:
    fault = one_fault(tmp_path, toml_with('list = "images.txt"', 'list = "images.txt"\nzzz = 3'))
    assert fault.advice == "known here: list, count"


@pytest.mark.parametrize(
    "content",
    [
        b"slug = ", b"\xff\xfe", b"a = 1\na = 2\n", b"a = " + b"1" * 5_000, b"a = 0x" + b"f" * 5_000,
        b"[policy]\ntracks = [9223372036854775808]", b"a = " + b"[" * 5_000,
    ],
)  # fmt: skip
def test_what_is_not_toml_is_one_fault_that_says_where(content: bytes, tmp_path: Path) -> None:
    assert one_fault(tmp_path, {"round.toml": content}).code == "toml"


def test_a_folder_without_round_toml_is_no_round(tmp_path: Path) -> None:
    assert one_fault(tmp_path, {"round.toml": None}).code == "no-round"


def test_a_file_that_is_no_zip_is_no_round(tmp_path: Path) -> None:
    (tmp_path / "kit.zip").write_text("not a zip")
    assert [fault.code for fault in public_faults_of(tmp_path / "kit.zip")] == ["no-round"]
    assert [fault.code for fault in public_faults_of(tmp_path / "nowhere")] == ["no-round"]


def test_a_kit_that_lacks_a_file_says_which(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kit.zip", "w") as archive:
        archive.writestr("round.toml", round_toml("cls"))
        archive.writestr("images.txt", "a 1\n")
    (fault,) = public_faults_of(tmp_path / "kit.zip")
    assert (fault.code, fault.file, fault.key) == ("file-missing", "classes.txt", "classes.table")


@pytest.mark.parametrize(
    ("changes", "code", "file", "key"),
    [
        ({"images.txt": None}, "file-missing", "images.txt", "images.list"),
        ({"classes.txt": None}, "file-missing", "classes.txt", "classes.table"),
        ({"images.txt": b"caf\xe9 1\n"}, "not-utf8", "images.txt", "images.list"),
        ({"images.txt": ""}, "no-images", "images.txt", "images.list"),
        ({"images.txt": "\n \n"}, "no-images", "images.txt", "images.list"),
        ({"classes.txt": ""}, "no-classes", "classes.txt", "classes.table"),
    ],
)
def test_a_fault_of_a_public_file_names_it_and_the_key_that_names_it(
    changes: Files, code: str, file: str, key: str, tmp_path: Path
) -> None:
    fault = one_fault(tmp_path, changes)
    assert (fault.code, fault.file, fault.key) == (code, file, key)


@pytest.mark.parametrize("line", ["a", "1", "a 0", "a -1", "a 1.0", "a 20000001", "a ٣", "a " + "9" * 5000])
def test_a_line_of_the_image_list_needs_a_name_and_an_index(line: str, tmp_path: Path) -> None:
    fault = one_fault(tmp_path, {"images.txt": f"first 7\n{line}\n"})
    assert (fault.code, fault.line) == ("image-line", 2)
    assert fault.value is not None
    assert fault.value[:20] == line[:20]


@pytest.mark.parametrize("line", ["a -1", "a 0.0", f"a {2**53 + 1}", "a " + "9" * 5000])
def test_image_ids_of_coco_are_whole_numbers_from_0_as_far_as_doubles_tell_them_apart(
    line: str, tmp_path: Path
) -> None:
    folder = write_round(tmp_path, "coco-det", {"images.txt": f"first 0\nlast {2**53}\n"})
    assert load_public_round(folder).images.indices.tolist() == [0, 2**53]
    (folder / "images.txt").write_text(f"first 0\n{line}\n")
    (fault,) = public_faults_of(folder)
    assert (fault.code, fault.line) == ("image-line", 2)
    assert "from 0 to 9,007,199,254,740,992" in fault.message


@pytest.mark.parametrize("line", ["a 9", "other 1", "other 001"])
def test_an_image_name_or_index_stands_in_the_list_once(line: str, tmp_path: Path) -> None:
    fault = one_fault(tmp_path, {"images.txt": f"a 1\nb 2\n{line}\n"})
    assert (fault.code, fault.file, fault.line, fault.value) == ("image-twice", "images.txt", 3, line)


def test_twenty_faults_of_a_kind_are_shown(tmp_path: Path) -> None:
    folder = write_round(tmp_path, "cls", {"images.txt": "a 1\n" + "x\n" * 50})
    assert [fault.line for fault in public_faults_of(folder)] == list(range(2, 22))


def test_all_faults_of_a_folder_come_at_once(tmp_path: Path) -> None:
    toml = round_toml("det", policy='opens = 2026-12-01T00:00:00\nmax_lines = 0\nrules = "RULES.md"')
    changes: Files = {
        "round.toml": toml.replace('"small"', '"Not small"').replace("[classes]", "[classes]\nsort = 1"),
        "classes.txt": "n00000001 1 a\nn00000001 2 b\nx\n",
        "boxes.csv": "1,1,9,9,0,0\n",
        "blacklist.txt": None,
    }
    found = {
        (fault.code, fault.file, fault.key) for fault in faults_of(write_round(tmp_path / "round", "det", changes))
    }
    assert found == {
        ("slug", "round.toml", "slug"),
        ("unknown-key", "round.toml", "classes.sort"),
        ("class-twice", "classes.txt", "classes.table"),
        ("class-id", "classes.txt", "classes.table"),
        ("policy", "round.toml", "policy.opens"),
        ("policy", "round.toml", "policy.max_lines"),
        ("file-missing", "RULES.md", "policy.rules"),
        ("box-inverted", "boxes.csv", "truth.boxes"),
        ("file-missing", "blacklist.txt", "truth.blacklist"),
    }


def test_an_unknown_task_hides_no_other_fault_of_the_public_half(tmp_path: Path) -> None:
    toml = round_toml("cls", policy='best_by = "top5_error"\nrows = 3').replace('"cls"', '"classify"')
    folder = write_round(tmp_path / "round", "cls", {"round.toml": toml, "images.txt": None, "classes.txt": None})
    found = {(fault.code, fault.key) for fault in faults_of(folder)}
    assert found == {
        ("task", "task"), ("file-missing", "images.list"), ("file-missing", "classes.table"), ("policy", "policy.rows"),
    }  # fmt: skip


def test_a_missing_image_list_hides_no_fault_of_the_truth_and_invents_none(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "cls", {"images.txt": None, "labels.txt": "1\n2\n9\n"})
    found = [(fault.code, fault.line) for fault in faults_of(folder)]
    assert found == [("file-missing", None), ("unknown-class", 3)]


def test_a_missing_class_table_hides_no_fault_of_the_truth_and_invents_none(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", "cls", {"classes.txt": None, "labels.txt": "1\n2\n"})
    assert [fault.code for fault in faults_of(folder)] == ["file-missing", "label-count"]


def test_a_round_whose_annotations_list_the_classes_has_no_table_of_them(tmp_path: Path) -> None:
    toml = round_toml("coco-det").replace("[truth]", '[classes]\ntable = "classes.txt"\n\n[truth]')
    (fault,) = public_faults_of(
        write_round(tmp_path, "coco-det", {"round.toml": toml, "classes.txt": "n00000001 1 a\n"})
    )
    assert (fault.code, fault.key) == ("classes-unused", "classes")


@pytest.mark.parametrize("naming", ["kit", "sorted-wnid", "nonsense"])
def test_a_round_whose_annotations_list_the_classes_has_no_other_names_for_them(naming: str, tmp_path: Path) -> None:
    toml = round_toml("coco-det").replace("[truth]", f'[predictions]\nids = "{naming}"\n\n[truth]')
    (fault,) = public_faults_of(write_round(tmp_path, "coco-det", {"round.toml": toml}))
    assert (fault.code, fault.file, fault.key) == ("predictions-unused", "round.toml", "predictions")
    assert "the categories' ids" in fault.advice

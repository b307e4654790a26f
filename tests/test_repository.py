"""What lies in the repository: lock files without addresses, no large files, and a Dockerfile that keeps to rules."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
MAX_FILE_BYTES = 1 << 20

_INDEX_OPTION = re.compile(r"^\s*(--?(extra-)?index-url|-i|--find-links|-f|--trusted-host|--no-index)\b")
_SECRET = re.compile(r"\b\w*(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY)\w*\b", re.IGNORECASE)


def tracked_files() -> list[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing is tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


# Lock files


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_no_address_and_no_index_option(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert [line for line in lines if "://" in line or " @ " in line or _INDEX_OPTION.match(line)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_every_package_exactly_and_with_hashes(name: str) -> None:
    entries = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    requirements = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert len(requirements) > 10
    loose = [entry[:60] for entry in requirements if not re.match(r"[a-zA-Z0-9._-]+(\[[a-z0-9,-]+\])?==[^\s;]+", entry)]
    assert loose == []
    assert [entry[:60] for entry in requirements if "--hash=sha256:" not in entry] == []


def test_what_is_asked_for_with_extras_is_pinned_with_them() -> None:
    """Else pip before 23.3 looks beyond the pin once a newer release is out, and refuses that for want of a hash."""
    pins = [Requirement(pin) for pin in pins_of(LOCKS[1])]
    pinned = {pin.name: pin.extras for pin in pins}
    asked = [Requirement(line) for name in pinned for line in requirements_of(name)]
    with_extras = {found.name: found.extras for found in asked if found.extras and found.name in pinned}
    assert "coverage" in with_extras
    assert {name for name, extras in with_extras.items() if not extras <= pinned[name]} == set()


def pins_of(name: str) -> set[str]:
    return set(
        re.findall(r"^([a-zA-Z0-9._-]+(?:\[[a-z0-9,-]+\])?==[^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    )


def requirements_of(name: str) -> list[str]:
    """What an installed package needs without an extra of its own; nothing where it is not installed."""
    try:
        needed = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    return [line for line in needed if "extra ==" not in line]


def test_what_the_server_needs_is_pinned_alike_for_development() -> None:
    pins = [pins_of(name) for name in LOCKS]
    assert pins[0] <= pins[1]


def test_no_lock_file_that_records_addresses_is_tracked() -> None:
    recording = {"uv.lock", "pylock.toml", "poetry.lock", "package-lock.json", "yarn.lock"}
    assert [name for name in tracked_files() if Path(name).name in recording] == []


# Files


def test_no_tracked_file_is_large() -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in tracked_files()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE_BYTES} == {}


def test_nothing_that_is_made_by_running_is_tracked() -> None:
    made = re.compile(r"(^|/)(__pycache__|\.venv|\.coverage[^/]*|\.hypothesis|\.[a-z_]+_cache|heldout-data)(/|$)")
    assert [name for name in tracked_files() if made.search(name) or name.endswith((".pyc", ".sqlite3"))] == []


# The Dockerfile: linted here, not built


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(line.split(None, 1)[0].upper(), line.split(None, 1)[1]) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    everything = instructions()
    start = max(place for place, (name, _) in enumerate(everything) if name == "FROM")
    return everything[start:]


def test_every_base_image_has_a_pinned_tag() -> None:
    stages: set[str] = set()
    loose = []
    for name, arguments in instructions():
        if name != "FROM":
            continue
        image, *alias = arguments.split()
        tag = image.rpartition("/")[2].partition(":")[2]
        if image not in stages and "@sha256:" not in image and not re.search(r"\d+\.\d+", tag):
            loose.append(image)
        if alias:
            stages.add(alias[-1])
    assert loose == []


def test_the_container_does_not_run_as_root() -> None:
    users = [arguments.strip() for name, arguments in last_stage() if name == "USER"]
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}
    after = [name for name, _ in last_stage()[last_stage().index(("USER", users[-1])) :]]
    assert "RUN" not in after


def test_the_container_tells_whether_it_is_well() -> None:
    checks = [arguments for name, arguments in last_stage() if name == "HEALTHCHECK"]
    assert len(checks) == 1
    assert "NONE" not in checks[0]
    assert "--interval=" in checks[0]


def test_the_container_starts_without_a_shell_so_that_signals_arrive() -> None:
    commands = [arguments for name, arguments in last_stage() if name in {"CMD", "ENTRYPOINT"}]
    assert commands
    assert all(command.startswith("[") for command in commands)


def test_no_secret_lies_in_the_image() -> None:
    assert [line for line in instructions() if line[0] in {"ENV", "ARG", "LABEL"} and _SECRET.search(line[1])] == []
    copied = [arguments for name, arguments in instructions() if name in {"COPY", "ADD"}]
    assert [line for line in copied if re.search(r"\.env\b|\.pem\b|id_rsa|\.netrc|pip\.conf", line)] == []


def test_only_what_is_named_is_copied_into_the_image() -> None:
    assert "ADD" not in {name for name, _ in instructions()}
    sources = [word for name, arguments in instructions() if name == "COPY" for word in arguments.split()[:-1]]
    assert {".", "./", "*", "tests", ".git", ".venv"} & set(sources) == set()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv"} <= set(ignored)


def test_what_the_container_installs_is_pinned_with_hashes() -> None:
    everything = instructions()
    installs = [arguments for name, arguments in everything if name == "RUN" and "pip install" in arguments]
    from_locks = [arguments for arguments in installs if "--require-hashes" in arguments]
    assert from_locks
    assert all("requirements.lock" in arguments for arguments in from_locks)
    assert [
        arguments for arguments in installs if "--require-hashes" not in arguments and "--no-deps" not in arguments
    ] == []
    copies = [
        place
        for place, (name, arguments) in enumerate(everything)
        if name == "COPY" and "requirements.lock" in arguments
    ]
    assert copies[0] < everything.index(("RUN", from_locks[0]))

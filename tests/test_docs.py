"""The documents say what the code does: every setting, command, task and finding stands in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scoring.tasks import TASKS
from server.cli.commands import app
from server.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
FINDINGS = (ROOT / "docs" / "findings.md").read_text()

# The functions that make findings and faults; their first argument is the code.
_MAKERS = {"error", "notice", "unreadable", "_note"}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _codes() -> Iterator[str]:
    for path in sorted((ROOT / "scoring").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_fault = name == "add" and any(keyword.arg == "advice" for keyword in node.keywords)
            code = node.args[0].value
            if (name in _MAKERS or is_fault) and isinstance(code, str) and _CODE.fullmatch(code):
                yield code


def test_every_finding_code_is_documented() -> None:
    codes = set(_codes())
    assert len(codes) > 50
    assert {code for code in codes if f"`{code}`" not in FINDINGS} == set()


def test_every_documented_code_is_one_that_the_code_can_give() -> None:
    source = "".join(path.read_text() for path in (ROOT / "scoring").rglob("*.py"))
    rows = re.findall(r"^\| (`[^|]+`) \|", FINDINGS, flags=re.MULTILINE)
    documented = {code for row in rows for code in re.findall(r"`([^`]+)`", row)}
    assert {code for code in documented if f'"{code}"' not in source} == set()


def test_every_task_is_in_the_readme() -> None:
    assert {slug for slug in TASKS if f"`{slug}`" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    for group, typer_app in groups.items():
        names |= {f"{group} {c.name or c.callback.__name__}" for c in typer_app.registered_commands if c.callback}
    assert {name for name in names if f"heldout {name}" not in README} == set()


def test_every_option_of_the_offline_commands_is_in_the_readme() -> None:
    source = (ROOT / "server/cli/scoring_commands.py").read_text()
    options = set(re.findall(r'"(--[a-z-]+)"', source))
    assert "--explain" in options
    assert {option for option in options if option not in README} == set()


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(HELDOUT_[A-Z_]+)` \| ([^|]*) \|", README, flags=re.MULTILINE))
    settings = {f"HELDOUT_{name.upper()}" for name in Settings.model_fields}
    assert rows.keys() == settings | {"HELDOUT_CACHE", "HELDOUT_CONFIG"}
    written = {"HELDOUT_WORKER_COUNT": "cores - 1", "HELDOUT_CHILD_MEMORY_BYTES": "4 GiB"}
    for name, field in Settings.model_fields.items():
        variable = f"HELDOUT_{name.upper()}"
        value = field.default
        plain = f"{value:g}" if isinstance(value, float) else str(value).lower() if value is not None else "none"
        assert rows[variable] == written.get(variable, plain), variable


def test_the_readme_holds_exactly_one_line_for_each_of_its_two_commands() -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert [line.split("&& ")[-1] for line in lines] == [".venv/bin/heldout demo", ".venv/bin/pytest"]


def test_the_contributing_guide_gives_the_same_test_command() -> None:
    command = next(line for line in README.splitlines() if line.endswith("/pytest"))
    assert command in (ROOT / "CONTRIBUTING.md").read_text().splitlines()


def test_links_between_documents_lead_somewhere() -> None:
    for document in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/findings.md"):
        text = (ROOT / document).read_text()
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document} links to {target}"

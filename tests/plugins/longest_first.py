"""The files that take longest begin first, so that at the end no process works alone on one of them."""

from __future__ import annotations

import pytest

# Folders and files of tests/, by what they took; all others follow as they are collected.
LONGEST = (
    "season", "hostile/test_canary.py", "parity/test_kit_figures.py", "browser", "faults",
    "cli/test_server_commands.py", "parity", "hostile/test_files_memory.py", "hostile/test_payloads.py",
    "test_style.py", "test_samples.py", "hostile", "server/web", "server/api",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.path.relative_to(config.rootpath / "tests").as_posix()))


def _place(file: str) -> int:
    places = (place for place, name in enumerate(LONGEST) if file == name or file.startswith(f"{name}/"))
    return next(places, len(LONGEST))

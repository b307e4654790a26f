"""Two ways to use a page: with a pointer, and by keyboard alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Frame, Locator, Page
from playwright.sync_api import TimeoutError as NotInTime

MOST_TABS = 120
MOST_PRESSES = 3


@dataclass
class Hand:
    """Clicks and fills in, and counts what sends something."""

    page: Page
    actions: int = field(default=0, init=False)
    screens: list[str] = field(default_factory=list, init=False)  # the paths it came to; a reload is no other screen

    def __post_init__(self) -> None:
        self.page.on("framenavigated", self._arrived)

    def act(self, role: str, name: str) -> None:
        """Use a link or a button: one action."""
        self.actions += 1
        self.reach(self.page.get_by_role("main").get_by_role(role, name=name))  # type: ignore[arg-type]

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def choose_file(self, label: str, file: Path) -> None:
        self.page.get_by_label(label).set_input_files(file)

    def tick(self, label: str) -> None:
        self.page.get_by_label(label).check()

    def reach(self, target: Locator) -> None:
        target.first.click()

    def _arrived(self, frame: Frame) -> None:
        path = urlsplit(frame.url).path
        if frame == self.page.main_frame and self.screens[-1:] != [path]:
            self.screens.append(path)


@dataclass
class Keyboard(Hand):
    """The same without any pointer: Tab until there, then Enter or letters."""

    def write(self, label: str, text: str) -> None:
        self._focus(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose_file(self, label: str, file: Path) -> None:
        for _ in range(MOST_PRESSES):
            self._focus(self.page.get_by_label(label))
            try:
                with self.page.expect_file_chooser(timeout=5000) as chooser:
                    self.page.keyboard.press("Space")
            except NotInTime:  # a busy browser may lose a key
                continue
            chooser.value.set_files(file)
            return
        raise AssertionError(f"{label} opens no choice of files")

    def reach(self, target: Locator) -> None:
        self._focus(target.first)
        self.page.keyboard.press("Enter")

    def tick(self, label: str) -> None:
        self._focus(self.page.get_by_label(label))
        self.page.keyboard.press("Space")

    def _focus(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

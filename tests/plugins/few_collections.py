"""Nothing looks for garbage among ten thousand tests, which stay to the end: it took a third of collecting them.

While they run, it is looked for seldom: often, it took a tenth of the time. What is not frozen is little, so that
Python looks through all of it again and again.
"""

from __future__ import annotations

import gc

import pytest

# New objects before the youngest are looked through; such looks before one at the middle-aged; those before one at all.
THRESHOLDS = (2_000, 20, 25)


def pytest_configure() -> None:
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()

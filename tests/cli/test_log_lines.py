"""The lines that a running server writes."""

from __future__ import annotations

import logging
import time

import pytest

from server.cli.log_lines import LogLines


def _record(created: float, message: str = "ready") -> logging.LogRecord:
    record = logging.LogRecord("heldout.access", logging.INFO, "", 0, message, None, None)
    record.created, record.msecs = created, (created - int(created)) * 1000
    return record


@pytest.mark.parametrize("created", [1_700_000_000.007, 1_700_000_000.9996, 1_700_000_001.25, 1_699_999_999.5])
def test_a_line_reads_as_logging_writes_it(created: float) -> None:
    lines = LogLines()
    lines.format(_record(1_700_000_000.5))  # whose second is in words already
    usual = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    assert lines.format(_record(created)) == usual.format(_record(created))


def test_a_line_has_local_time_level_logger_and_message() -> None:
    told = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1_700_000_000))
    assert LogLines().format(_record(1_700_000_000.0625)) == f"{told},062 INFO heldout.access ready"


def test_a_failure_brings_its_traceback() -> None:
    try:
        raise OSError("no space left")
    except OSError as error:
        record = _record(1_700_000_000.0)
        record.exc_info = (type(error), error, error.__traceback__)
    assert LogLines().format(record).endswith("OSError: no space left")

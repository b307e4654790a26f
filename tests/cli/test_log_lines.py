"""The lines that a running server writes."""

from __future__ import annotations

import io
import logging
import time
from typing import Any

import pytest

from server.cli.log_lines import LineHandler, LineRecord, LogLines


def _record(created: float, message: str = "ready") -> logging.LogRecord:
    record = LineRecord("heldout.access", logging.INFO, "", 0, message, None, None)
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


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("100 %", ()),
        ("%s of %d", ("one", 2)),
        ("%(done)d done", ({"done": 3},)),
        ("%s", ({},)),
        (OSError("gone"), None),
    ],
)
def test_a_message_reads_as_logging_puts_it_together(message: object, args: Any) -> None:
    given = ("heldout", logging.WARNING, "", 0, message, args, None)
    ours, usual = LineRecord(*given), logging.LogRecord(*given)
    assert (ours.getMessage(), ours.levelname, ours.name) == (usual.getMessage(), usual.levelname, usual.name)
    assert 0 <= ours.msecs < 1000


def test_a_handler_of_others_finds_in_a_record_whatever_it_may_name() -> None:
    given = ("heldout", logging.WARNING, "(unknown file)", 0, "ready", (), None)
    ours, usual = (kind(*given) for kind in (LineRecord, logging.LogRecord))
    assert vars(ours).keys() >= vars(usual).keys()
    numbers = logging.Formatter("%(process)d %(thread)d %(lineno)d")  # as Python's documentation writes them
    assert numbers.format(ours) == numbers.format(usual)


def test_a_logger_writes_whole_lines() -> None:
    usual = logging.getLogRecordFactory()
    written = io.StringIO()
    handler, logger = LineHandler(written), logging.getLogger("heldout.of_this_test")
    handler.setFormatter(LogLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.setLogRecordFactory(LineRecord)
    try:
        logger.info("%s %d", "/rounds", 200)
        try:
            raise OSError("no space left")
        except OSError:
            logger.exception("incident %s", "12ab")
    finally:
        logging.setLogRecordFactory(usual)
        logger.removeHandler(handler)
    first, *others = written.getvalue().splitlines()
    assert first.endswith(" INFO heldout.of_this_test /rounds 200")
    assert others[0].endswith(" ERROR heldout.of_this_test incident 12ab")
    assert others[1] == "Traceback (most recent call last):" and others[-1] == "OSError: no space left"

"""The records of a round as an Atom feed (RFC 4287)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from leaderboard.exports import moment_text
from leaderboard.numbers import score_text, shown_name

if TYPE_CHECKING:
    from leaderboard.board import Board
    from leaderboard.records import Record
    from scoring.tasks import Metric

# What readers of a feed get at once; older records stand in the round's table.
FEED_RECORDS = 50


def records_feed(board: Board, *, title: str, metric: Metric, home: str, began: datetime) -> str:
    """The latest records of a board, the newest first.

    Args:
        board: as its viewer may see it.
        title: of the feed.
        metric: the one its records are of.
        home: the whole address of the board's page.
        began: when the feed was last changed before the first record.
    """
    records = board.records[: -FEED_RECORDS - 1 : -1]
    updated = moment_text(records[0].at if records else began)
    return "\n".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"<title>{escape(shown_name(title))}</title>",
            f"<id>{escape(home)}</id>",
            f"<link rel={quoteattr('alternate')} href={quoteattr(home)}/>",
            f"<updated>{updated}</updated>",
            *(_entry(record, metric, home=home) for record in records),
            "</feed>\n",
        )
    )


def _entry(record: Record, metric: Metric, *, home: str) -> str:
    moment = moment_text(record.at)
    team, score = escape(shown_name(record.team)), score_text(record.value, metric)
    return "\n".join(
        (
            "<entry>",
            f"<title>{score} by {team}, {escape(shown_name(record.method))}</title>",
            f"<id>{escape(home)}#{record.entry}-{record.value!r}</id>",
            f"<link href={quoteattr(home)}/>",
            f"<updated>{moment}</updated>",
            f"<author><name>{team}</name></author>",
            f"<summary>A new record in {escape(metric.label)}, {metric.direction}.</summary>",
            "</entry>",
        )
    )

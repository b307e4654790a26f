"""Looking at a round from the server's own data folder: its queue, and what its truth holds."""

from __future__ import annotations

from datetime import UTC, datetime

from server.cli.data_folder import open_data, say
from server.cli.options import DataOption, FormatOption, Slug
from server.cli.terminal import Format, plain_table, results, write_json


def queue(slug: Slug, output: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """List submissions that went wrong, wait or run; `rescore` tries again what went wrong."""
    from server.api.queues import queue_facts
    from server.auth.permissions import COMMAND
    from server.services.round_queues import queue_of

    with open_data(data) as deployment, deployment.database.read() as session:
        facts = queue_facts(queue_of(session, COMMAND, slug=slug, now=datetime.now(UTC)))
    if output is Format.JSON:
        write_json(facts.model_dump(mode="json"))
        return
    rows = [
        (
            str(one.submission), one.team, one.state, one.failure or "", str(one.attempt),
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
        for one in facts.unfinished
    ]  # fmt: skip
    if rows:
        results().print(plain_table((">submission", "team", "state", "why", ">attempt", "sent (UTC)"), rows))
    say(
        f"{slug}: {facts.submissions:,} submissions of {facts.teams:,} teams; {facts.open:,} wait or run, "
        f"{facts.troubled:,} went wrong."
    )


def report(slug: Slug, output: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """Show what a round's truth holds, and how the self-test of its draft went."""
    from server.api.drafts import report_of
    from server.auth.permissions import COMMAND
    from server.services.round_affairs import affairs_of
    from server.web.organizing_lines import truth_facts

    now = datetime.now(UTC)
    with open_data(data) as deployment, deployment.database.read() as session:
        facts = report_of(session, COMMAND, slug=slug, now=now)
        lines = truth_facts(affairs_of(session, COMMAND, slug=slug, now=now))
    if output is Format.JSON:
        write_json(facts.model_dump(mode="json"))
        return
    results().print(plain_table(("of the truth", "", ""), [(line.label, line.value, line.more) for line in lines]))
    for tried in facts.selftest:
        say(f"self-test, {tried.name}: {'; '.join(tried.faults) or 'scores as it must'}")

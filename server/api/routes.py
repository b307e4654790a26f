"""All routes of the API, under one version."""

from __future__ import annotations

from server.api import (
    acceptances,
    account,
    accounts,
    affairs,
    boards,
    checks,
    drafts,
    errata,
    noise,
    organizing,
    own_submissions,
    queues,
    quotas,
    round_people,
    rounds,
    submission_events,
    submissions,
    teams,
)
from server.routers import routes_of

ROUTES = routes_of((
    rounds, acceptances, boards, submissions, submission_events, own_submissions, quotas, checks, accounts, account,
    teams, organizing, round_people, affairs, queues, drafts, errata, noise,
))  # fmt: skip

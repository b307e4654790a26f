"""All routes of the API, under one version."""

from __future__ import annotations

from fastapi import APIRouter, Depends

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
from server.doors import current_viewer

API_PREFIX = "/api/v1"

# Credentials that are sent are looked at even where none are needed: a mistyped token is better told than ignored.
router = APIRouter(prefix=API_PREFIX, dependencies=[Depends(current_viewer)])
for part in (
    rounds, acceptances, boards, submissions, submission_events, own_submissions, quotas, checks, accounts, account,
    teams, organizing, round_people, affairs, queues, drafts, errata, noise,
):  # fmt: skip
    router.include_router(part.router)

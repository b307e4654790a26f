"""The pages: one door for people. Each works without JavaScript; routes parse, call one service, fill a context."""

from __future__ import annotations

from server.routers import routes_of
from server.web import (
    account,
    accounts,
    appeals,
    boards,
    checks,
    comparing,
    data_pages,
    drafts,
    entries,
    errata,
    history,
    home,
    joining,
    mail,
    me,
    noise,
    organize,
    organizing_acts,
    own_entries,
    own_submissions,
    passwords,
    policy_forms,
    rosters,
    rounds,
    static_files,
    status,
    submissions,
    submit,
    taking_part,
    teams,
)

ROUTES = routes_of((
    home, rounds, data_pages, checks, history, comparing, taking_part, boards, submit, submissions, own_submissions,
    entries, own_entries, appeals, accounts, joining, teams, me, account, passwords, mail, drafts, organize,
    policy_forms, organizing_acts, errata, noise, rosters, status, static_files,
))  # fmt: skip

"""The pages: one door for people. Each works without JavaScript; routes parse, call one service, fill a context."""

from __future__ import annotations

from fastapi import FastAPI

from server.web import (
    account,
    accounts,
    boards,
    home,
    joining,
    mail,
    me,
    own_submissions,
    passwords,
    rounds,
    static_files,
    submissions,
    submit,
    teams,
)

_PAGES = (
    home, rounds, boards, submit, submissions, own_submissions, accounts, joining, teams, me, account, passwords, mail,
    static_files,
)  # fmt: skip


def mount_web(app: FastAPI) -> None:
    """Add every page and static file to the application."""
    for module in _PAGES:
        app.include_router(module.router, include_in_schema=False)

"""The pages: one door for people. Each works without JavaScript; routes parse, call one service, fill a context."""

from __future__ import annotations

from fastapi import FastAPI

from server.web import accounts, boards, home, joining, mail, me, own_submissions, rounds, static_files, submissions, submit, teams


def mount_web(app: FastAPI) -> None:
    """Add every page and static file to the application."""
    for module in (home, rounds, boards, submit, submissions, own_submissions, accounts, me, static_files, joining, teams, mail):
        app.include_router(module.router, include_in_schema=False)

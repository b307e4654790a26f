"""What both doors, API and pages, take from a request: who is asking, when, and the server's parts.

Take these as parameter types; each is resolved once per request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.auth.cookies import session_cookie_name
from server.auth.origin import is_forged
from server.auth.rate_limits import RateLimiter, address_key
from server.auth.tokens import bearer_secret
from server.auth.viewer import ANONYMOUS, Viewer
from server.deployment import Deployment
from server.errors import ForgedRequest, InvalidToken, NoTeam, NotLoggedIn, TooManyChecks, TooManyTries, WrongLogin
from server.services.account_settings import account_facts
from server.services.accounts import log_in, viewer_of_session
from server.services.boards import Boards
from server.services.ranked_boards import RankedBoards
from server.services.tokens import viewer_of_token
from server.settings import Settings

# Ten wrong passwords at once, then one a minute: a guess at a weak password takes years, a typing error no time.
LOG_INS_PER_ACCOUNT = 10
SECONDS_PER_ACCOUNT_TRY = 60.0
# A class room behind one address logs in at once; a list of stolen passwords does not get far.
LOG_INS_PER_ADDRESS = 60
SECONDS_PER_ADDRESS_TRY = 5.0
# Mail that anybody may cause: nobody's mailbox is filled, and one address does not try a list of people.
MAILS_PER_PERSON = 3
SECONDS_PER_PERSONS_MAIL = 1200.0
MAILS_PER_ADDRESS = 20
SECONDS_PER_ADDRESS_MAIL = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The rate limiters of one running server."""

    accounts: RateLimiter  # wrong passwords by account
    addresses: RateLimiter  # wrong passwords by address
    checks: RateLimiter  # checked files by team or address
    mailed: RateLimiter  # mails asked for by who gets them, whether there is such a person or not
    mailing: RateLimiter  # mails asked for by address


def new_limits(settings: Settings) -> Limits:
    """Fresh limiters, nobody counted yet."""
    return Limits(
        accounts=RateLimiter(burst=LOG_INS_PER_ACCOUNT, seconds_per_try=SECONDS_PER_ACCOUNT_TRY),
        addresses=RateLimiter(burst=LOG_INS_PER_ADDRESS, seconds_per_try=SECONDS_PER_ADDRESS_TRY),
        checks=RateLimiter(burst=settings.max_checks_per_hour, seconds_per_try=3600.0 / settings.max_checks_per_hour),
        mailed=RateLimiter(burst=MAILS_PER_PERSON, seconds_per_try=SECONDS_PER_PERSONS_MAIL),
        mailing=RateLimiter(burst=MAILS_PER_ADDRESS, seconds_per_try=SECONDS_PER_ADDRESS_MAIL),
    )


# Dependencies that wait for nothing are coroutines: FastAPI hands every plain function to a thread of its own.


async def _deployment(request: Request) -> Deployment:
    return _deployment_of(request)


def _deployment_of(request: Request) -> Deployment:
    deployment: Deployment = request.app.state.deployment
    return deployment


async def _boards(request: Request) -> Boards:
    boards: Boards = request.app.state.boards
    return boards


async def _ranked_boards(request: Request) -> RankedBoards:
    ranked: RankedBoards = request.app.state.ranked_boards
    return ranked


async def _alive_workers(request: Request) -> int:
    return int(request.app.state.workers.alive_count)


async def _now(request: Request) -> datetime:
    return _moment_of(request)


def _moment_of(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


def utc_now() -> datetime:
    """The clock of a server; tests stop it by another in `app.state.clock`."""
    return datetime.now(UTC)


DeploymentDep = Annotated[Deployment, Depends(_deployment)]
BoardsDep = Annotated[Boards, Depends(_boards)]
AliveWorkersDep = Annotated[int, Depends(_alive_workers)]
RankedBoardsDep = Annotated[RankedBoards, Depends(_ranked_boards)]
NowDep = Annotated[datetime, Depends(_now)]


def current_viewer(request: Request, deployment: DeploymentDep, now: NowDep) -> Viewer:
    """Whoever the request's token stands for; without a token, its session; else nobody."""
    token = bearer_secret(request.headers.get("authorization"))
    if token is not None:
        viewer = viewer_of_token(deployment.database, token, now=now)
        if viewer is None:
            raise InvalidToken
        return viewer
    session = session_secret(request)
    if session is None:
        return ANONYMOUS
    return viewer_of_session(deployment.database, session, now=now) or ANONYMOUS


ViewerDep = Annotated[Viewer, Depends(current_viewer)]

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="An API token: `hld_...`")
_ShownInOpenApi = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


async def current_person(viewer: ViewerDep, _credentials: _ShownInOpenApi) -> Viewer:
    """A viewer with an account."""
    if viewer.is_anonymous:
        raise NotLoggedIn
    return viewer


PersonDep = Annotated[Viewer, Depends(current_person)]


async def current_member(viewer: PersonDep) -> Viewer:
    """A viewer with an account and a team to act for."""
    if viewer.team_id is None:
        raise NoTeam
    return viewer


MemberDep = Annotated[Viewer, Depends(current_member)]


def session_secret(request: Request) -> str | None:
    """The secret of the request's session cookie."""
    return request.cookies.get(session_cookie_name(secure=_deployment_of(request).settings.secure_cookies))


async def refuse_forged(request: Request, deployment: DeploymentDep) -> None:
    """Stops unsafe requests that another site's page may have sent. The app asks this for every route."""
    if bearer_secret(request.headers.get("authorization")) is not None:
        return  # no page can add a token it does not have
    public_url = deployment.settings.public_url
    if is_forged(
        request.method,
        request.headers,
        has_session=session_secret(request) is not None,
        public_host=None if public_url is None else urlsplit(public_url).netloc.lower(),
    ):
        raise ForgedRequest


def log_in_limited(request: Request, *, email: str, password: str) -> Viewer:
    """Log in, with a limit on wrong passwords by account and by address. Blocks: call it in a thread.

    Raises:
        TooManyTries: before the password is even looked at.
        WrongLogin: the pair is wrong; it has cost a try.
    """
    limits: Limits = request.app.state.limits
    second = time.monotonic()
    account, address = email.strip().lower()[:300], _address(request)
    wait = limits.addresses.spend(address, at_seconds=second)
    if not wait:
        wait = limits.accounts.spend(account, at_seconds=second)
    if wait:
        raise TooManyTries(retry_at=_moment_of(request) + timedelta(seconds=wait))
    viewer = log_in(_deployment_of(request).database, email=email, password=password)
    limits.accounts.give_back(account, at_seconds=second)
    limits.addresses.give_back(address, at_seconds=second)
    return viewer


def confirm_password(request: Request, viewer: Viewer, password: str) -> None:
    """Have somebody who is logged in prove once more who they are. Blocks: call it in a thread.

    Raises:
        TooManyTries, WrongLogin: as for `log_in_limited`.
    """
    email = account_facts(_deployment_of(request).database, viewer).email
    try:
        log_in_limited(request, email=email, password=password)
    except WrongLogin:
        raise WrongLogin(
            "This is not your password; nothing was changed.", advice="Type it again.", details={"field": "password"}
        ) from None


def spend_check(request: Request, viewer: Viewer) -> None:
    """Count one checked file of the viewer's team, or of the address.

    Raises:
        TooManyChecks: the hour's checks are used up.
    """
    limits: Limits = request.app.state.limits
    key = _address(request) if viewer.team_id is None else f"team:{viewer.team_id}"
    wait = limits.checks.spend(key, at_seconds=time.monotonic())
    if wait:
        raise TooManyChecks(retry_at=_moment_of(request) + timedelta(seconds=wait))


def spend_mail(request: Request, recipient: str) -> None:
    """Count one mail that the request asks for.

    Raises:
        TooManyTries: too many were asked for from here, or for this recipient.
    """
    limits: Limits = request.app.state.limits
    second = time.monotonic()
    wait = limits.mailing.spend(_address(request), at_seconds=second)
    if not wait:
        wait = limits.mailed.spend(recipient.strip().lower()[:300], at_seconds=second)
    if wait:
        raise TooManyTries(retry_at=_moment_of(request) + timedelta(seconds=wait))


def _address(request: Request) -> str:
    return address_key("unknown" if request.client is None else request.client.host)

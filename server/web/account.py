"""/me/...: what a person decides about their own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse, Response

from server.auth.cookies import clear_session_cookie
from server.doors import confirm_password, spend_mail
from server.errors import ServerError
from server.routers import page_router
from server.services.account_settings import choose_mail, delete_account
from server.services.personal_export import export_person
from server.services.verification import address_to_verify, ask_again
from server.web.me import me_page
from server.web.visits import VisitDep, go_to

router = page_router()

_LOG_IN = "/log-in?next=/me"


@router.post("/me/mail")
def mail_chosen(visit: VisitDep, kind: Annotated[list[str] | None, Form()] = None) -> Response:
    if visit.viewer.is_anonymous:
        return go_to(_LOG_IN)
    choose_mail(visit.deployment.database, visit.viewer, wanted=kind or (), now=visit.now)
    return go_to("/me#mail")


@router.post("/me/verification")
def verification_wanted(visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to(_LOG_IN)
    try:
        spend_mail(visit.request, address_to_verify(visit.deployment.database, visit.viewer))
        ask_again(visit.deployment.database, visit.viewer, now=visit.now)
    except ServerError as error:
        return me_page(visit, error=error)
    return me_page(visit, said="The mail is on its way. Its link verifies your address.")


@router.post("/me/delete")
def deletion_wanted(visit: VisitDep, password: Annotated[str, Form()] = "") -> Response:
    if visit.viewer.is_anonymous:
        return go_to(_LOG_IN)
    try:
        confirm_password(visit.request, visit.viewer, password)
        delete_account(visit.deployment.database, visit.viewer, now=visit.now)
    except ServerError as error:
        return me_page(visit, error=error)
    response = go_to("/")
    clear_session_cookie(response, secure=visit.deployment.settings.secure_cookies)
    return response


@router.get("/me/export.json")
def export(visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to(_LOG_IN)
    document = jsonable_encoder(export_person(visit.deployment.database, visit.viewer, now=visit.now))
    headers = {"Content-Disposition": 'attachment; filename="heldout-export.json"', "Cache-Control": "no-store"}
    return JSONResponse(document, headers=headers)

"""/static/...: style, script and icon, kept by browsers for good because their address changes with their content."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.responses import RedirectResponse, Response

from server.routers import page_router
from server.web.assets import asset_address, asset_of_file

router = page_router()

A_YEAR = "public, max-age=31536000, immutable"


@router.get("/static/{file}")
def static_file(file: str) -> Response:
    asset = asset_of_file(file)
    if asset is None:
        raise HTTPException(404)
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": A_YEAR})


@router.get("/favicon.ico")
def favicon() -> Response:
    return RedirectResponse(asset_address("favicon.svg"), status_code=307)

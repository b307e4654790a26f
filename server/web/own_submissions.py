"""Buttons of /submissions/{id}: withdraw it, choose it for the final ranking, have its file back; and its events."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Path
from starlette.responses import Response, StreamingResponse

from server.downloads import file_answer
from server.event_streams import stream_of_submission
from server.routers import page_router
from server.services.own_submissions import choose_final, own_file, withdraw
from server.web.visits import VisitDep, first_to, go_to

router = page_router()


SubmissionId = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/submissions/{submission_id}/events")
async def submission_events(answer: Annotated[StreamingResponse, Depends(stream_of_submission)]) -> Response:
    return answer


@router.post("/submissions/{submission_id}/withdraw")
def withdrawn(submission_id: SubmissionId, visit: VisitDep, sure: Annotated[str, Form()] = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    withdraw(visit.deployment, visit.viewer, submission_id, only_queued=not sure, now=visit.now)
    return go_to(f"/submissions/{submission_id}")


@router.post("/submissions/{submission_id}/final")
def chosen(submission_id: SubmissionId, visit: VisitDep, is_final: Annotated[str, Form()] = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    choose_final(visit.deployment, visit.viewer, submission_id, is_final=is_final == "true", now=visit.now)
    return go_to(f"/submissions/{submission_id}")


@router.get("/submissions/{submission_id}/file")
def file_again(submission_id: SubmissionId, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return file_answer(own_file(visit.deployment, visit.viewer, submission_id, now=visit.now))

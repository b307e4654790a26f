"""A submission followed as it moves, by server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import StreamingResponse

from server.api.errors import error_answers
from server.errors import InvalidToken, NotLoggedIn, ServerBusy, SubmissionNotFound, TooManyStreams
from server.event_streams import stream_of_submission
from server.routers import api_router

router = api_router("submissions")


@router.get(
    "/submissions/{submission_id}/events",
    summary="Follow one submission by server-sent events",
    response_class=StreamingResponse,
    responses={
        **error_answers(NotLoggedIn, InvalidToken, SubmissionNotFound, TooManyStreams, ServerBusy),
        200: {
            "content": {
                "text/event-stream": {
                    "example": 'event: state\ndata: {"id": 41, "state": "queued", "queue_position": 3}\n\n'
                }
            },
            "description": "An event `state` at once and with every change, until the submission has ended.",
        },
    },
)
async def stream_submission(answer: Annotated[StreamingResponse, Depends(stream_of_submission)]) -> StreamingResponse:
    """State and place in the queue as they change; a stream that ends earlier is opened again."""
    return answer

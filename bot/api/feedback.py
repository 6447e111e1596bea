"""`/tasks/{task_id}/feedback`: whether an answer helped."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.api.access import CurrentRuntime
from bot.api.bodies import FeedbackBody, parse_body, read_json
from bot.api.problems import responses
from bot.api.schema import body_of
from bot.api.tasks import read_task_id
from storage.feedback import Feedback, FeedbackStore, FeedbackValue

router = APIRouter(tags=["tasks"])


class Said(BaseModel):
    user: str
    value: FeedbackValue
    note: str | None
    created_at: datetime


class FeedbackDocument(BaseModel):
    """What people said of one task, the oldest first, those who said it in Slack included."""

    task_id: UUID
    helpful: int
    rejected: int
    feedback: list[Said]


_ANSWERS: dict[int | str, dict[str, Any]] = responses(404, 413, 415, 422, 503)


@router.post(
    "/tasks/{task_id}/feedback",
    summary="Say whether the answer helped",
    responses=_ANSWERS,
    openapi_extra=body_of(FeedbackBody, required=True),
)
async def give_feedback(request: Request, runtime: CurrentRuntime, task_id: str) -> FeedbackDocument:
    """Keeps the word with the task; it replaces what the same user said before."""
    body = parse_body(FeedbackBody, await read_json(request))
    known_id = read_task_id(task_id)
    await runtime.feedback.put(known_id, user_id=body.user, team=None, value=body.value, note=body.note)
    return await _show(runtime.feedback, known_id)


@router.get("/tasks/{task_id}/feedback", summary="Whether the answer helped", responses=responses(404, 503))
async def get_feedback(runtime: CurrentRuntime, task_id: str) -> FeedbackDocument:
    """What people said of the task, from every door."""
    document = await runtime.service.get_document(read_task_id(task_id))
    return await _show(runtime.feedback, document.task_id)


async def _show(store: FeedbackStore, task_id: UUID) -> FeedbackDocument:
    found = await store.of(task_id)
    return FeedbackDocument(
        task_id=task_id,
        helpful=_count(found, "helpful"),
        rejected=_count(found, "rejected"),
        feedback=[
            Said(user=said.user_id, value=said.value, note=said.note, created_at=said.created_at) for said in found
        ],
    )


def _count(found: list[Feedback], value: str) -> int:
    return sum(said.value == value for said in found)

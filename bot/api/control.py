"""`/tasks/{task_id}/cancel` and `/rerun`: stop a task, or run what has ended again."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from bot.api.access import CurrentRuntime
from bot.api.bodies import CancelBody, RunBody, parse_body, read_json
from bot.api.idempotency import check_key
from bot.api.problems import responses
from bot.api.schema import body_of
from bot.api.tasks import prefix_of, read_task_id, show_task
from core.task import Origin, TaskDocument

router = APIRouter(tags=["tasks"])

_TASK: dict[str, Any] = {"model": TaskDocument}


@router.post(
    "/tasks/{task_id}/cancel",
    summary="Stop a task that has not ended",
    responses={200: _TASK, **responses(404, 409, 413, 415, 422, 503)},
    openapi_extra=body_of(CancelBody, required=False),
)
async def cancel_task(request: Request, runtime: CurrentRuntime, task_id: str) -> Response:
    """The task, ended as `failed`, with who cancelled it as the reason; a run at work stops, whichever process has it."""
    raw = await read_json(request)
    body = parse_body(CancelBody, raw) if raw.strip() else CancelBody()
    known_id = read_task_id(task_id)
    await runtime.service.cancel(known_id, body.user)
    return show_task(await runtime.service.get_document(known_id), HTTPStatus.OK)


@router.post(
    "/tasks/{task_id}/rerun",
    status_code=201,
    summary="Run a task that has ended again, as a new one",
    responses={201: _TASK, **responses(404, 409, 413, 415, 422, 503)},
    openapi_extra=body_of(RunBody, required=False),
)
async def rerun_task(
    request: Request,
    runtime: CurrentRuntime,
    task_id: str,
    idempotency_key: Annotated[
        str | None, Header(description="Makes a repeated request harmless: it is answered with the first one's task.")
    ] = None,
) -> Response:
    """A new task with the same text and context, which runs at once; its context names the old one as `rerun_of`."""
    raw = await read_json(request)
    if raw.strip():
        parse_body(RunBody, raw)
    known_id = read_task_id(task_id)
    key = None
    if idempotency_key is not None:
        check_key(idempotency_key)
        key = f"api:rerun:{known_id}:{hashlib.sha256(idempotency_key.encode()).hexdigest()}"
    submission = await runtime.service.rerun(known_id, Origin(door="api"), key)
    document = await runtime.service.get_document(submission.task.task_id)
    headers = {"Location": f"{prefix_of(request)}/tasks/{document.task_id}"}
    if not submission.created:
        headers["Idempotency-Replayed"] = "true"
    return show_task(document, HTTPStatus.CREATED, headers)

"""`/tasks`: hand in, run, read."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from bot.api.access import CurrentRuntime, runtime_of
from bot.api.bodies import RunBody, TaskBody, parse_body, read_json
from bot.api.documents import TaskFilters, TaskPage, read_cursor, summarise, write_cursor
from bot.api.idempotency import KeyedAnswer, answer_once
from bot.api.preferences import read_preference
from bot.api.problems import responses
from bot.api.schema import body_of
from core.errors import TaskNotFoundError
from core.service import TaskService
from core.task import Origin, Task, TaskDocument
from core.task import Request as TaskRequest

router = APIRouter(tags=["tasks"])

_TASK: dict[str, Any] = {"model": TaskDocument}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Makes a repeated request harmless: the first one's answer is given again.",
}


@router.post(
    "/tasks",
    status_code=201,
    summary="Hand in a task",
    responses={201: _TASK, **responses(409, 413, 415, 422, 503)},
    openapi_extra={**body_of(TaskBody, required=True), "parameters": [_IDEMPOTENCY_KEY]},
)
async def create_task(request: Request) -> Response:
    """Stores the task as `queued`; `POST /tasks/{task_id}/run` runs it."""
    # Read by hand, as the body is: this route is called so often that solving parameters would show.
    idempotency_key = request.headers.get("idempotency-key")
    runtime = runtime_of(request)
    body = parse_body(TaskBody, await read_json(request))

    async def create(key: str | None) -> Task:
        submission = await runtime.service.submit(
            TaskRequest(text=body.task, context=body.context, origin=Origin(door="api"), key=key)
        )
        return submission.task if submission.created else await runtime.service.get(submission.task.task_id)

    location = f"{prefix_of(request)}/tasks/"
    if idempotency_key is None:
        document = TaskDocument.of(await create(None))
        return show_task(document, HTTPStatus.CREATED, {"Location": f"{location}{document.task_id}"})

    async def answer_of(key: str | None) -> KeyedAnswer:
        return KeyedAnswer(status=HTTPStatus.CREATED, document=TaskDocument.of(await create(key)).to_json())

    answer = await answer_once(runtime.idempotency, idempotency_key, body, answer_of)
    return answer.response(headers={"Location": f"{location}{answer.document['task_id']}"})


@router.post(
    "/tasks/{task_id}/run",
    summary="Run a queued task",
    responses={200: _TASK, 202: {**_TASK, "description": "Running"}, **responses(404, 409, 413, 415, 422, 503)},
    openapi_extra=body_of(RunBody, required=False),
)
async def run_task(
    request: Request,
    runtime: CurrentRuntime,
    task_id: str,
    prefer: Annotated[
        str, Header(description="`respond-async` answers at once, `wait=5` after at most five seconds.")
    ] = "",
) -> Response:
    """Answers with the task as it ended (200), or, when it has not within 30 seconds, as it is (202, `running`)."""
    raw = await read_json(request)
    if raw.strip():
        parse_body(RunBody, raw)
    known_id = read_task_id(task_id)
    preference = read_preference(prefer)
    await runtime.service.run(known_id)
    if preference.wait_s > 0:
        await runtime.service.wait(known_id, preference.wait_s)
    document = await runtime.service.get_document(known_id)
    headers = {"Preference-Applied": preference.applied} if preference.applied else {}
    if document.status.is_final:
        return show_task(document, HTTPStatus.OK, headers)
    location = f"{prefix_of(request)}/tasks/{known_id}"
    return show_task(document, HTTPStatus.ACCEPTED, {**headers, "Location": location, "Retry-After": "1"})


@router.get("/tasks/{task_id}", summary="One task", responses={200: _TASK, **responses(404, 503)})
async def get_task(runtime: CurrentRuntime, task_id: str) -> Response:
    """The task as it is stored: `plan_json`, `result_json` and `verification_json` fill in as it runs."""
    return show_task(await _find(runtime.service, task_id), HTTPStatus.OK)


@router.get("/tasks", summary="Tasks, newest first", responses=responses(422, 503))
async def list_tasks(runtime: CurrentRuntime, filters: Annotated[TaskFilters, Query()]) -> TaskPage:
    """A page of summaries. `GET /tasks/{task_id}` has the plan and the result."""
    documents = await runtime.service.list_documents(
        status=filters.status,
        service=filters.service,
        text=filters.q,
        before=read_cursor(filters.cursor) if filters.cursor else None,
        limit=filters.limit + 1,  # one more tells whether there is a next page
    )
    page = documents[: filters.limit]
    return TaskPage(
        tasks=[summarise(document) for document in page],
        next_cursor=write_cursor(page[-1]) if len(documents) > filters.limit else None,
    )


async def _find(service: TaskService, task_id: str) -> TaskDocument:
    return await service.get_document(read_task_id(task_id))


def read_task_id(task_id: str) -> UUID:
    """The id of a path; TaskNotFoundError where it is none."""
    try:
        return UUID(task_id)
    except ValueError:
        raise TaskNotFoundError(repr(task_id)) from None


def show_task(document: TaskDocument, status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
    """The answer that shows a task."""
    return Response(document.model_dump_json(), status, headers, media_type="application/json")


def prefix_of(request: Request) -> str:
    """The path below which the app is mounted, if any."""
    return str(request.scope.get("root_path", "")).rstrip("/")

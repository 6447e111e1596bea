"""Every error as a problem document (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from bot.redaction import redact
from bot.worker import WorkerClosedError
from core.errors import InvalidInputError, StorageError, TaskConflictError, TaskNotFoundError

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 5
_log = structlog.stdlib.get_logger(__name__)


class Fault(BaseModel):
    """One value that is wrong: `pointer` (RFC 6901) into the body, or `?name` for a query parameter."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, for a program (`type`, `status`, `errors`) and for a person (`title`, `detail`)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Fault] = []


class ProblemError(Exception):
    """Raised by the API itself, where no error of the core says it."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] = {},
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.faults = tuple(faults)
        self.headers = dict(headers)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of problem answers."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def answer(
    request: Request,
    status: HTTPStatus,
    kind: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The problem document; secrets are kept out of its detail."""
    problem = Problem(
        type=f"urn:orch:problem:{kind}",
        title=status.phrase,
        status=status,
        detail=redact(detail),
        instance=request.scope["path"].encode(errors="replace").decode(),
        errors=list(faults),
    )
    body = problem.model_dump(exclude=None if faults else {"errors"})
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def add_problems(app: FastAPI) -> None:
    """Translate every exception that leaves a route: the one edge where errors become HTTP."""

    @app.exception_handler(ProblemError)
    async def problem(request: Request, error: ProblemError) -> JSONResponse:
        return answer(request, error.status, error.kind, str(error), faults=error.faults, headers=error.headers)

    @app.exception_handler(InvalidInputError)
    async def invalid(request: Request, error: InvalidInputError) -> JSONResponse:
        fault = Fault(pointer=error.pointer, detail=str(error))
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", str(error), faults=[fault])

    @app.exception_handler(TaskNotFoundError)
    async def not_found(request: Request, error: TaskNotFoundError) -> JSONResponse:
        return answer(request, HTTPStatus.NOT_FOUND, "task-not-found", str(error))

    @app.exception_handler(TaskConflictError)
    async def conflict(request: Request, error: TaskConflictError) -> JSONResponse:
        return answer(request, HTTPStatus.CONFLICT, "task-conflict", str(error))

    @app.exception_handler(StorageError)
    async def no_storage(request: Request, error: StorageError) -> JSONResponse:
        _log.warning("api.storage_unusable", path=request.scope["path"], error=str(error))
        return _unavailable(request, "storage-unavailable", str(error))

    @app.exception_handler(WorkerClosedError)
    async def closing(request: Request, error: WorkerClosedError) -> JSONResponse:
        return _unavailable(request, "stopping", str(error))

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault_of_parameter(item) for item in error.errors()]
        detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults)
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", detail, faults=faults)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        kind = status.phrase.lower().replace(" ", "-")
        return answer(request, status, kind, _explain(request, error), headers=error.headers)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> JSONResponse:
        _log.error("api.broke", path=request.scope["path"], exc_info=error)
        detail = (
            "something inside orch broke while it answered; its log says what: report it with the time of this answer"
        )
        return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)


def _unavailable(request: Request, kind: str, detail: str) -> JSONResponse:
    headers = {"Retry-After": str(_RETRY_AFTER_S)}
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, kind, detail, headers=headers)


def _explain(request: Request, error: HTTPException) -> str:
    method, path = request.scope["method"], request.scope["path"]
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"there is nothing at {path}: /docs lists what there is"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return f"{path} does not take {method}" + (f": use {allowed}" if allowed else "")
    return str(error.detail)


def _fault_of_parameter(item: Mapping[str, Any]) -> Fault:
    place, *names = item["loc"]
    name = "/".join(str(name) for name in names)
    pointer = f"?{name}" if place == "query" else f"{place} {name}"
    return Fault(pointer=pointer, detail=str(item["msg"]))

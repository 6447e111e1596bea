"""`/health`, `/ready` and `/tools`."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from bot.api.access import CurrentRuntime
from bot.health import HealthReport

router = APIRouter()


class ToolDocument(BaseModel):
    """A tool; both schemas are JSON Schema 2020-12."""

    name: str
    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]


class ToolList(BaseModel):
    tools: list[ToolDocument]


_DOWN: dict[int | str, dict[str, Any]] = {503: {"model": HealthReport}}


@router.get("/health", tags=["health"], summary="The state of each part", responses=_DOWN)
async def health(runtime: CurrentRuntime, response: Response) -> HealthReport:
    """200 as soon as tasks can be taken, 503 while they cannot; each part says how it is."""
    report = await runtime.health.report()
    response.status_code = HTTPStatus.OK if report.takes_tasks else HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    return report


@router.get("/ready", tags=["health"], summary="Whether everything has started", responses=_DOWN)
async def ready(runtime: CurrentRuntime, response: Response) -> HealthReport:
    """200 when tasks can be taken and nothing, such as an index, is still being prepared."""
    report = await runtime.health.report()
    response.status_code = HTTPStatus.OK if report.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    return report


@router.get("/tools", tags=["tools"], summary="Every tool with its JSON schemas")
async def tools(runtime: CurrentRuntime) -> ToolList:
    """In the order of the catalog."""
    return ToolList(tools=[ToolDocument.model_validate(tool) for tool in runtime.tools])

"""`/tasks/{task_id}/charts`: pictures of the series that a report rests on."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel

from bot.api.access import CurrentRuntime
from bot.api.problems import ProblemError, responses
from bot.charts import Picture, pictures_of, render_chart
from bot.charts.charts import digest_of
from bot.runtime import Runtime
from core.errors import TaskNotFoundError

router = APIRouter(tags=["tasks"])

CACHING = "private, max-age=3600"
"""A finished task does not change; what may is how a later release draws it, which the ETag tells."""


class ChartSummary(BaseModel):
    """One picture: `url` has the PNG, `alt_text` says what it shows, `citation_ids` are those of the report it draws."""

    number: int
    url: str
    title: str
    alt_text: str
    series: list[str]
    citation_ids: list[str]


class ChartList(BaseModel):
    """The pictures of a task, the most telling first; empty while it runs and where nothing was measured."""

    charts: list[ChartSummary]


@router.get("/tasks/{task_id}/charts", summary="The charts of a task", responses=responses(404, 503))
async def list_charts(request: Request, runtime: CurrentRuntime, task_id: str) -> ChartList:
    """Which pictures there are; nothing is drawn yet."""
    pictures = await _pictures(runtime, task_id)
    prefix = str(request.scope.get("root_path", "")).rstrip("/")
    return ChartList(
        charts=[
            ChartSummary(
                number=number,
                url=f"{prefix}/tasks/{task_id}/charts/{number}.png",
                title=picture.title,
                alt_text=picture.alt_text,
                series=list(picture.series),
                citation_ids=list(picture.citation_ids),
            )
            for number, picture in enumerate(pictures, start=1)
        ]
    )


@router.get(
    "/tasks/{task_id}/charts/{number}.png",
    summary="One chart",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, 304: {"description": "Not modified"}, **responses(404, 422, 503)},
)
async def get_chart(
    runtime: CurrentRuntime,
    task_id: str,
    number: Annotated[int, Path(ge=1, le=99)],
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The PNG, 2400 x 1350 pixels, drawn when it is first asked for."""
    pictures = await _pictures(runtime, task_id)
    if number > len(pictures):
        detail = f"task {task_id} has {len(pictures)} charts; there is no chart {number}: GET /tasks/{task_id}/charts lists them"
        raise ProblemError(HTTPStatus.NOT_FOUND, "chart-not-found", detail)
    picture = pictures[number - 1]
    headers = {"ETag": f'"{digest_of(picture)}"', "Cache-Control": CACHING}
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    chart = await asyncio.to_thread(render_chart, picture)
    return Response(chart.png, media_type="image/png", headers=headers)


async def _pictures(runtime: Runtime, task_id: str) -> tuple[Picture, ...]:
    try:
        known_id = UUID(task_id)
    except ValueError:
        raise TaskNotFoundError(repr(task_id)) from None
    task = await runtime.service.get(known_id)
    return pictures_of(task.plan, task.result)

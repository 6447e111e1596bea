"""`GET /digest`: the weekly on-call digest, made now."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from bot.api.access import CurrentRuntime
from bot.api.problems import ProblemError
from core.digest.model import Digest

router = APIRouter()

_UNABLE: dict[int | str, dict[str, Any]] = {
    422: {"description": "There is no such team, or the week is none or has not begun"},
    503: {"description": "This process makes no digests"},
}


@router.get("/digest", tags=["digest"], summary="The weekly on-call digest", responses=_UNABLE)
async def digest(
    runtime: CurrentRuntime,
    week: Annotated[
        str | None,
        Query(description="`2026-W08`, or a day in it; without it the latest week to tell of.", max_length=20),
    ] = None,
    team: Annotated[
        str | None, Query(description="A team of the settings; without it the first.", max_length=80)
    ] = None,
) -> Digest:
    """Made when it is asked for; nothing is posted. A section says whether it is whole, empty, partial or failed."""
    if runtime.digests is None:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "no-digests", "this process makes no digests: ask another one"
        )
    return await runtime.digests.build(team=team, week=week)

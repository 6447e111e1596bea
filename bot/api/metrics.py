"""`/metrics`, for Prometheus."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from bot.api.access import CurrentRuntime

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
async def metrics(runtime: CurrentRuntime, accept: Annotated[str, Header(include_in_schema=False)] = "") -> Response:
    """The text format of Prometheus, or OpenMetrics for who accepts that; also while the database is away."""
    text, media_type = await runtime.metrics.render(accept)
    return Response(text, headers={"Content-Type": media_type, "Cache-Control": "no-store"})

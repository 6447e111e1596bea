from typing import Annotated

from fastapi import Depends, Request

from bot.runtime import Runtime


def runtime_of(request: Request) -> Runtime:
    """What the app holds; for a route that is called so often that solving a dependency would show."""
    return request.app.state.runtime


async def _runtime(request: Request) -> Runtime:  # async, for FastAPI would call it in a thread of its own otherwise
    return runtime_of(request)


CurrentRuntime = Annotated[Runtime, Depends(_runtime)]

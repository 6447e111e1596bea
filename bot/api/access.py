from typing import Annotated

from fastapi import Depends, Request

from bot.runtime import Runtime


async def _runtime(request: Request) -> Runtime:  # async, for FastAPI would call it in a thread of its own otherwise
    return request.app.state.runtime


CurrentRuntime = Annotated[Runtime, Depends(_runtime)]

from typing import Annotated

from fastapi import Depends, Request

from bot.runtime import Runtime


def _runtime(request: Request) -> Runtime:
    return request.app.state.runtime


CurrentRuntime = Annotated[Runtime, Depends(_runtime)]

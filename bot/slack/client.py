"""The one client of Slack's Web API."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from bot.slack.errors import CALL_ERRORS, explain

TIMEOUT_S = 15
_RATE_LIMIT_RETRIES = 3


@asynccontextmanager
async def open_client(settings: Settings) -> AsyncGenerator[AsyncWebClient]:
    """A client over one session: without one, slack_sdk opens another for every call."""
    token = settings.slack_bot_token
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        client = AsyncWebClient(
            token=None if token is None else token.get_secret_value(),
            base_url=settings.slack_api_url or AsyncWebClient.BASE_URL,
            timeout=TIMEOUT_S,
            session=session,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(max_retry_count=_RATE_LIMIT_RETRIES),
            ],
        )
        if settings.slack_api_url is not None:
            client.proxy = None  # a proxy of the environment is for the outside, not for an emulator beside us
        yield client


async def call(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Slack's answer. SlackCallError when it refuses, or cannot be reached."""
    untyped = cast("Any", client)  # slack_sdk types neither side of a call
    return await _answer(method, untyped.api_call(method, json=arguments))


async def look_up(client: AsyncWebClient, method: str, arguments: dict[str, str]) -> dict[str, Any]:
    """Slack's answer to a reading method: those take forms alone. SlackCallError as for `call`.

    "This method does not currently accept application/json": https://docs.slack.dev/reference/methods/users.info
    """
    untyped = cast("Any", client)
    return await _answer(method, untyped.api_call(method, data=arguments))


async def _answer(method: str, called: Awaitable[Any]) -> dict[str, Any]:
    try:
        data: object = (await called).data
    except CALL_ERRORS as error:
        raise explain(method, error) from None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}

"""Calls of Slack's Web API, with what it refuses told in words."""

from collections.abc import Awaitable
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import CALL_ERRORS, explain


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

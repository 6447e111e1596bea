"""The id of a channel that the operator named: history and files are asked for by id alone."""

from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import look_up

_PAGE = "200"
"""https://docs.slack.dev/reference/methods/users.conversations advises no more."""
_MAX_PAGES = 50


def is_channel_id(name: str) -> bool:
    """Whether it is an id: that has capitals, a name has none."""
    return name.isalnum() and name.isupper()


async def find_channel_id(client: AsyncWebClient, name: str) -> str | None:
    """The id of the channel of that name, or of that id, in which orch is; None where there is none.

    An id is taken as it is. Raises SlackCallError.
    """
    if is_channel_id(name):
        return name
    arguments = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": _PAGE}
    for _ in range(_MAX_PAGES):
        answer = await look_up(client, "users.conversations", arguments)
        for channel in cast("list[dict[str, Any]]", answer.get("channels") or []):
            if channel.get("name") == name:
                return str(channel["id"])
        metadata = cast("dict[str, Any]", answer.get("response_metadata") or {})
        cursor = str(metadata.get("next_cursor") or "")
        if not cursor:
            return None
        arguments["cursor"] = cursor
    return None

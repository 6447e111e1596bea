"""Which channels' messages are looked at."""

import structlog

from bot.slack.client import look_up
from bot.slack.errors import SlackCallError
from bot.slack.workspaces import NOT_INSTALLED, Workspaces

_log = structlog.stdlib.get_logger(__name__)

_KEPT_BACK = frozenset({"missing_scope", "channel_not_found", "no_permission", "not_allowed_token_type", NOT_INSTALLED})
"""Answers of Slack that stay the same until somebody changes the app or the channel."""


class AlertChannels:
    """The channels of the setting, by id or name; every one the app is in when `wanted` is None."""

    def __init__(self, workspaces: Workspaces, wanted: frozenset[str] | None) -> None:
        self._workspaces = workspaces
        self._wanted = wanted
        self._watched: dict[str, bool] = {}

    async def watches(self, channel: str, team: str | None = None) -> bool:
        """Whether alerts are taken there. Raises SlackCallError when Slack cannot tell the channel's name just now.

        A name is asked for once: https://docs.slack.dev/reference/methods/conversations.info
        """
        if self._wanted is None or channel in self._wanted:
            return True
        if all(_is_id(name) for name in self._wanted):
            return False
        if channel not in self._watched:
            try:
                answer = await look_up(await self._workspaces.client(team), "conversations.info", {"channel": channel})
            except SlackCallError as error:
                if error.code not in _KEPT_BACK:
                    raise
                _log.warning("slack.channel_name_unknown", channel=channel, error=str(error))
                return False
            about = answer.get("channel")
            name = about.get("name") if isinstance(about, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- JSON
            self._watched[channel] = name in self._wanted
        return self._watched[channel]


def _is_id(name: str) -> bool:
    """A channel's id has capitals, its name has none."""
    return name.isalnum() and name.isupper()

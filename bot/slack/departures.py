"""A workspace that uninstalls orch, or takes its tokens back: nothing is written there any more."""

from datetime import UTC, datetime
from typing import Any

import structlog

from bot.slack.triage import Outcome
from bot.slack.workspaces import Workspaces
from storage.slack_inbox import InboxItem

_log = structlog.stdlib.get_logger(__name__)


class Departures:
    """Handles the kinds `app_uninstalled` and `tokens_revoked` of the inbox."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def handle(self, item: InboxItem) -> Outcome:
        """Drop the installation of the event's workspace, unless it was made anew after it. Raises StorageError.

        https://docs.slack.dev/reference/events/tokens_revoked names users: the bot's own token is among `bot`.
        """
        event: Any = item.payload.get("event") or {}
        tokens: Any = event.get("tokens") or {}
        if item.kind == "tokens_revoked" and not tokens.get("bot"):
            return Outcome(reason="tokens_of_people", refused=True)
        team, installations = item.team, self._workspaces.installations
        if team is None or installations is None:
            _log.error(
                "slack.left", team=team, remedy="install the app again, and set SLACK_BOT_TOKEN to its new token"
            )
            return Outcome(reason="token_of_the_environment_revoked")
        left_at = datetime.fromtimestamp(int(item.payload.get("event_time") or item.received_at.timestamp()), UTC)
        removed = await installations.remove(team, before=left_at)
        self._workspaces.forget(team)
        _log.warning("slack.left", team=team, kind=item.kind, removed=removed)
        return Outcome(reason="installation_removed" if removed else "no_such_installation")

"""What Slack refuses, as sentences that name the remedy."""

import asyncio
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import OrchError

CALL_ERRORS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, ValueError)
"""Everything that a call of the Web API may raise; ValueError: an answer that is no JSON."""

_INVITE = "invite it with /invite @orch, or grant the scope chat:write.public for public channels"
_TOKEN = "set SLACK_BOT_TOKEN to the token of the installed app and start orch again"  # noqa: S105 -- a remedy in words
_REMEDIES = {
    "channel_not_found": f"orch is not in this conversation: {_INVITE}",
    "not_in_channel": f"orch is not in this channel: {_INVITE}",
    "is_archived": "the channel is archived: ask in another one",
    "restricted_action": "the workspace does not let orch post here: ask its admins",
    "restricted_action_read_only_channel": "only some may post in this channel: ask in another one",
    "missing_scope": "add the scope to the app, as in manifest.yml, and install it again",
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "ratelimited": "Slack takes no more for the moment: it comes by itself",
    "rate_limited": "Slack takes no more for the moment: it comes by itself",
    "message_not_found": "somebody has deleted the message",
    "cant_update_message": "the message is another app's: check that SLACK_BOT_TOKEN is of the same app as before",
    "edit_window_closed": "the workspace forbids to edit messages of this age",
}


class SlackCallError(OrchError):
    """Slack did not do what it was asked; `code` is its own word for it, or the kind of failure."""

    def __init__(self, method: str, code: str, remedy: str) -> None:
        super().__init__(f"Slack refuses {method}: {code}: {remedy}")
        self.code = code
        self.remedy = remedy


def explain(method: str, error: Exception) -> SlackCallError:
    """The error of a call, in words."""
    if isinstance(error, SlackApiError):
        answer = cast("Any", error).response  # slack_sdk does not type it
        try:
            code = str(answer["error"])
        except (KeyError, TypeError, ValueError):
            code = f"status {getattr(answer, 'status_code', 'unknown')}"
        needed = _needed(answer) if code == "missing_scope" else ""
        return SlackCallError(method, code, _REMEDIES.get(code, "see the method's page on docs.slack.dev") + needed)
    if isinstance(error, TimeoutError):
        return SlackCallError(method, "timeout", "Slack has not answered in time: check the network, or SLACK_API_URL")
    return SlackCallError(method, type(error).__name__, "Slack cannot be reached: check the network, or SLACK_API_URL")


def _needed(answer: Any) -> str:
    try:
        return f" (needed: {answer['needed']})"
    except (KeyError, TypeError):
        return ""

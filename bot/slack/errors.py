"""What Slack refuses, as sentences that name the remedy."""

import asyncio
from enum import StrEnum
from http import HTTPStatus
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import OrchError

CALL_ERRORS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, ValueError, AttributeError)
"""Everything that a call of the Web API may raise; ValueError and AttributeError: an answer that is no JSON."""

_INVITE = "invite it with /invite @orch, or grant the scope chat:write.public for public channels"
_TOKEN = "set SLACK_BOT_TOKEN to the token of the installed app and start orch again"  # noqa: S105 -- a remedy in words
_APP_TOKEN = "set SLACK_APP_TOKEN to an app-level token (xapp-…) with connections:write, as the app's page shows it"  # noqa: S105 -- likewise
_OPENS_SOCKETS = "apps.connections.open"
_ABOUT_TOKENS = frozenset({"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "missing_scope"})
TOKEN_ERRORS = ("account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked")
"""What another token, or more scopes for it, may mend."""
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

_RATES = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
"""Of the first two Slack says that part of what was asked may have been done, of the last that the workspace is being moved and
answers now and then: the errors of every method's page."""
_FINAL = frozenset(
    {
        "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "thread_locked",
        "channel_type_not_supported", "missing_scope", "invalid_auth", "not_authed", "account_inactive", "token_revoked",
        "token_expired", "no_permission", "access_denied", "org_login_required", "ekm_access_denied", "team_access_not_granted",
        "not_installed", "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "user_not_in_channel",
        "user_not_found", "cannot_reply_to_message", "thread_not_found", "method_not_supported_for_channel_type",
    }
)  # fmt: skip


class Fault(StrEnum):
    """What a failure means for whoever would write a message."""

    RATE = "rate"
    """Slack takes no more for the moment; nothing was done."""
    UNSENT = "unsent"
    """Slack was not reached; nothing was done."""
    IN_DOUBT = "in_doubt"
    """The answer was lost, or says that something may have been done."""
    FINAL = "final"
    """The answer stays the same until somebody changes the app, the channel or the message."""
    REFUSED = "refused"
    """Slack did nothing, and gives a reason that is none of these."""


class SlackCallError(OrchError):
    """Slack did not do what it was asked; `code` is its own word for it, or the kind of failure.

    `retry_after_s`: for how long Slack wants to hear no more of it.
    """

    def __init__(
        self,
        method: str,
        code: str,
        remedy: str,
        *,
        fault: Fault = Fault.REFUSED,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"Slack refuses {method}: {code}: {remedy}")
        self.method = method
        self.code = code
        self.remedy = remedy
        self.fault = fault
        self.retry_after_s = retry_after_s


def explain(method: str, error: Exception) -> SlackCallError:
    """The error of a call, in words."""
    if isinstance(error, SlackApiError):
        return _explain_answer(method, cast("Any", error).response)  # slack_sdk does not type it
    if isinstance(error, TimeoutError):
        remedy = "Slack has not answered in time: check the network, or SLACK_API_URL"
        return SlackCallError(method, "timeout", remedy, fault=Fault.IN_DOUBT)
    fault = Fault.UNSENT if isinstance(error, aiohttp.ClientConnectorError) else Fault.IN_DOUBT
    remedy = "Slack cannot be reached: check the network, or SLACK_API_URL"
    return SlackCallError(method, type(error).__name__, remedy, fault=fault)


def _explain_answer(method: str, answer: Any) -> SlackCallError:
    status = getattr(answer, "status_code", None) or getattr(answer, "status", None)  # slack_sdk's answer, or aiohttp's
    try:
        code = str(answer["error"])
    except (KeyError, TypeError, ValueError):
        code = f"status {status or 'unknown'}"
    if method == _OPENS_SOCKETS and code in _ABOUT_TOKENS:
        return SlackCallError(method, code, _APP_TOKEN, fault=Fault.FINAL)
    needed = _needed(answer) if code == "missing_scope" else ""
    remedy = _REMEDIES.get(code, "see the method's page on docs.slack.dev") + needed
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _RATES:
        return SlackCallError(method, code, remedy, fault=Fault.RATE, retry_after_s=_retry_after_s(answer))
    if code in _UNSURE or code.startswith("status") or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SlackCallError(method, code, remedy, fault=Fault.IN_DOUBT)
    return SlackCallError(method, code, remedy, fault=Fault.FINAL if code in _FINAL else Fault.REFUSED)


def _retry_after_s(answer: Any) -> float | None:
    """See https://docs.slack.dev/apis/web-api/rate-limits#responding ; whole seconds."""
    headers = cast("dict[str, str]", getattr(answer, "headers", None) or {})
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(found) if found.isascii() and found.isdecimal() else None


def _needed(answer: Any) -> str:
    try:
        return f" (needed: {answer['needed']})"
    except (KeyError, TypeError):
        return ""

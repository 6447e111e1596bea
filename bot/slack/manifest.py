"""The Slack app as Slack is told of it: the one source of manifest.yml and manifest.socket.yml.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

import yaml

from bot.slack.interactions import INVESTIGATE, INVESTIGATE_ANEW

COMMAND = "/orch"
NO_HOST = "YOUR-HOST"

BOT_SCOPES: dict[str, str] = {
    "commands": "/orch and the shortcuts",
    "chat:write": "its answers",
    "app_mentions:read": "being asked by name",
    "channels:history": "alert posts in public channels that it is invited to",
    "groups:history": "alert posts in private channels that it is invited to",
    "im:history": "questions asked in its messages tab",
    "channels:read": "the names of channels, and whether it is in them",
    "groups:read": "the same of private channels",
    "reactions:write": "a mark at an alert that it looks into",
    "users:read": "the names of who is on call, and time zones",
    "files:write": "charts and long answers",
}
OPTIONAL_SCOPES: dict[str, str] = {"chat:write.public": "answers to /orch in public channels that it is not in"}
BOT_EVENTS: dict[str, str | None] = {
    "app_mention": "app_mentions:read",
    "app_home_opened": None,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
    "app_uninstalled": None,
    "tokens_revoked": None,
}
"""Each with the scope that it needs: https://docs.slack.dev/reference/events."""

METHOD_SCOPES: dict[str, str | None] = {
    "apps.connections.open": None,  # an app-level token with connections:write
    "auth.test": None,
    "chat.delete": "chat:write",
    "chat.getPermalink": None,
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
    "conversations.list": "channels:read",
    "conversations.replies": "channels:history",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.getUploadURLExternal": "files:write",
    "oauth.v2.access": None,
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "users.conversations": "channels:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "views.open": None,
    "views.publish": None,
    "views.push": None,
    "views.update": None,
}
"""Each method of the Web API that the code may call, with its scope: https://docs.slack.dev/reference/methods."""

PROMPTS: tuple[tuple[str, str], ...] = (
    ("Who is on call?", "Who is on call now, and who is next?"),
    (
        "Look into a service",
        "Analyze errors and latency of the last 30 minutes: which service is hurt, and since when?",
    ),
    ("Earlier incidents", "Which earlier incidents were like the last one?"),
    ("What can you do?", "help"),
)
"""What the messages tab suggests: title and message, at most four."""

_HEAD = """\
# Made by `python -m bot manifest{option}`: change bot/slack/manifest.py, not this file.
# For https://api.slack.com/apps, "Create New App", "From a manifest"; docs/installing-slack.md goes on from there.
"""


def build_manifest(*, socket: bool = False, host: str = NO_HOST) -> dict[str, Any]:
    """The manifest: over HTTP Slack reaches the app at `host`, with Socket Mode the app reaches Slack."""
    url = f"https://{host}/slack/events"
    at: dict[str, Any] = {} if socket else {"url": url}
    request: dict[str, Any] = {} if socket else {"request_url": url}
    # An installation by OAuth ends in a browser, so it needs a host in either mode.
    redirect: dict[str, Any] = (
        {} if socket and host == NO_HOST else {"redirect_urls": [f"https://{host}/slack/oauth_redirect"]}
    )
    return {
        "display_information": {
            "name": "orch",
            "description": "Investigates incidents and answers in a thread, with evidence, citations and a verified verdict.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": {
                "agent_description": (
                    "Looks into alerts and incidents: asks metrics, logs, tickets, runbooks and policies, and answers with "
                    "evidence, citations and a verdict that code has checked. Name a service and a time, or ask who is on call."
                ),
                "suggested_prompts": [{"title": title, "message": message} for title, message in PROMPTS],
            },
            "bot_user": {"display_name": "orch", "always_online": True},
            "shortcuts": [
                {
                    "name": "Investigate this message",
                    "type": "message",
                    "callback_id": INVESTIGATE,
                    "description": "Look into what the message tells, and answer in its thread",
                },
                {
                    "name": "Investigate an incident",
                    "type": "global",
                    "callback_id": INVESTIGATE_ANEW,
                    "description": "Choose service, time and severity in a form",
                },
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **at,
                    "description": "Look into an incident, or ask who is on call",
                    "usage_hint": "analyze <what to look into> | status | show <id> | oncall | digest | help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {
            **redirect,
            "scopes": {"bot": [*BOT_SCOPES, *OPTIONAL_SCOPES], "bot_optional": [*OPTIONAL_SCOPES]},
        },
        "settings": {
            "event_subscriptions": {**request, "bot_events": [*BOT_EVENTS]},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def render_manifest(*, socket: bool = False, host: str = NO_HOST) -> str:
    """The manifest as a YAML file, with a reason beside each scope."""
    option = (" --socket" if socket else "") + (f" --host {host}" if host != NO_HOST else "")
    body = yaml.safe_dump(build_manifest(socket=socket, host=host), sort_keys=False, width=120, allow_unicode=True)
    return _HEAD.format(option=option) + "".join(_with_reason(line) for line in body.splitlines(keepends=True))


def _with_reason(line: str) -> str:
    name = line.strip().removeprefix("- ")
    reason = {**BOT_SCOPES, **OPTIONAL_SCOPES}.get(name)
    return f"{line.rstrip()}  # {reason}\n" if reason else line

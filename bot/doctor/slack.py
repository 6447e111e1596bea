"""Whether Slack knows the tokens, what they may do, and where orch is."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.doctor.findings import Finding
from bot.doctor.tables import find_url
from bot.settings import Settings
from bot.slack.answers import Answer, ask
from bot.slack.errors import SlackCallError
from bot.slack.manifest import BOT_SCOPES, OPTIONAL_SCOPES
from bot.slack.workspaces import Workspaces
from core.errors import OrchError
from storage.database import Database
from storage.sealing import Seal
from storage.slack_installations import Installation, SlackInstallations

_TIMEOUT_S = 8.0
_PAGES = 10
_MOST_TEAMS = 20
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_WINDOW_S, _SKEW_S = 300.0, 30.0
"""Slack's requests are refused when they are older than this; https://docs.slack.dev/authentication/verifying-requests-from-slack"""


async def check_slack(settings: Settings) -> AsyncGenerator[Finding]:
    """The tokens, the scopes, the channels, the secret and Slack's clock."""
    if settings.slack_closed_because is not None:
        yield Finding.warn(
            "slack",
            f"the door is closed: {settings.slack_closed_because}",
            "docs/installing-slack.md says how to open it; the API and the page work without",
        )
        return
    yield _signing_secret(settings)
    token = settings.slack_bot_token
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
        workspaces = Workspaces(
            session, token=None if token is None else token.get_secret_value(), api_url=settings.slack_api_url
        )
        if token is not None:
            async for finding in _check_bot(settings, workspaces):
                yield finding
        if settings.slack_app_token is not None:
            yield await _app_token(settings.slack_app_token.get_secret_value(), workspaces)
        async for finding in _check_installations(settings, workspaces):
            yield finding


async def _check_bot(settings: Settings, workspaces: Workspaces) -> AsyncGenerator[Finding]:
    token = settings.slack_bot_token
    if token is not None and not token.get_secret_value().startswith("xoxb-"):
        yield Finding.warn(
            "slack token",
            "SLACK_BOT_TOKEN does not begin with xoxb-",
            "take the “Bot User OAuth Token” of the app's page “OAuth & Permissions”",
        )
    try:
        answer = await ask(await workspaces.client(None), "auth.test")
    except SlackCallError as error:
        yield Finding.fail("slack token", str(error), error.remedy)
        return
    data = answer.data
    yield Finding.ok("slack token", f"{data.get('user')} in {data.get('team')} ({data.get('team_id')})")
    yield _scopes(answer)
    if answer.date is not None:
        yield _clock(answer.date, datetime.now(UTC))
    async for finding in _check_channels(settings.slack_alert_channels, workspaces):
        yield finding


async def _check_installations(settings: Settings, workspaces: Workspaces) -> AsyncGenerator[Finding]:
    """Whether the tokens of the workspaces that installed orch are good still."""
    name, key = "slack installations", settings.secret_key
    if settings.slack_client_id is None or key is None:
        return
    if settings.slack_workspaces is None:
        yield Finding.warn(
            name,
            "any workspace may install orch, and ask it about this company",
            "set ORCHESTRATOR_SLACK_WORKSPACES to the ids of those that may (T0123…, …)",
        )
    try:
        url, _ = await find_url(settings)
        if url is None:
            yield Finding.ok(name, "the database does not run: they are looked at when it does")
            return
        async with Database(url, connections=1) as database:
            installations = SlackInstallations(database, Seal(key.get_secret_value()))
            teams = await installations.teams()
            found = [await installations.get(team) for team in teams[:_MOST_TEAMS]]
    except OrchError as error:
        yield Finding.fail(name, str(error), "as it says")
        return
    if not found:
        yield Finding.warn(name, "no workspace has installed orch", "open /slack/install in a browser")
    for installation in found:
        if installation is not None:
            yield await _installation(installation, workspaces)


async def _installation(installation: Installation, workspaces: Workspaces) -> Finding:
    name, place = "slack installations", f"{installation.team_name} ({installation.team})"
    try:
        answer = await ask(workspaces.build(installation.token), "auth.test")
    except SlackCallError as error:
        return Finding.fail(name, f"{place}: {error.code}", "have it install orch again at /slack/install")
    missing = sorted(BOT_SCOPES.keys() - (installation.scopes if answer.scopes is None else answer.scopes))
    if missing:
        return Finding.fail(name, f"{place} lacks {', '.join(missing)}", "have it install orch again at /slack/install")
    return Finding.ok(name, f"{place}: its token is good, every scope granted")


def _scopes(answer: Answer) -> Finding:
    name = "slack scopes"
    if answer.scopes is None:
        return Finding.warn(name, "Slack does not say which ones the token has", "check them on “OAuth & Permissions”")
    missing = [scope for scope in BOT_SCOPES if scope not in answer.scopes]
    if missing:
        told = "; ".join(f"{scope} ({BOT_SCOPES[scope]})" for scope in missing)
        return Finding.fail(name, f"missing: {told}", "add them to the app, as in manifest.yml, and install it again")
    optional = [scope for scope in OPTIONAL_SCOPES if scope not in answer.scopes]
    without = f"; without the optional {', '.join(optional)}" if optional else ""
    return Finding.ok(name, f"all {len(BOT_SCOPES)} that orch needs{without}")


def _signing_secret(settings: Settings) -> Finding:
    name, secret = "slack signing secret", settings.slack_signing_secret
    if secret is None:
        return Finding.ok(name, "not set: everything comes over Socket Mode, POST /slack/events is closed")
    if not _SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        return Finding.warn(
            name,
            f"it is set, but not 32 hexadecimal digits ({len(secret.get_secret_value())} characters)",
            "take the “Signing Secret” of the app's page “Basic Information”, not the client secret or a token",
        )
    return Finding.ok(name, "set, and looks like one; only a request of Slack's own proves it")


async def _app_token(token: str, workspaces: Workspaces) -> Finding:
    name = "slack app token"
    if not token.startswith("xapp-"):
        return Finding.fail(
            name,
            "SLACK_APP_TOKEN does not begin with xapp-",
            "make an app-level token with connections:write on the app's page “Basic Information”",
        )
    try:
        await workspaces.open_socket_url(token)
    except SlackCallError as error:
        return Finding.fail(name, str(error), error.remedy)
    return Finding.ok(name, "Slack gives a WebSocket for Socket Mode")


def _clock(slack: datetime, ours: datetime) -> Finding:
    skew_s = (ours - slack).total_seconds()
    told = f"this machine's clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} Slack's"
    if abs(skew_s) >= _WINDOW_S:
        return Finding.fail(
            "slack clock", told, f"set the clock (NTP): requests {_WINDOW_S:g} s off count as forged and are refused"
        )
    if abs(skew_s) > _SKEW_S:
        return Finding.warn("slack clock", told, "set the clock (NTP), before Slack's requests count as forged")
    return Finding.ok("slack clock", f"within {_SKEW_S:g} s of Slack's")


async def _check_channels(wanted: frozenset[str] | None, workspaces: Workspaces) -> AsyncGenerator[Finding]:
    name = "slack channels"
    try:
        found = await _memberships(workspaces)
    except SlackCallError as error:
        yield Finding.fail(name, str(error), error.remedy)
        return
    if wanted is None:
        if found:
            names = sorted(f"#{channel}" for channel in found.values())
            yield Finding.ok(name, f"alerts are taken in all {len(names)} that orch is in: {', '.join(names[:20])}")
        else:
            yield Finding.warn(name, "orch is in no channel", "invite it to the alert channels: /invite @orch")
        return
    for item in sorted(wanted):
        if item in found or item in found.values():
            shown = found.get(item, item)
            yield Finding.ok(name, f"#{shown}: orch is in it, and takes alerts there")
        else:
            what = (
                "is not in the channel of this id"
                if item.isupper() and item.isalnum()
                else "is in no channel of this name"
            )
            yield Finding.fail(
                name,
                f"{item}: orch {what}",
                f"write /invite @orch there, or correct ORCHESTRATOR_SLACK_ALERT_CHANNELS ({item})",
            )


async def _memberships(workspaces: Workspaces) -> dict[str, str]:
    """Id → name of every channel that the bot is in: https://docs.slack.dev/reference/methods/users.conversations."""
    client = await workspaces.client(None)
    found: dict[str, str] = {}
    cursor = ""
    for _ in range(_PAGES):
        asked = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "200"}
        data = (await ask(client, "users.conversations", {**asked, **({"cursor": cursor} if cursor else {})})).data
        found |= {str(item["id"]): str(item.get("name", item["id"])) for item in data.get("channels", [])}
        told: Any = data.get("response_metadata") or {}
        cursor = str(told.get("next_cursor") or "")
        if not cursor:
            break
    return found

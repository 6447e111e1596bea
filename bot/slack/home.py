"""App Home, drawn anew when somebody opens it, and a greeting the first time they open its messages tab."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import structlog

from bot.health import HealthReport
from bot.oncall import OnCall
from bot.settings import Settings
from bot.slack.answers import ask
from bot.slack.client import call
from bot.slack.commands.facilities import Facilities
from bot.slack.errors import SlackCallError
from bot.slack.home_view import HomeState, render_home
from bot.slack.manifest import COMMAND, PROMPTS
from bot.slack.outbox import Outgoing
from bot.slack.render.pages import render_message
from bot.slack.render.parts import Listing, paragraph, text
from bot.slack.triage import Outcome
from bot.slack.workspaces import Workspaces
from storage.slack_greetings import SlackGreetings
from storage.slack_home import SlackHome
from storage.slack_inbox import InboxItem

_log = structlog.stdlib.get_logger(__name__)

_TASKS = 10
_PAGES = 5
_HEALTH_S = 3.0
_REMEMBERED = 1000
_HASH_CONFLICT = "hash_conflict"


class Home:
    """Handles the kind `home_opened` of the inbox. A view is published at most every `rest_s` seconds a person."""

    def __init__(
        self,
        workspaces: Workspaces,
        facilities: Facilities,
        tasks: SlackHome,
        greetings: SlackGreetings,
        settings: Sequence[tuple[str, str]],
        *,
        rest_s: float = 5.0,
        now_s: Callable[[], float] = monotonic,
    ) -> None:
        self._workspaces = workspaces
        self._facilities = facilities
        self._tasks = tasks
        self._greetings = greetings
        self._settings = tuple(settings)
        self._rest_s = rest_s
        self._now_s = now_s
        self._published: OrderedDict[tuple[str | None, str], float] = OrderedDict()

    async def handle(self, item: InboxItem) -> Outcome:
        """What came of it. Raises SlackCallError, StorageError: then it is tried again.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        event: Any = item.payload.get("event") or {}
        user, tab = str(event.get("user") or ""), event.get("tab")
        if not user:
            return Outcome(reason="no_user", refused=True)
        if tab == "messages":
            return await self._greet(item, user, str(event.get("channel") or ""))
        if tab != "home":
            return Outcome(reason="other_tab", refused=True)
        key = (item.team, user)
        if self._published.get(key, float("-inf")) + self._rest_s > self._now_s():
            return Outcome(reason="published_just_now", refused=True)
        view: Any = event.get("view") or {}
        channel = str(event.get("channel") or "")
        return await self._publish(item.team, user, channel=channel, view_hash=str(view.get("hash") or ""))

    async def _publish(self, team: str | None, user: str, *, channel: str, view_hash: str) -> Outcome:
        """https://docs.slack.dev/reference/methods/views.publish: a stale hash means that a newer view stands there."""
        client = await self._workspaces.client(team)
        state = HomeState(
            tasks=await self._tasks.recent(team, user, await self._channels_of(team, user), limit=_TASKS),
            on_call=await self._on_call(),
            health=await self._health(),
            settings=self._settings,
            at=self._facilities.clock(),
            channel=channel,
        )
        arguments: dict[str, Any] = {"user_id": user, "view": render_home(state)}
        if view_hash:
            arguments["hash"] = view_hash
        try:
            await call(client, "views.publish", arguments)
        except SlackCallError as error:
            if error.code != _HASH_CONFLICT:
                raise
            return Outcome(reason=_HASH_CONFLICT, refused=True)
        self._published[team, user] = self._now_s()
        self._published.move_to_end((team, user))
        while len(self._published) > _REMEMBERED:
            self._published.popitem(last=False)
        return Outcome(reason="home_published")

    async def _channels_of(self, team: str | None, user: str) -> list[str]:
        """The channels that both the person and orch are in: nobody reads of a channel in App Home that they cannot open.

        https://docs.slack.dev/reference/methods/users.conversations
        """
        found: list[str] = []
        asked = {"user": user, "types": "public_channel,private_channel", "limit": "200"}
        try:
            client = await self._workspaces.client(team)
            for _ in range(_PAGES):
                data = (await ask(client, "users.conversations", asked)).data
                found += [str(channel["id"]) for channel in data.get("channels", [])]
                told: Any = data.get("response_metadata") or {}
                asked["cursor"] = str(told.get("next_cursor") or "")
                if not asked["cursor"]:
                    break
        except SlackCallError as error:  # then only what they asked for themselves is shown
            _log.warning("slack.home_without_channels", error=str(error))
        return found

    async def _on_call(self) -> OnCall | None:
        rota = self._facilities.rota
        return None if rota is None else await asyncio.to_thread(rota.at, self._facilities.clock())

    async def _health(self) -> HealthReport:
        try:
            async with asyncio.timeout(_HEALTH_S):
                return await self._facilities.health()
        except TimeoutError:
            return HealthReport(status="degraded", parts={})

    async def _greet(self, item: InboxItem, user: str, channel: str) -> Outcome:
        if not channel or not await self._greetings.is_first(f"messages:{item.team}:{user}"):
            return Outcome(reason="greeted_before", refused=True)
        message = render_message(
            [
                paragraph(
                    "Hello. Ask me what you would ask a colleague on call: name a service and a time, and I answer with evidence, "
                    "citations and a checked verdict. For example:"
                ),
                Listing(items=tuple((text(prompt),) for _, prompt in PROMPTS)),
                paragraph(f"{COMMAND} works in every channel, too."),
            ]
        )
        outgoing = Outgoing(
            key=f"greeting:{item.team}:{user}", channel=channel, team=item.team, message=message, role="greeting"
        )
        return Outcome(reason="greeted", outgoing=(outgoing,))


def describe_settings(settings: Settings) -> list[tuple[str, str]]:
    """What people in Slack should know of the settings, in words; no secret is among them."""

    def channels(names: frozenset[str] | None, otherwise: str) -> str:
        return otherwise if names is None else ", ".join(sorted(names))

    def quota(number: int) -> str:
        return f"{number} an hour" if number else "none"

    found = [
        ("Alerts are taken in", channels(settings.slack_alert_channels, "every channel that I am in")),
        ("Tasks may be asked for in", channels(settings.slack_allowed_channels, "every channel")),
        ("Guests", "may ask" if settings.slack_guests == "allow" else "may not ask"),
        (
            "Quota",
            f"per person {quota(settings.slack_user_quota)}, per channel {quota(settings.slack_channel_quota)}",
        ),
    ]
    digests = _digests(settings)
    return [*found, ("Weekly digest", digests or "none is scheduled")]


def _digests(settings: Settings) -> str:
    if settings.digests is not None:
        return "; ".join(
            f"{one.team} in #{one.channel} ({one.cron}, {one.tz or 'zone of the rota'})" for one in settings.digests
        )
    if settings.digest_channel is not None:
        return f"#{settings.digest_channel.removeprefix('#')} ({settings.digest_cron}, {settings.digest_tz or 'zone of the rota'})"
    return ""

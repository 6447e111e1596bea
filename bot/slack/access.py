"""Who may have orch look into something, and how often: a refusal says why, until when, and what to do."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from time import monotonic
from typing import Any, cast

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from bot.slack.client import look_up
from bot.slack.errors import SlackCallError
from core.ports import Clock
from storage.slack_tasks import SlackTasks, Started

_log = structlog.stdlib.get_logger(__name__)

_HOUR = timedelta(hours=1)
_KEPT_S = 3600.0
_REMEMBERED = 2000
_SLACK_MAY_NOT_TELL = frozenset({"missing_scope", "user_not_found", "user_not_visible", "no_permission"})


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, and where. `home_team` is the user's own workspace, where Slack tells it; `thread_ts` the thread they are in.

    `is_direct`: in a conversation with orch alone.
    """

    team: str | None
    user: str
    channel: str
    channel_name: str | None = None
    name: str | None = None
    home_team: str | None = None
    thread_ts: str | None = None
    is_direct: bool = False


@dataclass(frozen=True, kw_only=True)
class Refused:
    """`reason` is what is counted, `words` are what the asker reads."""

    reason: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """None: everybody, everywhere. A quota is of tasks an hour; 0: none is set."""

    channels: frozenset[str] | None = None
    users: frozenset[str] | None = None
    guests: bool = False
    user_quota: int = 20
    channel_quota: int = 60


def read_rules(settings: Settings) -> Rules:
    """What the operator chose."""
    return Rules(
        channels=settings.slack_allowed_channels,
        users=settings.slack_allowed_users,
        guests=settings.slack_guests == "allow",
        user_quota=settings.slack_user_quota,
        channel_quota=settings.slack_channel_quota,
    )


class Access:
    """Decides by the rules. What people ask for is counted in the database, so that every process counts alike.

    Alerts are no matter of these rules: which channels they are taken from is a setting of its own, and none is refused.
    """

    def __init__(
        self,
        rules: Rules,
        tasks: SlackTasks,
        client_of: Callable[[str | None], Awaitable[AsyncWebClient]],
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._tasks = tasks
        self._client_of = client_of
        self._clock = clock
        self._members: dict[tuple[str | None, str], tuple[float, bool]] = {}
        self._names: dict[str, str] = {}

    async def refuse(self, asker: Asker) -> Refused | None:
        """Why this person may not start, repeat or stop anything here; None when they may.

        Raises SlackCallError when Slack cannot tell just now who they are.
        """
        rules = self._rules
        if rules.users is not None and asker.user not in rules.users:
            return Refused(
                reason="user_not_allowed",
                words="Only some people may do this here, and you are not among them. Ask whoever runs orch to add you to "
                f"ORCHESTRATOR_SLACK_ALLOWED_USERS (your id is {asker.user}). /orch show, status and oncall are open to you.",
            )
        if rules.channels is not None and not asker.is_direct and not await self._is_allowed(asker):
            return Refused(
                reason="channel_not_allowed",
                words="I take no questions in this channel. Ask in one of these: "
                f"{', '.join(sorted(rules.channels))}, or ask whoever runs orch to add this one to "
                "ORCHESTRATOR_SLACK_ALLOWED_CHANNELS.",
            )
        if not rules.guests and not await self._is_member(asker):
            return Refused(
                reason="guest",
                words="I answer members of this workspace: guests, and people of other organisations, may read my answers but "
                "not ask. Ask a member to do it for you, or whoever runs orch to set ORCHESTRATOR_SLACK_GUESTS=allow.",
            )
        return None

    @asynccontextmanager
    async def counting(self, asker: Asker, key: str) -> AsyncGenerator[Refused | None]:
        """Why no further task may be started within this hour; while it lasts, nobody else's is counted."""
        rules, tasks = self._rules, self._tasks
        team = asker.team or ""
        async with tasks.counting(f"user:{team}:{asker.user}", f"channel:{team}:{asker.channel}"):
            refused: Refused | None = None
            if rules.user_quota:
                own = await tasks.asked_by(asker.team, asker.user, quota=rules.user_quota, key=key)
                if own.number >= rules.user_quota:
                    refused = Refused(
                        reason="user_quota",
                        words=f"You have asked for {own.number} tasks within the hour, and {rules.user_quota} is the most. "
                        + self._again(own),
                    )
            if refused is None and rules.channel_quota:
                here = await tasks.asked_in(asker.team, asker.channel, quota=rules.channel_quota, key=key)
                if here.number >= rules.channel_quota:
                    refused = Refused(
                        reason="channel_quota",
                        words=f"{here.number} tasks were asked for here within the hour, and {rules.channel_quota} is the most "
                        "for one channel. " + self._again(here),
                    )
            yield refused

    def _again(self, started: Started) -> str:
        at = (started.frees_at or self._clock()).astimezone(UTC) + _HOUR
        minutes = max(1, round((at - self._clock()).total_seconds() / 60))
        return (
            f"The next one is taken at {at:%H:%M} UTC, in {minutes} min. Alerts are looked into all the same; an answer that "
            "is there already is shown by /orch show."
        )

    async def _is_allowed(self, asker: Asker) -> bool:
        """Whether the channel is among those of the setting, by its id or its name."""
        allowed = self._rules.channels or frozenset[str]()
        if asker.channel in allowed or asker.channel_name in allowed:
            return True
        if all(name.isupper() for name in allowed):  # ids: the name tells nothing more
            return False
        if asker.channel not in self._names:
            try:
                about = await self._ask(asker.team, "conversations.info", {"channel": asker.channel}, "channel")
            except SlackCallError as error:
                if error.code in {"channel_not_found", "missing_scope", "no_permission"}:
                    _log.warning("slack.channel_name_unknown", channel=asker.channel, error=str(error))
                    return False
                raise
            self._names[asker.channel] = str(about.get("name") or "")
        return self._names[asker.channel] in allowed

    async def _is_member(self, asker: Asker) -> bool:
        """Whether the asker is a full member of the workspace: https://docs.slack.dev/reference/objects/user-object."""
        if asker.home_team is not None and asker.team is not None and asker.home_team != asker.team:
            return False
        known = self._members.get((asker.team, asker.user))
        if known is not None and monotonic() - known[0] < _KEPT_S:
            return known[1]
        try:
            about = await self._ask(asker.team, "users.info", {"user": asker.user}, "user")
        except SlackCallError as error:
            if error.code not in _SLACK_MAY_NOT_TELL:
                raise
            _log.warning("slack.member_unknown", user=asker.user, error=str(error))
            return error.code != "user_not_visible"
        is_member = not any(
            about.get(name) for name in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
        )
        if len(self._members) >= _REMEMBERED:
            self._members.clear()
        self._members[asker.team, asker.user] = (monotonic(), is_member)
        return is_member

    async def _ask(self, team: str | None, method: str, arguments: dict[str, str], part: str) -> dict[str, Any]:
        answer = await look_up(await self._client_of(team), method, arguments)
        found = answer.get(part)
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

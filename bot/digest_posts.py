"""The scheduled digest: planned with the settings, made when it is due, put into the outbox once a team and week."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from bot.digest import Digests
from bot.digest_teams import DigestTeam
from bot.schedule import FIRED
from bot.schedule_times import read_zone
from bot.slack.errors import SlackCallError
from bot.slack.outbox import Outbox, Outgoing, Urgency
from bot.slack.render.digest import render_digest, render_rest
from core.digest.model import Digest, SectionStatus
from core.digest.week import IsoWeek
from core.errors import InvalidInputError, SettingsError, StorageError, TaskConflictError
from core.ports import Clock
from storage.database import Database
from storage.digests import DigestStore, DueDigest, add_digest
from storage.schedule import Due, Planned

_log = structlog.stdlib.get_logger(__name__)

KIND = "digest"
ALREADY_MADE = "already_made"

type FindChannel = Callable[[DigestTeam], Awaitable[str | None]]
"""The id of the team's channel; None where orch is in no channel of that name. Raises SlackCallError."""


@dataclass(frozen=True, kw_only=True)
class PostTimes:
    """A digest with a failed section is tried again `patience` times before it goes out as it is; all in seconds.

    One that takes longer than `most_s` is tried again: after `lease_s` another process would begin it beside this one.
    """

    lease_s: float = 180.0
    most_s: float = 150.0
    rest_s: float = 60.0
    patience: int = 3
    given_up_after_s: float = 2 * 86_400.0


class DigestPosts:
    """Makes the rows and posts what they stand for. Raises StorageError."""

    def __init__(
        self,
        database: Database,
        digests: Digests,
        outbox: Outbox,
        find_channel: FindChannel,
        clock: Clock,
        times: PostTimes | None = None,
    ) -> None:
        self._database = database
        self._store = DigestStore(database)
        self._digests = digests
        self._outbox = outbox
        self._find_channel = find_channel
        self._clock = clock
        self._times = times or PostTimes()

    async def planned(self) -> Sequence[Planned]:
        """A row of the schedule for each team of the settings."""
        return [
            Planned(
                key=team.key,
                kind=KIND,
                cron=team.cron,
                tz=(await self._digests.zone(team)).key,
                payload=team.model_dump(mode="json"),
            )
            for team in self._digests.teams
        ]

    async def make(self, due: Due, due_at: datetime) -> str:
        """The digest that this time asks for, as a row to be posted; a team has one a week. See `bot.schedule.Job`."""
        # The row may be of another release, whose settings this one does not know: only the name is needed here.
        team = str(due.row.payload.get("team") or due.row.key)
        week = IsoWeek.told_at(due_at, read_zone(due.row.tz))
        is_new = await add_digest(due.connection, team=team, week=str(week), payload=due.row.payload, due_at=due_at)
        return FIRED if is_new else ALREADY_MADE

    async def post_due(self) -> int:
        """How many digests were put into the outbox: every one that is due and not claimed by another process."""
        put = 0
        while (claimed := await self._store.take(lease_s=self._times.lease_s)) is not None:
            try:
                put += await self._try_to_post(claimed)
            except TaskConflictError as error:
                _log.warning("digest.lost", team=claimed.team, week=claimed.week, error=str(error))
        return put

    async def _try_to_post(self, claimed: DueDigest) -> int:
        """What fails half-way is said in `GET /health`, tried again, and keeps no other team's digest back."""
        try:
            async with asyncio.timeout(self._times.most_s):
                return await self._post(claimed)
        except (StorageError, TaskConflictError):
            raise
        except TimeoutError:
            await self._rest(claimed, f"it was not made within {self._times.most_s:g} s")
        except Exception as error:  # noqa: BLE001 -- the outermost loop of a digest
            _log.exception("digest.broke", team=claimed.team, week=claimed.week)
            await self._rest(claimed, f"making it failed ({type(error).__name__}): see digest.broke in the log of orch")
        return 0

    async def _post(self, claimed: DueDigest) -> int:
        if self._clock() - claimed.due_at > timedelta(seconds=self._times.given_up_after_s):
            await self._give_up(claimed, "it could not be posted for too long")
            return 0
        try:
            team = DigestTeam.model_validate(claimed.payload)
            digest = await self._digests.build_for(team, IsoWeek.read(claimed.week), now=self._clock())
            channel = await self._find_channel(team)
        except (ValidationError, InvalidInputError) as error:
            await self._give_up(claimed, str(error))
            return 0
        except (SlackCallError, SettingsError) as error:
            await self._rest(claimed, str(error))
            return 0
        if channel is None:
            await self._rest(claimed, f"orch is in no channel #{team.channel}: invite it, or correct the setting")
            return 0
        failed = _failed(digest)
        if failed and claimed.attempt <= self._times.patience:
            await self._rest(claimed, f"{', '.join(failed)} could not be looked up")
            return 0
        key = f"digest:{claimed.team}:{claimed.week}"
        # Trying what fits takes some tenths of a second.
        message = await asyncio.to_thread(render_digest, digest, more="in the thread")
        outgoing = [
            Outgoing(key=key, channel=channel, team=team.workspace, message=message, role="digest", is_final=True)
        ]
        outgoing += [
            Outgoing(
                key=f"{key}:{number}",
                channel=channel,
                team=team.workspace,
                thread=key,
                message=page,
                role=f"digest_{number}",
                seq=100 + number,
                urgency=Urgency.DETAIL,
                is_final=True,
            )
            for number, page in enumerate(await asyncio.to_thread(render_rest, digest), 2)
        ]
        async with self._database.transaction() as connection:
            await self._outbox.put(*outgoing, within=connection)
            await self._store.hand_over(claimed, connection)
        _log.info("digest.put", team=claimed.team, week=claimed.week, channel=channel, failed_sections=failed)
        return 1

    async def _rest(self, claimed: DueDigest, reason: str) -> None:
        _log.warning("digest.rests", team=claimed.team, week=claimed.week, reason=reason, attempt=claimed.attempt)
        await self._store.rest(claimed, reason, rest_s=self._times.rest_s)

    async def _give_up(self, claimed: DueDigest, reason: str) -> None:
        _log.error("digest.given_up", team=claimed.team, week=claimed.week, reason=reason)
        await self._store.give_up(claimed, reason)


def _failed(digest: Digest) -> list[str]:
    return [section.name for section in digest.sections if section.status is SectionStatus.FAILED]

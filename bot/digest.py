"""The weekly on-call digest: gathers what it tells of, each part by itself, and composes it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.clients.ticket_survey import MAX_TICKETS
from bot.digest_teams import DEFAULT_TEAM, DigestTeam
from core.digest.compose import compose_digest
from core.digest.material import Episode, Investigation, Loaded, Material, TicketQuery
from core.digest.model import Digest
from core.digest.week import IsoWeek
from core.errors import InvalidInputError, OrchError
from core.evidence.reference import ReferenceExcerpt
from core.policy.rota import Rota
from core.policy.rota_entries import read_rota
from core.ports import Clock
from storage.week_records import Found, WeekRecords

PART_TIMEOUT_S = 30.0
"""For each part of the digest by itself: one that takes longer is told as not answered."""
DUE_AHEAD = timedelta(days=7)
NOW_AFTER = timedelta(days=1)
"""*Now* in the digest of a week long past is a day after its end: the next on-call has taken over by then."""
_ROTA = "oncall_rota"
_ALL_CHARS = 10_000_000


class References(Protocol):
    """Where the rota is read."""

    async def excerpt(self, source: str, query: str | None, max_chars: int) -> ReferenceExcerpt: ...


class Tickets(Protocol):
    """The tracker. Each answer says whether there is more than was read; raises as `core.errors` says of tools."""

    async def open_incidents(self) -> tuple[TicketQuery, bool]: ...

    async def opened_incidents(self, start: datetime, end: datetime) -> tuple[TicketQuery, bool]: ...

    async def due_until(self, day: date) -> tuple[TicketQuery, bool]: ...


@dataclass(frozen=True, kw_only=True)
class DigestSources:
    records: WeekRecords
    references: References
    tickets: Tickets


class Digests:
    """Makes digests at once, for whoever asks; nothing is posted or stored. Parts that cannot be read are told as such."""

    def __init__(
        self,
        teams: Sequence[DigestTeam],
        sources: DigestSources,
        clock: Clock,
        *,
        part_timeout_s: float = PART_TIMEOUT_S,
    ) -> None:
        self.teams = tuple(teams)
        self._sources = sources
        self._clock = clock
        self._part_timeout_s = part_timeout_s

    def team(self, name: str | None = None) -> DigestTeam:
        """The team of that name, the first one without a name; InvalidInputError for one that is not known."""
        if name is None:
            return self.teams[0] if self.teams else DigestTeam(channel="-")
        found = next((team for team in self.teams if team.team.casefold() == name.strip().casefold()), None)
        if found is None:
            known = ", ".join(team.team for team in self.teams) or DEFAULT_TEAM
            raise InvalidInputError(f"there is no digest of a team {name!r}: the teams are {known}", pointer="?team")
        return found

    async def zone(self, team: DigestTeam) -> ZoneInfo:
        """The team's zone: its own, else the rota's, else UTC."""
        rota = (await self._load_rota()).value if team.tz is None else None
        return _zone(team, rota)

    async def build(self, *, team: str | None = None, week: str | None = None) -> Digest:
        """The digest of a team (its name; None: the first) and a week (`2026-W08` or a day in it; None: the latest to tell).

        Raises InvalidInputError for a team or week that there is not, or a week that has not begun. Asks the tracker, the
        database and the rota side by side, each for half a minute at most.
        """
        chosen = self.team(team)
        wanted = None if week is None else IsoWeek.read(week)
        rota = await self._load_rota()
        zone = _zone(chosen, rota.value)
        now = self._clock()
        return await self.build_for(chosen, wanted or IsoWeek.told_at(now, zone), now=now)

    async def build_for(self, team: DigestTeam, week: IsoWeek, *, now: datetime) -> Digest:
        """The digest as it is at that moment."""
        rota = await self._load_rota()
        zone = _zone(team, rota.value)
        start, end = week.begins(zone), week.ends(zone)
        if start >= now:
            raise InvalidInputError(f"the week {week} has not begun: ask for an earlier one", pointer="?week")
        before, until = week.before().begins(zone), min(end, now)
        as_of = min(now, end + NOW_AFTER)
        records, tickets = self._sources.records, self._sources.tickets
        due_day = (as_of + DUE_AHEAD).astimezone(zone).date()
        begun, episodes, investigations, open_now, opened, due = await asyncio.gather(
            self._load(records.begun(), "the database"),
            self._load(records.episodes(before, until), "the database"),
            self._load(records.investigations(before, until), "the database"),
            self._load(tickets.open_incidents(), "Jira"),
            self._load(tickets.opened_incidents(before, until), "Jira"),
            self._load(tickets.due_until(due_day), "Jira"),
        )
        log_begun, tasks_begun = begun.value or (None, None)
        return compose_digest(
            Material(
                team=team.team,
                week=week,
                zone=zone,
                until=until,
                as_of=as_of,
                made_at=now,
                rota=rota,
                episodes=_records(episodes, "alerts", lambda one: _concerns(team, one.service)),
                investigations=_records(investigations, "tasks", lambda one: _concerns(team, one.service)),
                open_incidents=_tickets(open_now),
                opened_incidents=_tickets(opened),
                due_tickets=_tickets(due),
                rotations=team.rotations,
                log_begun=log_begun,
                tasks_begun=tasks_begun,
            )
        )

    async def _load_rota(self) -> Loaded[Rota]:
        excerpt = await self._load(self._sources.references.excerpt(_ROTA, None, _ALL_CHARS), "the rota's file")
        if excerpt.value is None:
            return Loaded(failure=excerpt.failure)
        rota = await asyncio.to_thread(read_rota, excerpt.value)
        return Loaded(value=rota) if rota.shifts else Loaded(failure=f"{excerpt.value.path} names no shift")

    async def _load[T](self, part: Awaitable[T], source: str) -> Loaded[T]:
        """The part, or why it is not there."""
        try:
            async with asyncio.timeout(self._part_timeout_s):
                return Loaded(value=await part)
        except TimeoutError:
            return Loaded(failure=f"{source} has not answered for {self._part_timeout_s:g} s")
        except OrchError as error:
            return Loaded(failure=str(error))


def _zone(team: DigestTeam, rota: Rota | None) -> ZoneInfo:
    if team.tz is not None:
        return ZoneInfo(team.tz)
    return (rota.zone if rota is not None else None) or ZoneInfo("UTC")


def _concerns(team: DigestTeam, service: str | None) -> bool:
    return not team.services or (service is not None and service.casefold() in {it.casefold() for it in team.services})


def _records[T: (Episode, Investigation)](
    loaded: Loaded[Found[T]], what: str, wanted: Callable[[T], bool]
) -> Loaded[Sequence[T]]:
    if loaded.value is None:
        return Loaded(failure=loaded.failure)
    gap = f"only the newest {len(loaded.value.records):,} {what} were counted" if loaded.value.more else None
    return Loaded(value=tuple(one for one in loaded.value.records if wanted(one)), gap=gap)


def _tickets(loaded: Loaded[tuple[TicketQuery, bool]]) -> Loaded[TicketQuery]:
    if loaded.value is None:
        return Loaded(failure=loaded.failure)
    found, more = loaded.value
    gap = (
        f"Jira has more than the {MAX_TICKETS:,} tickets that were read, or some that cannot be read" if more else None
    )
    return Loaded(value=found, gap=gap)

"""The ticker: what is due is made, once, however many processes look; what was missed for too long is skipped, and said so."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.schedule_times import Cron
from core.errors import SettingsError, StorageError
from core.ports import Clock
from storage.schedule import Due, Planned, ScheduledRow, ScheduleStore

_log = structlog.stdlib.get_logger(__name__)

FIRED = "fired"
MISSED = "missed_beyond_grace"
BROKEN = "cannot_be_read"
_REST = timedelta(hours=1)

type Job = Callable[[Due, datetime], Awaitable[str]]
"""Makes the work of a row, due at that time, in the row's own transaction; answers in a word or two what came of it."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One time that was due: what became of it, and when the row is due again."""

    key: str
    due_at: datetime
    outcome: str
    next_run: datetime


class _BrokeError(Exception):
    """The work of the row of this key broke; its transaction is undone."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the work of {key} broke")
        self.key = key


class Schedule:
    """Keeps the rows as the settings want them, and does what is due. `grace` is how late that may be. Raises StorageError."""

    def __init__(self, store: ScheduleStore, jobs: Mapping[str, Job], *, grace: timedelta, clock: Clock) -> None:
        self._store = store
        self._jobs = dict(jobs)
        self._grace = grace
        self._clock = clock

    async def plan(self, kind: str, planned: Sequence[Planned]) -> list[ScheduledRow]:
        """The rows of this kind: exactly the planned ones. A row whose cron or zone changed is due anew, counted from now.

        Raises SettingsError for a cron or zone that cannot be read, before anything is changed.
        """
        now = self._clock()
        times = [(one, _next(Cron(one.cron, one.tz), now)) for one in planned]
        rows = [await self._store.plan(one, next_run) for one, next_run in times]
        dropped = await self._store.retire(kind, but=[one.key for one in planned])
        for row in rows:
            _log.info("schedule.planned", key=row.key, cron=row.cron, tz=row.tz, next_run=row.next_run.isoformat())
        if dropped:
            _log.info("schedule.retired", kind=kind, rows=dropped)
        return rows

    async def run_due(self) -> list[Tick]:
        """Everything that is due now and that no other process is at, done. A row that breaks the code stays due."""
        ticks: list[Tick] = []
        broken: list[str] = []
        while True:
            try:
                tick = await self._run_one(broken)
            except _BrokeError as error:
                _log.exception("schedule.broke", key=error.key)
                broken.append(error.key)
                continue
            if tick is None:
                return ticks
            ticks.append(tick)

    async def _run_one(self, broken: Sequence[str]) -> Tick | None:
        now = self._clock()
        async with self._store.take(now, list(self._jobs), but=broken) as due:
            if due is None:
                return None
            try:
                tick = await self._settle(due, now)
            except StorageError:
                raise
            except Exception as error:  # it must not keep the rows behind it back
                raise _BrokeError(due.row.key) from error
            await due.advance(tick.next_run, outcome=tick.outcome)
        log = _log.info if tick.outcome not in {MISSED, BROKEN} else _log.warning
        log(
            "schedule.ticked",
            key=tick.key,
            outcome=tick.outcome,
            due_at=tick.due_at.isoformat(),
            late_s=round((now - tick.due_at).total_seconds()),
            next_run=tick.next_run.isoformat(),
        )
        return tick

    async def _settle(self, due: Due, now: datetime) -> Tick:
        row = due.row
        try:
            cron = Cron(row.cron, row.tz)
        except SettingsError as error:  # written by another release, or its zone has been withdrawn since
            _log.warning("schedule.unreadable", key=row.key, error=str(error))
            return Tick(key=row.key, due_at=row.next_run, outcome=BROKEN, next_run=now + _REST)
        if now - row.next_run > self._grace:
            # The first time within the grace, not each of those before: there may be thousands of them.
            after = max(row.next_run, now - self._grace - timedelta(microseconds=1))
            return Tick(key=row.key, due_at=row.next_run, outcome=MISSED, next_run=_next(cron, after))
        outcome = await self._jobs[row.kind](due, row.next_run)
        return Tick(key=row.key, due_at=row.next_run, outcome=outcome, next_run=_next(cron, row.next_run))


def _next(cron: Cron, after: datetime) -> datetime:
    found = cron.next_after(after)
    if found is None:
        raise SettingsError(f"the cron expression {cron.expression!r} has no time after {after.isoformat()}")
    return found

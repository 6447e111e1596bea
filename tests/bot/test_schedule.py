import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from bot.schedule import FIRED, MISSED, Schedule
from core.errors import SettingsError, StorageError
from storage.database import Database
from storage.schedule import Due, Planned, ScheduleStore

SLOTS = 50
START = datetime(2026, 2, 16, 8, tzinfo=UTC)
GRACE = timedelta(hours=24)


class Wall:
    """A clock that the test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Works:
    """Writes what it made into a table without any key: what is made twice stands there twice."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.dies_at: datetime | None = None
        self.at_work = asyncio.Event()
        self.process_id = 0

    async def make(self, due: Due, due_at: datetime) -> str:
        await due.connection.execute(
            "insert into made (key, due_at, name) values (%(key)s, %(due_at)s, %(name)s)",
            {"key": due.row.key, "due_at": due_at, "name": self._name},
        )
        if self.dies_at is not None and due_at >= self.dies_at:
            self.process_id = due.connection.info.backend_pid
            self.at_work.set()
            await asyncio.Event().wait()
        return FIRED


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def store(database: Database, database_url: str) -> AsyncGenerator[ScheduleStore]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table made (key text, due_at timestamptz, name text)")
    yield ScheduleStore(database)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("drop table made")


def planned(key: str = "digest:platform", *, cron: str = "0 9 * * 1", tz: str = "UTC", channel: str = "C1") -> Planned:
    return Planned(key=key, kind="digest", cron=cron, tz=tz, payload={"channel": channel})


def schedule(store: ScheduleStore, wall: Wall, works: Works | None = None) -> Schedule:
    return Schedule(store, {"digest": (works or Works("one")).make}, grace=GRACE, clock=wall)


async def made(database: Database) -> list[datetime]:
    return [row["due_at"] for row in await database.fetch_all("select due_at from made order by due_at", {})]


async def test_three_replicas_make_fifty_times_once_each_though_one_is_killed_at_work(
    store: ScheduleStore, database_url: str, database: Database, wall: Wall
) -> None:
    await schedule(store, wall).plan("digest", [planned(cron="* * * * *")])
    works = [Works(f"replica-{number}") for number in range(3)]
    works[1].dies_at = START + timedelta(minutes=SLOTS // 2)

    async def replica(work: Works) -> None:
        async with Database(database_url, connections=2) as own:
            ticker = schedule(ScheduleStore(own), wall, work)
            while True:
                await ticker.run_due()
                await asyncio.sleep(random.uniform(0, 0.004))

    async def kill(work: Works, victim: asyncio.Task[None]) -> None:
        await work.at_work.wait()
        # The server sees no more of a process that is killed: its connection is gone.
        await database.fetch_all("select pg_terminate_backend(%(pid)s)", {"pid": work.process_id})
        victim.cancel()

    replicas = [asyncio.create_task(replica(work)) for work in works]
    killer = asyncio.create_task(kill(works[1], replicas[1]))
    for _ in range(SLOTS):
        wall.now += timedelta(minutes=1)
        await asyncio.sleep(0.01)
    wanted = [START + timedelta(minutes=number) for number in range(1, SLOTS + 1)]
    async with asyncio.timeout(20):
        while True:
            ended = len(await made(database))
            if killer.done() and ended >= len(wanted):
                break
            # The others may have had every time so far: the one that is to be killed gets its own.
            if not killer.done() and ended >= len(wanted):
                wall.now += timedelta(minutes=1)
                wanted.append(wall.now)
            await asyncio.sleep(0.02)
    for one in replicas:
        one.cancel()
    for one in replicas:
        with suppress(asyncio.CancelledError, StorageError):
            await one
    assert await made(database) == wanted
    names = Counter(row["name"] for row in await database.fetch_all("select name from made", {}))
    assert names["replica-0"]
    assert names["replica-2"]


@pytest.mark.parametrize(
    ("late", "outcome", "times"),
    [
        pytest.param(timedelta(0), FIRED, 1, id="on-time"),
        pytest.param(GRACE, FIRED, 1, id="missed-but-within-the-grace"),
        pytest.param(GRACE + timedelta(seconds=1), MISSED, 0, id="missed-for-longer"),
        pytest.param(timedelta(days=40), MISSED, 0, id="missed-for-weeks"),
    ],
)
async def test_a_time_that_was_missed_still_counts_within_the_grace(
    late: timedelta, outcome: str, times: int, store: ScheduleStore, database: Database, wall: Wall
) -> None:
    ticker = schedule(store, wall)
    await ticker.plan("digest", [planned()])
    wall.now = START + timedelta(hours=1) + late
    with capture_logs() as logs:
        ticks = await ticker.run_due()
    assert [tick.outcome for tick in ticks] == [outcome]
    assert len(await made(database)) == times
    assert ticks[0].next_run > wall.now - GRACE
    assert ticks[0].next_run.weekday() == 0
    told = next(entry for entry in logs if entry["event"] == "schedule.ticked")
    assert (told["outcome"], told["log_level"]) == (outcome, "warning" if outcome == MISSED else "info")
    assert (await store.all())[0].last_outcome == outcome


async def test_many_missed_times_are_passed_over_at_once(store: ScheduleStore, database: Database, wall: Wall) -> None:
    ticker = schedule(store, wall)
    await ticker.plan("digest", [planned(cron="0 * * * *")])
    wall.now = START + timedelta(days=365)
    ticks = await ticker.run_due()
    assert ticks[0].outcome == MISSED
    assert {tick.outcome for tick in ticks[1:]} == {FIRED}
    due = await made(database)
    assert due[0] == wall.now - GRACE
    assert len(due) == 25


@pytest.mark.parametrize(
    ("changed", "next_run"),
    [
        pytest.param(planned(), datetime(2026, 2, 16, 9, tzinfo=UTC), id="nothing"),
        pytest.param(planned(channel="C2"), datetime(2026, 2, 16, 9, tzinfo=UTC), id="only-the-channel"),
        pytest.param(planned(cron="30 7 * * 5"), datetime(2026, 2, 20, 7, 30, tzinfo=UTC), id="the-time"),
        pytest.param(planned(tz="Asia/Tokyo"), datetime(2026, 2, 23, 0, tzinfo=UTC), id="the-zone"),
    ],
)
async def test_a_changed_setting_plans_the_row_anew(
    changed: Planned, next_run: datetime, store: ScheduleStore, wall: Wall
) -> None:
    ticker = schedule(store, wall)
    await ticker.plan("digest", [planned(), planned("digest:old")])
    [row] = await ticker.plan("digest", [changed])
    assert (row.next_run, row.payload) == (next_run, dict(changed.payload))
    assert [row.key for row in await store.all()] == ["digest:platform"]


async def test_a_row_that_breaks_the_code_stays_due_and_keeps_no_other_back(
    store: ScheduleStore, database: Database, wall: Wall
) -> None:
    works = Works("one")
    broken = {"digest:a"}

    async def make(due: Due, due_at: datetime) -> str:
        outcome = await works.make(due, due_at)
        if due.row.key in broken:
            raise KeyError(due.row.key)
        return outcome

    ticker = Schedule(store, {"digest": make}, grace=GRACE, clock=wall)
    await ticker.plan("digest", [planned("digest:a"), planned("digest:b")])
    wall.now += timedelta(hours=2)
    with capture_logs() as logs:
        assert [tick.key for tick in await ticker.run_due()] == ["digest:b"]
    assert [line["key"] for line in logs if line["event"] == "schedule.broke"] == ["digest:a"]
    assert len(await made(database)) == 1  # what it had written is undone
    broken.clear()
    assert [(tick.key, tick.due_at) for tick in await ticker.run_due()] == [("digest:a", START + timedelta(hours=1))]


async def test_a_restart_after_the_time_was_missed_does_not_forget_it(
    store: ScheduleStore, database: Database, wall: Wall
) -> None:
    await schedule(store, wall).plan("digest", [planned()])
    wall.now += timedelta(hours=5)
    again = schedule(store, wall)
    await again.plan("digest", [planned()])
    await again.run_due()
    assert await made(database) == [START + timedelta(hours=1)]


async def test_a_wrong_cron_changes_nothing(store: ScheduleStore, wall: Wall) -> None:
    ticker = schedule(store, wall)
    await ticker.plan("digest", [planned()])
    with pytest.raises(SettingsError, match="has 1 fields"):
        await ticker.plan("digest", [planned("digest:new"), planned(cron="weekly")])
    assert [(row.key, row.cron) for row in await store.all()] == [("digest:platform", "0 9 * * 1")]

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.digest import Digests, DigestSources
from bot.digest_posts import KIND, DigestPosts, PostTimes
from bot.digest_teams import DigestTeam
from bot.digest_ticker import schedule_probe
from bot.schedule import Schedule
from bot.settings import Settings
from bot.slack.errors import SlackCallError
from bot.slack.outbox import Outbox
from core.digest.material import TicketQuery
from core.errors import ToolUnavailableError
from retrieval.reference_files import CompanyReferenceFiles
from storage.database import Database
from storage.schedule import ScheduleStore
from storage.slack_outbox import SlackOutbox
from storage.week_records import WeekRecords
from tests.acceptance.conftest import COMPANIES

SUNDAY = datetime(2026, 2, 15, 12, tzinfo=UTC)
NINE = datetime(2026, 2, 16, 9, tzinfo=UTC)  # Lisbon keeps UTC in winter
PLATFORM = DigestTeam(team="platform", channel="C1")
PAYMENTS = DigestTeam(team="payments", channel="payments", cron="0 10 * * 1", tz="Europe/Berlin")
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
TIMES = PostTimes(lease_s=30.0, most_s=2.0, rest_s=60.0, patience=2)


class World:
    """What a test moves and breaks."""

    def __init__(self) -> None:
        self.now = SUNDAY
        self.jira_answers = True
        self.channels: dict[str, str] = {"C1": "C1", "payments": "C2"}
        self.slack_answers = True
        self.broken: str | None = None
        self.hangs: str | None = None

    def clock(self) -> datetime:
        return self.now

    async def find_channel(self, team: DigestTeam) -> str | None:
        if team.team == self.hangs:
            await asyncio.Event().wait()
        if team.team == self.broken:
            raise KeyError(team.team)
        if not self.slack_answers:
            raise SlackCallError("users.conversations", "internal_error", "try again")
        return self.channels.get(team.channel)

    async def open_incidents(self) -> tuple[TicketQuery, bool]:
        if not self.jira_answers:
            raise ToolUnavailableError("Jira does not answer")
        return TicketQuery(query="open", tickets=()), False

    async def opened_incidents(self, start: datetime, end: datetime) -> tuple[TicketQuery, bool]:
        return await self.open_incidents()

    async def due_until(self, day: date) -> tuple[TicketQuery, bool]:
        return await self.open_incidents()


class Replica:
    """One process, as far as digests are concerned."""

    def __init__(self, database: Database, world: World, *teams: DigestTeam) -> None:
        references = CompanyReferenceFiles(COMPANIES["larkfield"])
        sources = DigestSources(records=WeekRecords(database), references=references, tickets=world)
        digests = Digests(teams or (PLATFORM,), sources, world.clock)
        outbox = Outbox(SlackOutbox(database))
        self.posts = DigestPosts(database, digests, outbox, world.find_channel, world.clock, TIMES)
        self._schedule = Schedule(
            ScheduleStore(database), {KIND: self.posts.make}, grace=timedelta(hours=24), clock=world.clock
        )

    async def start(self) -> None:
        await self._schedule.plan(KIND, await self.posts.planned())

    async def tick(self) -> None:
        await self._schedule.run_due()
        await self.posts.post_due()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def replica(database: Database, world: World) -> Replica:
    one = Replica(database, world)
    await one.start()
    return one


@pytest.fixture
async def three(database_url: str, world: World) -> AsyncGenerator[list[Replica]]:
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(Database(database_url, connections=3)) for _ in range(3)]
        replicas = [Replica(one, world, PLATFORM, PAYMENTS) for one in databases]
        await asyncio.gather(*(one.start() for one in replicas))
        yield replicas


async def posted(database: Database) -> list[tuple[str, str, str]]:
    rows = await database.fetch_all("select key, channel, wanted ->> 'text' as text from slack_outbox order by key", {})
    return [(row["key"], row["channel"], row["text"]) for row in rows]


async def rows(database: Database) -> list[tuple[str, str, str, str | None]]:
    found = await database.fetch_all("select team, week, state, reason from digests order by team, week", {})
    return [(row["team"], row["week"], row["state"], row["reason"]) for row in found]


async def test_three_replicas_post_the_digest_of_each_team_once(
    three: list[Replica], world: World, database: Database
) -> None:
    for minutes in (-1, 0, 1, 30, 61):
        world.now = NINE + timedelta(minutes=minutes)
        await asyncio.gather(*(one.tick() for one in three for _ in range(2)))
    assert [(key, channel) for key, channel, _ in await posted(database)] == [
        ("digest:payments:2026-W07", "C2"),
        ("digest:platform:2026-W07", "C1"),
    ]
    assert [row[2] for row in await rows(database)] == ["handed_over"] * 2


async def test_one_that_was_missed_while_all_were_down_still_goes_out(
    replica: Replica, world: World, database: Database
) -> None:
    world.now = NINE + timedelta(hours=20)
    await replica.start()
    await replica.tick()
    [(key, _, text)] = await posted(database)
    assert key == "digest:platform:2026-W07"
    assert "9–15 Feb 2026" in text


async def test_a_schedule_that_fires_every_day_posts_once_a_week(world: World, database: Database) -> None:
    daily = Replica(database, world, PLATFORM.model_copy(update={"cron": "0 9 * * *"}))
    await daily.start()
    for day in range(9):
        world.now = NINE + timedelta(days=day)
        await daily.tick()
    assert [key for key, _, _ in await posted(database)] == ["digest:platform:2026-W07", "digest:platform:2026-W08"]


async def test_a_tracker_that_is_down_is_waited_for_and_then_told_as_failed(
    replica: Replica, world: World, database: Database
) -> None:
    world.now, world.jira_answers = NINE, False
    for _ in range(TIMES.patience):
        await rested(replica, database)
        assert await rows(database) == [("platform", "2026-W07", "due", "unowned, incidents could not be looked up")]
    await rested(replica, database)
    [(_, _, text)] = await posted(database)
    assert "could not be looked up: Jira does not answer" in text


async def rested(replica: Replica, database: Database) -> None:
    """The next try, as if its rest were over."""
    await database.execute("update digests set lease_until = null", {})
    await replica.tick()


@pytest.mark.parametrize("broken", ["channel", "slack"])
async def test_a_channel_that_cannot_be_found_is_named_and_tried_again(
    broken: str, replica: Replica, world: World, database: Database
) -> None:
    world.now = NINE
    if broken == "channel":
        world.channels.clear()
    else:
        world.slack_answers = False
    await replica.tick()
    [(_, _, state, reason)] = await rows(database)
    assert state == "due"
    assert reason is not None
    assert ("invite it" if broken == "channel" else "internal_error") in reason
    assert await posted(database) == []
    world.channels["C1"], world.slack_answers = "C1", True
    await rested(replica, database)
    assert len(await posted(database)) == 1


@pytest.mark.parametrize(
    ("trouble", "reason"), [("broken", "making it failed (KeyError)"), ("hangs", "it was not made within 2 s")]
)
async def test_one_that_fails_half_way_is_named_tried_again_and_keeps_no_other_back(
    trouble: str, reason: str, world: World, database: Database
) -> None:
    setattr(world, trouble, "payments")
    replica = Replica(database, world, PAYMENTS, PLATFORM)
    await replica.start()
    world.now = NINE
    await replica.tick()
    assert [key for key, _, _ in await posted(database)] == ["digest:platform:2026-W07"]
    part = await schedule_probe(Settings.model_validate({"ORCHESTRATOR_DIGEST_CHANNEL": "C1", **SLACK}), database)()
    assert (part.status, part.detail.startswith(f"payments 2026-W07: {reason}")) == ("failed", True)
    setattr(world, trouble, None)
    await rested(replica, database)
    assert [row[2] for row in await rows(database)] == ["handed_over"] * 2
    assert len(await posted(database)) == 2


async def test_replicas_whose_clocks_differ_post_it_once(database: Database) -> None:
    worlds = [World() for _ in range(3)]
    skews = [timedelta(minutes=-4), timedelta(0), timedelta(minutes=7)]
    replicas = [Replica(database, world) for world in worlds]
    for minutes in (-10, -7, -1, 0, 3, 4, 8, 60):
        for world, skew in zip(worlds, skews, strict=True):
            world.now = NINE + timedelta(minutes=minutes) + skew
        if minutes == -10:
            await asyncio.gather(*(one.start() for one in replicas))
        await asyncio.gather(*(one.tick() for one in replicas for _ in range(2)))
    assert [key for key, _, _ in await posted(database)] == ["digest:platform:2026-W07"]
    assert await rows(database) == [("platform", "2026-W07", "handed_over", None)]


async def test_health_names_one_that_was_missed_for_too_long(
    replica: Replica, world: World, database: Database
) -> None:
    world.now = NINE + timedelta(hours=25)
    await replica.tick()
    assert await posted(database) == []
    part = await schedule_probe(Settings.model_validate({"ORCHESTRATOR_DIGEST_CHANNEL": "C1", **SLACK}), database)()
    assert part.detail == (
        "next: platform at 2026-02-23T09:00:00Z (that of 2026-02-16T09:00:00Z was missed for longer than "
        "ORCHESTRATOR_DIGEST_GRACE_H)"
    )


async def test_a_replica_that_died_over_it_is_followed_by_another_and_its_late_end_changes_nothing(
    replica: Replica, world: World, database: Database
) -> None:
    world.now = NINE
    await replica.tick()
    assert (await rows(database))[0][2] == "handed_over"
    before = await posted(database)
    # As if it had died after the outbox had the message, and before the row said so.
    await database.execute("update digests set state = 'due'", {})
    await rested(replica, database)
    assert await posted(database) == before
    assert (await rows(database))[0][2] == "handed_over"


async def test_what_cannot_be_posted_for_days_is_given_up_by_name(
    replica: Replica, world: World, database: Database
) -> None:
    world.now = NINE
    world.channels.clear()
    await replica.tick()
    world.now += timedelta(days=3)
    await rested(replica, database)
    assert (await rows(database))[0][2:] == ("given_up", "it could not be posted for too long")


@pytest.mark.parametrize(
    ("variables", "at", "status", "told"),
    [
        ({}, SUNDAY, "closed", "neither ORCHESTRATOR_DIGEST_CHANNEL nor ORCHESTRATOR_DIGESTS is set"),
        ({"ORCHESTRATOR_DIGEST_CHANNEL": "C1"}, SUNDAY, "closed", "not scheduled: SLACK_BOT_TOKEN is not set"),
        ({"ORCHESTRATOR_DIGEST_CHANNEL": "C1", **SLACK}, SUNDAY, "ok", "next: platform at 2026-02-16T09:00:00Z"),
        (
            {"ORCHESTRATOR_DIGEST_CHANNEL": "C1", **SLACK},
            NINE,
            "failed",
            "platform 2026-W07: orch is in no channel #C1",
        ),
    ],
)
async def test_health_says_when_the_next_one_is_due_and_what_keeps_one_back(
    variables: dict[str, str],
    at: datetime,
    status: str,
    told: str,
    replica: Replica,
    world: World,
    database: Database,
) -> None:
    world.channels.clear()
    world.now = at
    await replica.tick()
    part = await schedule_probe(Settings.model_validate(variables), database)()
    assert part.status == status
    assert part.detail.startswith(told)


async def test_the_message_is_the_one_that_slack_takes(replica: Replica, world: World, database: Database) -> None:
    world.now = NINE
    await replica.tick()
    [row] = await database.fetch_all("select wanted, role, is_final from slack_outbox", {})
    assert (row["role"], row["is_final"]) == ("digest", True)
    assert set(row["wanted"]) == {"rich", "plain", "text"}
    assert row["wanted"]["rich"][0]["text"]["text"] == "On-call digest · platform · 9–15 Feb 2026"
    json.dumps(row["wanted"])

"""The scheduled digest, from the due row to the message in Slack."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import web

from bot.digest import Digests, DigestSources
from bot.digest_teams import DigestTeam
from bot.digest_ticker import keep_schedule
from bot.settings import Settings
from bot.slack.app import Slack, open_slack
from bot.slack.channel_search import find_channel_id
from bot.slack.digest_now import digest_now
from core.digest.material import DigestTicket, TicketQuery
from core.errors import ToolUnavailableError
from retrieval.reference_files import CompanyReferenceFiles
from storage.database import Database
from storage.week_records import WeekRecords
from tests.acceptance.conftest import COMPANIES
from tests.bot.slack import test_alerts as alerts
from tests.bot.slack.conftest import FAST, HASTY, QUICK, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal

NINE = datetime(2026, 2, 16, 9, tzinfo=UTC)


class Tracker:
    """Answers with as many open incidents as a test wants."""

    def __init__(self) -> None:
        self.open = 1

    async def open_incidents(self) -> tuple[TicketQuery, bool]:
        found = [
            DigestTicket(
                key=f"OPS-{number}",
                url=f"https://tracker.example/browse/OPS-{number}",
                summary="Checkout times out <!channel>",
                status="Open",
                is_open=True,
                is_incident=True,
                severity="P1",
                assignee="Ana Lima",
                created=NINE - timedelta(days=3),
                due=None,
            )
            for number in range(1, self.open + 1)
        ]
        return TicketQuery(query="open", tickets=tuple(found)), False

    async def opened_incidents(self, start: datetime, end: datetime) -> tuple[TicketQuery, bool]:
        raise ToolUnavailableError("Jira has not answered 5 times since 08:50Z, asked again at 09:01:00Z")

    async def due_until(self, day: date) -> tuple[TicketQuery, bool]:
        return TicketQuery(query="due", tickets=()), False


class Wall:
    def __init__(self) -> None:
        self.now = NINE - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


@pytest.fixture
def digests(database: Database, tracker: Tracker, wall: Wall) -> Digests:
    sources = DigestSources(
        records=WeekRecords(database), references=CompanyReferenceFiles(COMPANIES["larkfield"]), tickets=tracker
    )
    return Digests((DigestTeam(channel="ops-digest"),), sources, wall)


@pytest.fixture
async def slack_side_open(settings: Settings, database: Database, slack: FakeSlack) -> AsyncGenerator[Slack]:
    slack.others["users.conversations"] = list_channels
    async with open_slack(settings, database, rates=FAST, times=QUICK, sender_times=HASTY) as opened:
        assert opened is not None
        yield opened


async def list_channels(request: web.Request) -> web.Response:
    """Two pages; https://docs.slack.dev/reference/methods/users.conversations takes a form."""
    asked = await request.post()
    assert asked["types"] == "public_channel,private_channel"
    if not asked.get("cursor"):
        channels = [{"id": "C7", "name": "random"}]
        return web.json_response({"ok": True, "channels": channels, "response_metadata": {"next_cursor": "more"}})
    assert asked["cursor"] == "more"
    return web.json_response(
        {"ok": True, "channels": [{"id": "C1", "name": "ops-digest"}], "response_metadata": {"next_cursor": ""}}
    )


async def test_a_due_digest_is_posted_once_in_the_channel_and_its_rest_below_it(
    settings: Settings,
    database: Database,
    digests: Digests,
    tracker: Tracker,
    wall: Wall,
    slack: FakeSlack,
    slack_side_open: Slack,
) -> None:
    tracker.open = 60
    slack.refusals["chat.postMessage"].append(Refusal("internal_error", status=500, is_done=True))
    async with keep_schedule(settings, database, digests, slack_side_open, clock=wall, tick_s=0.02):
        await database.execute("update schedule set next_run = %(at)s", {"at": NINE})
        wall.now = NINE
        # A section that failed is waited for first: here that time is over.
        for attempt in range(1, 4):
            await until_attempt(database, attempt)
            await database.execute("update digests set lease_until = null", {})
        posted = await until(lambda: slack.role("digest"), timeout_s=10)
        rest = await until(lambda: slack.role("digest_2"), timeout_s=10)
    assert posted.channel == "C1"
    assert rest.thread_ts == posted.ts
    assert "On-call digest · 9–15 Feb 2026" in posted.words
    assert "could not be looked up: Jira has not answered 5 times since 08:50Z" in posted.words
    assert "in the thread" in posted.words
    assert len([one for one in slack.messages.values() if one.thread_ts is None]) == 1
    shown = posted.words + rest.words
    assert sum(f"OPS-{number}" in shown for number in range(1, 61)) >= 30


async def until_attempt(database: Database, attempt: int) -> None:
    """Returns when that many tries have ended, and the row rests; a try at work has a longer lease."""
    while True:
        row = await database.fetch_one(
            "select from digests where attempt >= %(attempt)s and lease_until between now() and now() + interval '61 s'",
            {"attempt": attempt},
        )
        if row is not None:
            return
        await asyncio.sleep(0.02)


async def test_a_channel_is_found_by_its_name_wherever_it_stands_in_the_list(slack_side_open: Slack) -> None:
    client = await slack_side_open.workspaces.client(None)
    assert await find_channel_id(client, "ops-digest") == "C1"
    assert await find_channel_id(client, "C9") == "C9"
    assert await find_channel_id(client, "nowhere") is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "9–15 Feb 2026"),
        ("2026-W06", "2–8 Feb 2026"),
        ("on-call 2026-02-04", "2–8 Feb 2026"),
        ("nobody", "I cannot make this digest: there is no digest of a team 'nobody': the teams are on-call"),
        ("2026-W20", "the week 2026-W20 has not begun"),
    ],
)
async def test_who_asks_gets_it_at_once(words: str, told: str, digests: Digests, wall: Wall) -> None:
    wall.now = NINE
    [message] = await digest_now(digests)(None, words)
    assert told in message.text


async def test_an_alert_of_a_channel_stands_in_the_log_that_the_digest_reads(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post("C1", alerts.TS)
    fired = alerts.post(alerts.FIRING)
    for _ in range(2):
        await slack_side.event(fired)
    await alerts.settled(database, 1)
    await slack_side.event(alerts.edit(fired, alerts.RESOLVED, at="1794000721.000200", event_id="Ev2"))
    await alerts.settled(database, 2)
    posted = datetime.fromtimestamp(1794000001.0001, UTC)
    records = WeekRecords(database)
    found = await records.episodes(posted - timedelta(days=1), posted + timedelta(days=1))
    [episode] = found.records
    assert (episode.vendor, episode.title, episode.fired_at) == ("alertmanager", "HighErrorRate", posted)
    assert episode.lasted == timedelta(minutes=12, microseconds=100)
    tasks = await records.investigations(posted - timedelta(days=1), posted + timedelta(days=1))
    assert [task.task_id for task in tasks.records] == [episode.task_id]

"""Rows of the inbox that a process left when it died, that Slack holds up, or that many processes share."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.settings import Settings
from bot.slack.intake_arrivals import read_event
from core.task import Origin, Request
from storage.database import Database
from storage.slack_inbox import PEOPLE, Arrival, SlackInbox
from storage.task_store import PostgresTaskStore
from tests.bot.slack.conftest import PROMPT, OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal
from tests.bot.slack.test_alerts import CHANNEL, FIRING, RESOLVED, THREAD_ROLES, TS, edit, post, settled, states, tasks


@pytest.fixture
async def dead(database_url: str) -> AsyncGenerator[SlackInbox]:
    """The inbox of a process that will not finish what it takes."""
    async with Database(database_url) as database:
        yield SlackInbox(database)


async def keep(inbox: SlackInbox, sent: dict[str, Any]) -> None:
    arrival = read_event(sent)
    assert isinstance(arrival, Arrival)
    assert await inbox.put(arrival)


async def test_what_a_process_kept_and_died_over_is_taken_over_when_its_lease_ends(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    slack.hold_post(CHANNEL, TS)
    await keep(dead, post(FIRING))
    assert len(await dead.take(lease_s=60.0)) == 1
    async with open_app() as (client, _):
        await asyncio.sleep(0.3)
        assert await states(database) == {"Ev1": ("received", None)}
        assert slack.calls == []
        await database.execute("update slack_inbox set lease_until = now() - interval '1 second'", {})
        await until(lambda: slack.role("verdict"))
        assert len(await tasks(client)) == 1
    assert await states(database) == {"Ev1": ("done", "new")}


async def test_a_task_that_was_stored_before_its_process_died_is_not_made_twice(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox, task_store: PostgresTaskStore
) -> None:
    slack.hold_post(CHANNEL, TS)
    await keep(dead, post(FIRING))
    origin = Origin(door="slack", team="T1", channel=CHANNEL, thread_ts=TS)
    stored, _ = await task_store.add(Request(text="Alert fired: x", origin=origin, key=f"slack:alert:{CHANNEL}:{TS}"))
    async with open_app() as (client, _):
        await until(lambda: slack.role("verdict"))
        (task,) = await tasks(client)
    assert task["task_id"] == str(stored.task_id)
    (row,) = await database.fetch_all("select task_id from alert_states", {})
    assert row["task_id"] == stored.task_id
    assert slack.calls.count("chat.postMessage") == len(THREAD_ROLES)


async def test_a_reply_that_slack_refused_is_posted_later(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    fired = post(FIRING)
    await slack_side.event(fired)
    await until(lambda: slack.role("verdict"))
    slack.refusals["chat.postMessage"] = [Refusal("fatal_error")] * 2
    await slack_side.event(edit(fired, RESOLVED, at="1794000721.000200", event_id="Ev2"))
    await until(lambda: slack.role("resolved"))
    assert (await settled(database, 2))["Ev2"] == ("done", "resolved")


async def test_a_decided_reply_is_posted_by_the_next_process(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    fired = post(FIRING)
    async with open_app() as (client, _):
        await SlackSide(client).event(fired)
        await until(lambda: slack.role("verdict"))
        slack.refusals["chat.postMessage"] = [Refusal("fatal_error")] * 3
        await SlackSide(client).event(edit(fired, RESOLVED, at="1794000721.000200", event_id="Ev2"))
        await until(lambda: len(slack.refusals["chat.postMessage"]) < 3)
    slack.refusals.clear()
    async with open_app():
        await until(lambda: slack.role("resolved"))
        await settled(database, 2)
    assert [message.role for message in slack.messages.values()].count("resolved") == 1


async def test_processes_share_the_inbox_and_answer_each_alert_once(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    count = 12
    stamps = [f"{1_794_000_000 + 1000 * number}.000100" for number in range(count)]
    for ts in stamps:
        slack.hold_post(CHANNEL, ts)
    async with open_app() as (one, _), open_app() as (other, _):
        sides = (SlackSide(one), SlackSide(other))
        for number, ts in enumerate(stamps):
            sent = post(f"[FIRING:1] Disk{number}Full host{number} (critical)", ts=ts, event_id=f"Ev{number}")
            await asyncio.gather(*(side.event(sent) for side in sides))
        await settled(database, count)
        await until(lambda: [m.role for m in slack.messages.values()].count("verdict") == count, timeout_s=40.0)
        assert len(await tasks(one)) == count
    for ts in stamps:
        assert [m.role for m in slack.messages.values() if m.thread_ts == ts] == THREAD_ROLES


async def test_a_row_that_breaks_the_code_is_given_up_and_holds_up_no_other(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    slack.hold_post(CHANNEL, TS)
    await keep(dead, post(FIRING))
    await database.execute(
        "insert into alert_states (channel, group_key, state, message_ts) values ('C1', 'broken', '{}', array[%(ts)s])",
        {"ts": TS},
    )
    with capture_logs() as logs:
        async with open_app() as (client, _):
            await keep(dead, post(FIRING, ts="1794000301.000100", event_id="Ev2"))
            slack.hold_post(CHANNEL, "1794000301.000100")
            assert await settled(database, 2) == {"Ev1": ("refused", "gave_up"), "Ev2": ("done", "new")}
            await until(lambda: slack.role("verdict"))
            assert len(await tasks(client)) == 1
    assert [line["event"] for line in logs].count("slack.broke") == PROMPT.most_breaks


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("C1", "new"),
        ("C2, #alerts", "new"),
        ("alerts", "new"),
        ("C2", "channel_not_watched"),
        ("other,C2", "channel_not_watched"),
    ],
)
async def test_only_chosen_channels_are_looked_at(
    open_app: OpenApp, settings: Settings, slack: FakeSlack, database: Database, wanted: str, reason: str
) -> None:
    slack.hold_post(CHANNEL, TS)
    slack.names = {CHANNEL: "alerts"}
    chosen = Settings.model_validate(
        {
            **{str(field.validation_alias): getattr(settings, name) for name, field in Settings.model_fields.items()},
            "ORCHESTRATOR_SLACK_ALERT_CHANNELS": wanted,
        }
    )
    async with open_app(settings=chosen) as (client, _):
        await SlackSide(client).event(post(FIRING))
        ((_, found),) = (await settled(database, 1)).values()
        assert found == reason
        if reason == "new":
            await until(lambda: slack.role("verdict"))
        await SlackSide(client).event(post(FIRING, ts="1794000301.000100", event_id="Ev2"))
        await settled(database, 2)
    names_needed = not wanted.isupper()
    assert slack.calls.count("conversations.info") == int(names_needed)


async def test_a_channel_whose_name_slack_keeps_back_is_not_watched(
    open_app: OpenApp, settings: Settings, slack: FakeSlack, database: Database
) -> None:
    chosen = settings.model_copy(update={"slack_alert_channels": frozenset({"alerts"})})
    async with open_app(settings=chosen) as (client, _):
        await SlackSide(client).event(post(FIRING))
        assert await settled(database, 1) == {"Ev1": ("refused", "channel_not_watched")}
    assert slack.calls == ["conversations.info"]


async def test_slack_being_away_holds_up_the_choice_of_channels_and_loses_nothing(
    open_app: OpenApp, settings: Settings, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    slack.names = {CHANNEL: "alerts"}
    slack.refusals["conversations.info"] = [Refusal("internal_error", status=500)] * 2
    chosen = settings.model_copy(update={"slack_alert_channels": frozenset({"alerts"})})
    async with open_app(settings=chosen) as (client, _):
        await SlackSide(client).event(post(FIRING))
        await until(lambda: slack.role("verdict"))
    assert await states(database) == {"Ev1": ("done", "new")}


async def test_a_database_that_fails_is_waited_for_however_often_it_does(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    slack.hold_post(CHANNEL, TS)
    await keep(dead, post(FIRING))
    await database.execute("alter table alert_states rename to away", {})
    try:
        async with open_app():
            await attempts(database, PROMPT.most_attempts + 1)
            assert await states(database) == {"Ev1": ("received", None)}
            await database.execute("alter table away rename to alert_states", {})
            await until(lambda: slack.role("verdict"))
            assert await settled(database, 1) == {"Ev1": ("done", "new")}
    finally:
        await database.execute("alter table if exists away rename to alert_states", {})


async def test_a_process_that_stops_in_order_leaves_its_row_to_the_next_at_once(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    slack.hold_post(CHANNEL, TS)
    await keep(dead, post(FIRING))
    async with database.transaction() as connection:
        await connection.execute("lock table alert_states in access exclusive mode")
        async with open_app():
            await attempts(database, 1)
    (item,) = await dead.take(lease_s=0.0)
    assert (item.attempt, item.failures) == (2, 0)


async def test_a_row_that_ends_every_process_is_given_up_and_those_beside_it_are_not(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    other = "1794000301.000100"
    for ts in (TS, other):
        slack.hold_post(CHANNEL, ts)
    await keep(dead, post(FIRING))
    await keep(dead, post(FIRING, ts=other, event_id="Ev2"))
    for _ in range(12):
        items = await dead.take(lease_s=0.0, limit=16)
        if items[0].deaths < PROMPT.most_deaths:
            await dead.note_begun(items[0])  # and then the process ends, with all that it has claimed
    async with open_app():
        assert await settled(database, 2) == {"Ev1": ("refused", "gave_up"), "Ev2": ("done", "new")}
        given_up = await until(lambda: slack.role("given_up"))
        assert given_up.thread_ts == TS
        await until(lambda: slack.role("verdict"))


async def test_a_row_that_is_not_done_within_its_lease_ends_all_the_same(
    open_app: OpenApp, settings: Settings, slack: FakeSlack, database: Database
) -> None:
    asked = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.sleep(PROMPT.lease_s * 1.5)
        return web.json_response({"ok": False, "error": "too_late"})

    slack.others["conversations.info"] = hang
    chosen = settings.model_copy(update={"slack_alert_channels": frozenset({"alerts"})})
    async with open_app(settings=chosen) as (client, _):
        await SlackSide(client).event(post(FIRING))
        await asked.wait()
        assert await settled(database, 1) == {"Ev1": ("refused", "gave_up")}


async def test_whoever_typed_what_is_given_up_is_told(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.refusals["users.info"] = [Refusal("fatal_error")] * 100
    assert (await slack_side.command("analyze why is checkout slow?")).status_code == 200
    assert list((await settled(database, 1)).values()) == [("refused", "gave_up")]
    (told,) = await until(lambda: slack.private)
    assert (told["user"], told["channel"]) == ("U1", "C1")
    assert "I could not deal with this" in told["text"]


async def test_a_row_ends_though_its_author_cannot_be_made_out(
    open_app: OpenApp, slack: FakeSlack, database: Database, dead: SlackInbox
) -> None:
    row = Arrival(
        key="view_submission:1", kind="view_submission", team="T1", channel="C1", lane="C1:U1", urgency=PEOPLE,
        payload={"view": 5},
    )  # fmt: skip
    await dead.put(row)
    with capture_logs() as logs:
        async with open_app():
            assert await settled(database, 1) == {"view_submission:1": ("refused", "gave_up")}
    assert "slack.author_not_told" in {line["event"] for line in logs}


async def attempts(database: Database, number: int) -> None:
    """Returns when the row was claimed so many times."""
    async with asyncio.timeout(5.0):
        while True:
            (row,) = await database.fetch_all("select attempt from slack_inbox", {})
            if row["attempt"] >= number:
                return
            await asyncio.sleep(0.01)

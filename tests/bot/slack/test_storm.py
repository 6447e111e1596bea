"""Alerts of one cause share one thread, which counts and lists them."""

import asyncio
from typing import Any

import pytest

from core.alert_grouping import MAX_INVESTIGATIONS
from storage.database import Database
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Sent
from tests.bot.slack.test_alerts import CHANNEL, post, settled, tasks

START = 1_794_000_001


def alert(number: int, name: str, *values: str, at_s: float = 0, over: bool = False) -> dict[str, Any]:
    tag = "RESOLVED" if over else "FIRING:1"
    words = " ".join(values)
    return post(
        f"[{tag}] {name} {words}",
        ts=f"{START + at_s:.6f}",
        event_id=f"Ev{number}",
        color="good" if over else "danger",
    )


async def send(side: SlackSide, slack: FakeSlack, *envelopes: dict[str, Any]) -> None:
    for envelope in envelopes:
        slack.hold_post(CHANNEL, envelope["event"]["ts"])
    assert {answer.status_code for answer in await asyncio.gather(*map(side.event, envelopes))} == {200}


def listed(slack: FakeSlack) -> Sent | None:
    return slack.role("alerts")


async def test_a_second_alert_of_the_same_host_is_counted_in_the_first_ones_thread(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    await send(slack_side, slack, alert(1, "NodeNotReady", "10.2.31.7:9100", "critical"))
    await send(slack_side, slack, alert(2, "TargetDown", "10.2.31.7:10250", "warning", at_s=300))
    assert await settled(database, 2) == {"Ev1": ("done", "new"), "Ev2": ("done", "new")}
    told = await until(lambda: listed(slack))
    assert told.thread_ts == f"{START}.000000"
    assert "2 alerts of 2 rules in this thread: all firing" in told.words
    assert "TargetDown  (warning) × 1: 10.2.31.7:10250" in told.words
    assert len(await tasks(slack_side.client)) == 1


async def test_alerts_that_have_nothing_in_common_get_threads_of_their_own(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    await send(slack_side, slack, alert(1, "NodeNotReady", "10.2.31.7:9100", "critical"))
    await send(slack_side, slack, alert(2, "CertificateExpired", "shop-tls", "critical", at_s=300))
    await settled(database, 2)
    await until(lambda: {m.thread_ts for m in slack.messages.values()} >= {f"{START}.000000", f"{START + 300}.000000"})
    assert listed(slack) is None
    assert len(await tasks(slack_side.client)) == 2


async def test_a_storm_is_one_thread_that_counts_every_alert_and_few_investigations(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    storm = [
        alert(number, f"Rule{'ABCDEFGHIJ'[number % 10]}", "infra/prom", f"thing-{number}", at_s=number / 10)
        for number in range(60)
    ]
    await send(slack_side, slack, *storm)
    await settled(database, 60)
    told = await until(lambda: (found := listed(slack)) and "60 alerts of 10 rules" in found.words and found)
    threads = await database.fetch_all("select distinct thread_ts from alert_states", {})
    assert [row["thread_ts"] for row in threads] == [told.thread_ts]
    assert len(await tasks(slack_side.client)) <= MAX_INVESTIGATIONS
    assert [message.role for message in slack.messages.values()].count("alerts") == 1


async def test_the_end_of_one_of_many_rewrites_the_list_and_only_the_last_end_is_told(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    hosts = ("10.2.31.7:1", "10.2.31.7:2")
    for number, host in enumerate(hosts):
        await send(slack_side, slack, alert(number, "TargetDown", host, "warning", at_s=number))
    await settled(database, 2)
    await send(slack_side, slack, alert(2, "TargetDown", hosts[0], "warning", at_s=100, over=True))
    await settled(database, 3)
    told = await until(lambda: (found := listed(slack)) and "1 firing, 1 resolved" in found.words and found)
    assert slack.role("resolved") is None
    await send(slack_side, slack, alert(3, "TargetDown", hosts[1], "warning", at_s=200, over=True))
    await until(lambda: "all resolved" in told.words)
    ended = await until(lambda: slack.role("resolved"))
    assert ended.words == "All 2 alerts of this thread are resolved, the last at 21:23:21Z."
    assert ended.thread_ts == told.thread_ts


@pytest.mark.parametrize("count", [2, 5])
async def test_deciding_again_about_the_same_alert_counts_it_once(
    slack_side: SlackSide, slack: FakeSlack, database: Database, count: int
) -> None:
    first = alert(1, "TargetDown", "10.2.31.7:1", "warning")
    second = alert(2, "TargetDown", "10.2.31.7:2", "warning", at_s=1)
    await send(slack_side, slack, first, *[second] * count)
    await settled(database, 2)
    told = await until(lambda: listed(slack))
    assert "2 alerts of 1 rule in this thread" in told.words

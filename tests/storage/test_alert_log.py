from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.alert import Alert, AlertStatus, fingerprint, group_key
from core.alert_lifecycle import AlertState, Delivery, DeliveryKind, decide
from storage.alert_log import log_alert
from storage.alert_states import AlertStateStore
from storage.database import Database

FIRED = AlertStatus.FIRING
ENDED = AlertStatus.RESOLVED
START = datetime(2026, 2, 14, 10, tzinfo=UTC)
KEY = group_key("alertmanager", ("HighLatency", "shop"))


class Channel:
    """Posts of one alert, decided about and logged as the desk does it."""

    def __init__(self, database: Database) -> None:
        self._states = AlertStateStore(database)
        self._known: list[AlertState] = []
        self._events = 0

    async def post(
        self, status: AlertStatus, minute: float, *, severity: str | None = "P2", title: str = "HighLatency"
    ) -> str:
        at = Decimal(str((START + timedelta(minutes=minute)).timestamp()))
        self._events += 1
        alert = Alert(
            vendor="alertmanager", status=status, title=title, service="shop", severity=severity, group_key=KEY,
            fingerprint=fingerprint(KEY, status, f"{severity} {minute}"),
        )  # fmt: skip
        delivery = Delivery(
            event_id=f"Ev{self._events}", channel="C1", message_ts=str(at), at=at, kind=DeliveryKind.POST, alert=alert
        )
        decision = decide(self._known, delivery)
        assert decision.state is not None
        self._known = [decision.state]
        async with self._states.hold("C1") as transaction:
            await log_alert(transaction, decision.action, decision.state, delivery, alert, task_id=None)
        return decision.action.value


@pytest.fixture
def channel(database: Database) -> Channel:
    return Channel(database)


async def episodes(database: Database) -> list[dict[str, Any]]:
    return await database.fetch_all(
        "select episode, severity, repeats, fired_at, resolved_at from alert_log order by episode", {}
    )


async def test_an_episode_lasts_from_the_first_post_to_the_end_and_counts_its_repeats(
    channel: Channel, database: Database
) -> None:
    for status, minute, severity in (
        (FIRED, 0, "P3"),
        (FIRED, 2, "P1"),
        (FIRED, 3, None),
        (ENDED, 7, None),
        (ENDED, 9, None),
    ):
        await channel.post(status, minute, severity=severity)
    assert await episodes(database) == [
        {"episode": 1, "severity": "P1", "repeats": 2, "fired_at": START, "resolved_at": START + timedelta(minutes=7)}
    ]


async def test_what_comes_back_is_an_episode_of_its_own(channel: Channel, database: Database) -> None:
    acted = [
        await channel.post(status, minute)
        for status, minute in ((FIRED, 0), (ENDED, 5), (FIRED, 8), (ENDED, 20), (FIRED, 300))
    ]
    assert acted == ["open", "resolve", "reopen", "resolve", "open"]
    found = await episodes(database)
    assert [(row["episode"], row["resolved_at"] is None) for row in found] == [(1, False), (2, False), (3, True)]


async def test_an_end_without_a_beginning_is_no_episode(channel: Channel, database: Database) -> None:
    await channel.post(ENDED, 0)
    assert await episodes(database) == []


async def test_hostile_words_are_kept_as_far_as_the_database_holds_them(channel: Channel, database: Database) -> None:
    await channel.post(FIRED, 0, title="a\x00b <!channel>")
    [row] = await database.fetch_all("select title from alert_log", {})
    assert row["title"] == "a\ufffdb <!channel>"

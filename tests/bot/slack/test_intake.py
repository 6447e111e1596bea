"""What arrives, as rows: keys, lanes, reasons for keeping nothing; written together, told apart."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.intake import Intake
from bot.slack.intake_arrivals import is_timestamp, read_command, read_event, read_interaction
from core.errors import StorageError
from storage.database import Database
from storage.slack_inbox import MESSAGES, PEOPLE, Arrival, SlackInbox
from tests.bot.slack.people import TS, direct, mention, message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = [
    "type",
    "event",
    "event_id",
    "channel",
    "ts",
    "event_ts",
    "message",
    "user",
    "view",
    "actions",
    "container",
    "trigger_id",
]
PAYLOADS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8)


def arrival(key: str, payload: dict[str, Any] | None = None) -> Arrival:
    return Arrival(key=key, kind="message", team="T1", channel="C1", lane="C1", urgency=MESSAGES, payload=payload or {})


@pytest.mark.parametrize(
    ("envelope", "kind", "lane", "urgency"),
    [
        (mention("x"), "mention", f"C1:{TS}", PEOPLE),
        (mention("x", thread_ts="1.0"), "mention", "C1:1.0", PEOPLE),
        (message("x"), "message", "C1", MESSAGES),
        (direct("x"), "dm", f"D1:{TS}", PEOPLE),
    ],
)
def test_people_have_lanes_of_their_own(envelope: dict[str, Any], kind: str, lane: str, urgency: int) -> None:
    read = read_event(envelope)
    assert isinstance(read, Arrival)
    assert (read.kind, read.lane, read.urgency, read.key) == (kind, lane, urgency, envelope["event_id"])


def test_a_command_or_press_is_known_by_its_trigger_else_by_what_is_unique_in_it() -> None:
    command = {"trigger_id": "1.2", "channel_id": "C1", "user_id": "U1", "response_url": "https://x/1", "text": "a\0b"}
    assert read_command(command).key == "command:1.2"
    assert read_command({**command, "trigger_id": ""}).key == "command:https://x/1"
    assert read_command(command).payload["text"] == "a b"
    press = {"user": {"id": "U1"}, "actions": [{"action_id": "orch_rerun", "action_ts": "9.9"}]}
    assert read_interaction(press, "action").key == read_interaction(press, "action").key == "action:9.9:U1:orch_rerun"
    assert read_interaction({**press, "trigger_id": "t" * 999}, "action").key != read_interaction(press, "action").key


@given(PAYLOADS)
def test_strange_payloads_are_read_or_refused_and_never_break(payload: dict[str, Any]) -> None:
    read_event(payload)
    read_event({"event": payload, "event_id": "Ev1"})
    assert read_command(payload).key
    assert read_interaction(payload, "action").key


@given(st.text(max_size=20))
def test_a_timestamp_names_a_moment(text: str) -> None:
    if is_timestamp(text):
        assert float(text) > 0


async def test_what_arrives_together_is_written_together_and_each_is_told_whether_it_is_new(database: Database) -> None:
    ignored: Counter[str] = Counter()
    woken: list[None] = []
    intake = Intake(SlackInbox(database), ignored, lambda: woken.append(None))
    keys = [f"Ev{number % 40}" for number in range(60)]
    new = await asyncio.gather(*(intake.take(arrival(key)) for key in keys))
    assert sum(new) == len(woken) == 40
    assert ignored == {"delivered_again": 20}
    assert await intake.take("own_message") is False
    assert ignored["own_message"] == 1


async def test_one_that_cannot_be_stored_does_not_take_the_others_along(database: Database) -> None:
    ignored: Counter[str] = Counter()
    intake = Intake(SlackInbox(database), ignored, lambda: None)
    strange = replace(arrival("Ev0"), channel="C\0")
    new = await asyncio.gather(intake.take(arrival("Ev1")), intake.take(strange), intake.take(arrival("Ev2")))
    assert new == [True, False, True]
    assert ignored == {"not_storable": 1}


async def test_without_a_database_everybody_who_waits_is_told(database: Database) -> None:
    intake = Intake(SlackInbox(database), Counter(), lambda: None)
    await database.close()
    found = await asyncio.gather(*(intake.take(arrival(f"Ev{n}")) for n in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [StorageError] * 3

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.cancellation import Cancellation
from core.errors import InvalidInputError
from core.service import TaskService
from core.task import MAX_TASK_CHARS, Context, Request, Task, check_context, check_text
from core.window import MAX_WINDOW, Window
from storage.task_store import PostgresTaskStore

START = datetime(2026, 3, 3, 9, tzinfo=UTC)


class NoRunner:
    async def begin(self, task_id: UUID) -> Task:
        raise AssertionError(f"{task_id} is not to run")

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        raise AssertionError(f"{task_id} does not run")

    async def cancel(self, task_id: UUID, stop: Cancellation) -> Task:
        raise AssertionError(f"{task_id} does not run")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the task is empty"),
        (" \n\t", "the task is empty"),
        ("x" * (MAX_TASK_CHARS + 1), "at most 20,000"),
        ("bell \x07 rings", "U+0007 at position 5"),
        ("nul \x00", "U+0000"),
        ("half a pair \ud800", "U+D800"),
    ],
)
def test_a_text_that_cannot_be_taken_says_why(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said.replace("+", r"\+")) as error:
        check_text(text)
    assert error.value.pointer == "/task"


def test_a_text_is_trimmed_and_keeps_its_lines() -> None:
    assert check_text("  one\n\ttwo ✓ \n") == "one\n\ttwo ✓"


def test_unknown_keys_of_the_context_are_kept() -> None:
    context = Context.model_validate_json(json.dumps({"service": "cart", "ring": {"colour": ["red", 1, None]}}))
    assert context.to_json() == {"service": "cart", "ring": {"colour": ["red", 1, None]}}


def nested(depth: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"x": float("nan")}, "which JSON cannot hold"),
        ({"x": ["\x00"]}, "/context/x/0 holds the control character"),
        ({"a\x01": 1}, "control character"),
        (nested(30), "nested deeper"),
        ({"x": "y" * 200_000}, "at most 100,000"),
    ],
)
def test_a_context_that_could_not_be_stored_is_refused(context: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        check_context(context)  # pyright: ignore[reportArgumentType] -- the wrong types are the test


@pytest.mark.parametrize("hidden", [float("nan"), [1.0, float("inf")], {"deep": (float("-inf"),)}])
async def test_no_door_can_hand_in_a_number_that_json_cannot_hold(
    task_store: PostgresTaskStore, hidden: object
) -> None:
    request = Request(text="look into it", context=Context.model_validate({"x": hidden}))
    with pytest.raises(InvalidInputError, match="which JSON cannot hold") as error:
        await TaskService(task_store, NoRunner()).submit(request)
    assert error.value.pointer.startswith("/context/x")
    assert await task_store.list_documents() == []


@pytest.mark.parametrize(
    ("end", "said"), [(START, "not after its start"), (START + timedelta(days=3653), "at most 31 days can be asked")]
)
def test_a_window_must_be_in_order_and_bounded(end: datetime, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Window(start=START, end=end)
    with pytest.raises(ValidationError, match=said):
        Context(start_time=START, end_time=end)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Context.model_validate_json('{"start_time": "2026-03-03T09:00:00"}')


@given(st.datetimes(timezones=st.timezones()), st.timedeltas(timedelta(seconds=1), MAX_WINDOW))
def test_a_window_is_kept_in_utc(start: datetime, length: timedelta) -> None:
    if not 1971 < start.year < 9990:
        return
    window = Window(start=start, end=start.astimezone(UTC) + length)
    assert window.start.utcoffset() == timedelta(0)
    assert window.start in window
    assert window.before(60).end == window.start

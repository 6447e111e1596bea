"""What is asked, by whom, and how far it has come."""

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from core.base import Json, JsonObject, Model
from core.errors import InvalidInputError
from core.plan import Plan
from core.result import Result
from core.verdict import Verdict
from core.window import Window

MAX_TASK_CHARS = 20_000
MAX_CONTEXT_CHARS = 100_000
MAX_CONTEXT_DEPTH = 20
_ALLOWED_CONTROLS = frozenset("\t\n\r")


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in {TaskStatus.SUCCEEDED, TaskStatus.FAILED}


class Context(BaseModel):
    """What the asker already knows. Unknown keys are kept, not refused.

    `alert_time` is when the alert was sent: time limits count from it, else from the window's start.
    """

    # NaN and Infinity stay what they are on the way out: as null they would pass `check_context` unseen.
    model_config = ConfigDict(strict=True, frozen=True, extra="allow", ser_json_inf_nan="constants")

    service: str | None = Field(default=None, max_length=200)
    project_key: str | None = Field(default=None, max_length=100)
    start_time: AwareDatetime | None = None
    end_time: AwareDatetime | None = None
    alert_time: AwareDatetime | None = None
    severity: str | None = Field(default=None, max_length=40)
    required_citations: tuple[str, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _window_is_sound(self) -> "Context":
        if self.start_time is not None and self.end_time is not None:
            Window(start=self.start_time, end=self.end_time)
        return self

    @property
    def window(self) -> Window | None:
        if self.start_time is None or self.end_time is None:
            return None
        return Window(start=self.start_time, end=self.end_time)

    def to_json(self) -> dict[str, Any]:
        """The keys that were given, unknown ones included."""
        return self.model_dump(mode="json", exclude_unset=True)


type Door = Literal["api", "web", "slack", "terminal", "schedule", "import"]

SELF_RUNNING_DOORS: tuple[Door, ...] = ("slack", "schedule")
"""Doors whose tasks run without being told to. A task of another door stays queued until somebody runs it."""


class Origin(Model):
    """Which door a task came through; the Slack fields say where to answer."""

    door: Door = "api"
    user: str | None = None
    team: str | None = None
    channel: str | None = None
    thread_ts: str | None = None


class Request(Model):
    """A task as it is handed in. `key` is unique in storage, so a retry of the same delivery is harmless."""

    text: str
    context: Context = Context()
    origin: Origin = Origin()
    key: str | None = Field(default=None, max_length=500)


class Task(Model):
    """A task as it is stored; `plan`, `result` and `verification` fill in as it runs."""

    task_id: UUID
    text: str
    status: TaskStatus
    context: Context
    origin: Origin
    plan: Plan | None = None
    result: Result | None = None
    verification: Verdict | None = None
    created_at: datetime
    updated_at: datetime


class Claim(Model):
    """A run's hold on its task.

    `attempt` is the fencing token: it grows with every take-up of the task, and what a run stores is refused once it is no
    longer the newest. `deaths` counts the earlier runs that ended with their process. `waited_s`: for how long the task has
    waited to be taken up.
    """

    task: Task
    attempt: int
    job_id: int
    deaths: int = 0
    waited_s: float = 0.0


class TaskDocument(Model):
    """A task's row as it stands in storage, its JSON not read into today's types: what the REST API shows.

    Rows of an older release, or imported ones, may hold other shapes in `plan_json`, `result_json` and
    `verification_json`; None where the run has not come that far.
    """

    task_id: UUID
    input_task: str
    status: TaskStatus
    context_json: dict[str, Any]
    plan_json: Any = None
    result_json: Any = None
    verification_json: Any = None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, task: Task) -> "TaskDocument":
        """What the row of such a task looks like."""
        plan, result, verification = task.plan, task.result, task.verification
        return cls.model_construct(  # what a task holds has been validated
            task_id=task.task_id,
            input_task=task.text,
            status=task.status,
            context_json=task.context.to_json(),
            plan_json=None if plan is None else plan.to_json(),
            result_json=None if result is None else result.to_json(),
            verification_json=None if verification is None else verification.to_json(),
            created_at=task.created_at,
            updated_at=task.updated_at,
        )


def check_text(text: str) -> str:
    """The text, trimmed; InvalidInputError where it is empty, too long or holds control characters."""
    trimmed = text.strip()
    if not trimmed:
        raise InvalidInputError("the task is empty: say what to look into", pointer="/task")
    if len(trimmed) > MAX_TASK_CHARS:
        raise InvalidInputError(
            f"the task has {len(trimmed):,} characters; at most {MAX_TASK_CHARS:,} are taken: shorten it",
            pointer="/task",
        )
    _check_characters(trimmed, "/task")
    return trimmed


def check_context(context: JsonObject) -> None:
    """InvalidInputError where a value could not be stored: control characters, NaN, too deep, too large."""
    total = 0
    for pointer, value in _leaves(context, "/context", 0):
        if isinstance(value, str):
            total += len(value)
            _check_characters(value, pointer)
        elif isinstance(value, float) and not isfinite(value):
            raise InvalidInputError(f"{pointer} is {value}, which JSON cannot hold: send a number", pointer=pointer)
    if total > MAX_CONTEXT_CHARS:
        raise InvalidInputError(
            f"the context holds {total:,} characters; at most {MAX_CONTEXT_CHARS:,} are taken: shorten it",
            pointer="/context",
        )


def _leaves(value: Json, pointer: str, depth: int) -> Iterator[tuple[str, Json]]:
    if depth > MAX_CONTEXT_DEPTH:
        raise InvalidInputError(f"the context is nested deeper than {MAX_CONTEXT_DEPTH} levels", pointer="/context")
    if isinstance(value, dict):
        for key, item in value.items():
            yield pointer, key
            yield from _leaves(item, f"{pointer}/{key}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}", depth + 1)
    else:
        yield pointer, value


def _check_characters(text: str, pointer: str) -> None:
    if text.isprintable():  # most are, and this asks for all characters at once
        return
    for position, character in enumerate(text):
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in _ALLOWED_CONTROLS:
            raise InvalidInputError(
                f"{pointer} holds the control character U+{ord(character):04X} at position {position}: remove it",
                pointer=pointer,
            )

"""Between rows and domain models, by hand: rows hold what any release, or another product, once wrote."""

import json
from collections.abc import Mapping
from datetime import UTC
from math import isfinite
from typing import Any, LiteralString
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from core.base import Json
from core.plan import Plan
from core.result import Result, StepResult
from core.task import Context, Origin, Task, TaskDocument, TaskStatus
from core.verdict import Verdict
from storage.rows import TaskRow

UNENDED_COLUMNS: LiteralString = (
    "task_id, input_task, status, context_json, origin_json, plan_json, created_at, updated_at, attempt, deaths"
)
"""Those of a task that is to run: without its result, which is many times as large as all of them."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def to_document(row: TaskRow) -> TaskDocument:
    """The row as it stands."""
    return TaskDocument(
        task_id=row.task_id,
        input_task=row.input_task,
        status=TaskStatus(row.status),
        context_json=row.context_json,
        plan_json=row.plan_json,
        result_json=row.result_json,
        verification_json=row.verification_json,
        created_at=row.created_at.astimezone(UTC),
        updated_at=row.updated_at.astimezone(UTC),
    )


def to_task(row: TaskRow) -> Task:
    """The row in today's types; what they cannot read is left out, and logged."""
    return Task(
        task_id=row.task_id,
        text=row.input_task,
        status=TaskStatus(row.status),
        context=_read_context(row),
        origin=_read(Origin, row.origin_json, row.task_id) or Origin(),
        plan=_read(Plan, row.plan_json, row.task_id),
        result=_read(Result, row.result_json, row.task_id),
        verification=_read(Verdict, row.verification_json, row.task_id),
        created_at=row.created_at.astimezone(UTC),
        updated_at=row.updated_at.astimezone(UTC),
    )


def to_step(value: Any, task_id: UUID) -> StepResult | None:
    """The result of a step; None, and a line in the log, where today's types cannot read it."""
    return _read(StepResult, value, task_id)


def to_jsonb(model: BaseModel) -> str:
    """The model as JSON text that PostgreSQL takes as jsonb.

    jsonb has no U+0000, no half of a surrogate pair (https://www.postgresql.org/docs/18/datatype-json.html) and no NaN.
    A tool may well bring such a thing in from somebody's log; the run must not be lost for it, so U+FFFD or null stands
    in its place.
    """
    try:
        text = model.model_dump_json()
    except PydanticSerializationError:  # half of a pair
        text = None
    if text is None or r"\u0000" in text:
        text = json.dumps(storable(model.model_dump(mode="json")), allow_nan=False)
    return text


def result_to_json(result: Result, written: Mapping[str, str]) -> str:
    """The result as `to_jsonb` has it, put together from its steps as far as they are written already, by their ids."""
    steps = ",".join(written.get(step.step_id) or to_jsonb(step) for step in result.steps)
    head = f'"version":{result.version},"steps":[{steps}]'
    return f'{{{head},"execution_metadata":{to_jsonb(result.execution_metadata)},"report":{to_jsonb(result.report)}}}'


def storable(value: Json) -> Json:
    """The value as jsonb can hold it."""
    match value:
        case str():
            return (
                value.replace("\0", "\N{REPLACEMENT CHARACTER}")
                .encode("utf-16", "surrogatepass")
                .decode("utf-16", "replace")
            )
        case float() if not isfinite(value):
            return None
        case list():
            return [storable(item) for item in value]
        case dict():
            return {str(storable(key)): storable(item) for key, item in value.items()}
        case _:
            return value


def _read[M: BaseModel](model: type[M], value: Any, task_id: UUID) -> M | None:
    if value is None:
        return None
    try:
        return model.model_validate_json(json.dumps(value))  # strict models read times and enums from JSON alone
    except ValidationError as error:
        _log.warning(
            "storage.task.unreadable", task_id=str(task_id), part=model.__name__.lower(), errors=error.error_count()
        )
        return None


def _read_context(row: TaskRow) -> Context:
    """The context without the known keys whose values are not what they are today; unknown keys are kept."""
    kept = dict(row.context_json)
    while True:
        try:
            return Context.model_validate_json(json.dumps(kept))
        except ValidationError as error:
            # Without a place it is the window as a whole that is wrong.
            wrong = {str(key) for item in error.errors() for key in (item["loc"][:1] or ("start_time", "end_time"))}
            _log.warning(
                "storage.task.unreadable", task_id=str(row.task_id), part="context", keys=sorted(wrong & set(kept))
            )
            if not wrong & set(kept):
                return Context()
            kept = {key: value for key, value in kept.items() if key not in wrong}

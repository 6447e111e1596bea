"""A row of an older installation, read as what PostgreSQL is to hold."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID, uuid5

from core.base import Json, JsonObject
from core.task import TaskStatus

# A namespace of our own (RFC 9562, section 6.6), so that an old id has the same UUID at every run.
_NAMESPACE = UUID("6f726368-0000-5000-8000-000000000001")
_UUID_BYTES = 16


class BadRowError(ValueError):
    """A row cannot be imported: `str(error)` is why; `row_id` names it where it has an id."""

    def __init__(self, row_id: str | None, reason: str) -> None:
        super().__init__(reason)
        self.row_id = row_id


@dataclass(frozen=True)
class OldRow:
    """Columns of `tasks`, JSON as text. `renamed` where `old_id` is no UUID."""

    task_id: UUID
    input_task: str
    status: str
    context_json: str
    plan_json: str | None
    result_json: str | None
    verification_json: str | None
    created_at: datetime
    updated_at: datetime
    old_id: str = field(default="")
    renamed: bool = False

    def values(self) -> dict[str, Any]:
        return asdict(self)


def read_row(columns: Mapping[str, object]) -> OldRow:
    """The row of these columns: JSON as text, times as ISO 8601 (UTC where no zone is given) or Unix seconds.

    An id may be a UUID in any of its forms; any other id gets a UUID that depends on the id, the time and the words of
    the task, and is kept in the context.

    Raises BadRowError.
    """
    given = columns.get("task_id")
    if given is None or given in {"", b""}:
        raise BadRowError(None, "it has no task_id")
    own_uuid = _read_uuid(given)
    old_id = str(own_uuid) if isinstance(given, bytes) and own_uuid else _text(given, "task_id", None)
    input_task = columns.get("input_task")
    if input_task is None:
        raise BadRowError(old_id, "it has no input_task")
    words = _text(input_task, "input_task", old_id)
    created_at = _read_time(columns.get("created_at"), "created_at", old_id)
    changed = columns.get("updated_at")
    context = _read_context(columns.get("context_json"), old_id)
    if own_uuid is None:
        context["imported_task_id"] = old_id
    parts = {
        name: None if value is None else json.dumps(value)
        for name in ("plan_json", "result_json", "verification_json")
        for value in (_read_json(columns.get(name), name, old_id),)
    }
    return OldRow(
        task_id=own_uuid or uuid5(_NAMESPACE, f"{old_id}\n{created_at.isoformat()}\n{words}"),
        input_task=words,
        status=_read_status(columns.get("status"), old_id),
        context_json=json.dumps(context),
        created_at=created_at,
        updated_at=created_at if changed is None else _read_time(changed, "updated_at", old_id),
        old_id=old_id,
        renamed=own_uuid is None,
        **parts,
    )


def _text(value: object, name: str, row_id: str | None) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise BadRowError(row_id, f"its {name} is not UTF-8 (byte {error.start})") from None


def _read_uuid(value: object) -> UUID | None:
    """A UUID in its usual form, as 32 hexadecimal digits, or as 16 bytes; None for anything else."""
    if isinstance(value, bytes):
        try:
            return UUID(value.decode("ascii"))
        except ValueError:
            return UUID(bytes=value) if len(value) == _UUID_BYTES and not value.isascii() else None
    return None


def _read_status(value: object, row_id: str) -> str:
    text = "" if value is None else _text(value, "status", row_id).strip().lower()
    if text not in set(TaskStatus):
        raise BadRowError(row_id, f"its status is {text!r}, none of {', '.join(TaskStatus)}")
    return text


def _read_time(value: object, name: str, row_id: str) -> datetime:
    """ISO 8601, or Unix seconds as a number or as text."""
    text = "" if value is None else _text(value, name, row_id).strip()
    try:
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except ValueError:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise BadRowError(row_id, f"its {name} is {text!r}, neither ISO 8601 nor Unix seconds") from None


def _read_context(value: object, row_id: str) -> JsonObject:
    context = _read_json(value, "context_json", row_id)
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise BadRowError(row_id, f"its context_json is {json.dumps(context)[:60]}, not an object")
    return context


def _read_json(value: object, name: str, row_id: str) -> Json:
    if value is None:
        return None

    def refuse(constant: str) -> NoReturn:
        raise BadRowError(row_id, f"its {name} holds {constant}, which is not JSON")

    text = _text(value, name, row_id)
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise BadRowError(row_id, f"its {name} is nested too deep") from None
    except BadRowError:
        raise
    except ValueError as error:
        raise BadRowError(row_id, f"its {name} is not JSON ({error})") from None

"""Tasks as the API shows them, and the cursor that pages through them."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from core.errors import InvalidInputError
from core.task import TaskDocument, TaskStatus

type Position = tuple[datetime, UUID]


_EMPTY_IS_UNSET = BeforeValidator(lambda value: None if value == "" else value)


class TaskFilters(BaseModel):
    """The query of `GET /tasks`; an empty value counts as unset."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[TaskStatus | None, _EMPTY_IS_UNSET] = None
    service: Annotated[Annotated[str, Field(max_length=200)] | None, _EMPTY_IS_UNSET] = None
    q: Annotated[
        Annotated[str, Field(max_length=500)] | None, _EMPTY_IS_UNSET, Field(description="Words of the task's text.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[
        Annotated[str, Field(max_length=200)] | None,
        _EMPTY_IS_UNSET,
        Field(description="`next_cursor` of the last page."),
    ] = None


class TaskSummary(BaseModel):
    """A task in a list: without plan and result, which `GET /tasks/{task_id}` has. `passed` is None until it ended."""

    task_id: UUID
    input_task: str
    status: TaskStatus
    context_json: dict[str, Any]
    passed: bool | None
    verdict: str | None
    reasons: list[str]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class TaskPage(BaseModel):
    """Tasks newest first; `next_cursor` is None on the last page."""

    tasks: list[TaskSummary]
    next_cursor: str | None


def summarise(document: TaskDocument) -> TaskSummary:
    """The summary. Rows of older releases may hold a verification of another shape: what cannot be read is None."""
    stored: object = document.verification_json
    verification = cast("dict[str, object]", stored) if isinstance(stored, dict) else {}
    passed, verdict, reasons = (verification.get(name) for name in ("passed", "verdict", "reasons"))
    return TaskSummary(
        task_id=document.task_id,
        input_task=document.input_task,
        status=document.status,
        context_json=document.context_json,
        passed=passed if isinstance(passed, bool) else None,
        verdict=verdict if isinstance(verdict, str) else None,
        reasons=[str(reason) for reason in cast("list[object]", reasons)] if isinstance(reasons, list) else [],
        created_at=document.created_at,
        updated_at=document.updated_at,
    )


def write_cursor(document: TaskDocument) -> str:
    """Where a page ended: opaque to callers."""
    position = f"{document.created_at.isoformat()}|{document.task_id}"
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Position:
    """The position after which the next page begins; InvalidInputError for anything that `write_cursor` did not make."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, task_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split("|")
        position = datetime.fromisoformat(moment), UUID(task_id)
    except (ValueError, binascii.Error):
        position = None
    if position is None or position[0].tzinfo is None:
        raise InvalidInputError(
            "the cursor is not one of ours: use `next_cursor` of an answer as it is, or none to begin anew",
            pointer="?cursor",
        )
    return position

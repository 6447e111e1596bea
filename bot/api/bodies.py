"""What callers send, parsed strictly from JSON as it came over the wire."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.api.problems import Fault, ProblemError
from core.task import MAX_TASK_CHARS, Context
from storage.feedback import NOTE_CHARS

MAX_BODY_BYTES = 1024 * 1024
_MAX_FAULTS = 20
ANONYMOUS = "api"
"""Who speaks where a caller of the API names nobody."""
_USER_CHARS = 200

P1_EXAMPLE: dict[str, Any] = {
    "task": "P1 alert: Checkout API latency and errors increased. Analyze metrics/logs and propose escalation with "
    "citations.",
    "context": {
        "service": "saas-api",
        "project_key": "OPS",
        "start_time": "2026-02-14T10:00:00Z",
        "end_time": "2026-02-14T10:30:00Z",
        "severity": "P1",
        "required_citations": ["policy_v2", "oncall_rota", "slack_config"],
    },
}


class TaskBody(BaseModel):
    """The body of `POST /tasks`."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra={"examples": [P1_EXAMPLE]})

    task: Annotated[
        str, Field(description=f"What to look into, in plain words; at most {MAX_TASK_CHARS:,} characters.")
    ]
    context: Annotated[Context, Field(description="What is known already. Unknown keys are kept.")] = Context()


class RunBody(BaseModel):
    """The body of `POST /tasks/{task_id}/run`: `{}`, or nothing."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class CancelBody(BaseModel):
    """The body of `POST /tasks/{task_id}/cancel`: `{}`, nothing, or who cancels."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    user: Annotated[
        str, Field(min_length=1, max_length=_USER_CHARS, description="Who stops it: it stands in the task's reason.")
    ] = ANONYMOUS


class FeedbackBody(BaseModel):
    """The body of `POST /tasks/{task_id}/feedback`."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"value": "rejected", "note": "It was the certificate, not the release."}]},
    )

    value: Literal["helpful", "rejected"]
    note: Annotated[str | None, Field(max_length=NOTE_CHARS, description="Why, in a sentence.")] = None
    user: Annotated[
        str, Field(min_length=1, max_length=_USER_CHARS, description="Who says so; one word a user, the last counts.")
    ] = ANONYMOUS


async def read_json(request: Request) -> bytes:
    """The body. ProblemError 415 unless it is said to be JSON; an empty one needs no content type."""
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    if body and not is_json:
        given = f"is {media_type!r}" if media_type else "is missing"
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"the Content-Type {given}: send JSON with `Content-Type: application/json`",
            headers={"Accept-Post": "application/json"},
        )
    return body


def parse_body[Body: BaseModel](model: type[Body], raw: bytes) -> Body:
    """The body as the model; ProblemError 422 that names every wrong value, or the line and column of broken JSON."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        faults = [Fault(pointer=_pointer(item["loc"]), detail=_say(item)) for item in found[:_MAX_FAULTS]]
        detail = "; ".join(f"{fault.pointer or 'the body'}: {fault.detail}" for fault in faults)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", detail, faults=faults) from None


def _pointer(loc: tuple[int | str, ...]) -> str:
    """RFC 6901: `~` and `/` inside a name are escaped."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)


def _say(item: Any) -> str:
    match item["type"]:
        case "missing":
            return "this field is required"
        case "extra_forbidden":
            return "there is no such field: remove it, or put it into `context`"
        case _:
            return str(item["msg"]).removeprefix("Value error, ")

"""Arguments of a tool call: read strictly, and refused in words a person reads."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from core.base import JsonObject, Model
from core.errors import ToolRefusedError

MAX_TEXT_CHARS = 200_000
MAX_QUERY_CHARS = 2_000
MAX_NAME_CHARS = 200
_MAX_SHOWN_CHARS = 60
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?")
_SEND_ISO = "send ISO 8601 with a zone, such as 2026-02-14T10:00:00Z"


def _read_iso(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        if _ISO_TIME.fullmatch(value):
            return datetime.fromisoformat(value.upper())
    except ValueError:
        pass  # the shape of a time, and yet none: the 30th of February
    raise ValueError(f"is not a time: {_SEND_ISO}")


IsoTime = Annotated[AwareDatetime, BeforeValidator(_read_iso, json_schema_input_type=datetime)]
"""A moment with a zone, ISO 8601 alone: pydantic by itself would read "1771063200" as seconds since 1970."""

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Query = Annotated[str, Field(min_length=1, max_length=MAX_QUERY_CHARS)]
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS, description="The text to read.")]


def read_arguments[In: Model](tool: str, input_type: type[In], arguments: JsonObject) -> In:
    """The arguments as the tool's own input; ToolRefusedError names every argument that is missing, unknown or wrong."""
    try:
        return input_type.model_validate_json(json.dumps(arguments))
    except ValidationError as error:
        faults = "; ".join(_fault(detail) for detail in error.errors(include_url=False))
        raise ToolRefusedError(f"{tool}: {faults}. It takes {', '.join(_signature(input_type))}") from None


def _signature(input_type: type[Model]) -> Iterator[str]:
    for name, field in input_type.model_fields.items():
        yield name if field.is_required() else f"{name} (optional)"


def _fault(detail: ErrorDetails) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"argument {name} is missing"
        case "extra_forbidden":
            return f"unknown argument {_shown(name, quote=False)}"
        case "value_error":
            reason = str(context["error"])
            return f"argument {name} {reason} (was {_shown(detail['input'])})" if name else reason
        case "timezone_aware":
            return f"argument {name} has no time zone: {_SEND_ISO} (was {_shown(detail['input'])})"
        case "datetime_type" | "datetime_parsing" | "datetime_from_date_parsing" | "datetime_object_invalid":
            return f"argument {name} is not a time: {_SEND_ISO} (was {_shown(detail['input'])})"
        case "string_too_long":
            sent = len(str(detail["input"]))
            return f"argument {name} has {sent:,} characters; at most {context['max_length']:,} are taken: shorten it"
        case "string_too_short":
            return f"argument {name} is empty: send some text or leave it out"
        case "json_invalid":
            return "the arguments hold a character that is half of a pair (a lone surrogate): remove it"
        case _:
            wanted = detail["msg"].removeprefix("Input ").replace("should be", "must be", 1)
            return f"argument {name} {wanted} (was {_shown(detail['input'])})"


def _shown(value: object, *, quote: bool = True) -> str:
    text = json.dumps(value, default=str) if quote else str(value)
    return text if len(text) <= _MAX_SHOWN_CHARS else text[:_MAX_SHOWN_CHARS] + "…"

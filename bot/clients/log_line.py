"""One entry of a log stream as a LogLine: a JSON line gives message, level and fields; any other line is its message."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from bot.clients.quoting import clean, clean_text
from core.base import Json, JsonObject
from core.evidence import LogLine

UNKNOWN_LEVEL = "unknown"

_MESSAGE_NAMES = ("message", "msg")
_LEVEL_NAMES = ("level", "severity", "lvl", "detected_level")
_TIME_NAMES = ("timestamp", "time", "ts", "@timestamp")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """A line as it is stored: nanoseconds since 1970, the text, the labels of its stream."""

    time_ns: int
    line: str
    labels: Mapping[str, str]


def read_line(entry: Entry, service: str) -> LogLine:
    """The entry as a LogLine, its time cut to microseconds.

    `fields` holds the other members of a JSON line and the other labels of the stream (members win), without those that
    only repeat the service asked for or the time.
    """
    fields: JsonObject = dict(entry.labels)
    message = entry.line
    members = _parse_object(entry.line)
    name = next((name for name in _MESSAGE_NAMES if isinstance(members.get(name), str)), None)
    if name is not None:
        message = str(members.pop(name))
    fields |= members
    # A line knows its own level better than its stream does.
    level = next((value for source in (members, entry.labels) if (value := _take_level(source, fields))), UNKNOWN_LEVEL)
    at = _EPOCH + timedelta(microseconds=entry.time_ns // 1_000)
    if fields.get("service") == service:
        del fields["service"]
    for name in _TIME_NAMES:
        if name in fields and _is_moment(fields[name], at):
            del fields[name]
    try:
        return LogLine(timestamp=at, level=clean_text(level), message=clean_text(message), fields=fields)
    except ValidationError:  # nested beyond what a model takes
        return LogLine(timestamp=at, level=clean_text(level), message=clean_text(entry.line), fields={})


def _take_level(source: Mapping[str, Json], fields: JsonObject) -> str | None:
    for name in _LEVEL_NAMES:
        value = source.get(name)
        if isinstance(value, str) and value.strip():
            fields.pop(name, None)
            return value.strip().lower()
    return None


def _is_moment(value: Json, moment: datetime) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) == moment
    except ValueError:
        return False


def _parse_object(line: str) -> JsonObject:
    """The members of a line that is a JSON object; none for any other line."""
    if not line.lstrip().startswith("{"):
        return {}
    try:
        value: Json = _DECODER.decode(line)
        # A line in ASCII can name what cannot be stored by an escape alone.
        cleaned = clean(value) if "\\u" in line or not line.isascii() else value
    except (ValueError, RecursionError):
        return {}
    return cleaned if isinstance(cleaned, dict) else {}


def _parse_float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


_DECODER = json.JSONDecoder(parse_constant=str, parse_float=_parse_float)

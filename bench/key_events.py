"""Key events of incident reports: whether the moments that people wrote down are read from their text."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.dates.finder import find_times
from tools.dates.values import Point


def event_recall(path: Path) -> tuple[int, int]:
    """How many labelled moments are read from the report's text, and how many there are."""
    reports: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    right = total = 0
    for report in reports:
        wanted = {moment for event in report.get("key_events") or () if (moment := _moment(event.get("at")))}
        found = set(_moments(report["text"])) if wanted else set[datetime]()
        right, total = right + len(wanted & found), total + len(wanted)
    return right, total


def _moments(text: str) -> Iterator[datetime]:
    for item in find_times(text, datetime(2020, 1, 1)):  # noqa: DTZ001 - local to the report; every label has its full date
        for reading in item.readings[:1]:
            stamps = (reading.at,) if isinstance(reading, Point) else (reading.start, reading.end)
            yield from (stamp for stamp in stamps if isinstance(stamp, datetime))


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        return None

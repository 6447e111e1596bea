"""The shape of what happens in the observed week: effects on series, signals, incidents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

type Mode = Literal["add", "times"]
type Frames = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A change to one series: `frames` are (time, value) points, joined by straight lines, nothing outside them."""

    service: str
    metric: str
    mode: Mode
    frames: Frames


@dataclass(frozen=True, slots=True)
class Signal:
    """What the alert saw: the series that left its band, on which side, and for how long at the least."""

    service: str
    metric: str
    side: Literal["above", "below"]
    value: float
    minutes: int


@dataclass(frozen=True, slots=True)
class Incident:
    slug: str
    kind: str
    title: str
    severity: str
    service: str
    touched: tuple[str, ...]
    start: datetime
    detected: datetime
    end: datetime
    cause: str
    fix: str
    impact: str
    assignee: str | None
    signal: Signal
    effects: tuple[Effect, ...]


def day(date: str, *points: tuple[str, float]) -> Frames:
    """The frames of one day, given as clock times."""
    return tuple((f"{date}T{clock}", value) for clock, value in points)

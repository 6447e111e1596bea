"""Ranges of time, from the readers of each kind."""

from datetime import datetime

from tools.dates.bounds import read_bounded, read_lasting, read_open
from tools.dates.clock_ranges import read_clocks
from tools.dates.day_ranges import read_days
from tools.dates.two_moments import read_between
from tools.dates.values import Found, Spanned

_READERS = (read_clocks, read_days, read_between, read_lasting, read_bounded, read_open)


def read_range(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """The longest range that begins there."""
    found = [span for read in _READERS if (span := read(text, at, now)) is not None]
    return max(found, key=lambda span: span.end, default=None)

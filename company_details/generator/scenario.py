"""What all parts of the pack share: the seed, the observed week, and how times are written."""

from datetime import UTC, datetime, timedelta
from random import Random

SEED = "larkfield-2026"
COMPANY = "Larkfield"
DOMAIN = "larkfield.example"
JIRA_BASE_URL = "https://larkfield.atlassian.example"

WEEK_START = datetime(2026, 2, 11, tzinfo=UTC)
WEEK_DAYS = 7
WEEK_MINUTES = WEEK_DAYS * 24 * 60
WEEK_END = WEEK_START + timedelta(minutes=WEEK_MINUTES - 1)
TICKETS_FROM = datetime(2025, 7, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """The UTC time of `2026-02-14T10:02` or `2026-02-14T10:02:31.250`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def minute_of(moment: datetime) -> int:
    """Minutes since the start of the observed week; negative before it."""
    return int((moment - WEEK_START) // timedelta(minutes=1))


def stream(*names: str) -> Random:
    """A random stream of its own for every section, so that a change in one does not move the others.

    Only `random()`, `randrange`, `choice`, `sample` and `shuffle` are used on it: they need no floating-point function
    of the platform's C library, so the pack is the same on every machine.
    """
    return Random("/".join((SEED, *names)))


def stamp(moment: datetime) -> str:
    """ISO 8601 in whole seconds, UTC, with a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(moment: datetime) -> str:
    """Hours and minutes, as people write them in a timeline."""
    return moment.strftime("%H:%M")

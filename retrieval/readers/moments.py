"""Times as trackers write them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from retrieval.metadata import moment

# Day before month: ServiceNow's and Jira's exports in English. Strings that fit several are read by the first that fits.
_FORMATS = (
    "%d/%b/%y %I:%M %p",
    "%d/%b/%y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
)


def written_moment(text: str | None) -> datetime | None:
    """An ISO 8601, RFC 2822 or export time as a moment in UTC (UTC where it names no zone); None for anything else."""
    if text is None or not text.strip():
        return None
    text = text.strip()
    if (found := moment(text)) is not None:
        return found
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

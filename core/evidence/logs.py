"""Log lines of a service over a window."""

from bisect import bisect_left
from datetime import datetime
from itertools import islice

from pydantic import AwareDatetime

from core.base import JsonObject, Model
from core.report import Citation
from core.window import iso


class LogLine(Model):
    """One line; `fields` holds whatever else came with it."""

    timestamp: AwareDatetime
    level: str
    message: str
    fields: JsonObject


class LogLines(Model):
    """The lines of a service between two times, oldest first; `truncated` when the source held more than the limit."""

    service: str
    start_time: AwareDatetime
    end_time: AwareDatetime
    pattern: str | None
    lines: tuple[LogLine, ...]
    truncated: bool

    @property
    def _locator(self) -> str:
        pattern = "" if self.pattern is None else f" |~ {self.pattern}"
        return f'{{service="{self.service}"}}{pattern} {iso(self.start_time)}..{iso(self.end_time)}'

    def cite(self, line: LogLine) -> Citation:
        """One line as a citation, its message verbatim."""
        at = iso(line.timestamp)
        first = bisect_left(self.lines, line.timestamp, key=_timestamp)
        twins = next((n for n, other in enumerate(islice(self.lines, first, None)) if other is line), 0)
        return Citation(
            citation_id=f"logs:{self.service}{'' if self.pattern is None else '~'}@{at}"
            + (f"#{twins + 1}" if twins else ""),
            citation_source="logs",
            locator=f"{self._locator} at {at}",
            quote=line.message,
        )

    def supports(self, citation: Citation) -> bool:
        """Whether a line with these words stands at the time the citation names."""
        return citation.citation_source == "logs" and any(
            citation.quote
            and citation.quote in line.message
            and citation.locator.endswith(f" at {iso(line.timestamp)}")
            for line in self.lines
        )


def _timestamp(line: LogLine) -> datetime:
    return line.timestamp

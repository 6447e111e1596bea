"""Times that take little room: UTC to the minute, the day named once as long as it stays the same."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.slack.render.parts import Heading, Listing, Note, Paragraph, Part, Span, Spans

_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_MOMENT = rf"{_DAY}T{_CLOCK}(?::[0-5]\d(?:\.\d{{1,9}})?)?Z"
_TIME = re.compile(
    rf"“[^“”]{{0,2000}}”|(?<![\w:-])(?:(?P<from>{_MOMENT})\.\.(?P<to>{_MOMENT})(?!\w)|(?P<moment>{_MOMENT})(?!\w)"
    rf"|(?P<day>{_DAY}) (?={_CLOCK})|(?P<date>{_DAY})(?![\w-]))",
    re.ASCII,
)


class Clock:
    """Writes times as a reader of one list needs them: the day only where it is another than the last one named."""

    def __init__(self) -> None:
        self._day = ""

    def shorten(self, text: str) -> str:
        """The text with `2026-02-14 10:05Z`, then `10:06Z` for `…T10:06:00Z`. What stands in “…” stays as it is."""
        return _TIME.sub(self._write, text)

    def _write(self, found: re.Match[str]) -> str:
        if found["from"]:
            start, end = self._moment(found["from"]), self._moment(found["to"])
            return f"{start.removesuffix('Z')}–{end}" if " " not in end else f"{start} – {end}"
        if found["moment"]:
            return self._moment(found["moment"])
        if found["day"]:
            return "" if self._turn_to(found["day"]) else found[0]
        if found["date"]:
            self._turn_to(found["date"])
        return found[0]

    def _moment(self, iso: str) -> str:
        day, _, time = iso.removesuffix("Z").partition("T")
        clock = time.partition(".")[0].removesuffix(":00") if time.count(":") > 1 else time
        return f"{clock}Z" if self._turn_to(day) else f"{day} {clock}Z"

    def _turn_to(self, day: str) -> bool:
        """Whether that was the day already."""
        was, self._day = self._day, day
        return was == day


def shorten_times(parts: Iterable[Part]) -> list[Part]:
    """The parts with short times; every heading names its day anew."""
    clock = Clock()
    shortened: list[Part] = []
    for part in parts:
        match part:
            case Heading():
                clock = Clock()
                shortened.append(part)
            case Paragraph():
                shortened.append(Paragraph(spans=_shorten(part.spans, clock)))
            case Listing():
                items = tuple(_shorten(item, clock) for item in part.items)
                shortened.append(Listing(items=items, start=part.start))
            case Note():
                shortened.append(Note(text=clock.shorten(part.text)))
            case _:
                shortened.append(part)
    return shortened


def _shorten(spans: Spans, clock: Clock) -> Spans:
    return tuple(_shorten_span(span, clock) for span in spans)


def _shorten_span(span: Span, clock: Clock) -> Span:
    return span if span.user is not None else replace(span, text=clock.shorten(span.text))

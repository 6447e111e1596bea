from datetime import UTC, date, datetime, time, timedelta

from core.plan import Plan
from core.result import Result
from core.rules.grounds.figures import Figure, FigureKind, figures, read_date, read_moment
from core.rules.grounds.records import Line, Record, Samples, records_of
from core.rules.grounds.wording import own_words
from core.verdict import Check
from core.window import iso

NAME = "times_lie_in_window"
DAY = timedelta(days=1)


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Every time in a statement that rests on metrics and logs alone lies in the spans that were asked for them."""
    records = records_of(result)
    checked = 0
    for statement in records.statements:
        span = _span(records.of(statement.citation_ids))
        if span is None:
            continue
        for figure in figures(own_words(statement.text)):
            if figure.kind in {FigureKind.NAME, FigureKind.NUMBER}:
                continue
            if not _lies_in(figure, *span):
                asked = f"{iso(span[0])}..{iso(span[1])}"
                reason = f"{figure.text} in {statement.shown} lies outside {asked}, which is what was asked"
                return Check(name=NAME, passed=False, reason=reason)
            checked += 1
    return Check(name=NAME, passed=True, reason=f"{checked} times lie in the windows that were asked")


def _span(cited: tuple[Record, ...]) -> tuple[datetime, datetime] | None:
    """From the first to the last moment that the cited metrics and logs were asked for; None where others are cited too."""
    outputs = [
        record.window if isinstance(record, Samples) else record.logs
        for record in cited
        if isinstance(record, Samples | Line)
    ]
    if not outputs or len(outputs) < len(cited):
        return None
    start, end = min(item.start_time for item in outputs), max(item.end_time for item in outputs)
    return start.astimezone(UTC), end.astimezone(UTC)


def _lies_in(figure: Figure, start: datetime, end: datetime) -> bool:
    match figure.kind:
        case FigureKind.STAMP:
            moment = read_moment(figure.text)
            return moment is not None and start - timedelta(minutes=1) < moment <= end
        case FigureKind.DATE:
            day = read_date(figure.text)
            return day is not None and start.date() <= day <= end.date()
        case _:
            return _clock_lies_in(figure.text, start, end)


def _clock_lies_in(clock: str, start: datetime, end: datetime) -> bool:
    try:
        at = time.fromisoformat(clock.zfill(5))
    except ValueError:
        return False
    first_minute = start.replace(second=0, microsecond=0)
    return any(first_minute <= _at(start.date() + n * DAY, at) <= end for n in range((end - start).days + 2))


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=UTC)

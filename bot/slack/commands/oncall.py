"""`oncall`: who is on call now, in a week, or when a person is; read from the rota by code."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.oncall import OnCall, RotaBook, Turn
from bot.slack.commands.answers import Answer, say
from bot.slack.render.limits import cut
from bot.slack.render.parts import Heading, Listing, Note, Part, Span, Spans, text
from core.reading.times import read_day_in, read_week_start

_WEEKS_AHEAD = 26
_TURNS = 6
_NAME_CHARS = 60
_WEEK_ALONE = re.compile(r"(?:week|w)?\s*(?P<week>\d{1,2})", re.IGNORECASE)
_NOW = frozenset({"", "now", "today", "tonight"})


def tell_on_call(book: RotaBook, asked: str, now: datetime) -> Answer:
    """The answer to what follows `oncall`: nothing, a week, a day, or a person's name. Blocking: reads the rota."""
    words = asked.strip().rstrip("?").strip()
    if words.lower() in _NOW:
        return _told(book.at(now), "On call now", "Next", clock=now)
    monday = _read_week(words, now.date())
    if monday is not None:
        year, week, _ = monday.isocalendar()
        title = f"On call in week {week} of {year}, from Monday {monday.isoformat()}"
        return _told(book.week(monday), title, "Also reaching into it")
    return _tell_person(book, words, now)


def _read_week(words: str, today: date) -> date | None:
    """The Monday of the week that the words name."""
    named = read_week_start(words, today) or read_week_start(f"week of {words}", today)
    day = named or read_day_in(words, today)
    if day is None and (match := _WEEK_ALONE.fullmatch(words)):
        try:
            day = date.fromisocalendar(today.isocalendar().year, int(match["week"]), 1)
        except ValueError:
            return None
    return None if day is None else day - timedelta(days=day.weekday())


def _told(found: OnCall, title: str, following: str, *, clock: datetime | None = None) -> Answer:
    parts: list[Part] = []
    if found.now:
        parts += [Heading(text=title), Listing(items=tuple(_turn(turn, until=clock is not None) for turn in found.now))]
    if found.following:
        parts += [Heading(text=following), Listing(items=tuple(_turn(turn) for turn in found.following))]
    if found.problem:
        parts.insert(0, Listing(items=((text(found.problem),),)))
    exceptions = tuple(dict.fromkeys(line for turn in found.now for line in turn.exceptions))
    if exceptions:
        parts += [Heading(text="Exceptions"), Listing(items=tuple((text(line),) for line in exceptions))]
    parts.append(Note(text=_sources((*found.now, *found.following))))
    return Answer(reason="on_call_told", parts=tuple(parts), is_public=True)


def _tell_person(book: RotaBook, words: str, now: datetime) -> Answer:
    wanted = words.lstrip("@").casefold()
    monday = now.date() - timedelta(days=now.date().weekday())
    turns: dict[tuple[str, datetime], Turn] = {}
    known: dict[str, None] = {}
    for week in range(-1, _WEEKS_AHEAD):
        found = book.week(monday + timedelta(weeks=week))
        for turn in (*found.following, *found.now):
            known.update(dict.fromkeys(post.person for post in turn.posts))
            if turn.ends_at > now and any(_is(post.person, wanted) for post in turn.posts):
                turns[turn.rotation, turn.begins_at] = turn
    people = [name for name in known if _is(name, wanted)]
    if not people:
        names = ", ".join(sorted(known)) or "nobody"
        return say(
            "on_call_unknown",
            f"“{cut(words, _NAME_CHARS)}” is neither a week I can read nor anybody of the rota. Try “next week”, “2026-W08”, "
            "or a name.",
            note=f"In the rota of the next months: {cut(names, 600)}",
            refused=True,
        )
    ordered = sorted(turns.values(), key=lambda turn: turn.begins_at)[:_TURNS]
    items = tuple(_turn(turn) for turn in ordered) or ((text("not in the shifts that are planned"),),)
    return Answer(
        reason="on_call_told",
        parts=(Heading(text=" and ".join(people)), Listing(items=items), Note(text=_sources(ordered))),
        is_public=True,
    )


def _is(person: str, wanted: str) -> bool:
    return bool(wanted) and (wanted in person.casefold() or person.casefold().split()[0] == wanted)


def _turn(turn: Turn, *, until: bool = False) -> Spans:
    spans: list[Span] = [text(f"{turn.rotation}: ")]
    for number, post in enumerate(turn.posts):
        spans += [text(", " if number else ""), text(f"{post.role.replace('_', ' ')} "), text(post.person, bold=True)]
        if post.instead_of:
            spans.append(text(f" (for {post.instead_of})"))
    ends = f"{turn.ends_at:%a %Y-%m-%d %H:%M %Z}"
    spans.append(text(f", until {ends}" if until else f", {turn.begins_at:%a %Y-%m-%d %H:%M} to {ends}"))
    return tuple(span for span in spans if span.text)


def _sources(turns: Iterable[Turn]) -> str:
    places = tuple(dict.fromkeys(turn.citation.locator for turn in turns))
    return f"From {', '.join(places[:4])}" if places else "From the rota"

"""The text and context of a task → Brief: subject, window, severity, conditions and intents."""

import re
from datetime import datetime, timedelta

from core.brief import Brief, Intent
from core.landscape import Landscape
from core.reading.intents import read_intents, speaks_of_incident, speaks_of_unowned
from core.reading.thresholds import read_thresholds
from core.reading.times import (
    read_day_in,
    read_elapsed_minutes,
    read_offset_minutes,
    read_one_moment,
    read_week_start,
    read_window,
)
from core.task import Request
from core.window import Window

DEFAULT_WINDOW = timedelta(minutes=30)

_ASKS_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_MENTIONS = re.compile(
    r"\b(?:mention(?:s|ing)?|about|containing|concerning|regarding|that (?:say|contain)|speak(?:s|ing)? of)\s+(?:an?\s|the\s)?"
    r"[\"“']?(?P<text>[\w\s/-]{3,60}?)[\"”']?\s*(?:[,.;?]|$|\b(?:in|of) (?:the )?project\b|\band (?:(?:the )?owner(?:s|ship)?|are|is|have|has|who|which|say|tell|what)\b)",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\b(?:policy|version|edition)[\s_-]?v?(?P<number>\d)\b|\bv(?P<short>\d)\b", re.IGNORECASE)
_OLD = re.compile(r"\b(?:old|previous|former|earlier|first) (?:incident )?(?:policy|version|edition)\b", re.IGNORECASE)
_POLICY_WORD = re.compile(r"\b(?:polic|version|edition)", re.IGNORECASE)
_TICKET_KEY = re.compile(r"(?<![\w/#-])(?P<project>[A-Z][A-Z0-9_]{1,9})-\d{1,7}(?![\w-])")
_STANDARDS = frozenset("UTF SHA ISO RFC CVE HTTP TLS SSL SEV PRIO AES ECMA PEP UTC GMT".split())
_OF_TICKETS = re.compile(
    r"\b(?:tickets?|issues?|incidents?|bugs?|status|state|assigned|assignee|who (?:has|owns|is on)|look up|show|tell me about|what (?:is|was|about))\b",
    re.IGNORECASE,
)
_SERVICE_SHAPED = re.compile(r"(?<![\w./@#-])[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){1,4}(?![\w/-])")
_NOT_SERVICES = frozenset({"on-call", "follow-up", "post-mortem", "hand-over", "roll-back", "end-to-end", "time-out"})


def read_brief(request: Request, landscape: Landscape, now: datetime) -> Brief:
    """What the task asks, from its context first and its text second; `assumptions` says what was neither."""
    text, context = request.text, request.context
    assumptions: list[str] = []
    intents = read_intents(text)
    is_incident = speaks_of_incident(text)
    says_what = bool(intents)
    if is_incident and not intents:
        intents = (Intent.INVESTIGATE,)
    unowned = speaks_of_unowned(text)
    severity = context.severity or next(iter(landscape.severities.named(text)), None)
    ticket_keys = _ticket_keys(text, landscape)
    if ticket_keys and Intent.TICKETS not in intents:
        intents = (*intents, Intent.TICKETS)
    asks_steps = unowned and severity is not None and Intent.TICKETS not in intents
    if asks_steps and Intent.RESPONSE_STEPS not in intents:
        intents = (*intents, Intent.RESPONSE_STEPS)
    if is_incident and Intent.INVESTIGATE in intents and severity and Intent.ESCALATION not in intents:
        intents = (*intents, Intent.ESCALATION)  # whoever is paged also needs to know whom to page next
    moment, day = read_one_moment(text), read_day_in(text, now.date())
    week_start = read_week_start(text, now.date())
    if Intent.ON_CALL not in intents and _ASKS_WHO.search(text) and (week_start or (not says_what and (moment or day))):
        intents = (*intents, Intent.ON_CALL)  # who … at a time: only a rota tells
    services = _services(request, landscape, assumptions)
    window = _window(request, now, needs_one=Intent.INVESTIGATE in intents and bool(services), assumptions=assumptions)
    if moment and window and not context.window and not {Intent.INVESTIGATE, Intent.ROLLBACK}.intersection(intents):
        window = Window(start=moment, end=moment + DEFAULT_WINDOW)  # nothing is measured: it begins when it is said to
    if Intent.INVESTIGATE in intents and not services:
        assumptions.append("no service is named: metrics and logs are not asked")
    mentions = _MENTIONS.search(text)
    offset = read_offset_minutes(text)
    if offset is None and (unowned or Intent.RESPONSE_STEPS in intents):
        offset = read_elapsed_minutes(text)
    return Brief(
        intents=intents or (Intent.LOOKUP,),
        is_incident=is_incident,
        services=services,
        dependencies=_dependencies(services, landscape),
        severity=severity,
        severity_names=landscape.severities.names,
        project_key=context.project_key or _project_key(text, landscape),
        window=window,
        thresholds=read_thresholds(text),
        moment=None if context.window or context.start_time or context.end_time else moment,
        alert_time=context.alert_time,
        week_start=week_start,
        day=day,
        offset_minutes=offset,
        unowned=unowned,
        ticket_text=mentions["text"].strip() if mentions else None,
        ticket_keys=ticket_keys,
        policies=_policies(text, landscape),
        required_citations=_required(request, landscape),
        assumptions=tuple(assumptions),
    )


def _services(request: Request, landscape: Landscape, assumptions: list[str]) -> tuple[str, ...]:
    mentioned = landscape.mentioned(request.text)
    if request.context.service:
        return tuple(dict.fromkeys((request.context.service, *mentioned)))
    if mentioned:
        return mentioned
    shaped = [
        name
        for name in _SERVICE_SHAPED.findall(request.text)
        if name not in _NOT_SERVICES and name not in landscape.sources and not name.startswith(("p-", "sev-"))
    ]
    if shaped and not landscape.services:
        assumptions.append(f"{shaped[0]} is taken as the service: the company's files list none to compare with")
        return (shaped[0],)
    return ()


def _dependencies(services: tuple[str, ...], landscape: Landscape) -> tuple[str, ...]:
    known = (landscape.service(name) for name in services)
    found = (name for service in known if service for name in service.depends_on)
    return tuple(name for name in dict.fromkeys(found) if name not in services)


def _window(request: Request, now: datetime, *, needs_one: bool, assumptions: list[str]) -> Window | None:
    context = request.context
    if context.window:
        return context.window
    if context.start_time:
        return Window(start=context.start_time, end=context.start_time + DEFAULT_WINDOW)
    if context.end_time:
        return Window(start=context.end_time - DEFAULT_WINDOW, end=context.end_time)
    window = read_window(request.text, now)
    if window is None and needs_one:
        assumptions.append("no time is named: the last 30 minutes are looked at")
        return Window(start=now - DEFAULT_WINDOW, end=now)
    return window


def _project_key(text: str, landscape: Landscape) -> str | None:
    return next((key for key in landscape.project_keys if re.search(rf"\b{re.escape(key)}\b", text)), None)


def _policies(text: str, landscape: Landscape) -> tuple[str, ...]:
    """The policy versions a text names, by source, by number or as the old one, in the order of the sources."""
    known = [source for source in landscape.sources if source.startswith("policy")]
    numbers = (
        {match["number"] or match["short"] for match in _VERSION.finditer(text)}
        if _POLICY_WORD.search(text)
        else set[str]()
    )
    named = {source for source in known if _is_named(source, text) or source[-1:] in numbers}
    if _OLD.search(text) and known:
        named.add(min(known))
    return tuple(source for source in known if source in named)


def _ticket_keys(text: str, landscape: Landscape) -> tuple[str, ...]:
    """The keys of tickets that a text names: those of the tracker's projects; those of others where it speaks of tickets."""
    found = (match for match in _TICKET_KEY.finditer(text) if match["project"] not in _STANDARDS)
    spoken = _OF_TICKETS.search(text) is not None
    return tuple(dict.fromkeys(match[0] for match in found if spoken or match["project"] in landscape.project_keys))


def _required(request: Request, landscape: Landscape) -> tuple[str, ...]:
    named = (source for source in landscape.sources if _is_named(source, request.text))
    return tuple(dict.fromkeys((*request.context.required_citations, *named)))


def _is_named(source: str, text: str) -> bool:
    """Whether a text names the source, be it with spaces or hyphens: `github_actions`, `GitHub Actions`."""
    words = r"[\s_-]?".join(re.escape(word) for word in source.split("_"))
    return re.search(rf"(?<![\w]){words}(?!\w)", text, re.IGNORECASE) is not None

"""The text and context of a task → Brief: subject, window, severity, conditions and intents."""

import re
from datetime import datetime, timedelta

from core.brief import Brief, Intent
from core.landscape import Landscape
from core.reading.quantities import severities
from core.reading.thresholds import read_thresholds
from core.reading.times import read_day_in, read_offset_minutes, read_week_start, read_window
from core.task import Request
from core.window import Window

DEFAULT_WINDOW = timedelta(minutes=30)

_INCIDENT = re.compile(r"\b(?:alerts?|incidents?|sev[\s-]?\d?|p[1-5]|outages?)\b", re.IGNORECASE)
_TICKETED = re.compile(r"\b(?:issues?|tickets?|bugs?|incidents?|alerts?)\b", re.IGNORECASE)
_INTENT_WORDS: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        (
            Intent.COMPARE_POLICIES,
            r"\bcompar|\bdiffer|\btighten|\bloosen|\bwhat changed\b|\bversus\b|\bvs\.?\s|\bchanged (?:between|from)\b",
        ),
        (Intent.ROLLBACK, r"\broll(?:ed|ing)?[\s-]?back|\brevert"),
        (
            Intent.RESPONSE_STEPS,
            r"\bresponse steps?\b|\bunowned\b|\bwhat (?:happens|should happen|applies)\b|\bnext steps?\b",
        ),
        (Intent.ON_CALL, r"\bon[\s-]?call\b|\brota\b|\bwho is (?:primary|secondary|on)\b|\bprimary and secondary\b"),
        (Intent.ESCALATION, r"\bescalat|\bpage[ds]?\b|\backnowledg"),
        (Intent.COMMUNICATION, r"\bcommunicat|\bchannels?\b|\bstatus page\b|\bstakeholders?\b|\bnotify\b"),
        (
            Intent.TICKETS,
            (
                r"\b(?:find|list|show|search|open|related|similar|unowned|unassigned)\b[^.]{0,60}\b(?:tickets?|incidents?|issues?|bugs?)\b"
                r"|\bownership\b"
            ),
        ),
        (
            Intent.INVESTIGATE,
            (
                r"\balert (?:fired|triggered)|\bmetrics\b|\blogs?\b|\binvestigat|\banaly[sz]e|\broot cause|\bwhy\b"
                r"|\blatency\b|\bslow|\btime[ds]?[\s-]?outs?\b|\bunavailable\b|\bcrash|\berrors?\b|\bdegrad|\bfailing|\bdown\b|\boutage|\bspik(?:e|ed|ing)\b"
            ),
        ),
    )
)
_UNOWNED = re.compile(r"\bunowned\b|\bno owner\b|\bwithout (?:an )?owner\b|\bunassigned\b", re.IGNORECASE)
_MENTIONS = re.compile(
    r"\b(?:mention(?:s|ing)?|about|containing|that (?:say|contain))\s+[\"“']?(?P<text>[\w\s/-]{3,60}?)[\"”']?\s*(?:[,.;?]|$)",
    re.IGNORECASE,
)
_SERVICE_SHAPED = re.compile(r"(?<![\w./@#-])[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){1,4}(?![\w/-])")
_NOT_SERVICES = frozenset({"on-call", "follow-up", "post-mortem", "hand-over", "roll-back", "end-to-end", "time-out"})


def read_brief(request: Request, landscape: Landscape, now: datetime) -> Brief:
    """What the task asks, from its context first and its text second; `assumptions` says what was neither."""
    text, context = request.text, request.context
    assumptions: list[str] = []
    intents = _intents(text)
    is_incident = bool(_INCIDENT.search(text))
    if is_incident and not intents:
        intents = (Intent.INVESTIGATE,)
    severity = context.severity or next(iter(severities(text)), None)
    if is_incident and Intent.INVESTIGATE in intents and severity and Intent.ESCALATION not in intents:
        intents = (*intents, Intent.ESCALATION)  # whoever is paged also needs to know whom to page next
    services = _services(request, landscape, assumptions)
    window = _window(request, now, needs_one=Intent.INVESTIGATE in intents and bool(services), assumptions=assumptions)
    if Intent.INVESTIGATE in intents and not services:
        assumptions.append("no service is named: metrics and logs are not asked")
    mentions = _MENTIONS.search(text)
    return Brief(
        intents=intents or (Intent.LOOKUP,),
        is_incident=is_incident,
        services=services,
        dependencies=_dependencies(services, landscape),
        severity=severity,
        project_key=context.project_key or _project_key(text, landscape),
        window=window,
        thresholds=read_thresholds(text),
        week_start=read_week_start(text),
        day=read_day_in(text),
        offset_minutes=read_offset_minutes(text),
        unowned=bool(_UNOWNED.search(text)),
        ticket_text=mentions["text"].strip() if mentions else None,
        policies=tuple(source for source in landscape.sources if source.startswith("policy") and source in text),
        required_citations=_required(request, landscape),
        assumptions=tuple(assumptions),
    )


def speaks_of_tickets(text: str) -> bool:
    """Whether the text speaks of an issue, ticket, bug, incident or alert."""
    return bool(_TICKETED.search(text))


def _intents(text: str) -> tuple[Intent, ...]:
    return tuple(intent for intent, pattern in _INTENT_WORDS if pattern.search(text))


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


def _required(request: Request, landscape: Landscape) -> tuple[str, ...]:
    named = (source for source in landscape.sources if re.search(rf"\b{re.escape(source)}\b", request.text))
    return tuple(dict.fromkeys((*request.context.required_citations, *named)))

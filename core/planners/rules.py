"""The deterministic planner: which sources a task needs follows from its words and context alone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.base import Json, JsonObject
from core.brief import Brief, Intent
from core.landscape import Landscape
from core.plan import Plan, Step, ToolCall
from core.planners.queries import distilled
from core.reading.briefing import read_brief
from core.reading.intents import read_intents, speaks_of_tickets
from core.task import Request
from core.window import Window, iso

BASELINE_MINUTES = 60.0
LOG_BASELINE_MINUTES = 15.0
"""Enough to tell a new kind of line from a usual one; every line read is stored with the run."""
CHANGE_LOOKBACK_MINUTES = 60.0
MAX_SERVICES = 3
MAX_DEPENDENCIES = 6
MAX_CALLERS = 2
MAX_QUERY_CHARS = 600
MAX_ISSUES = 5
MAX_DOCUMENTS = 6
WHOLE_FILE_CHARS = 40_000
LOOKUP_CHARS = 1_500

CHANGE_PATTERN = (
    "(?i)deploy|roll(ed|ing)?[ -]?(out|back)|\\brelease|\\brevert|back(ed|ing) out|undid|undone|undoing|back (on|to) |restored|went live|go(es)? live|is live|shipped|promoted|feature flag"
    "|config(uration)? change|migration|restart|failover|scaled|certificate"
)
"""Log lines that tell of a change rather than of a symptom (RE2 syntax)."""

_POLICY_INTENTS = frozenset(
    {Intent.ESCALATION, Intent.RESPONSE_STEPS, Intent.ROLLBACK, Intent.COMMUNICATION, Intent.INVESTIGATE, Intent.DUTY}
)
_MEASURED_INTENTS = frozenset({Intent.INVESTIGATE, Intent.ROLLBACK})
_LOOKUP_INTENTS = frozenset({Intent.LOOKUP, Intent.OWNERS, Intent.DUTY})
_OPEN = re.compile(r"\b(?:open|unresolved|ongoing|still|active|unassigned|unowned)\b", re.IGNORECASE)
_ALERTED = frozenset({Intent.INVESTIGATE, Intent.ESCALATION})
_VERSIONS = re.compile(r"polic|version|edition|\bv\d\b|\bold\b|\bnew\b|\bchanged?\b|\bformer|\bprevious", re.IGNORECASE)
_CLOSED = re.compile(r"\b(?:closed|resolved|finished)\b", re.IGNORECASE)


_DOCUMENTS = "Look for documents and tickets that speak of it"


class RulePlanner:
    """Plans from the brief; knows the company only through its landscape."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape

    async def plan(self, request: Request, now: datetime) -> Plan:
        """The steps a task needs, in the order of the spec; independent ones name no dependencies, so they run at once."""
        brief = self._with_neighbours(
            _as_asked(request.text, read_brief(request, self._landscape, now), self._landscape)
        )
        parts = [
            *self._history(request, brief),
            *self._policy(brief),
            *self._measurements(brief),
            *self._logs(brief),
            *self._tickets(request, brief),
            *self._references(brief),
            *self._everything(request, brief),
        ]
        if not parts:
            parts = [(_DOCUMENTS, (_search_knowledge(request, brief),))]
        steps = tuple(
            Step(step_id=f"s{number}", purpose=purpose, tool_calls=calls)
            for number, (purpose, calls) in enumerate(parts, start=1)
        )
        return Plan(brief=brief, steps=steps, notes=(*brief.assumptions, *self._unknown(brief)))

    def _with_neighbours(self, brief: Brief) -> Brief:
        """The brief with the services around those in question, as far as an investigation measures them."""
        if Intent.INVESTIGATE not in brief.intents or not brief.services:
            return brief
        needed = self._landscape.needed_by(brief.services, MAX_DEPENDENCIES)
        callers = [name for name in self._landscape.callers_of(brief.services) if name not in needed][:MAX_CALLERS]
        calls = self._landscape.calls_among((*brief.services, *needed, *callers))
        return brief.model_copy(update={"dependencies": needed, "callers": tuple(callers), "calls": calls})

    def _history(self, request: Request, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        if speaks_of_tickets(request.text):
            yield (
                "Look for earlier issues like this one",
                (_call("search_previous_issues", query=distilled(request.text, brief), top_k=MAX_ISSUES),),
            )
        if brief.is_incident or _LOOKUP_INTENTS.intersection(brief.intents):
            catalogued = brief.services[:MAX_SERVICES] if Intent.OWNERS in brief.intents else ()
            yield _DOCUMENTS, (_search_knowledge(request, brief), *(_search_catalogue(name) for name in catalogued))

    def _policy(self, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        wanted = list(brief.policies)
        if Intent.COMPARE_POLICIES in brief.intents and len(wanted) < 2:  # noqa: PLR2004 - a comparison takes two
            wanted = self._policies()[-2:]
        if not wanted and (brief.is_incident or _POLICY_INTENTS.intersection(brief.intents)):
            wanted = self._policies()[-1:]
        if wanted:
            yield "Read the incident policy", tuple(_reference(source) for source in wanted)

    def _measurements(self, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        if not brief.window or not brief.services:
            return
        if brief.moment and not brief.thresholds and not _MEASURED_INTENTS.intersection(brief.intents):
            return
        services = brief.services[:MAX_SERVICES]
        baseline = brief.window.before(BASELINE_MINUTES)
        yield (
            "Measure the service in the window and before it",
            tuple(_windowed("metrics_query", name, span) for name in services for span in (brief.window, baseline)),
        )
        around = (*brief.dependencies[:MAX_DEPENDENCIES], *brief.callers)
        if Intent.INVESTIGATE in brief.intents and around:
            whole = Window(start=baseline.start, end=brief.window.end)
            yield (
                "Measure what the service depends on and who depends on it",
                tuple(_windowed("metrics_query", name, whole) for name in around),
            )

    def _logs(self, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        if not brief.window or not brief.services or not _MEASURED_INTENTS.intersection(brief.intents):
            return
        services = brief.services[:MAX_SERVICES]
        before = brief.window.before(LOG_BASELINE_MINUTES)
        since = Window(start=brief.window.start - timedelta(minutes=CHANGE_LOOKBACK_MINUTES), end=brief.window.end)
        yield (
            "Read the service's log lines, those shortly before, and those of changes",
            tuple(
                call
                for name in services
                for call in (
                    _windowed("logs_search", name, brief.window),
                    _windowed("logs_search", name, since, pattern=CHANGE_PATTERN),
                    *([_windowed("logs_search", name, before)] if Intent.INVESTIGATE in brief.intents else []),
                )
            ),
        )

    def _tickets(self, request: Request, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        about_tickets = Intent.TICKETS in brief.intents
        if not about_tickets and Intent.INVESTIGATE not in brief.intents:
            return
        if brief.ticket_keys and not (Intent.INVESTIGATE in brief.intents and brief.services):
            yield "Look up the tickets it names", (_call("jira_search_tickets", text=" ".join(brief.ticket_keys)),)
            return
        text = brief.ticket_text or (brief.services[0] if brief.services and not brief.unowned else None)
        if text is None and brief.project_key is None and not about_tickets:
            return
        yield (
            "Find the tickets that speak of it",
            (
                _call(
                    "jira_search_tickets",
                    project_key=brief.project_key,
                    status=_status(request.text) if about_tickets else "open",
                    text=text,
                ),
            ),
        )

    def _references(self, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        wanted: list[str] = []
        compares = Intent.COMPARE_POLICIES in brief.intents
        if Intent.ON_CALL in brief.intents or (Intent.ESCALATION in brief.intents and not compares):
            wanted.append("oncall_rota")
        if Intent.COMMUNICATION in brief.intents:
            wanted.append("slack_config")
        if Intent.ROLLBACK in brief.intents:
            wanted.append("github_actions")
        wanted.extend(brief.required_citations)
        sources = [
            source
            for source in dict.fromkeys(wanted)
            if source in self._landscape.sources and source not in self._planned_policies(brief)
        ]
        if sources:
            yield "Read the configs and records it has to rest on", tuple(_reference(source) for source in sources)

    def _everything(self, request: Request, brief: Brief) -> Iterator[tuple[str, tuple[ToolCall, ...]]]:
        """A look into every reference source, for a question that tells nothing of where its answer stands."""
        alone = set(brief.intents) <= {Intent.LOOKUP, Intent.OWNERS} and not (
            Intent.OWNERS in brief.intents and brief.services
        )
        sources = [source for source in self._landscape.sources if source not in brief.required_citations]
        if alone and sources and not brief.required_citations:
            calls = (
                _call("fetch_company_reference", source=source, query=_query(request), max_chars=LOOKUP_CHARS)
                for source in sources
            )
            yield "Look into the company's policies and configs", tuple(calls)

    def _planned_policies(self, brief: Brief) -> frozenset[str]:
        calls = (call for _, calls in self._policy(brief) for call in calls)
        return frozenset(str(call.arguments["source"]) for call in calls)

    def _policies(self) -> list[str]:
        return sorted(source for source in self._landscape.sources if source.startswith("policy"))

    def _unknown(self, brief: Brief) -> Iterator[str]:
        for source in brief.required_citations:
            if source not in self._landscape.sources:
                known = ", ".join(self._landscape.sources)
                yield f"{source} is asked as a citation and is no reference source; the sources are {known}"


def _as_asked(text: str, brief: Brief, landscape: Landscape) -> Brief:
    """The brief of a question as one: what only mentions an incident is looked up, severities are compared with each other.

    `What is the budget of the incident team?` reports no incident, and `Compare P1 and P2` is not about two versions.
    """
    intents = brief.intents
    if text.rstrip().endswith("?") and not brief.services and not read_intents(text):
        intents = tuple(intent for intent in intents if intent not in _ALERTED) or (Intent.LOOKUP,)
    if Intent.COMPARE_POLICIES in intents and len(landscape.severities.named(text)) > 1 and not _VERSIONS.search(text):
        intents = tuple(dict.fromkeys((Intent.ESCALATION, *intents)))
        intents = tuple(intent for intent in intents if intent is not Intent.COMPARE_POLICIES)
    return brief if intents == brief.intents else brief.model_copy(update={"intents": intents})


def _status(text: str) -> str | None:
    """Open or closed tickets alone where the text says so."""
    if _OPEN.search(text):
        return "open"
    return "closed" if _CLOSED.search(text) else None


def _query(request: Request) -> str:
    return " ".join(request.text.split())[:MAX_QUERY_CHARS]


def _search_knowledge(request: Request, brief: Brief) -> ToolCall:
    """An incident is searched by its symptoms; a question by all of its words, since any may be the one that tells."""
    symptoms = Intent.INVESTIGATE in brief.intents and not _LOOKUP_INTENTS.intersection(brief.intents)
    query = distilled(request.text, brief) if symptoms else _query(request)
    return _call("search_incident_knowledge", query=query, top_k=MAX_DOCUMENTS)


def _search_catalogue(service: str) -> ToolCall:
    return _call(
        "search_incident_knowledge", query=f"{service} service catalogue owner team depends on", top_k=MAX_DOCUMENTS
    )


def _reference(source: str) -> ToolCall:
    return _call("fetch_company_reference", source=source, max_chars=WHOLE_FILE_CHARS)


def _windowed(tool: str, service: str, window: Window, **more: Json) -> ToolCall:
    return _call(tool, service=service, start_time=iso(window.start), end_time=iso(window.end), **more)


def _call(tool: str, **arguments: Json) -> ToolCall:
    given: JsonObject = {name: value for name, value in arguments.items() if value is not None}
    return ToolCall(tool=tool, arguments=given)

"""What the words of a headline say: its state, its severity, and the name that is left without them."""

import re

from bot.alerts.markup import without_emoji
from core.alert import AlertStatus

_RESOLVED = (
    "resolved|auto-resolved|autoresolved|recovered|recovery|closed|cleared|clear|fixed|back to normal|normal|back up|"
    "back online|restored|healthy|deactivated|ended|ok|okay|up|passing|operational|solved|remediated|stabilized"
)
_ACKNOWLEDGED = "acknowledged|acked|ack"
_FIRING = (
    "firing|fired|triggered|re-triggered|retriggered|alerting|alert|alarm|in alarm|down|failed|failing|failure|"
    "still failing|problem|critical|warning|warn|re-warn|error|erroring|degraded|active|activated|opened|open|new|"
    "breached|breaching|violated|unhealthy|unreachable|unavailable|offline|outage|investigating|identified|monitoring|"
    "no data|nodata|late|missed|missing|expired|exceeded|crashed|crashing|crash looping|fatal|emergency|disaster|major|"
    "not responding|not ready|timed out|timing out|ongoing|detected|unstable|stalled|stuck|overdue|above threshold|"
    "below threshold|spiking|in progress|escalated|reopened|flapping|started|anomalous|partial outage|major outage|"
    "degraded performance|lost|dead|broken|unresponsive"
)
_LISTS = (
    (AlertStatus.RESOLVED, _RESOLVED),
    (AlertStatus.ACKNOWLEDGED, _ACKNOWLEDGED),
    (AlertStatus.FIRING, _FIRING),
)
STATES = {word: status for status, words in _LISTS for word in words.split("|")}
_SEVERITIES = (
    "critical|crit|warning|warn|error|err|fatal|major|minor|high|medium|moderate|low|info|informational|emergency|disaster|"
    "average|page|urgent|notice|none"
)
SEVERITIES = frozenset(_SEVERITIES.split("|"))
_GRADE = re.compile(r"(?:p|s|sev|sev-|severity )[0-5]", re.IGNORECASE)
_STATE = "|".join(re.escape(word) for word in sorted(STATES, key=len, reverse=True))
_GRADED = rf"(?:{_SEVERITIES}|p[0-5]|s[0-5]|sev-?[0-5])"
_THING = "incident|alert|alarm|problem|issue|monitor|check|event|rule|notification|host|service|anomaly|outage"
_AUXILIARY = r"(?:is|are|was|were|has|have|went|goes|gone|came|got|turned|now|became|to|state|status)"

# [FIRING:2, RESOLVED:1]  [P2] [Triggered]  (CRITICAL)
_BRACKET = re.compile(
    rf"[\[(<]\s?({_STATE})(?:\s?[:x]?\s?\d{{1,6}})?(?:,[^\])>]{{0,40}}| on [^\])>]{{0,200}})?\s?[\])>]", re.IGNORECASE
)
_BRACKETED_GRADE = re.compile(rf"[\[(]\s?({_GRADED})\s?[\])]", re.IGNORECASE)
# FIRING: x   Resolved 3 - x   CRITICAL | x   Resolved in 4m 2s: x
_LEAD = re.compile(
    rf"({_STATE})(?:\s\d{{1,6}})?(?:\s(?:in|after|for)\s[\w .]{{1,30}})?\s{{0,2}}(?::|\s[-–—|]|-\s|[|])\s{{0,2}}",
    re.IGNORECASE,
)
_LEAD_GRADE = re.compile(
    rf"({_GRADED})(?:\s(?:alert|incident|alarm|issue|priority))?\s?(?::|\s[-–—|]|[|])\s{{0,2}}", re.IGNORECASE
)
# New alert: x   Incident resolved: x   Monitor is DOWN: x   Alert #12 - x
_LEAD_THING = re.compile(
    rf"(?:({_STATE})\s)?(?:{_GRADED}\s)?(?:{_THING})s?(?:\s#?(?:[A-Z]{{1,10}}-)?\d{{1,12}})?(?:\s(?:is|has|was|been|now|has been)){{0,2}}"
    rf"(?:\s({_STATE}))?(?:\s#?\d{{1,12}})?\s?(?::|\s[-–—|]|[|])\s{{0,2}}",
    re.IGNORECASE,
)
# DOWN https://… : a word in capitals needs no colon
_LEAD_CAPITALS = re.compile(rf"({_STATE.upper()})\s+(?=\S)")
_NEW_THING = re.compile(
    rf"(new|open|opened|active|resolved|closed|acknowledged|ongoing)\s(?:{_GRADED}\s)?(?:{_THING})\b", re.IGNORECASE
)
_PREDICATE = re.compile(
    rf"\b{_AUXILIARY}\s(?:(?:now|been|currently|still|again|back|gone|changed to|in)\s){{0,2}}['\"*]?({_STATE})\b",
    re.IGNORECASE,
)
_TAIL = re.compile(rf"(?:\s[-–—|:]\s|\s|^)({_STATE})[.!)\]]{{0,3}}$", re.IGNORECASE)
_THING_STATE = re.compile(rf"\b(?:{_THING})s?\s(?:#?\d{{1,12}}\s)?({_STATE})\b", re.IGNORECASE)
_NO_LONGER = re.compile(r"\bno longer\b|\breturned to normal\b", re.IGNORECASE)
_NEGATED = re.compile(rf"\b(?:not|never|n't|un)(?:\s(?:yet|been)){{0,2}}\s(?:{_STATE})\b", re.IGNORECASE)
_CUT = re.compile(
    rf"\s{_AUXILIARY}\s(?:(?:now|been|currently|still|again|back|gone)\s){{0,2}}(?:{_STATE})\b(?=[\s.!:;,(–—-]|$)",
    re.IGNORECASE,
)
_MAX_STATE_CHARS = 60
_MENTIONS = re.compile(r"^(?:@[\w.-]{1,80}\s{1,3}){1,5}")
_QUOTES = "\"'“”‘’«»`*"


def state_of(value: str) -> AlertStatus | None:
    """The state a value of a status field names; None where it is no word for a state."""
    words = without_emoji(value).strip(" .!*_`'\"[]()").casefold()
    if words in STATES:
        return STATES[words]
    head = re.match(rf"({_STATE})\b", words)
    return STATES[head.group(1)] if head and len(words) <= _MAX_STATE_CHARS else None


def headline_state(line: str) -> AlertStatus | None:
    """The state a headline tells in so many words: a tag, a lead, a predicate or a last word; the first of its kind.

    `None` also where a state is only mentioned (`the resolved one`), and for a negated one that is not made positive.
    """
    line = without_emoji(line)[:500].strip(_QUOTES + " ")
    bracket = _BRACKET.search(line)
    if bracket:
        return STATES[bracket.group(1).casefold()]
    lead = _LEAD.match(line) or _LEAD_CAPITALS.match(line)
    if lead:
        return STATES[lead.group(1).casefold()]
    thing = _LEAD_THING.match(line)
    if thing and (thing.group(2) or thing.group(1)):
        return STATES[(thing.group(2) or thing.group(1)).casefold()]
    if _NO_LONGER.search(line):
        return AlertStatus.RESOLVED
    plain_line = _NEGATED.sub(" ", line)
    for pattern in (_PREDICATE, _NEW_THING, _THING_STATE, _TAIL):
        found = pattern.search(plain_line)
        if found:
            return STATES[found.group(1).casefold()]
    return None


def headline_severity(line: str) -> str | None:
    """The severity word that a headline carries as a tag, lower case."""
    line = without_emoji(line)[:500].strip(_QUOTES + " ")
    for _ in range(3):
        found = _BRACKETED_GRADE.match(line) or _LEAD_GRADE.match(line)
        if found:
            return found.group(1).casefold()
        skipped = _BRACKET.match(line) or _LEAD.match(line)
        if skipped is None:
            break
        line = line[skipped.end() :].strip()
    found = re.match(rf"({_GRADED})\s(?:priority|severity|alert|incident|alarm)\b", line, re.IGNORECASE)
    return found.group(1).casefold() if found else None


def is_severity(word: str) -> bool:
    """Whether a bare word is one for a severity: critical, warning, P1, sev2, s3."""
    return word.casefold() in SEVERITIES or _GRADE.fullmatch(word) is not None


def bare_title(line: str, *, keep_sentence: bool = False) -> str:
    """The name a headline is about, without emoji, state, severity and count; the headline itself where nothing is left.

    `x is down` is cut to `x`, unless the sentence is to be kept: it may be the name of a rule.
    """
    whole = _MENTIONS.sub("", without_emoji(line)).strip() or without_emoji(line).strip()
    title = whole
    for _ in range(6):
        before = title
        title = title.strip(" \t-–—|:•" + _QUOTES if title[:1] not in "[(" else " ")
        for pattern in (_BRACKET, _BRACKETED_GRADE, _LEAD, _LEAD_GRADE, _LEAD_THING, _LEAD_CAPITALS):
            match = pattern.match(title)
            if match and title[match.end() :].strip():
                title = title[match.end() :].strip()
        if title == before:
            break
    cut = _CUT.search(title)
    if cut and cut.start() > 0 and not keep_sentence:
        title = title[: cut.start()]
    title = re.sub(
        r"\s(?:[-–—|]\s)?(?:firing|resolved|triggered|recovered|acknowledged)[.!]?$", "", title, flags=re.IGNORECASE
    )
    title = title.strip(" \t-–—|:" + _QUOTES)
    title = title.removesuffix(".")
    return title or whole

"""Everything else: an alert is what tells a state in so many words, or shows several signs of trouble at once.

Signs: the state in a headline or a status field, the colour, an emoji that warns, a severity by key or as a tag, a poster or link
that belongs to monitoring.
"""

import re

from bot.alerts.colour import Colour
from bot.alerts.draft import STATUS_KEYS, event_time, find_severity, make_alert
from bot.alerts.markup import plain, strong, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.vendors import name_vendor, watches
from bot.alerts.words import bare_title, headline_severity, headline_state, state_of
from core.alert import Alert, AlertStatus

NAME_KEYS = (
    "alertname", "alertrule", "rulename", "rule", "monitorname", "monitor", "checkname", "check", "alarmname", "alarm", "triggername",
    "trigger", "policyname", "policy", "conditionname", "condition", "problem", "incidenttitle", "incidentname", "incident", "alerttitle", "alert", "issue",
    "title", "name", "summary", "subject", "message",
)  # fmt: skip
_ENOUGH = 3
_WARNS = re.compile(
    "[\U0001f534\U0001f525\U0001f6a8\u26a0\u2757\u274c\u203c\U0001f4a5\U0001f7e0\U0001f7e1\U0001f7e5\U0001f6d1]"
    r"|:(?:red_circle|fire|rotating_light|warning|exclamation|x|bangbang|boom|large_orange_circle|large_yellow_circle|"
    r"large_red_square|red_square|octagonal_sign|no_entry|sos|alert|siren|skull|heavy_exclamation_mark|police_car_light|negative_squared_cross_mark):"
)
_CALMS = re.compile(
    "[\u2705\u2714\U0001f7e2\U0001f7e9]|:(?:white_check_mark|heavy_check_mark|large_green_circle|green_circle|check|large_green_square|ok_hand|ok):"
)
_CONSTANT = re.compile(
    r"(?:(?:a|an|new|the|system|service|monitoring|monitor|critical|warning|uptime|infrastructure|production|security|incoming|status)\s){0,3}"
    r"(?:alerts?|alarms?|notifications?|incidents?|problems?|warnings?|monitoring|events?)(?:\s(?:notification|triggered|fired|firing|"
    r"resolved|recovered|received|detected|update|closed|opened|acknowledged|alert))?",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    r"^(?:rule|monitor|alert|check|condition|trigger)\s[\"'“*]{0,2}([^\"'”*\n]{2,200}?)[\"'”*]{0,2}\s(?:is|has)\s",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s(?:\(\s?https?://.*|-\s(?:reason|cause|details?|duration)\s?:.*|https?://.*|\|\s.*)$", re.IGNORECASE | re.DOTALL
)
_SAID = re.compile(
    r"\b(?:threshold|exceed(?:s|ed|ing)|events? occurred|above|below|greater than|less than|error rate|latency|unreachable|timeouts?|"
    r"fail(?:ed|ing|ures?)|breach(?:ed)?|spike|anomal(?:y|ies|ous)|firing|alert(?:ing)?|triggered|outage|down|finding|suspicious|unauthori[sz]ed)\b",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in no known format; None where too little speaks for one."""
    lines = [line for line in message.headlines if line]
    if not lines:
        return None
    told = _told_status(message, lines)
    status = told or _shown_status(message, lines)
    if status is None or _weigh(message, lines, told) < _ENOUGH:
        return None
    title = _title(message, lines)
    severity = find_severity(message.pairs) or next(
        (word for line in lines[:3] if (word := headline_severity(line))), None
    )
    return make_alert(
        message,
        vendor=name_vendor(message),
        status=status,
        title=title,
        severity=severity,
        starts_at=event_time(message.pairs) if status is AlertStatus.FIRING else None,
        key=(message.username, title),
    )


def _told_status(message: SlackMessage, lines: list[str]) -> AlertStatus | None:
    value = find_value(message.pairs, *STATUS_KEYS)
    by_field = state_of(value) if value else None
    if by_field is not None:
        return by_field
    states = [state for line in lines[:6] if (state := headline_state(line))]
    # a headline that names only what is watched ("… outage") yields to one that says it is over
    green = Colour.GREEN in message.colours or bool(_CALMS.search(lines[0][:80]))
    if green and AlertStatus.RESOLVED in states:
        return AlertStatus.RESOLVED
    return next(iter(states), None)


def _shown_status(message: SlackMessage, lines: list[str]) -> AlertStatus | None:
    """The state by colour and emoji alone; only trouble: green is also the colour of all good news."""
    warns = any(_WARNS.search(line[:120]) for line in lines[:3])
    return AlertStatus.FIRING if warns or any(colour.is_trouble for colour in message.colours) else None


def _weigh(message: SlackMessage, lines: list[str], told: AlertStatus | None) -> int:
    """Points for signs of an alert; three are enough."""
    marks = [line[:120] for line in lines[:3]]
    coloured = any(colour.is_trouble for colour in message.colours) or (
        told is AlertStatus.RESOLVED and Colour.GREEN in message.colours
    )
    signed = any(_WARNS.search(line) or (told is AlertStatus.RESOLVED and _CALMS.search(line)) for line in marks)
    graded = find_severity(message.pairs) is not None or any(headline_severity(line) for line in marks)
    return (
        2 * (told is not None)
        + coloured
        + signed
        + graded
        + 2 * watches(message)
        + bool(_SAID.search(message.body[:4_000]))
        + (find_value(message.pairs, *NAME_KEYS[:15]) is not None)
    )


def _title(message: SlackMessage, lines: list[str]) -> str:
    card = next(iter(message.cards), None)
    best = lines[0]
    if card is not None and not card.title and card.fallback and not message.text and not message.all_pieces:
        best = plain(card.fallback.split("\n", 1)[0])
    elif not (card and card.title):
        best = _strong_title(message) or best
    named = _ACTIVE.search(best)
    title = named.group(1) if named else _name(best)
    if _is_constant(message, title):
        keyed = find_value(message.pairs, *NAME_KEYS)
        other = next((line for line in lines[1:] if not _is_constant(message, bare_title(line))), None)
        title = keyed or (_name(other) if other else None) or title
    return without_emoji(title)


def _name(line: str) -> str:
    return _ASIDE.sub("", bare_title(line)) or line


def _strong_title(message: SlackMessage) -> str | None:
    """Bold words of a sentence that go on after them name the thing: `Rule *x* is active`, `New incident: *x*`."""
    texts = [message.text, *(piece.text for piece in message.all_pieces if piece.kind in {"section", "rich_text"})]
    if any(piece.kind == "header" for piece in message.all_pieces):
        return None
    for text in texts[:4]:
        line = text.strip().split("\n", 1)[0]
        bold = strong(line)
        if (
            bold
            and not bold.endswith(":")
            and state_of(bold) is None
            and bold not in {"-", "--"}
            and plain(line) != bold
        ):
            return bold
    return None


def _is_constant(message: SlackMessage, title: str) -> bool:
    words = title.strip(" :.!").casefold()
    return bool(_CONSTANT.fullmatch(words)) or words in {
        message.username.casefold(),
        f"{message.username} alert".casefold(),
    }

"""The alerts that share a thread, counted and listed in one message that is rewritten as they come and go."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Listing, Note, Part, Spans, paragraph, text
from core.alert_grouping import AlertGroup, RuleCount

_RULES_SHOWN = 25
_SAMPLES_SHOWN = 8


def render_alert_group(group: AlertGroup) -> Message:
    """Totals first, then a line a rule: those that fire before those that are over, the more alerts the earlier."""
    rules = sorted(group.rules, key=lambda count: (count.firing == 0, -count.alerts))
    parts: list[Part] = [
        paragraph(text(_totals(group), bold=True)),
        Listing(items=tuple(_line(count) for count in rules[:_RULES_SHOWN])),
    ]
    left = rules[_RULES_SHOWN:]
    if left:
        parts.append(Note(text=f"… and {sum(count.alerts for count in left)} alerts of {len(left)} more rules"))
    parts.append(Note(text=f"First {_moment(group.opened_at)}, newest {_moment(group.newest_at)}. {_REASON}"))
    return render_pages(parts, more="the alerts themselves stand in the channel", pages=1)[0]


_REASON = "They share this thread for their names, places, services or times: that is no proof of one cause."


def tell_all_resolved(group: AlertGroup, at: Decimal) -> str:
    """When the last of them ended."""
    return f"All {group.alerts} alerts of this thread are resolved, the last at {_moment(at)}."


def _totals(group: AlertGroup) -> str:
    over = group.alerts - group.firing
    if not group.firing:
        state = "all resolved"
    elif over:
        state = f"{group.firing} firing, {over} resolved"
    else:
        state = "all firing"
    rules = len(group.rules)
    return f"{group.alerts} alerts of {rules} rule{'s' if rules != 1 else ''} in this thread: {state}"


def _line(count: RuleCount) -> Spans:
    severity = f" ({count.severity})" if count.severity else ""
    over = count.alerts - count.firing
    state = " resolved" if not count.firing else f", {over} resolved" if over else ""
    shown = ", ".join(count.samples[:_SAMPLES_SHOWN])
    more = ", …" if len(count.samples) > _SAMPLES_SHOWN else ""
    things = f": {shown}{more}" if shown else ""
    return (text(count.rule or "other rules", bold=True), text(f"{severity} × {count.alerts}{state}{things}"))


def _moment(at: Decimal) -> str:
    return datetime.fromtimestamp(float(at), UTC).strftime("%H:%M:%SZ")

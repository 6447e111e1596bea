"""An alert as a task, and the short replies in its thread."""

from datetime import UTC, datetime
from decimal import Decimal

from bot.slack.render.escaping import clean
from bot.slack.render.limits import cut
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import paragraph
from core.alert import Alert, AlertStatus

_VALUE_CHARS = 300
_LABELS = 30
_SAID_ALREADY = frozenset({"alertname", "severity", "service"})
_MINUTE_S = 60
_HOUR_S = 3600


def render_task(alert: Alert) -> str:
    """The alert in words, for the planner: a line each for what it says, without control characters."""
    count = f" ({alert.count} alerts)" if alert.count is not None and alert.count > 1 else ""
    said = "acknowledged" if alert.status is AlertStatus.ACKNOWLEDGED else "fired"
    lines = [f"Alert {said}: {_line(alert.title)}{count}"]
    if alert.service:
        lines.append(f"Service: {_line(alert.service)}")
    if alert.severity:
        lines.append(f"Severity: {_line(alert.severity)}")
    told = {alert.title, alert.service, alert.severity, *alert.labels.values()}
    values = [_line(value) for value in alert.values if value not in told]
    if values:  # of an alert that names no labels: a service may be among them
        lines.append(f"Values: {', '.join(values[:_LABELS])}")
    labels = [
        f"{_line(key)}: {_line(value)}" for key, value in alert.labels.items() if key.lower() not in _SAID_ALREADY
    ]
    if labels:
        lines += ["Labels:", *labels[:_LABELS]]
    return "\n".join(lines)


def tell_resolved(thread_ts: str, at: Decimal) -> str:
    """When the alert ended, and how long after its first post."""
    lasted_s = int(at - Decimal(thread_ts))
    return f"Resolved at {_moment(at)}" + (f", after {_span(lasted_s)}." if lasted_s > 0 else ".")


def tell_fires_again(at: Decimal) -> str:
    """When it came back."""
    return f"Firing again since {_moment(at)}."


def render_reply(text: str) -> Message:
    """A reply of one line."""
    return render_message([paragraph(text)])


def _line(text: str) -> str:
    return cut(" ".join(clean(text).split()), _VALUE_CHARS)


def _moment(at: Decimal) -> str:
    return datetime.fromtimestamp(float(at), UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _span(seconds: int) -> str:
    if seconds < 2 * _MINUTE_S:
        return f"{seconds} s"
    if seconds < 2 * _HOUR_S:
        return f"{round(seconds / _MINUTE_S)} min"
    hours, rest_s = divmod(seconds, _HOUR_S)
    return f"{hours} h {rest_s // _MINUTE_S} min"

"""The form for a task: question, service, severity, window. Its view, and what a submission of it says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bot.slack.access import Asker
from bot.slack.interactions import ANALYZE_FORM, REJECT_FORM
from bot.slack.render.escaping import clean
from bot.slack.render.limits import cut
from core.landscape import Landscape
from core.reading.severities import severities
from core.window import MAX_WINDOW

type View = dict[str, Any]

TITLE_CHARS = 24
METADATA_CHARS = 3000
"""Title and private_metadata of a view: https://docs.slack.dev/reference/views/modal-views"""
_OPTIONS = 100
"""https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select"""
_OPTION_CHARS = 75
_QUESTION_CHARS = 3000
_NOTE_CHARS = 2000
_SEVERITY_CHARS = 40
_WINDOWS = {
    "15": "Last 15 minutes",
    "30": "Last 30 minutes",
    "60": "Last hour",
    "180": "Last 3 hours",
    "1440": "Last day",
}
_BETWEEN = "between"


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What the form asks for; with `errors`, by block, it cannot be taken as it is."""

    text: str = ""
    context: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, str] = field(default_factory=dict[str, str])


def analyze_form(landscape: Landscape, asker: Asker, *, question: str = "", response_url: str = "") -> View:
    """The view for `views.open`; where to answer is kept in it."""
    windows = [_option(label, value) for value, label in _WINDOWS.items()]
    place = {
        "channel": asker.channel,
        "thread_ts": asker.thread_ts,
        "response_url": response_url if len(response_url) < METADATA_CHARS - 500 else "",
    }
    asked = {"initial_value": cut(question, _QUESTION_CHARS)} if question else {}
    blocks = [
        _input(
            "question",
            "What should be looked into?",
            {
                "type": "plain_text_input",
                "multiline": True,
                "max_length": _QUESTION_CHARS,
                "placeholder": _plain("An alert, a symptom, a question in plain words"),
                **asked,
            },
        ),
        _input("service", "Service", _service_field(landscape), optional=True),
        _input(
            "severity",
            "Severity",
            {
                "type": "plain_text_input",
                "max_length": _SEVERITY_CHARS,
                "placeholder": _plain("as your alerts write it"),
            },
            optional=True,
        ),
        _input(
            "window",
            "Window",
            {
                "type": "static_select",
                "options": [*windows, _option("Between the two times below (UTC)", _BETWEEN)],
                "initial_option": windows[1],
            },
        ),
        *([] if asker.channel else [_CONVERSATION]),
        _input("start", "From", {"type": "datetimepicker"}, optional=True),
        _input("end", "To", {"type": "datetimepicker"}, optional=True),
    ]
    return _view(ANALYZE_FORM, "Investigate", "Investigate", place, blocks)


def reject_form(task_id: str, place: Mapping[str, Any]) -> View:
    """Asks why a verdict is wrong."""
    why = _input(
        "note",
        "What was it really?",
        {
            "type": "plain_text_input",
            "multiline": True,
            "max_length": _NOTE_CHARS,
            "placeholder": _plain("The cause, or what the answer got wrong: the next like it is judged by it"),
        },
        optional=True,
    )
    return _view(REJECT_FORM, "What was wrong?", "Send", {**place, "task_id": task_id}, [why])


def read_analyze(view: Mapping[str, Any], now: datetime) -> Submitted:
    """What was filled in, with an error at each field that cannot be taken."""
    question = clean(_value(view, "question", "value")).strip()
    service = _value(view, "service", "selected_option", "value") or _value(view, "service", "value").strip()
    severity = " ".join(clean(_value(view, "severity", "value")).split())
    chosen = _value(view, "window", "selected_option", "value") or "30"
    errors: dict[str, str] = {}
    context: dict[str, Any] = {}
    if not question:
        errors["question"] = "Say what to look into."
    if service:
        context["service"] = clean(service)
    if severity:
        if severities(severity) or severities(f"severity {severity}"):
            context["severity"] = severity
        else:
            errors["severity"] = "I cannot read this as a severity: write P1, SEV-2, critical or the like."
    start, end = (_moment(view, name) for name in ("start", "end"))
    if chosen == _BETWEEN or start is not None or end is not None:
        errors |= _wrong_window(start, end, now)
        if start is not None and end is not None:
            context |= {"start_time": start, "end_time": end}
    elif chosen in _WINDOWS:
        end = now.replace(microsecond=0)
        context |= {"start_time": end - timedelta(minutes=int(chosen)), "end_time": end}
    return Submitted(text=question, context={} if errors else context, errors=errors)


def read_note(view: Mapping[str, Any]) -> str:
    """Why a verdict was rejected; "" for no reason given."""
    return clean(_value(view, "note", "value")).strip()


def read_channel(view: Mapping[str, Any]) -> str:
    """Where to answer, where the form asks for it."""
    return _value(view, "channel", "selected_conversation")


def read_place(view: Mapping[str, Any]) -> dict[str, Any]:
    """What the view was opened with."""
    try:
        place: object = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        return {}
    return cast("dict[str, Any]", place) if isinstance(place, dict) else {}


def _wrong_window(start: datetime | None, end: datetime | None, now: datetime) -> dict[str, str]:
    if start is None:
        return {"start": "When does the window begin?"}
    if start > now:
        return {"start": "This is still to come: choose a time that has passed."}
    if end is None:
        return {"end": "When does the window end?"}
    if end <= start:
        return {"end": "This is not after the beginning."}
    if end - start > MAX_WINDOW:
        return {"end": f"At most {MAX_WINDOW.days} days can be asked: choose a shorter window."}
    return {}


def _service_field(landscape: Landscape) -> dict[str, Any]:
    names = sorted(service.name for service in landscape.services if len(service.name) <= _OPTION_CHARS)
    if not names or len(names) > _OPTIONS:
        return {"type": "plain_text_input", "max_length": 200, "placeholder": _plain("its name")}
    return {
        "type": "static_select",
        "options": [_option(name, name) for name in names],
        "placeholder": _plain("as my files name it"),
    }


def _view(callback_id: str, title: str, submit: str, place: Mapping[str, Any], blocks: list[dict[str, Any]]) -> View:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(cut(title, TITLE_CHARS)),
        "submit": _plain(cut(submit, TITLE_CHARS)),
        "close": _plain("Cancel"),
        "private_metadata": json.dumps({name: value for name, value in place.items() if value}),
        "blocks": blocks,
    }


def _input(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "element": {"action_id": "value", **element},
        "optional": optional,
    }


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": _plain(cut(label, _OPTION_CHARS)), "value": value}


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words, "emoji": False}


_CONVERSATION = _input(
    "channel",
    "Where should I answer?",
    {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private", "im"], "exclude_bot_users": False},
    },
)


def _value(view: Mapping[str, Any], block_id: str, *path: str) -> str:
    """What stands in a field: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload ."""
    found: Any = view.get("state")
    for name in ("values", block_id, "value", *path):
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return "" if found is None else str(found)


def _moment(view: Mapping[str, Any], block_id: str) -> datetime | None:
    seconds = _value(view, block_id, "selected_date_time")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() else None

import re

from pydantic import Field

from core.evidence import Priority
from tools.arguments import MAX_TEXT_CHARS
from tools.impact import Impact, read_impact
from tools.priority_signals import MAX_LEVEL, Reading, Signal, read_signals
from tools.severity_definitions import met_definition, read_definitions
from tools.texts import TextInput, text_tool

_DEFAULT_LEVEL = 3
_MAX_REASONS = 8
_CLAUSE_END = re.compile(r"[.,;:!?\n]|\s(?:but|however|although|though|yet)\s", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:no|not|none|nobody|never|without|neither|nor)\b|n['’]t\b", re.IGNORECASE)


class Input(TextInput):
    """The text to judge, and the company's own words for how bad something is."""

    definitions: str | None = Field(
        default=None,
        max_length=MAX_TEXT_CHARS,
        description="The policy's definitions of its severities, one a line or row; they win over general words.",
    )


def _read(args: Input) -> Priority:
    return read_priority(args.text, args.definitions)


def read_priority(text: str, definitions: str | None = None) -> Priority:
    """A stated severity decides; without one the policy's definition that the text meets; else the most urgent signal.

    P3 where nothing speaks.
    """
    reading = read_signals(text)
    stated = [signal for signal in reading.holding if signal.stated]
    if not stated and definitions and (met := met_definition(_told(text), read_definitions(definitions))):
        level = min(max(met.definition.level, 1), MAX_LEVEL)
        reason = f'the policy\'s "{met.definition.words}": shares {", ".join(met.shared)}'
        return Priority(priority=f"P{level}", reasons=(reason, *_denials(reading))[:_MAX_REASONS])
    signals = stated or list(reading.holding)
    level = min((signal.level for signal in signals), default=_DEFAULT_LEVEL)
    reasons = [_reason(signal) for signal in signals if signal.level == level][: _MAX_REASONS - 3]
    if not stated:
        reach = read_impact(text)
        if reach.impact is Impact.MAINTENANCE:
            return Priority(priority=f"P{MAX_LEVEL}", reasons=(*reach.reasons, *_denials(reading))[:_MAX_REASONS])
        if reach.impact is Impact.CRITICAL and level > 1:
            level, reasons = 1, list(reach.reasons)
        elif signals:
            reasons.append(f"impact on the scale of status pages: {reach.impact}")
    if not stated and signals and reading.test_system is not None:
        level = min(level + 1, MAX_LEVEL)
        reasons.append(f'"{reading.test_system}": not production, so one level less')
    reasons += _denials(reading)
    if not signals:
        reasons.append("no words of the text speak for an urgency: taken as P3")
    return Priority(priority=f"P{level}", reasons=tuple(dict.fromkeys(reasons))[:_MAX_REASONS])


def _told(text: str) -> str:
    """The clauses of the text that deny nothing."""
    return " ".join(clause for clause in _CLAUSE_END.split(text) if not _DENIAL.search(clause))


def _denials(reading: Reading) -> list[str]:
    return [f'"{signal.words}": the text denies that {_denied(signal)}' for signal in reading.denied]


def _reason(signal: Signal) -> str:
    return f'"{signal.words}": {signal.meaning}'


def _denied(signal: Signal) -> str:
    return "this is its severity" if signal.stated else signal.meaning


TOOL = text_tool(
    name="classify_priority",
    description="P1 (most urgent) to P4, with the words of the text that led there; denied words do not count.",
    input_type=Input,
    output_type=Priority,
    read=_read,
    is_empty=lambda _output: False,
)

from core.evidence import Priority
from tools.priority_signals import MAX_LEVEL, Signal, read_signals
from tools.texts import TextInput, text_tool

_DEFAULT_LEVEL = 3
_MAX_REASONS = 8


class Input(TextInput):
    """The text to judge."""


def _read(args: Input) -> Priority:
    """A stated severity decides; without one the most urgent signal that holds; P3 where nothing speaks."""
    reading = read_signals(args.text)
    stated = [signal for signal in reading.holding if signal.stated]
    signals = stated or list(reading.holding)
    level = min((signal.level for signal in signals), default=_DEFAULT_LEVEL)
    reasons = [_reason(signal) for signal in signals if signal.level == level]
    if not stated and signals and reading.test_system is not None:
        level = min(level + 1, MAX_LEVEL)
        reasons.append(f'"{reading.test_system}": not production, so one level less')
    reasons += [f'"{signal.words}": the text denies that {_denied(signal)}' for signal in reading.denied]
    if not signals:
        reasons.append("no words of the text speak for an urgency: taken as P3")
    return Priority(priority=f"P{level}", reasons=tuple(dict.fromkeys(reasons))[:_MAX_REASONS])


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

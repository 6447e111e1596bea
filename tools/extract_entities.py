from collections.abc import Iterable

from core.evidence import Entities, Entity
from tools.entity_kinds import KINDS, Found
from tools.texts import TextInput, text_tool


class Input(TextInput):
    """The text to read names from."""


def _read(args: Input) -> Entities:
    found = _longest(thing for find in KINDS for thing in find(args.text))
    return Entities(
        entities=tuple(Entity(kind=kind, text=args.text[start:end], start=start, end=end) for kind, start, end in found)
    )


def _longest(found: Iterable[Found]) -> list[Found]:
    """The things that do not overlap, in the order of the text: the longest first, then the kind listed first."""
    by_length = sorted(found, key=lambda thing: thing.start - thing.end)
    taken = bytearray(max((thing.end for thing in by_length), default=0))
    kept: list[Found] = []
    for thing in by_length:
        if taken.find(1, thing.start, thing.end) < 0:
            taken[thing.start : thing.end] = b"\x01" * (thing.end - thing.start)
            kept.append(thing)
    return sorted(kept, key=lambda thing: thing.start)


TOOL = text_tool(
    name="extract_entities",
    description=(
        "Named things of a text with their positions: services, hosts, addresses, tickets, commits, versions, "
        "percentages, durations, times, dates, severities, people, channels, URLs, status and error codes, vulnerabilities "
        "and amounts of money."
    ),
    input_type=Input,
    output_type=Entities,
    read=_read,
    is_empty=lambda output: not output.entities,
)

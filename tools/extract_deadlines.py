from pydantic import Field

from core.evidence import Deadline, Deadlines
from tools.arguments import IsoTime
from tools.deadlines import find_deadlines
from tools.texts import TextInput, text_tool


class Input(TextInput):
    """The text to read deadlines from, and when it was written."""

    reference_time: IsoTime | None = Field(
        default=None,
        description="When the text was written; `by Friday` and the like are counted from it, in its zone.",
    )


def _read(args: Input) -> Deadlines:
    return Deadlines(
        deadlines=tuple(
            Deadline(text=item.words, at=item.at, within_minutes=item.within_minutes, note=item.note)
            for item in find_deadlines(args.text, args.reference_time)
        )
    )


TOOL = text_tool(
    name="extract_deadlines",
    description=(
        "Times by which something is due: the words, and the moment or the minutes they stand for. A time that needs "
        "a reference, such as `by Friday`, has a moment only where the reference time is given; letters that stand for "
        "several time zones are reported, not guessed."
    ),
    input_type=Input,
    output_type=Deadlines,
    read=_read,
    is_empty=lambda output: not output.deadlines,
)

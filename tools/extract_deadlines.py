from core.evidence import Deadline, Deadlines
from tools.deadlines import find_deadlines
from tools.texts import TextInput, text_tool


class Input(TextInput):
    """The text to read deadlines from."""


def _read(args: Input) -> Deadlines:
    return Deadlines(
        deadlines=tuple(
            Deadline(text=item.words, at=item.at, within_minutes=item.within_minutes)
            for item in find_deadlines(args.text)
        )
    )


TOOL = text_tool(
    name="extract_deadlines",
    description=(
        "Times by which something is due: the words, and the moment or the minutes they stand for. A time that needs "
        "a reference, such as `by Friday`, keeps its words and has no moment."
    ),
    input_type=Input,
    output_type=Deadlines,
    read=_read,
    is_empty=lambda output: not output.deadlines,
)

"""What the five text tools share: their input, and how they are run."""

import asyncio
from collections.abc import Callable

from core.base import Model
from core.report import Citation
from core.result import CallStatus
from tools.arguments import Text
from tools.deps import Sources
from tools.spec import TimeLimit, ToolSpec


class TextInput(Model):
    """A text to read."""

    text: Text


def text_tool[In: Model, Out: Model](
    *,
    name: str,
    description: str,
    input_type: type[In],
    output_type: type[Out],
    read: Callable[[In], Out],
    is_empty: Callable[[Out], bool],
) -> ToolSpec[In, Out]:
    """A tool that reads a text: it asks nobody, so it is never tried again and has nothing to cite.

    A long text takes a good part of a second: it is read in a thread, so other runs go on.
    """

    async def run(args: In, _sources: Sources) -> Out:
        return await asyncio.to_thread(read, args)

    def cite(_output: Out) -> tuple[Citation, ...]:
        return ()

    def status(output: Out) -> CallStatus:
        return CallStatus.EMPTY if is_empty(output) else CallStatus.OK

    return ToolSpec(
        name=name,
        description=description,
        input_type=input_type,
        output_type=output_type,
        run=run,
        cite=cite,
        status=status,
        retries=False,
        time_limit=TimeLimit.TEXT,
    )

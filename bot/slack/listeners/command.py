"""`/orch …`: recorded, and answered at once as far as the words alone tell."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.commands.answers import Answer, say
from bot.slack.commands.asking import accepted
from bot.slack.commands.commander import asker_of_command, typed
from bot.slack.commands.help_texts import tell_at_once
from bot.slack.commands.telling import private_body
from bot.slack.commands.words import COMMAND, Command, read_command
from bot.slack.intake_arrivals import read_command as read_arrival
from bot.slack.interactions.forms import Forms
from bot.slack.listeners.recording import Recorder
from core.errors import InvalidInputError
from core.task import check_text


def register(app: AsyncApp, recorder: Recorder, forms: Forms) -> None:
    """Listen to the command."""
    listen: Any = app.command(COMMAND)  # pyright: ignore[reportUnknownMemberType] -- Bolt does not type its decorators

    @listen
    async def orch(ack: AsyncAck, command: dict[str, Any]) -> None:
        words = typed(command)
        url = str(command.get("response_url") or "")
        at_once = tell_at_once(words) or _refuse_text(words)
        if at_once is not None:
            await recorder.record(read_arrival(command, reason=at_once.reason), response_url=url)
            await ack(private_body(at_once.message))
        elif _asks_for_the_form(words):
            is_new = await recorder.record(read_arrival(command, reason="form_opened"), response_url=url)
            problem = await forms.open_analyze(command, asker_of_command(command), response_url=url) if is_new else None
            await ack(private_body(problem.message) if problem is not None else "")
        else:
            await recorder.record(read_arrival(command), response_url=url)
            await ack(_on_it(words))


def _asks_for_the_form(words: str) -> bool:
    read = read_command(words)
    return isinstance(read, Command) and read.name == "analyze" and not read.argument


def _on_it(words: str) -> dict[str, Any] | str:
    """What a task is acknowledged with; other commands are answered as soon as the answer is there."""
    read = read_command(words)
    if isinstance(read, Command) and read.name == "analyze":
        return private_body(say("asked", accepted(read.argument)).message)
    return ""


def _refuse_text(words: str) -> Answer | None:
    """Why the words cannot be a task."""
    read = read_command(words)
    if not isinstance(read, Command) or read.name != "analyze" or not read.argument:
        return None
    try:
        check_text(read.argument)
    except InvalidInputError as error:
        return say("invalid_input", f"I did not take this: {error}", refused=True)
    return None

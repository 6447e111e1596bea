"""`/orch analyze …` and `/orch help`."""

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.render.escaping import clean, unescape
from bot.slack.render.limits import cut
from bot.slack.responses import Responses, private
from bot.slack.thread import SlackThreads
from core.errors import InvalidInputError, OrchError, StorageError, TaskConflictError
from core.service import Submission, TaskService
from core.task import Origin, Request, Task, TaskStatus

_log = structlog.stdlib.get_logger(__name__)

COMMAND = "/orch"
HELP = (
    f"{COMMAND} analyze <what to look into>: I ask the sources, and answer in a thread here with the plan, the evidence with "
    f"its citations, and a verdict.\n{COMMAND} help: these lines."
)
_ANALYZE = frozenset({"analyze", "analyse"})
_SHOWN_CHARS = 200
_KEY_CHARS = 450
_STORE_TIMEOUT_S = 2.0
"""Slack waits three seconds: https://docs.slack.dev/interactivity/implementing-slash-commands#responding_to_commands"""


def register(app: AsyncApp, service: TaskService, threads: SlackThreads, responses: Responses) -> None:
    """Listen to the command."""
    analyst = _Analyst(service, threads, responses)
    listen: Any = app.command(COMMAND)  # pyright: ignore[reportUnknownMemberType] -- Bolt does not type its decorators

    @listen
    async def orch(ack: AsyncAck, command: dict[str, Any]) -> None:
        words = unescape(clean(str(command.get("text") or ""))).split(maxsplit=1)
        name, text = (*words, "", "")[:2]
        if name.lower() in _ANALYZE:
            answer = await analyst.take(command, text)
        elif name.lower() in {"", "help"}:
            answer = HELP
        else:
            answer = f"I do not know “{cut(name, 40)}”.\n{HELP}"
        await ack(private(answer))


class _Analyst:
    def __init__(self, service: TaskService, threads: SlackThreads, responses: Responses) -> None:
        self._service = service
        self._threads = threads
        self._responses = responses

    async def take(self, command: dict[str, Any], text: str) -> str:
        """What to tell the asker. StorageError when the task could not be stored: then there is nothing to acknowledge."""
        response_url = str(command.get("response_url") or "")
        try:
            submission = await self._store(_read_request(command, text))
        except InvalidInputError as error:
            return f"I did not take this: {error}"
        except StorageError:
            if response_url:
                await self._responses.tell(
                    response_url, "I could not store your task, so it is not taken: try again soon."
                )
            raise
        task = submission.task
        if task.status is TaskStatus.QUEUED:
            self._threads.remember(task.task_id, response_url)
            try:
                await self._service.run(task.task_id)
            except TaskConflictError:
                _log.info("slack.delivered_twice", task_id=str(task.task_id))
            except OrchError as error:
                _log.warning("slack.run_not_begun", task_id=str(task.task_id), error=str(error))
                return (
                    f"I stored your task as {task.task_id}. I cannot begin it just now, and do so as soon as I can: there is "
                    "no need to ask again."
                )
        return _accepted(task)

    async def _store(self, request: Request) -> Submission:
        try:
            async with asyncio.timeout(_STORE_TIMEOUT_S):
                return await self._service.submit(request)
        except TimeoutError:
            raise StorageError(f"the task was not stored within {_STORE_TIMEOUT_S:g} s: see GET /health") from None


def _read_request(command: dict[str, Any], text: str) -> Request:
    """The task that the command asks for; the key is its `trigger_id`, since Slack gives a command no other id.

    https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
    """
    trigger_id = command.get("trigger_id")
    return Request(
        text=text,
        origin=Origin(
            door="slack", user=command.get("user_id"), team=command.get("team_id"), channel=command.get("channel_id")
        ),
        key=f"slack:command:{str(trigger_id)[:_KEY_CHARS]}" if trigger_id else None,
    )


def _accepted(task: Task) -> str:
    return (
        f"On it: {cut(' '.join(task.text.split()), _SHOWN_CHARS)}\nThe answer comes in a thread in this conversation."
    )

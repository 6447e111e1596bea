"""Starts tasks for people: within the rules, within their quota, and once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.slack.access import Access, Asker, Refused
from bot.slack.commands.answers import Answer, say
from bot.slack.render.limits import cut
from core.errors import InvalidInputError
from core.service import Submission, TaskService
from core.task import Context, Origin, Request, Task
from storage.slack_tasks import SlackTasks

_SHOWN_CHARS = 200


def refuse(refused: Refused) -> Answer:
    """A refusal as an answer."""
    return say(refused.reason, refused.words, refused=True)


def accepted(text: str) -> str:
    """What the asker reads at once."""
    return f"On it: {cut(' '.join(text.split()), _SHOWN_CHARS)}\nThe answer comes in a thread in this conversation."


@dataclass(frozen=True, kw_only=True)
class Starter:
    """Hands tasks in. `open_thread` shows one as taken at once, and keeps with it where to reach whoever asked.

    It is another process, perhaps, that runs the task and finds out that the channel does not take the answer.
    """

    service: TaskService
    tasks: SlackTasks
    access: Access
    open_thread: Callable[[Task, str | None], Awaitable[None]]

    async def start(
        self, asker: Asker, text: str, context: dict[str, Any], *, key: str, response_url: str = ""
    ) -> Submission | Answer:
        """The task, queued; an answer says why there is none. Asked twice with one key it is the first one's task."""

        async def submit() -> Submission:
            return await self.service.submit(
                Request(text=text, context=Context.model_validate(context), origin=origin_of(asker), key=key)
            )

        return await self._within_quota(asker, submit, key=key, response_url=response_url)

    async def rerun(self, asker: Asker, task_id: UUID, *, key: str, response_url: str = "") -> Submission | Answer:
        """The task anew. TaskConflictError while it has not ended, TaskNotFoundError where it is not there."""
        origin = origin_of(asker)

        async def submit() -> Submission:
            return await self.service.rerun(task_id, origin, key)

        return await self._within_quota(asker, submit, key=key, response_url=response_url)

    async def _within_quota(
        self, asker: Asker, submit: Callable[[], Awaitable[Submission]], *, key: str, response_url: str
    ) -> Submission | Answer:
        refused = await self.access.refuse(asker)
        if refused is not None:
            return refuse(refused)
        async with self.access.counting(asker, key) as over:
            if over is not None:
                return refuse(over)
            try:
                submission = await submit()
            except InvalidInputError as error:
                return say("invalid_input", f"I did not take this: {error}", refused=True)
        await self.open_thread(submission.task, response_url)
        return submission


def origin_of(asker: Asker) -> Origin:
    """Where the answer goes."""
    return Origin(door="slack", user=asker.user, team=asker.team, channel=asker.channel, thread_ts=asker.thread_ts)

"""Tells whoever asked that their answer could not be written where they asked for it."""

from collections import OrderedDict
from uuid import UUID

import structlog

from bot.slack.errors import TOKEN_ERRORS, Fault, SlackCallError
from bot.slack.manifest import COMMAND
from bot.slack.outbox import Outbox, Outgoing
from bot.slack.render.pages import render_message
from bot.slack.render.parts import paragraph
from bot.slack.responses import Responses
from core.errors import StorageError
from storage.slack_outbox_claims import Claimed
from storage.slack_tasks import SlackTasks

_log = structlog.stdlib.get_logger(__name__)

_REMEMBERED = 1_000
_ROLES = frozenset({"opening", "plan", "verdict"})
"""Without one of them nothing of an answer is to be seen, or not what matters."""


class Apologies:
    """By the `response_url` of what they typed, for half an hour; else in a message to them alone. Either of them once a task.

    An opening that was given up is tried again with the verdict; whoever was told the first time knows by then.
    """

    def __init__(self, responses: Responses, tasks: SlackTasks, outbox: Outbox) -> None:
        self._responses = responses
        self._tasks = tasks
        self._outbox = outbox
        self._told: OrderedDict[UUID | None, None] = OrderedDict()

    async def tell(self, claimed: Claimed, error: SlackCallError) -> None:
        """Returns when it is said or kept to be said; a failure is logged."""
        if not self._is_first(claimed.task_id):
            return
        runs = f" Your task runs as {claimed.task_id}." if claimed.task_id is not None else ""
        if claimed.response_url is not None and await self._responses.tell(
            claimed.response_url, f"I cannot answer here: {error.remedy}.{runs}"
        ):
            return
        self._told.pop(claimed.task_id, None)
        try:
            await self._write(claimed, error)
        except StorageError as failure:
            _log.warning("slack.asker_not_told", key=claimed.key, error=str(failure))

    def _is_first(self, task_id: UUID | None) -> bool:
        """Whether nobody was told of the task yet, as far as this process knows; noted as if it was."""
        if task_id in self._told:
            return False
        if task_id is not None:
            self._told[task_id] = None
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
        return True

    async def _write(self, claimed: Claimed, error: SlackCallError) -> None:
        """A person's id stands for the conversation with them: https://docs.slack.dev/reference/methods/chat.postMessage ."""
        if claimed.task_id is None or claimed.ts is not None or claimed.role not in _ROLES:
            return
        is_the_channels = error.fault in {Fault.FINAL, Fault.REFUSED} and error.code not in TOKEN_ERRORS
        if not is_the_channels or claimed.channel.startswith("D"):  # there Slack would refuse this, too
            return
        user = await self._tasks.asker(claimed.task_id)
        if user is None:
            return
        short = str(claimed.task_id)[:8]
        message = render_message(
            [paragraph(f"I cannot answer where you asked me: {error.remedy}. {COMMAND} show {short} tells the answer.")]
        )
        key = f"apology:{claimed.task_id}"
        await self._outbox.put(
            Outgoing(key=key, channel=user, team=claimed.team or None, message=message, role="apology", is_final=True)
        )

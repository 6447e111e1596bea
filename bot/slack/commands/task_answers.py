"""`show`, `rerun` and `cancel`: answers about one task, named by the beginning of its id or as the last one here."""

import re
from dataclasses import dataclass
from uuid import UUID

from bot.slack.access import Asker
from bot.slack.commands.answers import Answer, say, with_buttons
from bot.slack.commands.asking import Starter, accepted, refuse
from bot.slack.interactions import CANCEL, POST, RERUN, SHOW
from bot.slack.progress import replay
from bot.slack.render.evidence import render_evidence
from bot.slack.render.limits import cut
from bot.slack.render.pages import Message
from bot.slack.render.parts import Button
from bot.slack.render.verdict import render_verdict
from core.errors import TaskConflictError, TaskNotFoundError
from core.events import RunEnded
from core.service import TaskService
from core.task import Task, TaskStatus
from storage.slack_tasks import SlackTasks

_SHORTEST = 6
_EVIDENCE_PAGES = 3
"""A `response_url` is good for five messages: https://docs.slack.dev/interactivity/handling-user-interaction"""
_SHOWN_CHARS = 200
_ID = re.compile(r"[0-9a-f-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class TaskAnswers:
    """Reads tasks, and has them repeated or stopped."""

    service: TaskService
    tasks: SlackTasks
    starter: Starter

    async def show(self, asker: Asker, argument: str) -> Answer | list[Message]:
        """The verdict as messages, or why there is none to show."""
        task = await self._find(asker, argument)
        return task if isinstance(task, Answer) else self.render(task, can_post=True)

    def render(self, task: Task, *, can_post: bool) -> Answer | list[Message]:
        """The verdict of a task that has ended; how far it is otherwise."""
        about = f"{_short(task.task_id)} “{cut(' '.join(task.text.split()), _SHOWN_CHARS)}”"
        if not task.status.is_final:
            state = "is running" if task.status is TaskStatus.RUNNING else "waits for a free place"
            return say(
                "not_ended",
                f"Task {about} {state}: it has no verdict yet.",
                Button(label="Show again", action_id=SHOW, value=str(task.task_id)),
                Button(label="Cancel", action_id=CANCEL, value=str(task.task_id), is_danger=True),
            )
        ended = next((event for event in replay(task) if isinstance(event, RunEnded)), None)
        if ended is None:
            return say("unreadable", f"How task {about} ended cannot be read by this release.", refused=True)
        pages = render_verdict(ended)
        if not can_post:
            return pages
        post = Button(label="Post it here", action_id=POST, value=str(task.task_id))
        return [*pages[:-1], with_buttons(pages[-1], [post])]

    async def details(self, asker: Asker, argument: str) -> Answer | list[Message]:
        """The evidence with its citations, then the verdict."""
        task = await self._find(asker, argument)
        if isinstance(task, Answer):
            return task
        shown = self.render(task, can_post=False)
        if isinstance(shown, Answer) or task.result is None:
            return shown
        evidence = render_evidence(task.task_id, task.result.report)
        return [*evidence[:_EVIDENCE_PAGES], *shown]

    async def rerun(self, asker: Asker, argument: str, *, key: str, response_url: str = "") -> Answer:
        """The task anew, in a thread of its own; the one that is at work already, when there is one."""
        task = await self._find(asker, argument)
        if isinstance(task, Answer):
            return task
        if not task.status.is_final:
            return _at_work(task.task_id, "It has not ended yet")
        at_work = await self.tasks.rerun_at_work(task.task_id)
        if at_work is not None and at_work != await self.tasks.with_key(key):
            return _at_work(at_work, "It is being run again already")
        try:
            started = await self.starter.rerun(asker, task.task_id, key=key, response_url=response_url)
        except TaskConflictError:
            return _at_work(task.task_id, "It has not ended yet")
        if isinstance(started, Answer):
            return started
        answer = say("rerun", accepted(started.task.text), note=f"Task {started.task.task_id}")
        return Answer(reason=answer.reason, parts=answer.parts, task_id=started.task.task_id)

    async def cancel(self, asker: Asker, argument: str, *, by: str) -> Answer:
        """The task, stopped."""
        task = await self._find(asker, argument)
        if isinstance(task, Answer):
            return task
        refused = await self.starter.access.refuse(asker)
        if refused is not None:
            return refuse(refused)
        try:
            await self.service.cancel(task.task_id, by)
        except TaskConflictError:
            return say(
                "ended_already",
                f"Task {_short(task.task_id)} has ended already: there is nothing to stop.",
                Button(label="Show", action_id=SHOW, value=str(task.task_id)),
                refused=True,
            )
        answer = say(
            "cancelled",
            f"Stopped: {_short(task.task_id)} “{cut(' '.join(task.text.split()), _SHOWN_CHARS)}”",
            Button(label="Run again", action_id=RERUN, value=str(task.task_id)),
        )
        return Answer(reason=answer.reason, parts=answer.parts, buttons=answer.buttons, task_id=task.task_id)

    async def _find(self, asker: Asker, argument: str) -> Task | Answer:
        """The one task that is meant, or what to type instead."""
        wanted = argument.strip().lower().removeprefix("task").strip().rstrip(".…")
        if not wanted:
            found = await self._latest(asker)
            if found is None:
                return say("no_task_here", "There is no task of this channel yet: give me the id of one.", refused=True)
            return await self.service.get(found)
        if not _ID.fullmatch(wanted) or len(wanted.replace("-", "")) < _SHORTEST:
            return say(
                "not_an_id",
                f"“{cut(argument, 40)}” is not the beginning of a task's id: type {_SHORTEST} characters of it or more, or "
                "nothing for the last task here.",
                refused=True,
            )
        matches = await self.tasks.with_prefix(asker.team, wanted)
        if not matches:
            return say("task_not_found", f"There is no task whose id begins with {cut(wanted, 40)}.", refused=True)
        if len(matches) > 1:
            ids = ", ".join(str(task_id)[:13] for task_id in matches)
            return say("id_not_unique", f"Several tasks begin so: {ids}. Type more of the id.", refused=True)
        try:
            return await self.service.get(matches[0])
        except TaskNotFoundError:
            return say("task_not_found", f"Task {_short(matches[0])} is there no more.", refused=True)

    async def _latest(self, asker: Asker) -> UUID | None:
        if asker.thread_ts is not None:
            found = await self.tasks.latest_in_thread(asker.team, asker.channel, asker.thread_ts)
            if found is not None:
                return found
        return await self.tasks.latest_in_channel(asker.team, asker.channel)


def _at_work(task_id: UUID, words: str) -> Answer:
    return say(
        "at_work_already",
        f"{words}: task {_short(task_id)} is at work.",
        Button(label="Show", action_id=SHOW, value=str(task_id)),
        Button(label="Cancel", action_id=CANCEL, value=str(task_id), is_danger=True),
        refused=True,
    )


def _short(task_id: UUID) -> str:
    return str(task_id)[:8]

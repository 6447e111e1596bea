"""What comes of a button, a shortcut or a submitted form."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from bot.slack.access import Asker
from bot.slack.commands.answers import Answer, say
from bot.slack.commands.asking import Starter, accepted
from bot.slack.commands.facilities import Facilities
from bot.slack.commands.task_answers import TaskAnswers
from bot.slack.commands.telling import Teller
from bot.slack.interactions import ANALYZE_FORM, CANCEL, FEEDBACK, POST, REJECT_FORM, RERUN, SHOW
from bot.slack.interactions.form import read_analyze, read_channel, read_note, read_place
from bot.slack.interactions.shortcut import read_shortcut
from bot.slack.outbox import Outgoing
from bot.slack.render.pages import Message
from bot.slack.render.parts import Button
from bot.slack.triage import Outcome
from core.errors import TaskNotFoundError
from storage.feedback import FeedbackValue
from storage.slack_inbox import InboxItem
from storage.slack_tasks import SlackTasks

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_GONE = "The task of this message is there no more."


class Interactions:
    """One method a kind of row. To do any of them again, after a process died over it, is harmless."""

    def __init__(
        self, facilities: Facilities, starter: Starter, tasks: SlackTasks, answers: TaskAnswers, teller: Teller
    ) -> None:
        self._facilities = facilities
        self._starter = starter
        self._tasks = tasks
        self._answers = answers
        self._teller = teller

    async def take_action(self, item: InboxItem) -> Outcome:
        """A button below one of orch's messages; only who pressed it reads what came of it."""
        payload = item.payload
        # In App Home there is no channel: the view knows the conversation with its reader.
        asker = asker_of(payload, read_place(payload.get("view") or {}))
        action = first_action(payload)
        task_id = task_of(payload)
        name = str(action.get("action_id") or "")
        if name not in {RERUN, CANCEL, SHOW, POST, FEEDBACK}:
            return Outcome(reason="link_button" if action.get("url") else "unknown_action", refused=True)
        if task_id is None:
            return Outcome(reason="no_task_in_button", refused=True)
        try:
            answer = await self._press(name, asker, task_id, item, str(action.get("value") or ""))
        except TaskNotFoundError:
            answer = say("task_not_found", _GONE, refused=True)
        return await self._tell(item, asker, answer, response_url=str(payload.get("response_url") or ""))

    async def take_shortcut(self, item: InboxItem) -> Outcome:
        """“Investigate this message”: a task in that message's thread."""
        payload = item.payload
        asker = asker_of(payload)
        url = str(payload.get("response_url") or "")
        read = read_shortcut(payload, self._facilities.clock())
        if isinstance(read, Answer):
            return await self._tell(item, asker, read, response_url=url)
        at_work = await self._tasks.latest_in_thread(asker.team, asker.channel, read.thread_ts)
        if at_work is not None and at_work != await self._tasks.with_key(read.key):
            return await self._tell(item, asker, _looked_into(at_work), response_url=url)
        there = Asker(
            team=asker.team,
            user=asker.user,
            channel=asker.channel,
            channel_name=asker.channel_name,
            name=asker.name,
            home_team=asker.home_team,
            thread_ts=read.thread_ts,
            is_direct=asker.is_direct,
        )
        started = await self._starter.start(there, read.text, read.context, key=read.key, response_url=url)
        if isinstance(started, Answer):
            return await self._tell(item, asker, started, response_url=url)
        if not started.created:
            return await self._tell(item, asker, _looked_into(started.task.task_id), response_url=url)
        words = f"On it, in the thread of that message. I read it as {read.read_as}."
        answer = say("investigating", words, note=f"Task {started.task.task_id}")
        told = await self._tell(item, asker, answer, response_url=url)
        return Outcome(reason=told.reason, task_id=started.task.task_id)

    async def take_submission(self, item: InboxItem) -> Outcome:
        """A submitted form."""
        view: Mapping[str, Any] = item.payload.get("view") or {}
        place = read_place(view)
        asker = asker_of(item.payload, {**place, "channel": place.get("channel") or read_channel(view)})
        url = str(place.get("response_url") or "")
        match view.get("callback_id"):
            case name if name == ANALYZE_FORM:
                return await self._submit_task(item, asker, view, url)
            case name if name == REJECT_FORM:
                task_id = _uuid(str(place.get("task_id") or ""))
                if task_id is None:
                    return Outcome(reason="no_task_in_form", refused=True)
                note = read_note(view)
                try:
                    answer = await self._keep(asker, task_id, "rejected", note)
                except TaskNotFoundError:
                    answer = say("task_not_found", _GONE, refused=True)
                return await self._tell(item, asker, answer)
            case _:
                return Outcome(reason="unknown_form", refused=True)

    async def _submit_task(self, item: InboxItem, asker: Asker, view: Mapping[str, Any], url: str) -> Outcome:
        asked = read_analyze(view, _received(item))
        if asked.errors:
            return Outcome(reason="invalid_form", refused=True)
        started = await self._starter.start(asker, asked.text, asked.context, key=f"slack:{item.key}", response_url=url)
        if isinstance(started, Answer):
            return await self._tell(item, asker, started, response_url=url)
        await self._tell(item, asker, say("asked", accepted(asked.text)), response_url=url)
        return Outcome(reason="asked", task_id=started.task.task_id)

    async def _press(
        self, name: str, asker: Asker, task_id: UUID, item: InboxItem, value: str
    ) -> Answer | list[Message]:
        match name:
            case _ if name == RERUN:
                return await self._answers.rerun(asker, str(task_id), key=f"slack:{item.key}")
            case _ if name == CANCEL:
                return await self._answers.cancel(asker, str(task_id), by=f"{asker.name or asker.user} in Slack")
            case _ if name == FEEDBACK:
                if "rejected" in value or "negative" in value:
                    return await self._keep(asker, task_id, "rejected", None)
                return await self._keep(asker, task_id, "helpful", None)
            case _ if name == POST:
                return await self._post(asker, task_id, item)
            case _:
                return await self._answers.details(asker, str(task_id))

    async def _keep(self, asker: Asker, task_id: UUID, value: FeedbackValue, note: str | None) -> Answer:
        await self._facilities.feedback.put(task_id, user_id=asker.user, team=asker.team, value=value, note=note)
        if value == "helpful":
            return say("feedback_kept", "Thank you: kept as helpful.")
        words = "Kept as wrong, with your words." if note else "Kept as wrong."
        again = Button(label="Run again", action_id=RERUN, value=str(task_id))
        return say("feedback_kept", f"{words} It will not be offered as what the cause was before.", again)

    async def _post(self, asker: Asker, task_id: UUID, item: InboxItem) -> Answer:
        refused = await self._starter.access.refuse(asker)
        if refused is not None:
            return say(refused.reason, refused.words, refused=True)
        task = await self._starter.service.get(task_id)
        shown = self._answers.render(task, can_post=False)
        if isinstance(shown, Answer):
            return shown
        outgoing = [
            Outgoing(
                key=f"posted:{item.key}:{number}",
                channel=asker.channel,
                team=asker.team,
                thread=asker.thread_ts,
                message=message,
                role="posted",
                task_id=task_id,
            )
            for number, message in enumerate(shown)
        ]
        await self._teller.put(*outgoing)
        return say("posted", "It stands here for everybody in a moment.")

    async def _tell(
        self, item: InboxItem, asker: Asker, answer: Answer | list[Message], *, response_url: str = ""
    ) -> Outcome:
        messages = answer if isinstance(answer, list) else [answer.message]
        await self._teller.tell(asker, messages, key=item.key, response_url=response_url)
        if isinstance(answer, list):
            return Outcome(reason="shown")
        return Outcome(reason=answer.reason, refused=answer.refused, task_id=answer.task_id)


def _looked_into(task_id: UUID) -> Answer:
    return say(
        "looked_into_already",
        f"This message is looked into already, in its thread: task {str(task_id)[:8]}.",
        Button(label="Show", action_id=SHOW, value=str(task_id)),
        Button(label="Run again", action_id=RERUN, value=str(task_id)),
        refused=True,
    )


def asker_of(payload: Mapping[str, Any], place: Mapping[str, Any] | None = None) -> Asker:
    """Who did it where: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload ."""
    user, team, channel = (_object(payload.get(name)) for name in ("user", "team", "channel"))
    container, message = _object(payload.get("container")), _object(payload.get("message"))
    kept = place or {}
    where = str(channel.get("id") or container.get("channel_id") or kept.get("channel") or "")
    thread = container.get("thread_ts") or message.get("thread_ts") or kept.get("thread_ts")
    return Asker(
        team=_or_none(team.get("id")),
        user=str(user.get("id") or ""),
        channel=where,
        channel_name=_or_none(channel.get("name")),
        name=_or_none(user.get("username") or user.get("name")),
        home_team=_or_none(user.get("team_id")),
        thread_ts=_or_none(thread),
        is_direct=where.startswith("D"),
    )


def first_action(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What was pressed; Slack sends one action at a time."""
    actions = payload.get("actions")
    return _object(cast("list[object]", actions)[0]) if isinstance(actions, list) and actions else {}


def task_of(payload: Mapping[str, Any]) -> UUID | None:
    """The task that a button is about: in its value, in the block's id, or in the metadata of the message."""
    action = first_action(payload)
    metadata = _object(_object(payload.get("message")).get("metadata"))
    places = (action.get("value"), action.get("block_id"), _object(metadata.get("event_payload")).get("task_id"))
    return next((found for place in places if (found := _uuid(str(place or ""))) is not None), None)


def _uuid(text: str) -> UUID | None:
    found = _UUID.search(text)
    return UUID(found[0]) if found else None


def _received(item: InboxItem) -> datetime:
    """When it was submitted: the same however often the row is dealt with."""
    return item.received_at


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _or_none(value: object) -> str | None:
    return str(value) if value else None

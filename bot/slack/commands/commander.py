"""Carries out commands: those of `/orch`, of mentions, and of messages to orch alone."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.alerts.markup import show as shown_text
from bot.slack.access import Asker
from bot.slack.commands.answers import Answer, say
from bot.slack.commands.asking import Starter
from bot.slack.commands.facilities import Facilities
from bot.slack.commands.follow_up import follow_up
from bot.slack.commands.help_texts import tell_help, tell_unknown
from bot.slack.commands.oncall import tell_on_call
from bot.slack.commands.status import tell_status
from bot.slack.commands.task_answers import TaskAnswers
from bot.slack.commands.telling import Teller
from bot.slack.commands.words import Command, Unknown, read_command, read_words
from bot.slack.intake_arrivals import own_users
from bot.slack.outbox import Outgoing
from bot.slack.render.escaping import clean, unescape
from bot.slack.render.pages import Message
from bot.slack.triage import Outcome
from storage.slack_inbox import InboxItem
from storage.slack_tasks import SlackTasks

_FIRST_MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What carrying out a command came to: `messages` are to be said, `task_id` is the task that was begun, if any."""

    reason: str
    messages: tuple[Message, ...] = ()
    is_public: bool = False
    task_id: UUID | None = None
    refused: bool = False


class Commander:
    """One method a kind of row. To do any of them again, after a process died over it, is harmless."""

    def __init__(
        self, facilities: Facilities, starter: Starter, tasks: SlackTasks, answers: TaskAnswers, teller: Teller
    ) -> None:
        self._facilities = facilities
        self._starter = starter
        self._tasks = tasks
        self._answers = answers
        self._teller = teller

    async def take_command(self, item: InboxItem) -> Outcome:
        """A slash command: its answer is for whoever typed it."""
        command = item.payload
        asker = asker_of_command(command)
        url = _text(command.get("response_url"))
        read = read_command(typed(command))
        if isinstance(read, Unknown):
            reached = _answered(tell_unknown(read))
        else:
            # The channel's last answer is in a thread of its own: a command is typed outside of it.
            reached = await self._carry_out(read, asker, key=f"slack:{item.key}", response_url=url)
        await self._teller.tell(asker, reached.messages, key=item.key, response_url=url)
        return Outcome(reason=reached.reason, refused=reached.refused, task_id=reached.task_id)

    async def take_mention(self, item: InboxItem) -> Outcome:
        """`@orch …` in a channel: answered in a thread at that message, or in the one that it stands in."""
        event: Mapping[str, Any] = item.payload.get("event") or {}
        words = _without_mention(_text(event.get("text")), own_users(item.payload))
        return await self._take_words(item, event, words, is_direct=False)

    async def take_direct(self, item: InboxItem) -> Outcome:
        """What somebody writes to orch alone."""
        event: Mapping[str, Any] = item.payload.get("event") or {}
        words = _without_mention(_text(event.get("text")), own_users(item.payload))
        return await self._take_words(item, event, words, is_direct=True)

    async def withdraw(self, item: InboxItem, channel: str, ts: str) -> UUID | None:
        """The task that was asked for by a message which is deleted now, stopped; None when there is none to stop."""
        found = await self._tasks.with_key(asked_key(item.team, channel, ts))
        if found is None:
            return None
        task = await self._starter.service.get(found)
        if task.status.is_final:
            return None
        await self._starter.service.cancel(found, "whoever asked: the message is deleted")
        return found

    async def _take_words(self, item: InboxItem, event: Mapping[str, Any], words: str, *, is_direct: bool) -> Outcome:
        ts = _text(event.get("ts"))
        asker = Asker(
            team=item.team,
            user=_text(event.get("user")),
            channel=item.channel,
            home_team=_text(event.get("user_team")) or _text(event.get("source_team")) or None,
            thread_ts=_text(event.get("thread_ts")) or ts,
            is_direct=is_direct,
        )
        reached = await self._carry_out(read_words(words), asker, key=asked_key(item.team, item.channel, ts))
        outgoing = [
            Outgoing(
                key=f"answer:{item.key}:{number}",
                channel=asker.channel,
                team=asker.team,
                thread=asker.thread_ts,
                message=message,
                role="answer",
            )
            if reached.is_public
            else self._teller.privately(asker, message, key=f"{item.key}:{number}")
            for number, message in enumerate(reached.messages)
        ]
        return Outcome(
            reason=reached.reason, refused=reached.refused, task_id=reached.task_id, outgoing=tuple(outgoing)
        )

    async def _carry_out(self, command: Command, asker: Asker, *, key: str, response_url: str = "") -> Reached:
        match command.name:
            case "analyze":
                return await self._analyze(asker, command.argument, key=key, response_url=response_url)
            case "rerun":
                again = await self._answers.rerun(asker, command.argument, key=key, response_url=response_url)
                return _answered(again)
            case "cancel":
                return _answered(
                    await self._answers.cancel(asker, command.argument, by=f"{asker.name or asker.user} in Slack")
                )
            case "show":
                return _shown(await self._answers.show(asker, command.argument))
            case "status":
                return _answered(await self._status(asker))
            case "oncall":
                return _answered(await self._on_call(command.argument))
            case "digest":
                return await self._digest(asker, command.argument)
            case _:
                return _answered(tell_help(command.argument))

    async def _analyze(self, asker: Asker, words: str, *, key: str, response_url: str) -> Reached:
        text, context = words, dict[str, Any]()
        if asker.thread_ts is not None:
            earlier_id = await self._tasks.latest_in_thread(asker.team, asker.channel, asker.thread_ts)
            if earlier_id is not None and earlier_id != await self._tasks.with_key(key):
                earlier = await self._starter.service.get(earlier_id)
                text, context = follow_up(words, earlier, self._facilities.landscape, self._facilities.clock())
        started = await self._starter.start(asker, text, context, key=key, response_url=response_url)
        if isinstance(started, Answer):
            return _answered(started)
        reason = "asked_on" if context else "asked"
        return Reached(reason=reason, task_id=started.task.task_id)

    async def _status(self, asker: Asker) -> Answer:
        report = await self._facilities.health()
        at_work = await self._tasks.at_work_in(asker.team, asker.channel)
        here = [await self._starter.service.get(task_id) for task_id in at_work]
        return tell_status(report, await self._tasks.work(), [task for task in here if not task.status.is_final])

    async def _on_call(self, asked: str) -> Answer:
        book = self._facilities.rota
        if book is None:
            return say("no_rota", "There is no rota: the company's folder has none.", refused=True)
        return await asyncio.to_thread(tell_on_call, book, asked, self._facilities.clock())

    async def _digest(self, asker: Asker, team: str) -> Reached:
        make = self._facilities.digest
        if make is None:
            return _answered(say("no_digest", "The digest is not set up here.", refused=True))
        return Reached(reason="digest_told", messages=tuple(await make(asker.team, team)))


def typed(command: Mapping[str, Any]) -> str:
    """The words after `/orch`, as they were typed."""
    return unescape(clean(_text(command.get("text")))).strip()


def asker_of_command(command: Mapping[str, Any]) -> Asker:
    """Who typed it where: https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling ."""
    channel = _text(command.get("channel_id"))
    return Asker(
        team=_text(command.get("team_id")) or None,
        user=_text(command.get("user_id")),
        channel=channel,
        channel_name=_text(command.get("channel_name")) or None,
        name=_text(command.get("user_name")) or None,
        is_direct=channel.startswith("D"),
    )


def asked_key(team: str | None, channel: str, ts: str) -> str:
    """The key of the task that a message asks for, whichever event tells of the message."""
    return f"slack:asked:{team or ''}:{channel}:{ts}"


def _without_mention(raw: str, own: frozenset[str]) -> str:
    """The words without the mentions of orch itself, as Slack shows them."""
    rest = _FIRST_MENTION.sub("", raw) if not own else raw
    for user in own:
        rest = rest.replace(f"<@{user}>", " ")
    return clean(shown_text(rest)).strip()


def _answered(answer: Answer) -> Reached:
    return Reached(
        reason=answer.reason,
        messages=(answer.message,),
        is_public=answer.is_public,
        task_id=answer.task_id,
        refused=answer.refused,
    )


def _shown(shown: Answer | list[Message]) -> Reached:
    return _answered(shown) if isinstance(shown, Answer) else Reached(reason="shown", messages=tuple(shown))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

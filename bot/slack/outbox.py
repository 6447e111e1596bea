"""The one way out: what is to stand in Slack is put here, and a sender in some process writes it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any
from uuid import UUID

from bot.slack.render.pages import Message
from storage.slack_outbox import Entry, SlackOutbox, Standing, Transaction


class Urgency(IntEnum):
    """Which of a channel's writings comes first, when more wait than Slack takes."""

    ANSWER = 0
    """Somebody waits for it: a verdict, the opening of a thread, the end of an alert."""
    NEWS = 1
    DETAIL = 2
    """Evidence, charts: to be read after the answer."""
    REWRITING = 3


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that is shown in the thread; see https://docs.slack.dev/messaging/working-with-files .

    `alt_text` says in words what a picture shows; a text has none, and Slack shows its beginning.
    """

    content: bytes
    name: str
    title: str
    alt_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Private:
    """A message that only `user` sees, never rewritten; see https://docs.slack.dev/reference/methods/chat.postEphemeral ."""

    user: str
    message: Message


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message as it is to stand in Slack from now on.

    `key`: its name for ever, such as `digest:payments:2026-W47`; a second put of it rewrites the message. `thread`: the
    `ts` of the message that it answers, or the key of the one of ours that does not stand there yet. `role`: what it is in
    its thread, for programs that read the metadata. In a thread, messages are first written by `seq`, then in the order
    of their puts, except that one which waits for others longer than `overtakes_after_s` goes ahead. `is_final`: later puts that are not are too late.
    `response_url`: where to tell the asker privately that this could not be written.
    """

    key: str
    channel: str
    message: Message | Attachment | Private
    thread: str | None = None
    team: str | None = None
    role: str = "message"
    task_id: UUID | None = None
    seq: int = 100
    urgency: Urgency = Urgency.ANSWER
    edit_urgency: Urgency = Urgency.REWRITING
    overtakes_after_s: float | None = None
    is_final: bool = False
    response_url: str | None = None


class Outbox:
    """Takes messages, from anybody, in any process; `on_news` is called for what is new, before the database tells of it."""

    def __init__(self, store: SlackOutbox, on_news: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._on_news = on_news

    def wake(self) -> None:
        """A transaction that put something has been committed."""
        self._on_news()

    async def put(self, *outgoing: Outgoing, within: Transaction | None = None) -> int:
        """How many are new or changed. `within` a transaction they are sent once it commits.

        Raises StorageError, and InvalidInputError for what cannot be stored.
        """
        changed = await self._store.put(*(_entry(it) for it in outgoing), within=within)
        if changed and within is None:
            self._on_news()
        return changed

    async def revive(self, *, channel: str | None = None, errors: Sequence[str] | None = None) -> int:
        """How many messages are tried again that were given up within a day: in this channel, for these errors. StorageError."""
        revived = await self._store.revive(channel=channel, errors=errors)
        if revived:
            self._on_news()
        return revived

    async def find(self, key: str) -> Standing | None:
        """The message of this key, with its `ts` once it stands in Slack."""
        return await self._store.find(key)

    async def wait_for(self, key: str, *, timeout_s: float, poll_s: float = 0.05) -> Standing | None:
        """The message once it stands in Slack or is given up; as it is when the time is up."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            found = await self._store.find(key)
            is_settled = found is not None and found.state != "waiting"
            if is_settled or asyncio.get_running_loop().time() >= deadline:
                return found
            await asyncio.sleep(poll_s)


def _entry(outgoing: Outgoing) -> Entry:
    shown = outgoing.message
    wanted: dict[str, Any]
    content: bytes | None = None
    match shown:
        case Attachment():
            kind = "file"
            wanted = {"name": shown.name, "title": shown.title, "alt_text": shown.alt_text}
            content = shown.content
        case Private():
            kind = "ephemeral"
            wanted = {**asdict(shown.message), "user": shown.user}
        case Message():
            kind = "message"
            wanted = asdict(shown)
    return Entry(
        key=outgoing.key,
        kind=kind,
        team=outgoing.team,
        channel=outgoing.channel,
        thread=outgoing.thread,
        wanted=wanted,
        content=content,
        role=outgoing.role,
        task_id=outgoing.task_id,
        seq=outgoing.seq,
        urgency=outgoing.urgency,
        edit_urgency=outgoing.edit_urgency,
        overtakes_after_s=outgoing.overtakes_after_s,
        is_final=outgoing.is_final,
        response_url=outgoing.response_url,
    )

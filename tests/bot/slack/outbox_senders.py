"""Senders of several processes on one database, before one Slack."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.outbox import Outbox, Outgoing, Urgency
from bot.slack.outbox_apologies import Apologies
from bot.slack.outbox_sender import Sender, SenderTimes
from bot.slack.outbox_writing import Writer
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import paragraph
from bot.slack.responses import Responses
from storage.database import Database
from storage.slack_outbox import SlackOutbox
from storage.slack_outbox_claims import OutboxClaims, Rates
from storage.slack_tasks import SlackTasks
from tests.bot.slack.fake_slack import TOKEN, FakeSlack, Sent

RATES = Rates(channel_s=0.05, post_s=0.001, update_s=0.001, other_s=0.001)
TIMES = SenderTimes(
    lease_s=2.0, call_s=1.0, poll_s=0.05, rest_s=0.02, most_rest_s=0.1, drain_s=0.0, sweep_s=0.05, file_rest_s=0.05
)


@dataclass
class Process:
    """One that has a client of Slack: it puts, and it sends."""

    outbox: Outbox
    store: SlackOutbox
    sender: Sender
    claims: OutboxClaims
    writer: Writer


@asynccontextmanager
async def open_process(
    database: Database, slack: FakeSlack, *, rates: Rates = RATES, times: SenderTimes = TIMES, sends: bool = True
) -> AsyncGenerator[Process]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=TOKEN, base_url=f"{slack.url}/api/", session=session, timeout=1, retry_handlers=[]
        )
        client.proxy = None

        async def client_of(team: str | None) -> AsyncWebClient:
            return client

        claims = OutboxClaims(database, rates, lease_s=times.lease_s)
        writer = Writer(client_of, claims)
        store = SlackOutbox(database)
        apologies = Apologies(Responses(session), SlackTasks(database), Outbox(store))
        sender = Sender(claims, writer, apologies.tell, times)
        process = Process(Outbox(store, sender.wake), store, sender, claims, writer)
        if sends:
            sender.start()
        try:
            yield process
        finally:
            await sender.stop()


def say(text: str) -> Message:
    return render_message([paragraph(text)])


def message(
    key: str, text: str = "hello", *, thread: str | None = None, channel: str = "C1", **options: int
) -> Outgoing:
    seq = options.get("seq", 100)
    urgency = Urgency(options.get("urgency", 0))
    return Outgoing(key=key, channel=channel, thread=thread, message=say(text), role=key, seq=seq, urgency=urgency)


def ours(slack: FakeSlack, channel: str = "C1") -> list[Sent]:
    return [it for it in slack.messages.values() if it.channel == channel]


def keys(slack: FakeSlack, channel: str = "C1") -> list[str]:
    """The keys of what stands in the channel, in the order in which it was posted."""
    return [it.body["metadata"]["event_payload"]["key"] for it in ours(slack, channel) if "key" in _payload(it)]


def _payload(sent: Sent) -> Collection[str]:
    return sent.body["metadata"]["event_payload"]


def least_gap_s(slack: FakeSlack, channel: str) -> float:
    """The shortest time between two writings of any kind in the channel."""
    times = sorted(time for it in ours(slack, channel) for time in it.times)
    return min((later - earlier for earlier, later in pairwise(times)), default=float("inf"))

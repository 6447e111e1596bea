"""Sends events as Slack does: signed, through a balancer to any API process, again when there is no 200 within three seconds."""

import asyncio
import hashlib
import hmac
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import Any

import httpx

_ACK_S = 3.0
_OK = 200
_PAUSES_S = (0.0, 2.0, 15.0, 60.0)
"""Slack tries again at once, after a minute and after five (https://docs.slack.dev/apis/events-api/#retries). Here something is
killed every few seconds: much shorter ones fall into the outage of one thing after the other."""
_MOST_UNDER_WAY = 1000


@dataclass
class Delivered:
    """`acknowledged` counts deliveries with a 200, `lost` those Slack would have given up."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list[str])
    retries: int = 0
    answers: Counter[str] = field(default_factory=Counter[str])
    ack_ms: list[float] = field(default_factory=list[float])


async def deliver(
    deliveries: Sequence[dict[str, Any]], urls: Sequence[str], secret: str, *, per_s: float, seed: int
) -> Delivered:
    """Send them all, `per_s` a second; returns when each was acknowledged or given up."""
    told = Delivered()
    dice = random.Random(seed)
    room = asyncio.Semaphore(_MOST_UNDER_WAY)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    async with httpx.AsyncClient(timeout=_ACK_S, limits=limits) as client, asyncio.TaskGroup() as group:
        begun = perf_counter()
        for number, envelope in enumerate(deliveries):
            await asyncio.sleep(max(0.0, begun + number / per_s - perf_counter()))
            await room.acquire()
            job = group.create_task(_deliver(client, envelope, urls, secret, told, dice))
            job.add_done_callback(lambda _: room.release())
    return told


async def _deliver(
    client: httpx.AsyncClient,
    envelope: dict[str, Any],
    urls: Sequence[str],
    secret: str,
    told: Delivered,
    dice: random.Random,
) -> None:
    body = json.dumps(envelope).encode()
    for attempt, pause_s in enumerate(_PAUSES_S):
        await asyncio.sleep(pause_s)
        told.retries += attempt > 0
        headers = {"content-type": "application/json", **_signature(body, secret)}
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"}
        began = perf_counter()
        try:
            answer = await _post(client, dice.sample(urls, len(urls)), body, headers)
        except httpx.HTTPError as error:
            told.answers[type(error).__name__] += 1
            continue
        told.answers[str(answer.status_code)] += 1
        if answer.status_code == _OK:
            told.acknowledged += 1
            told.ack_ms.append((perf_counter() - began) * 1000)
            return
    told.lost.append(envelope["event_id"])


async def _post(client: httpx.AsyncClient, urls: Sequence[str], body: bytes, headers: dict[str, str]) -> httpx.Response:
    """The answer of the first process that takes the connection, as a balancer brings it; what breaks later is not sent again."""
    *others, last = urls
    for url in others:
        try:
            return await client.post(f"{url}/slack/events", content=body, headers=headers)
        except httpx.ConnectError:
            continue
    return await client.post(f"{last}/slack/events", content=body, headers=headers)


def _signature(body: bytes, secret: str) -> dict[str, str]:
    """Headers of https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    now = str(int(time()))
    digest = hmac.new(secret.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": now, "x-slack-signature": f"v0={digest}"}

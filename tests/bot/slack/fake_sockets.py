"""Slack's side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from tests.bot.slack.fake_slack import FakeSlack

APP_TOKEN = "xapp-1-A1-test"


@dataclass
class Link:
    """One WebSocket. `deaf`: nothing is read from it any more, and nothing sent, yet it stays open."""

    ws: web.WebSocketResponse
    acknowledged: dict[str, Any] = field(default_factory=dict[str, Any])
    pings: int = 0
    deaf: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, kind: str, payload: dict[str, Any], *, accepts: bool = False, envelope_id: str = "") -> str:
        envelope_id = envelope_id or uuid4().hex
        envelope = {
            "type": kind,
            "envelope_id": envelope_id,
            "payload": payload,
            "accepts_response_payload": accepts,
            **({"retry_attempt": 0, "retry_reason": ""} if kind == "events_api" else {}),
        }
        await self.ws.send_str(json.dumps(envelope))
        return envelope_id

    async def disconnect(self, reason: str) -> None:
        await self.ws.send_str(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}))


@dataclass
class FakeSockets:
    """`refusals` are answers to the next calls of apps.connections.open; `mute` links never say hello."""

    slack: FakeSlack
    links: list[Link] = field(default_factory=list[Link])
    refusals: list[str] = field(default_factory=list[str])
    tokens: list[str] = field(default_factory=list[str])
    mute: int = 0
    open_at_once: int = 0
    most_open: int = 0
    acknowledgements: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.slack.others["apps.connections.open"] = self.open
        self.slack.on_link = self.take

    async def open(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers.get("Authorization", ""))
        if self.tokens[-1] != f"Bearer {APP_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if self.refusals:
            return web.json_response({"ok": False, "error": self.refusals.pop(0)})
        return web.json_response({"ok": True, "url": f"{self.slack.url.replace('http', 'ws')}/link?ticket={uuid4()}"})

    async def take(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        link = Link(ws)
        self.open_at_once += 1
        self.most_open = max(self.most_open, self.open_at_once)
        if self.mute:
            self.mute -= 1
        else:
            info = {"type": "hello", "num_connections": self.open_at_once, "connection_info": {"app_id": "A1"}}
            await ws.send_str(json.dumps(info))
        self.links.append(link)
        try:
            await self._read(link)
        finally:
            self.open_at_once -= 1
            link.closed.set()
        return ws

    async def _read(self, link: Link) -> None:
        while True:
            message = await link.ws.receive()
            if link.deaf.is_set():
                if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}:
                    return
                continue
            if message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                link.acknowledged[answer["envelope_id"]] = answer.get("payload")
                self.acknowledgements[answer["envelope_id"]] += 1
            elif message.type is WSMsgType.PING:
                link.pings += 1
                await link.ws.pong(message.data)
            elif message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return

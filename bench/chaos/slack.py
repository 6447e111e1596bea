"""A Slack that misbehaves, as a process of its own: 429, 500, connections closed before or after it did what was asked.

`GET /state` tells what stands in it, for whoever judges. It keeps no limits of its own but that of one write a second and
channel, whose breaches it counts.
"""

import argparse
import asyncio
import itertools
import json
import random
import socket
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from time import time
from typing import Any

from aiohttp import web

TOKEN = "xoxb-chaos"  # noqa: S105 -- of a server on loopback that lives for a minute
_TROUBLE = ("429", "500", "closed_before", "closed_after")


@dataclass
class Message:
    channel: str
    ts: str
    thread_ts: str | None
    metadata: dict[str, Any]
    text: str
    files: tuple[str, ...] = ()
    versions: int = 1

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "text": self.text,
            "metadata": self.metadata,
            "bot_id": "B0US",
            "files": [{"id": file_id} for file_id in self.files],
        }
        return {**shown, "thread_ts": self.thread_ts} if self.thread_ts else shown


@dataclass
class Slack:
    """`trouble` is the share of calls that go wrong, each kind alike often."""

    trouble: float
    seed: int
    url: str = ""
    messages: dict[tuple[str, str], Message] = field(default_factory=dict[tuple[str, str], Message])
    files: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    writes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    calls: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    told: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._numbers = itertools.count(1)
        self.calm = False

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        trouble = self._roll()
        if trouble == "429":
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if trouble == "500":
            return web.json_response({"ok": False, "error": "internal_error"}, status=500)
        if trouble == "closed_before":
            return self._hang_up(request)
        answer = self._answer(method, await self._arguments(request))
        if trouble == "closed_after":
            return self._hang_up(request)
        return web.json_response(answer)

    def _roll(self) -> str | None:
        if self.calm or self._dice.random() >= self.trouble:
            return None
        kind = self._dice.choice(_TROUBLE)
        self.faults[kind] += 1
        return kind

    @staticmethod
    def _hang_up(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    @staticmethod
    async def _arguments(request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            return await request.json()
        found = {**request.query, **await request.post()}
        return {name: json.loads(str(value)) if str(value)[:1] in "[{" else value for name, value in found.items()}

    def _answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "user": "orch", "user_id": "U0US", "bot_id": "B0US", "team": "Chaos", "team_id": "T1",
                        "url": "https://chaos.slack.example/"}  # fmt: skip
            case "conversations.info":
                return {
                    "ok": True,
                    "channel": {"id": given["channel"], "name": given["channel"].lower(), "is_member": True},
                }
            case "conversations.replies":
                return self._page(m for m in self._in(given["channel"]) if given["ts"] in {m.ts, m.thread_ts})
            case "conversations.history":
                return self._page(m for m in self._in(given["channel"]) if m.thread_ts is None)
            case "chat.postMessage":
                return self._post(given)
            case "chat.update":
                return self._update(given)
            case "files.getUploadURLExternal":
                file_id = f"F{next(self._numbers):08}"
                self.files[file_id] = {"name": given["filename"]}
                return {"ok": True, "file_id": file_id, "upload_url": f"{self.url}/upload/{file_id}"}
            case "files.completeUploadExternal":
                return self._share(given)
            case "files.info":
                return self._file_info(given)
            case _:
                return {"ok": True}

    def _in(self, channel: str) -> list[Message]:
        return [message for message in self.messages.values() if message.channel == channel]

    @staticmethod
    def _page(found: Any) -> dict[str, Any]:
        messages = [message.to_json() for message in found]
        return {"ok": True, "messages": messages, "has_more": False, "response_metadata": {"next_cursor": ""}}

    def _post(self, given: dict[str, Any]) -> dict[str, Any]:
        channel, thread_ts = given["channel"], given.get("thread_ts")
        self.writes[channel].append(time())
        ts = f"{int(time())}.{next(self._numbers):06}"
        message = Message(channel, ts, thread_ts, given.get("metadata") or {}, given.get("text") or "")
        self.messages[channel, ts] = message
        return {"ok": True, "channel": channel, "ts": ts, "message": message.to_json()}

    def _update(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.messages.get((given["channel"], given["ts"]))
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        self.writes[given["channel"]].append(time())
        found.versions += 1
        found.text = given.get("text") or ""
        found.metadata = given.get("metadata") or found.metadata
        return {"ok": True, "channel": found.channel, "ts": found.ts, "text": found.text}

    def _share(self, given: dict[str, Any]) -> dict[str, Any]:
        shared: list[dict[str, Any]] = []
        for one in given["files"]:
            kept = self.files[one["id"]]
            channel = given.get("channel_id")
            if "ts" not in kept and channel:
                posted = self._post({"channel": channel, "thread_ts": given.get("thread_ts"),
                                     "metadata": {"event_type": "file", "event_payload": {"file": one["id"]}}})  # fmt: skip
                kept.update(ts=posted["ts"], channel=channel)
                self.messages[channel, posted["ts"]].files = (one["id"],)
            shared.append(self._file(one["id"]))
        return {"ok": True, "files": shared}

    def _file_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "file": self._file(given["file"])}

    def _file(self, file_id: str) -> dict[str, Any]:
        kept = self.files[file_id]
        where = {kept["channel"]: [{"ts": kept["ts"]}]} if "ts" in kept else {}
        return {"id": file_id, "name": kept["name"], "title": kept["name"], "shares": {"public": where}}

    async def upload(self, _request: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def tell(self, _request: web.Request) -> web.Response:
        self.told += 1
        return web.Response(text="ok")

    async def calm_down(self, _request: web.Request) -> web.Response:
        """From now on nothing goes wrong: what waits can be written."""
        self.calm = True
        return web.Response(text="ok")

    async def state(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "messages": [
                    {**message.to_json(), "channel": message.channel, "versions": message.versions}
                    for message in self.messages.values()
                ],
                "writes": self.writes,
                "calls": self.calls,
                "faults": self.faults,
                "told": self.told,
            }
        )


async def _serve(listener: socket.socket, slack: Slack) -> None:
    app = web.Application(client_max_size=20_000_000)
    app.router.add_post("/api/{method}", slack.call)
    app.router.add_get("/api/{method}", slack.call)
    app.router.add_route("*", "/upload/{file}", slack.upload)
    app.router.add_post("/told", slack.tell)
    app.router.add_post("/calm", slack.calm_down)
    app.router.add_get("/state", slack.state)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--trouble", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", options.port))
    slack = Slack(options.trouble, options.seed, url=f"http://127.0.0.1:{options.port}")
    asyncio.run(_serve(listener, slack))


if __name__ == "__main__":
    main()

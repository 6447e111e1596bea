"""A server in place of Slack's Web API: it takes every message and keeps the last state of each."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

type Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One message as it stands; `role` is orch's own name for it: `opening`, `plan`, `evidence`, `verdict`."""

    ts: str
    thread_ts: str | None
    role: str
    at: datetime
    blocks: list[Block]
    is_edited: bool = False


@dataclass
class Recorder:
    """`messages` are in the order in which they were first posted."""

    messages: dict[str, Posted] = field(default_factory=dict[str, Posted])
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/reference/methods ; only what orch calls."""
        arguments: dict[str, Any] = await request.json()
        match request.match_info["method"]:
            case "chat.postMessage":
                ts = f"1700000000.{len(self.messages) + 1:06}"
                self.messages[ts] = _read(arguments, ts, thread_ts=arguments.get("thread_ts"), at=datetime.now(UTC))
            case "chat.update":
                ts = str(arguments["ts"])
                known = self.messages[ts]
                self.messages[ts] = _read(arguments, ts, thread_ts=known.thread_ts, at=known.at, is_edited=True)
            case _:
                return web.json_response({"ok": True, "user": "orch", "team": "Larkfield"})
        return web.json_response({"ok": True, "channel": arguments["channel"], "ts": ts})

    @property
    def roles(self) -> set[str]:
        return {message.role for message in self.messages.values()}


def _read(
    arguments: dict[str, Any], ts: str, *, thread_ts: str | None, at: datetime, is_edited: bool = False
) -> Posted:
    role = str(arguments["metadata"]["event_payload"]["role"])
    return Posted(ts=ts, thread_ts=thread_ts, role=role, at=at, blocks=arguments["blocks"], is_edited=is_edited)


@asynccontextmanager
async def open_recorder() -> AsyncGenerator[Recorder]:
    """A recorder that listens on a port of the system's choice; its `url` is the base of Web API methods."""
    recorder = Recorder()
    app = web.Application()
    app.router.add_post("/api/{method}", recorder.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    recorder.url = f"http://{host}:{port}/api"
    try:
        yield recorder
    finally:
        await runner.cleanup()

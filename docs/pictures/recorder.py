"""A server in place of Slack's Web API: it takes every message and keeps the last state of each."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

type Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One message as it stands; `role` is orch's own name for it: `opening`, `plan`, `evidence`, `verdict`, `alerts`.

    `alert`: the title of another app's post, whose blocks are none. `is_private`: for one person alone.
    """

    ts: str
    thread_ts: str | None
    role: str
    at: datetime
    blocks: list[Block]
    channel: str = ""
    is_edited: bool = False
    is_private: bool = False
    alert: str = ""


@dataclass
class Recorder:
    """`messages` are in the order in which they were first posted."""

    messages: dict[str, Posted] = field(default_factory=dict[str, Posted])
    private: list[Posted] = field(default_factory=list[Posted])
    url: str = ""
    private_url: str = ""
    _files: dict[str, Block] = field(default_factory=dict[str, Block])

    async def answer(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/reference/methods ; only what orch calls."""
        is_json = request.content_type == "application/json"
        arguments: dict[str, Any] = await request.json() if is_json else {**request.query, **await request.post()}
        ts = f"1700000000.{len(self.messages) + 1:06}"
        match request.match_info["method"]:
            case "files.getUploadURLExternal":
                file_id = f"F{len(self._files) + 1}"
                self._files[file_id] = {
                    "type": "image",
                    "alt_text": arguments.get("alt_txt", ""),
                    "name": arguments["filename"],
                }
                address = f"{request.url.origin()}/upload/{file_id}"
                return web.json_response({"ok": True, "file_id": file_id, "upload_url": address})
            case "files.completeUploadExternal":
                blocks = [self._files[file["id"]] | {"title": {"text": file["title"]}} for file in arguments["files"]]
                if "image_url" in blocks[0]:
                    self.messages[ts] = Posted(
                        ts=ts,
                        thread_ts=arguments.get("thread_ts"),
                        role="chart",
                        at=datetime.now(UTC),
                        blocks=blocks,
                        channel=arguments["channel_id"],
                    )
                return web.json_response({"ok": True, "files": arguments["files"]})
            case "chat.postMessage":
                self.messages[ts] = _read(arguments, ts, thread_ts=arguments.get("thread_ts"), at=datetime.now(UTC))
            case "chat.update":
                ts = str(arguments["ts"])
                known = self.messages[ts]
                self.messages[ts] = _read(arguments, ts, thread_ts=known.thread_ts, at=known.at, is_edited=True)
            case _:
                return web.json_response({"ok": True, "user": "orch", "team": "Larkfield"})
        return web.json_response({"ok": True, "channel": arguments["channel"], "ts": ts})

    async def take_file(self, request: web.Request) -> web.Response:
        """Keep a picture where the page can show it."""
        if not self._files[request.match_info["file"]]["name"].endswith(".png"):
            return web.Response(text="OK")
        png = b64encode(await request.read()).decode()
        self._files[request.match_info["file"]]["image_url"] = f"data:image/png;base64,{png}"
        return web.Response(text="OK")

    async def take_private(self, request: web.Request) -> web.Response:
        """An answer to a command: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses ."""
        blocks = (await request.json())["blocks"]
        self.private.append(
            Posted(ts="0", thread_ts=None, role="answer", at=datetime.now(UTC), blocks=blocks, is_private=True)
        )
        return web.Response(text="ok")

    def of(self, channel: str) -> list[Posted]:
        """The messages of a channel, in the order in which they were first posted."""
        return [message for message in self.messages.values() if message.channel == channel]


def _read(
    arguments: dict[str, Any], ts: str, *, thread_ts: str | None, at: datetime, is_edited: bool = False
) -> Posted:
    role = str(arguments["metadata"]["event_payload"]["role"])
    return Posted(
        ts=ts,
        thread_ts=thread_ts,
        role=role,
        at=at,
        blocks=arguments["blocks"],
        channel=arguments["channel"],
        is_edited=is_edited,
    )


@asynccontextmanager
async def open_recorder() -> AsyncGenerator[Recorder]:
    """A recorder that listens on a port of the system's choice; its `url` is the base of Web API methods."""
    recorder = Recorder()
    app = web.Application(client_max_size=20_000_000)
    app.router.add_route("*", "/api/{method}", recorder.answer)
    app.router.add_post("/upload/{file}", recorder.take_file)
    app.router.add_post("/private", recorder.take_private)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    recorder.url = f"http://{host}:{port}/api"
    recorder.private_url = f"http://{host}:{port}/private"
    try:
        yield recorder
    finally:
        await runner.cleanup()

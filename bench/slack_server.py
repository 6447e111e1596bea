"""`python -m bench.slack_server --port 0`: a Slack that takes everything and remembers when; `GET /seen` tells it."""

import argparse
import asyncio
import itertools
from time import time
from typing import Any

from aiohttp import web

ANSWER_S = 0.05
"""What a call of the real one costs at best."""


class Server:
    """Each writing with its time, channel, thread and role, and whether a citation's words or source are in it."""

    def __init__(self) -> None:
        self._writes: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    async def call(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/reference/methods ; only what writes is noted."""
        at = time()
        is_json = request.content_type == "application/json"
        given: dict[str, Any] = await request.json() if is_json else {**request.query, **await request.post()}
        await asyncio.sleep(ANSWER_S)
        number = next(self._numbers)
        ts = str(given.get("ts") or f"{int(at)}.{number:06}")
        match request.match_info["method"]:
            case "chat.postMessage" | "chat.update" as method:
                self._note(given, at, method, given["metadata"]["event_payload"])
            case "files.getUploadURLExternal":
                address = f"{request.url.origin()}/upload/{number}"
                return web.json_response({"ok": True, "file_id": f"F{number}", "upload_url": address})
            case "files.completeUploadExternal" as method:
                self._note({**given, "channel": given["channel_id"]}, at, method, {"role": "chart"})
            case _:
                pass
        return web.json_response(
            {"ok": True, "ts": ts, "channel": given.get("channel"), "user": "orch", "messages": []}
        )

    def _note(self, given: dict[str, Any], at: float, method: str, payload: dict[str, Any]) -> None:
        blocks = str(given.get("blocks"))
        self._writes.append(
            {
                "at": at,
                "method": method,
                "channel": given["channel"],
                "thread": given.get("thread_ts"),
                "task": payload.get("task_id"),
                "role": payload["role"],
                "has_evidence": payload["role"].startswith("evidence")
                or ("task_card" in blocks and "citation" in blocks),
            }
        )

    async def take_file(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="OK")

    async def tell(self, _request: web.Request) -> web.Response:
        return web.json_response(self._writes)


async def serve(port: int) -> None:
    """Serve until killed; the port that was chosen is the first line of the output."""
    server = Server()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/api/{method}", server.call)
    app.router.add_post("/upload/{file}", server.take_file)
    app.router.add_get("/seen", server.tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 -- whoever started this reads it
    await asyncio.Event().wait()


def main() -> None:
    """Serve on the port, or on one of the system's choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()

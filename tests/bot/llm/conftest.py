"""A server of this suite's own that speaks the OpenAI API, and plays its faults."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.llm.client import ModelAccess, ModelClient

type Play = Callable[[dict[str, Any]], tuple[int, dict[str, str], str]]


def completion(content: str | None, *, finish_reason: str = "stop", refusal: str | None = None) -> str:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return json.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "small",
            "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        }
    )


def answers(content: str | None, **options: Any) -> Play:
    return lambda _asked: (200, {}, completion(content, **options))


def fails(status: int, **headers: str) -> Play:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _asked: (status, given, json.dumps({"error": {"message": "not now", "type": "x"}}))


def says(body: str) -> Play:
    return lambda _asked: (200, {}, body)


def sleeps(seconds: float) -> Play:
    def play(_asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        time.sleep(seconds)
        return 200, {}, completion("{}")

    return play


class FakeModel:
    """Plays its script, one answer a question, the last one again and again; `asked` keeps the questions."""

    def __init__(self) -> None:
        self.script: list[Play] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                owner.asked.append(asked)
                owner.keys.append(self.headers["authorization"])
                play = owner.script.pop(0) if len(owner.script) > 1 else owner.script[0]
                status, headers, body = play(asked)
                try:
                    self.send_response(status)
                    for name, value in ({"content-type": "application/json"} | headers).items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(body.encode())))
                    self.end_headers()
                    self.wfile.write(body.encode())
                except OSError:  # whoever asked has gone
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is that of the base class
                """Keeps quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def client(self, **options: Any) -> ModelClient:
        defaults: dict[str, Any] = {"api_key": "k-1", "model": "small", "max_retries": 2, "backoff_s": 0.01}
        return ModelClient(ModelAccess(base_url=self.url, **(defaults | options)))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def model() -> Iterator[FakeModel]:
    server = FakeModel()
    yield server
    server.close()

"""Clients of mock systems over given data, and of handlers that record what they are asked."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from core.window import Window

type Handler = Callable[[httpx.Request], httpx.Response]
type CreateApp = Callable[[Path], Starlette]


def client_of(create_app: CreateApp, folder: Path) -> httpx.AsyncClient:
    """A client of the mock system over the files of the folder."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(folder)), base_url="http://system.mock")


def client_to(handler: Handler) -> httpx.AsyncClient:
    """A client whose requests go to the handler."""
    return httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://system.mock")


class Recorder:
    """A handler that keeps the parameters of each request and gives the answers in turn, the last for ever."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.asked: list[dict[str, str]] = []
        self._answers = answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(dict(request.url.params))
        return httpx.Response(answer.pop("status_code", 200) if "status_code" in answer else 200, json=answer)


def at(minute: int, second: int = 0) -> datetime:
    """A moment of the hour that the tests look at."""
    return datetime(2026, 2, 14, 10, minute, second, tzinfo=UTC)


def window(start_minute: int = 0, end_minute: int = 30) -> Window:
    return Window(start=at(start_minute), end=at(end_minute))


def write_lines(path: Path, rows: Iterable[object]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

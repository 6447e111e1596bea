"""uvicorn, told where to listen by us: a busy port is our own message, and readiness is announced once."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from core.errors import SettingsError

_SHUTDOWN_GRACE_S = 5


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. SettingsError when the address is another program's or not one of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SettingsError(f"ORCHESTRATOR_HOST is {host!r}, which is no address of this machine ({error})") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host} port {port} ({error.strerror}): end the program that does, or choose another port"
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """The URL at which the socket is reached from this machine."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 -- shown, not bound
    return f"http://{shown}:{port}"


class Server(uvicorn.Server):
    """Serves an app on one socket and calls `on_ready` once it does.

    The first signal to stop begins `drain`, meanwhile requests are still answered: `GET /ready` that nothing new is taken.
    The socket is closed when that has ended. A second signal calls `hurry`, which is to end the drain, and closes it at once.
    """

    def __init__(
        self,
        app: FastAPI,
        on_ready: Callable[[], None],
        drain: Callable[[], Awaitable[None]] | None = None,
        hurry: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=_SHUTDOWN_GRACE_S
            )
        )
        self._on_ready = on_ready
        self._drain = drain
        self._hurry = hurry
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None
        self._signals = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._loop = asyncio.get_running_loop()
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signals += 1
        if self._loop is None or self._drain is None:
            super().handle_exit(sig, frame)
        elif self._signals > 1:
            self._loop.call_soon_threadsafe(self._hurry)
            super().handle_exit(sig, frame)
        else:
            self._loop.call_soon_threadsafe(self._begin_to_drain, self._drain, sig)

    def _begin_to_drain(self, drain: Callable[[], Awaitable[None]], sig: int) -> None:
        async def drain_then_stop() -> None:
            try:
                await drain()
            finally:
                super(Server, self).handle_exit(sig, None)

        self._draining = asyncio.create_task(drain_then_stop(), name="drain")

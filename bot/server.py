"""uvicorn, told where to listen by us: a busy port is our own message, and readiness is announced once."""

import socket
from collections.abc import Callable

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
    """Serves an app on one socket and calls `on_ready` once it does."""

    def __init__(self, app: FastAPI, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=_SHUTDOWN_GRACE_S
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()

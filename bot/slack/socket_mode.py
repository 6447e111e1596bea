"""Socket Mode: what Slack sends comes over WebSockets that are opened from here, and always one of them lives.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import uniform
from time import monotonic
from typing import Any, cast

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.health import Part
from bot.slack.errors import SlackCallError
from bot.slack.socket import End, Envelope, Socket

_log = structlog.stdlib.get_logger(__name__)

_OK = 200
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True)
class SocketTimes:
    """`silence_s`: a socket without any frame for so long is rebuilt; `hello_s`: how long Slack may take to say hello.

    `rest_s`: between two tries to connect, twice as long each time, up to `most_rest_s`, until one lives for `steady_s`.
    `drain_s`: how long a socket that is replaced is read on: Slack closes it by itself, some ten seconds after its warning.
    """

    silence_s: float = 30.0
    hello_s: float = 15.0
    rest_s: float = 1.0
    most_rest_s: float = 60.0
    steady_s: float = 30.0
    drain_s: float = 20.0


@dataclass
class SocketState:
    """How it stands, for people."""

    connected_since: datetime | None = None
    rebuilds: int = 0
    last_reason: str = ""
    problem: str = ""


class SocketMode:
    """Keeps a socket open from `start` to `stop`; when one is to end, the next is open before it is left.

    `open_url` asks Slack for the address of a new socket. What both of two sockets bring has one key in the inbox.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        open_url: Callable[[], Awaitable[str]],
        session: aiohttp.ClientSession,
        times: SocketTimes,
        *,
        proxy: str | None = None,
    ) -> None:
        self._bolt = bolt
        self._open_url = open_url
        self._session = session
        self._times = times
        self._proxy = proxy
        self._socket: Socket | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self.state = SocketState()

    def start(self) -> None:
        self._loop = asyncio.create_task(self._keep_open(), name="slack socket mode")

    async def stop(self) -> None:
        """Take nothing more; what has come is written and acknowledged first."""
        jobs = [*([self._loop] if self._loop is not None else []), *self._leaving]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close(grace_s=2.0)

    async def probe(self) -> Part:
        state, socket = self.state, self._socket
        if state.connected_since is None or socket is None:
            if state.problem:
                return Part(status="failed", detail=f"socket mode: not connected: {state.problem}")
            return Part(status="starting", detail="socket mode: connecting")
        silent_s = monotonic() - socket.traffic.last_frame_at
        detail = (
            f"socket mode: connected since {state.connected_since:%Y-%m-%d %H:%M:%S}Z, last frame {silent_s:.0f} s ago, "
            f"{socket.traffic.envelopes} envelopes, {state.rebuilds} rebuilds"
        )
        if state.last_reason:
            detail += f" (last: {state.last_reason})"
        return Part(status="ok", detail=detail)

    async def _keep_open(self) -> None:
        failures = 0
        while True:
            try:
                fresh = await self._connect()
            except (SlackCallError, aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                self._note_failure(error, failures)
                await asyncio.sleep(self._rest_s(failures))
                continue
            except Exception as error:  # noqa: BLE001 -- the outermost loop: whatever breaks a try, there is a next one
                failures += 1
                _log.exception("slack.socket_connect_broke")
                self._note_failure(error, failures)
                await asyncio.sleep(self._rest_s(failures))
                continue
            self._replace(fresh)
            reason = await fresh.ending()
            self.state.rebuilds += 1
            self.state.last_reason = reason.value
            _log.info("slack.socket_rebuilt", reason=reason.value, rebuilds=self.state.rebuilds)
            if reason is not End.REFRESH:
                self.state.connected_since = None
                self.state.problem = _PROBLEMS[reason]
            if reason in _TO_BE_MENDED:
                await asyncio.sleep(self._times.most_rest_s)
            # A server that takes each socket only to end it is not to be asked without rest.
            failures = 0 if monotonic() - fresh.opened_at > self._times.steady_s else failures + 1
            if failures:
                await asyncio.sleep(self._rest_s(failures))

    async def _connect(self) -> Socket:
        """A socket that has said hello."""
        async with asyncio.timeout(self._times.hello_s):
            url = await self._open_url()
            ws = await self._session.ws_connect(url, autoping=False, timeout=_CLOSE, proxy=self._proxy)
        socket = Socket(ws, self._handle, silence_s=self._times.silence_s)
        socket.start()
        try:
            async with asyncio.timeout(self._times.hello_s):
                await socket.ready.wait()
        except BaseException:
            await socket.close()
            raise
        return socket

    def _replace(self, fresh: Socket) -> None:
        old, self._socket = self._socket, fresh
        self.state.connected_since = datetime.now(UTC)
        self.state.problem = ""
        _log.info("slack.socket_connected", rebuilds=self.state.rebuilds)
        if old is not None:
            job = asyncio.create_task(self._leave(old), name="slack socket left")
            self._leaving.add(job)
            job.add_done_callback(self._leaving.discard)

    async def _leave(self, old: Socket) -> None:
        try:
            async with asyncio.timeout(self._times.drain_s):
                await old.drained()
        except TimeoutError:
            pass
        finally:
            await old.close(grace_s=2.0)

    def _note_failure(self, error: Exception, failures: int) -> None:
        self.state.connected_since = None
        self.state.problem = str(error) or f"{type(error).__name__}: check the network to Slack"
        _log.warning("slack.socket_not_connected", error=self.state.problem, failures=failures)

    def _rest_s(self, failures: int) -> float:
        longest = min(self._times.rest_s * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self._times.most_rest_s)
        return uniform(longest / 2, longest)

    async def _handle(self, envelope: Envelope) -> dict[str, Any] | None:
        """The acknowledgement, once Bolt's listener has returned; None when it failed, so that Slack sends it again."""
        request: SocketModeRequest | None = cast("Any", SocketModeRequest).from_dict(
            envelope
        )  # slack_sdk types no JSON
        if request is None:
            _log.warning("slack.envelope_incomplete", keys=sorted(envelope)[:10])
            return {"envelope_id": envelope["envelope_id"]}  # it would be no better the next time
        response = await run_async_bolt_app(self._bolt, request)
        if response.status != _OK:
            _log.warning("slack.envelope_not_taken", kind=request.type, status=response.status)
            return None
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if response.body and request.accepts_response_payload:
            answer["payload"] = _payload(response.body)
        return answer


_CLOSE = aiohttp.ClientWSTimeout(ws_close=1.0)  # pyright: ignore[reportCallIssue] -- aiohttp makes it with attrs
_TO_BE_MENDED = frozenset({End.DISABLED, End.REFUSED})
_PROBLEMS = {
    End.CLOSED: "Slack has closed the connection; another is being opened",
    End.SILENT: "the connection has fallen silent; another is being opened",
    End.REFUSED: "Slack takes no further connection (at most ten are open at once): end other processes that have this token",
    End.DISABLED: "Socket Mode is switched off for the app: switch it on under Settings, Socket Mode",
}


def _payload(body: str) -> dict[str, Any]:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return {"text": body}
    return found if isinstance(found, dict) else {"text": body}  # pyright: ignore[reportUnknownVariableType] -- JSON

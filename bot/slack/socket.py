"""One WebSocket of Socket Mode: its frames, its envelopes, and what ends it.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any, cast

import aiohttp
import structlog
from aiohttp import WSMsgType

_log = structlog.stdlib.get_logger(__name__)

_MOST_AT_WORK = 500
"""Envelopes being written at once; one more is left unacknowledged, and Slack sends it again."""

type Envelope = dict[str, Any]
type Handle = Callable[[Envelope], Awaitable[dict[str, Any] | None]]
"""What to send back for an envelope: its acknowledgement, or None for none at all."""


class End(StrEnum):
    """Why a socket is not, or soon not, to be counted on."""

    REFRESH = "refresh"
    DISABLED = "disabled"
    REFUSED = "refused"
    CLOSED = "closed"
    SILENT = "silent"


_ENDS = {"warning": End.REFRESH, "refresh_requested": End.REFRESH, "link_disabled": End.DISABLED}
"""Other reasons, such as `too_many_websockets`, are no reason to connect anew at once."""


@dataclass
class Traffic:
    """`last_frame_at` is on the monotonic clock."""

    last_frame_at: float
    envelopes: int = 0
    unacknowledged: int = 0


class Socket:
    """Reads until the connection ends; an envelope is acknowledged on the socket that brought it, once it is written.

    Slack's own pings count as life, and so do the answers to ours: without either for `silence_s` it is given up, since a
    connection that a network forgot looks open for ever.
    """

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, handle: Handle, *, silence_s: float) -> None:
        self._ws = ws
        self._handle = handle
        self._silence_s = silence_s
        self._at_work: set[asyncio.Task[None]] = set()
        self._jobs: list[asyncio.Task[None]] = []
        self._ending: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.opened_at = monotonic()
        self.ready = asyncio.Event()
        self.traffic = Traffic(last_frame_at=self.opened_at)

    def start(self) -> None:
        self._jobs = [
            asyncio.create_task(self._read(), name="slack socket"),
            asyncio.create_task(self._watch(), name="slack socket watchdog"),
        ]

    async def ending(self) -> End:
        """Returns as soon as another socket is needed; this one may still be read for a while then."""
        return await asyncio.shield(self._ending)

    async def close(self, *, grace_s: float = 0.0) -> None:
        """Close it, after what it brought is dealt with, but at the latest after `grace_s` seconds."""
        if self._at_work and grace_s > 0:
            await asyncio.wait(self._at_work, timeout=grace_s)
        for job in (*self._jobs, *self._at_work):
            job.cancel()
        await asyncio.gather(*self._jobs, *self._at_work, return_exceptions=True)
        self._end(End.CLOSED)
        try:
            async with asyncio.timeout(1.0):
                await self._ws.close()
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # the other side is gone

    async def drained(self) -> None:
        """Returns when Slack has closed it."""
        await asyncio.wait(self._jobs[:1])

    async def _read(self) -> None:
        try:
            while True:
                message = await self._ws.receive()
                self.traffic.last_frame_at = monotonic()
                if message.type is WSMsgType.TEXT:
                    self._take(str(message.data))
                elif message.type is WSMsgType.PING:
                    await self._ws.pong(message.data)
                elif message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                    return
        except (aiohttp.ClientError, OSError) as error:
            _log.info("slack.socket_broke", error=type(error).__name__)
        finally:
            self._end(End.CLOSED)

    async def _watch(self) -> None:
        """Ping, so that even a quiet workspace shows life; give the socket up when nothing comes back."""
        while (left_s := self.traffic.last_frame_at + self._silence_s - monotonic()) > 0:
            try:
                async with asyncio.timeout(left_s):  # a full send buffer must not hold the watchdog
                    await self._ws.ping()
            except (TimeoutError, aiohttp.ClientError, OSError):
                pass  # what matters is that nothing comes
            await asyncio.sleep(max(min(left_s, self._silence_s / 3), 0.01))
        self._end(End.SILENT)

    def _take(self, text: str) -> None:
        try:
            found: object = json.loads(text)
        except ValueError:
            _log.warning("slack.socket_unreadable")
            return
        if not isinstance(found, dict):
            return
        message = cast("Envelope", found)
        match message.get("type"):
            case "hello":
                self.ready.set()
            case "disconnect":
                reason = str(message.get("reason"))
                _log.info("slack.socket_disconnect", reason=reason)
                self._end(_ENDS.get(reason, End.REFUSED))
            case _ if "envelope_id" in message:
                self._begin(message)
            case other:
                _log.info("slack.socket_other_message", kind=str(other)[:60])

    def _begin(self, envelope: Envelope) -> None:
        self.traffic.envelopes += 1
        if len(self._at_work) >= _MOST_AT_WORK:
            self.traffic.unacknowledged += 1
            _log.warning("slack.socket_full", envelopes=len(self._at_work))
            return
        work = asyncio.create_task(self._answer(envelope), name="slack envelope")
        self._at_work.add(work)
        work.add_done_callback(self._at_work.discard)

    async def _answer(self, envelope: Envelope) -> None:
        try:
            answer = await self._handle(envelope)
            if answer is None:
                self.traffic.unacknowledged += 1
                return
            await self._ws.send_str(json.dumps(answer))
        except (aiohttp.ClientError, OSError) as error:  # Slack sends it again, over another socket
            self.traffic.unacknowledged += 1
            _log.warning("slack.socket_ack_not_sent", error=type(error).__name__)
        except Exception:  # noqa: BLE001 -- the outermost edge of an envelope: one that breaks the code must not go unheard
            self.traffic.unacknowledged += 1
            _log.exception("slack.envelope_broke")

    def _end(self, reason: End) -> None:
        if not self._ending.done():
            self._ending.set_result(reason)

"""Writes what waits in the outbox, beside the senders of other processes, as long as the program runs."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.rounds import cancel, repeat
from bot.slack.errors import Fault, SlackCallError
from bot.slack.outbox_writing import Writer, Written
from core.errors import SettingsError, StorageError
from storage.slack_outbox_claims import Claimed, OutboxClaims

_log = structlog.stdlib.get_logger(__name__)

_NOTE_RETRY_S = 0.5
_MOST_DOUBLINGS = 12
_DRAIN_POLL_S = 0.02
BROKE = "broke"
"""The code of a message over which orch's own code failed: another release may write it."""
UNSEALED = "token_cannot_be_read"
"""The code of a message for a workspace whose token was sealed with another key than this process has."""
_BROKE = SlackCallError("a message", BROKE, "see the log", fault=Fault.IN_DOUBT)
_POST = "chat.postMessage"
_GATES = {
    "chat.update": "chat.update",
    "chat.postEphemeral": "chat.postEphemeral",
    "files.getUploadURLExternal": "files.completeUploadExternal",
    "files.completeUploadExternal": "files.completeUploadExternal",
}
"""What a method that takes no more closes, by the name under which messages are claimed. Looking for a message of one's own
closes nothing: only that one waits."""


@dataclass(frozen=True, kw_only=True)
class SenderTimes:
    """`lease_s`: after so long another process may write a claimed message; `call_s` of it is kept for the last call.

    `poll_s`: between two looks at the outbox that nothing asked for. `rest_s`: how long a message rests that was not
    taken, twice as long each time, up to `most_rest_s`. `patience_s`: an answer that comes later helps nobody, nor does what is
    said to one person after `private_patience_s`.
    `most_refusals`: one after the other, for a reason that orch does not know, or where its own code fails. `drain_s`: how long
    a stop waits for what may still be written. `file_rest_s`: Slack shows a file some time after it took it. `most_retry_after_s`:
    where Slack says to come back later than that, it is asked sooner.
    """

    lease_s: float = 15.0
    call_s: float = 10.0
    poll_s: float = 1.0
    rest_s: float = 0.5
    most_rest_s: float = 60.0
    patience_s: float = 86_400.0
    private_patience_s: float = 1800.0
    most_refusals: int = 5
    most_retry_after_s: float = 3600.0
    drain_s: float = 5.0
    sweep_s: float = 5.0
    file_rest_s: float = 5.0


class Sender:
    """At most `concurrency` messages at once, each of another channel.

    A message stands in Slack once, whoever dies when: what may have been posted is looked for before it is posted again.
    The one gap is Slack's own: a post that it takes up only after it has told the next sender that there is none.
    """

    def __init__(
        self,
        claims: OutboxClaims,
        writer: Writer,
        tell_asker: Callable[[Claimed, SlackCallError], Awaitable[None]],
        times: SenderTimes,
        *,
        concurrency: int = 16,
    ) -> None:
        self._claims = claims
        self._writer = writer
        self._tell_asker = tell_asker
        self._times = times
        self._concurrency = concurrency
        self._news = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    def start(self) -> None:
        rounds = {
            "slack sender": (self._send_all, 0.0),
            "slack outbox news": (self._listen, self._times.poll_s),
            "slack outbox orphans": (self._give_up_orphans, self._times.sweep_s),
        }
        self._loops = [
            asyncio.create_task(repeat(work, every_s, name=name), name=name) for name, (work, every_s) in rounds.items()
        ]

    async def stop(self) -> None:
        """Write for a short while what waits and may be written; the rest is left to other processes, or to the next."""
        if self._loops:
            with contextlib.suppress(TimeoutError, StorageError):
                async with asyncio.timeout(self._times.drain_s):
                    await self._drain()
        await cancel(self._loops)
        await cancel(list(self._jobs))

    async def _drain(self) -> None:
        """Returns when nothing is under way, and nothing waits that could be written while a drain lasts."""
        while self._jobs or await self._claims.is_waiting(within_s=self._times.drain_s):  # noqa: ASYNC110 -- others write, too
            await asyncio.sleep(_DRAIN_POLL_S)

    async def _send_all(self) -> None:
        try:
            wait_s = await self._begin_all()
        except StorageError as error:
            _log.warning("slack.outbox_unusable", error=str(error))
            await asyncio.sleep(self._times.poll_s)
            return
        timeout_s = self._times.poll_s if wait_s is None else min(wait_s + 0.001, self._times.poll_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()

    async def _begin_all(self) -> float | None:
        """Begin to write whatever may be written now; in how many seconds there may be more."""
        self._news.clear()
        while len(self._jobs) < self._concurrency:
            began = asyncio.get_running_loop().time()
            claimed = await self._claims.take()
            if claimed is None:
                return await self._claims.next_in_s()
            job = asyncio.create_task(self._handle(claimed, began), name=f"slack message {claimed.key}")
            self._jobs.add(job)
            job.add_done_callback(self._forget)
        return None

    def _forget(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        self._news.set()

    async def _listen(self) -> None:
        async for _ in self._claims.listen():
            self._news.set()

    async def _give_up_orphans(self) -> None:
        for orphan in await self._claims.give_up_orphans():
            _log.error("slack.given_up", key=orphan.key, channel=orphan.channel, reason="its thread was not opened")

    async def _handle(self, claimed: Claimed, began: float) -> None:
        """Write it and note what came of that; nothing is sent later than the claim allows."""
        end = began + self._times.lease_s
        try:
            async with asyncio.timeout_at(end - 1.0):
                written = await self._writer.write(claimed, send_by=end - self._times.call_s)
        except SlackCallError as error:
            await self._note(self._take_failure(claimed, error), end)
        except TimeoutError:
            error = SlackCallError(claimed.kind, "timeout", "Slack has not answered in time", fault=Fault.IN_DOUBT)
            await self._note(self._take_failure(claimed, error), end)
        except asyncio.CancelledError:
            with contextlib.suppress(StorageError):
                await self._claims.put_off(claimed, "the program stopped", rest_s=0.0, in_doubt=True)
            raise
        except SettingsError as error:
            unset = SlackCallError(claimed.kind, UNSEALED, str(error), fault=Fault.UNSENT)
            await self._note(self._take_failure(claimed, unset), end)
        except StorageError as error:  # it was not sent yet: the claim runs out by itself
            _log.warning("slack.message_not_written", key=claimed.key, error=str(error))
        except Exception:  # noqa: BLE001 -- the outermost loop of a message: one that breaks the code must not stop others
            _log.exception("slack.sender_broke", key=claimed.key)
            await self._note(self._take_failure(claimed, _BROKE), end)
        else:
            await self._note(self._note_written(claimed, written), end)

    async def _note(self, noting: Callable[[], Awaitable[None]], end: float) -> None:
        """Store what came of it, again and again while the database is away; later the claim is no longer ours."""
        while True:
            try:
                return await noting()
            except StorageError as error:
                _log.warning("slack.outcome_not_noted", error=str(error))
                if asyncio.get_running_loop().time() + _NOTE_RETRY_S >= end:
                    return None
                await asyncio.sleep(_NOTE_RETRY_S)

    def _note_written(self, claimed: Claimed, written: Written) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            if not await self._claims.wrote(claimed, written.ts, version=written.version, shape=written.shape):
                _log.warning("slack.claim_lost", key=claimed.key, ts=written.ts)

        return note

    def _take_failure(self, claimed: Claimed, error: SlackCallError) -> Callable[[], Awaitable[None]]:
        times = self._times
        stands = claimed.ts is not None
        age_s = (datetime.now(UTC) - claimed.created_at).total_seconds()
        counts = error.fault is Fault.REFUSED or error.code == BROKE
        # An outage before it says nothing about a refusal: only those in a row count.
        attempts = claimed.attempts if not counts or claimed.error == error.code else 1
        is_final = error.fault is Fault.FINAL or (counts and attempts >= times.most_refusals)
        is_in_doubt = not stands and (error.fault is Fault.IN_DOUBT or claimed.doubted_at is not None)
        is_private = claimed.kind == "ephemeral"
        patience_s = times.private_patience_s if is_private else times.patience_s
        if is_final or (age_s > patience_s and not stands):
            return lambda: self._give_up(claimed, error, in_doubt=is_in_doubt)
        is_rate = error.fault is Fault.RATE
        rest_s = times.rest_s * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS)
        # Whether a private message was shown cannot be found out: it is not to come every minute.
        rest_s = rest_s if is_private else min(rest_s, times.most_rest_s)
        rest_s *= random.uniform(0.5, 1.0)
        if claimed.kind == "file" and error.fault is Fault.IN_DOUBT:
            rest_s = max(rest_s, times.file_rest_s)
        if is_rate and error.retry_after_s is not None:
            rest_s = min(error.retry_after_s, times.most_retry_after_s)

        async def put_off() -> None:
            _log.warning(
                "slack.message_put_off",
                key=claimed.key,
                channel=claimed.channel,
                attempt=claimed.attempts,
                rest_s=round(rest_s, 2),
                error=str(error),
            )
            if is_rate and error.method in _GATES:
                await self._claims.close_method(claimed.team, _GATES[error.method], for_s=rest_s)
            lane_s = rest_s if is_rate and error.method == _POST else None
            await self._claims.put_off(
                claimed, error.code, rest_s=rest_s, in_doubt=is_in_doubt, lane_s=lane_s, attempts=attempts
            )

        return put_off

    async def _give_up(self, claimed: Claimed, error: SlackCallError, *, in_doubt: bool) -> None:
        if not await self._claims.give_up(claimed, error.code, in_doubt=in_doubt):
            return
        tell = _log.warning if claimed.ts is not None else _log.error
        tell("slack.given_up", key=claimed.key, channel=claimed.channel, attempts=claimed.attempts, error=str(error))
        await self._tell_asker(claimed, error)
        await self._give_up_orphans()

"""Finished investigations as documents of the search for earlier issues, kept up to date beside the runs."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast
from uuid import UUID

import structlog

from bot.health import Part
from bot.rounds import cancel, repeat
from core.brief import Intent
from core.events import Event, RunEnded
from core.rules.causes_come_first import CONFIRMED_FROM
from core.verdict import Outcome
from retrieval.past_tasks import Investigation, PastTasks
from storage.past_tasks import PastTask, PastTasksStore

_log = structlog.stdlib.get_logger(__name__)
_FIRST = 5_000  # investigations that a start reads; older ones are not missed by anybody at 3 a.m.
_ROUND = 500
_OVERLAP = timedelta(seconds=60)  # a transaction may become visible this long after the moment it wrote
_REST_S = 0.5  # after a run's end, so that its last writes do not wait for ours
_MAX_SOURCES = 10


class Memory:
    """An observer that keeps `past` as the store has it: at once after a run of this process, else every `every_s` seconds."""

    def __init__(self, store: PastTasksStore, past: PastTasks, *, every_s: float = 15.0) -> None:
        self._store = store
        self._past = past
        self._every_s = every_s
        self._ended = asyncio.Event()
        self._since: datetime | None = None
        self._seen: dict[UUID, datetime] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._loops = [asyncio.create_task(repeat(self._round, 0.0, name="memory"), name="memory")]
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel(self._loops)

    async def notice(self, event: Event) -> None:
        if isinstance(event, RunEnded):
            self._ended.set()

    async def probe(self) -> Part:
        """How many investigations may be found again."""
        if self._since is None:
            return Part(status="starting", detail="reading earlier investigations")
        return Part(status="ok", detail=f"{len(self._past)} earlier investigations may be found")

    async def refresh(self) -> None:
        """Brings `past` to what the store has now. Raises StorageError."""
        if self._since is None:
            found = await self._store.newest(limit=_FIRST)
            found.reverse()
            self._since = datetime.min.replace(tzinfo=UTC) + 2 * _OVERLAP
        else:
            found = await self._store.changed_since(self._since - _OVERLAP, limit=_ROUND, known=self._seen)
        await asyncio.to_thread(self._take, found)

    async def _round(self) -> None:
        try:
            await self.refresh()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._ended.wait()
                    await asyncio.sleep(_REST_S)
            self._ended.clear()

    def _take(self, found: Iterable[PastTask]) -> None:
        for task in found:
            name = str(task.task_id)
            investigation = investigation_of(task)
            if investigation is None:
                self._past.remove(name)
            else:
                self._past.put(investigation)
            self._seen[task.task_id] = task.changed_at
            self._since = task.changed_at if self._since is None else max(self._since, task.changed_at)
        newest = self._since
        if newest is not None:
            self._seen = {known: moment for known, moment in self._seen.items() if moment >= newest - 2 * _OVERLAP}


def investigation_of(task: PastTask) -> Investigation | None:
    """What of a finished task may be found again; None for one that was forgotten, rejected, or no investigation.

    Rows of older releases hold other shapes: what cannot be read of one is left out.
    """
    brief = _object(task.brief)
    is_investigation = brief.get("is_incident") is True or Intent.INVESTIGATE in _texts(brief.get("intents"))
    if not task.remembered or not is_investigation:
        return None
    report, verification = _object(task.report), _object(task.verification)
    window = _object(brief.get("window"))
    sources = (_object(item).get("citation_source") for item in _list(report.get("citations")))
    return Investigation(
        task_id=str(task.task_id),
        asked=task.text,
        verdict=str(verification.get("verdict") or "unknown"),
        passed=verification.get("passed") is True,
        cause=_confirmed_cause(report) if verification.get("verdict") == Outcome.CONFIRMED else None,
        service=next(iter(_texts(brief.get("services"))), None),
        severity=_text(brief.get("severity")),
        project=_text(brief.get("project_key")),
        sources=tuple(dict.fromkeys(_texts(sources)))[:_MAX_SOURCES],
        helpful=task.helpful,
        created=task.created_at,
        opened=_moment(window.get("start")),
    )


def _confirmed_cause(report: dict[str, Any]) -> str | None:
    best = _object(next(iter(_list(report.get("hypotheses"))), None))
    confidence = best.get("confidence")
    is_confirmed = isinstance(confidence, int | float) and confidence >= CONFIRMED_FROM
    return _text(best.get("cause")) if is_confirmed and not best.get("contradicted_by") else None


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _texts(values: Any) -> list[str]:
    found = cast("Iterable[Any]", values) if values is not None and not isinstance(values, str | dict) else ()
    return [value for value in found if isinstance(value, str) and value]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> datetime | None:
    with contextlib.suppress(ValueError, TypeError):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None

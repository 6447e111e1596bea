from collections.abc import Iterable

import structlog

from core.events import Event
from core.ports import Observer

_log = structlog.stdlib.get_logger(__name__)


class Observers:
    """One observer that tells several, in order; one that raises is logged and the others still hear."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = list(observers)

    def add(self, observer: Observer) -> None:
        self._observers.append(observer)

    async def notice(self, event: Event) -> None:
        for observer in tuple(self._observers):
            try:
                await observer.notice(event)
            except Exception:  # noqa: BLE001 -- the port's promise: an observer must not fail a run
                _log.exception("observer.failed", observer=type(observer).__name__, noticed=type(event).__name__)

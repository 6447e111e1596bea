"""The metrics of one app: its own registry, the gauges that are read when somebody scrapes, and the text."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot.clients.breaker import Breaker
from bot.metrics.runs import RunMetrics
from bot.patience import ask_within
from bot.worker import WorkerState
from core.errors import StorageError
from core.ports import Observer
from core.urgency import MOST_URGENT, UNKNOWN
from storage.queue_figures import Figures, Waiting

KEPT_S = 5.0
READ_TIMEOUT_S = 2.0
_PHASES = ("closed", "open", "half_open")
_ENDS = ("succeeded", "failed")
_NONE = Waiting(number=0, oldest_s=0.0)
_URGENCIES = {**{MOST_URGENT - 2 * level: f"P{level}" for level in range(MOST_URGENT // 2 + 1)}, UNKNOWN: "unknown"}
"""The label of each urgency: the severity that it stands for."""


class Metrics:
    """`runs` is to be told of every event. `breakers` are those of this process, by the name of their system."""

    def __init__(
        self,
        read_figures: Callable[[], Coroutine[Any, Any, Figures]],
        worker: Callable[[], WorkerState],
        breakers: Mapping[str, Breaker],
        tools: Collection[str],
        *,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._registry = CollectorRegistry()
        self._read_figures = read_figures
        self._timer = timer
        self._lock = asyncio.Lock()
        self._figures: Figures | None = None
        self._read_at = float("-inf")
        self.runs: Observer = RunMetrics(self._registry, tools)
        ProcessCollector(registry=self._registry)
        self._registry.register(_Gauges(lambda: self._figures, worker, breakers))

    async def render(self, accept: str) -> tuple[bytes, str]:
        """The text in the format that `accept`, a header, asks for, and its media type. Within READ_TIMEOUT_S, whatever is down."""
        async with self._lock:  # several who scrape at once read once
            if self._timer() - self._read_at >= KEPT_S:
                self._figures = await self._read()
                self._read_at = self._timer()
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    async def _read(self) -> Figures | None:
        try:
            return await ask_within(self._read_figures(), READ_TIMEOUT_S)
        except (StorageError, TimeoutError):
            return None


class _Gauges(Collector):
    def __init__(
        self,
        figures: Callable[[], Figures | None],
        worker: Callable[[], WorkerState],
        breakers: Mapping[str, Breaker],
    ) -> None:
        self._figures = figures
        self._worker = worker
        self._breakers = dict(breakers)

    def collect(self) -> Iterator[Metric]:
        figures = self._figures()
        yield _gauge("orch_database_up", "Whether the database could be read for this answer.", figures is not None)
        # What was true some time ago would be taken for what is: without a database there are no such gauges.
        if figures is not None:
            yield from _of_database(figures)
        yield from self._of_worker()
        yield from self._of_breakers()

    def _of_worker(self) -> Iterator[Metric]:
        state = self._worker()
        yield _gauge("orch_worker_running", "Runs at work in this process.", state.running)
        yield _gauge(
            "orch_worker_places",
            "Runs that may be at work at once in this process.",
            state.places if state.works else 0,
        )
        yield _gauge("orch_worker_stopping", "Whether this process takes nothing new any more.", state.stopping)

    def _of_breakers(self) -> Iterator[Metric]:
        phases = GaugeMetricFamily(
            "orch_breaker_state",
            "1 for the state in which this process's breaker of a system is: closed asks, open does not, half_open tries.",
            labels=["system", "state"],
        )
        at_work = GaugeMetricFamily("orch_system_calls_at_work", "Calls to the system under way.", labels=["system"])
        waiting = GaugeMetricFamily(
            "orch_system_calls_waiting", "Calls that wait for others to the system to end.", labels=["system"]
        )
        opened = CounterMetricFamily("orch_breaker_opened", "How often the breaker has opened.", labels=["system"])
        for system, breaker in self._breakers.items():
            state = breaker.state
            for phase in _PHASES:
                phases.add_metric([system, phase], float(state.phase == phase))
            at_work.add_metric([system], state.at_work)
            waiting.add_metric([system], state.waiting)
            opened.add_metric([system], state.opened)
        yield from (phases, at_work, waiting, opened)


def _of_database(figures: Figures) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "orch_tasks_waiting", "Tasks that wait for a worker, by the severity they are run by.", labels=["urgency"]
    )
    oldest = GaugeMetricFamily(
        "orch_tasks_waiting_oldest_seconds", "For how long the oldest one waits.", labels=["urgency"]
    )
    for urgency, label in _URGENCIES.items():
        found = figures.tasks.get(urgency, _NONE)
        waiting.add_metric([label], found.number)
        oldest.add_metric([label], found.oldest_s)
    yield from (waiting, oldest)
    yield _gauge("orch_tasks_running", "Tasks at work in all processes.", figures.running)
    ended = GaugeMetricFamily(
        "orch_tasks_ended_recently",
        "Tasks that ended in the last five minutes, whichever process ran them.",
        labels=["status"],
    )
    for status in _ENDS:
        ended.add_metric([status], figures.ended.get(status, 0))
    yield ended
    yield _gauge("orch_workers_alive", "Processes that run tasks.", figures.workers)
    yield _gauge("orch_slack_inbox_waiting", "What Slack sent and nobody has dealt with.", figures.inbox.number)
    yield _gauge("orch_slack_inbox_oldest_seconds", "For how long the oldest of it waits.", figures.inbox.oldest_s)
    yield _gauge("orch_slack_outbox_waiting", "Messages still to be written to Slack.", figures.outbox.number)
    yield _gauge("orch_slack_outbox_oldest_seconds", "For how long the oldest of them waits.", figures.outbox.oldest_s)
    yield _gauge("orch_slack_outbox_given_up", "Messages that were given up in the last day.", figures.outbox_given_up)


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=float(value))

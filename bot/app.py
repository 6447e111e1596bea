"""The composition root: what the program is made of, from top to bottom."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from fastapi import FastAPI

from bot.api.root import create_api
from bot.company import open_company
from bot.digest_ticker import build_digests, keep_schedule, schedule_probe
from bot.health import Health, SystemProbe, database_probe, model_probe, slack_probe, worker_probe
from bot.heap import settle_heap
from bot.indexes import Indexes
from bot.logs import configure_logging
from bot.memory import Memory
from bot.metrics.exposition import Metrics
from bot.observers import Observers
from bot.oncall import RotaBook
from bot.pipeline import build_pipeline, read_landscape
from bot.runtime import Runtime
from bot.settings import Settings, load_settings
from bot.slack.app import open_slack
from bot.slack.commands.facilities import Facilities
from bot.slack.digest_now import digest_now
from bot.sources import open_sources
from bot.telemetry import Telemetry
from bot.worker import Worker, WorkerTimes, open_worker
from core.errors import SettingsError
from core.service import TaskService
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.feedback import FeedbackStore
from storage.idempotency import IdempotencyStore
from storage.migrate import migrate
from storage.notices import Notices
from storage.past_tasks import PastTasksStore
from storage.queue_figures import QueueFigures
from storage.retention import Retention
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tools.catalog import TOOLS
from tools.registry import CallLimits, Registry

type Announce = Callable[[str], None]


def announce_on_stderr(sentence: str) -> None:
    """For a person who waits for the start."""
    print(f"orch: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 -- progress is for people, not a log line


def create_app(settings: Settings | None = None, *, lasting: bool = False) -> FastAPI:
    """The program as one ASGI app; its resources open in the lifespan. SettingsError when the environment is wrong.

    Without `settings` it is the whole process: these are read and logging is configured. For `lasting` see `open_runtime`.
    """
    if settings is None:
        settings = load_settings()
        configure_logging(settings.secrets)
        lasting = True
    return create_api(settings, partial(open_runtime, lasting=lasting))


@asynccontextmanager
async def open_runtime(
    settings: Settings, announce: Announce = announce_on_stderr, *, lasting: bool = False
) -> AsyncGenerator[Runtime]:
    """Everything the program holds, open until the context ends; `lasting` where that is the end of the process.

    Raises StorageError when the database cannot be used, SettingsError when the company's folder is not there.
    """
    if not settings.company_root.is_dir():
        raise SettingsError(
            f"ORCHESTRATOR_COMPANY_SIM_ROOT is {settings.company_root}, where there is no folder: set it to the folder of a "
            "company (docs/company-pack.md), or leave it unset for the simulated one"
        )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings, announce))
        store = PostgresTaskStore(database)
        idempotency = IdempotencyStore(database)
        company = await stack.enter_async_context(open_company(settings))
        company_sources = await stack.enter_async_context(open_sources(settings, company))
        registry = Registry(TOOLS, company_sources.sources, build_limits(settings))
        pipeline = await asyncio.to_thread(
            build_pipeline, company_sources.references, registry, lambda: datetime.now(UTC)
        )
        observers = Observers([Telemetry(planner_mode=settings.planner_mode, executor_mode=settings.executor_mode)])
        slack = await stack.enter_async_context(open_slack(settings, database))
        if slack is not None:
            observers.add(slack.threads)
        memory = await stack.enter_async_context(Memory(PastTasksStore(database), company_sources.past))
        observers.add(memory)
        worker = await stack.enter_async_context(
            open_worker(
                Worker(
                    store,
                    RunQueue(database),
                    Notices(database),
                    pipeline,
                    observers,
                    works=settings.workers == "inside",
                    concurrency=settings.worker_concurrency,
                    per_channel=settings.worker_per_channel,
                    times=WorkerTimes(deadline_s=settings.run_deadline_s),
                    retention=Retention(database, task_days=settings.retention_days),
                    is_pressed=slack.is_pressed if slack is not None else lambda: False,
                ),
                grace_s=settings.stop_grace_s,
            )
        )
        metrics = Metrics(
            QueueFigures(database, lease_s=WorkerTimes().lease_s).read,
            lambda: worker.state,
            {
                **{system.name: system.breaker for system in company.systems if system.breaker is not None},
                **company_sources.reranker.breakers,
            },
            [tool.name for tool in TOOLS],
        )
        observers.add(metrics.runs)
        service = TaskService(store, worker)
        feedback = FeedbackStore(database)
        indexes = await stack.enter_async_context(
            Indexes(company_sources.prepare, prepared=settle_heap if lasting else lambda: None)
        )
        digests = await build_digests(settings, database, company, company_sources.references)
        worker_part = {"worker": worker_probe(worker)}
        health = Health(
            needed={
                "database": database_probe(database.ping, database.place),
                **(worker_part if worker.state.works else {}),
            },
            others={
                **({} if worker.state.works else worker_part),
                "slack": slack.probe if slack is not None else slack_probe(settings),
                **{system.name: SystemProbe(system) for system in company.systems},
                "model": model_probe(company_sources.reranker),
                "indexes": indexes.probe,
                "memory": memory.probe,
            },
        )
        if slack is not None:
            facilities = Facilities(
                landscape=await asyncio.to_thread(read_landscape, company_sources.references),
                rota=RotaBook(company_sources.references),
                feedback=feedback,
                health=health.report,
                clock=lambda: datetime.now(UTC),
                digest=digest_now(digests),
            )
            slack.listen(service, facilities)
        health.add("digests", schedule_probe(settings, database))
        await stack.enter_async_context(keep_schedule(settings, database, digests, slack))
        yield Runtime(
            settings=settings,
            service=service,
            worker=worker,
            observers=observers,
            company=company,
            idempotency=idempotency,
            feedback=feedback,
            health=health,
            metrics=metrics,
            tools=[tool.to_json() for tool in registry.describe()],
            slack=slack,
            digests=digests,
        )


@asynccontextmanager
async def open_database(settings: Settings, announce: Announce) -> AsyncGenerator[Database]:
    """The database with today's tables: the one of the URL, else the embedded one, which runs as long as it is used."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
        else:
            server = embedded_postgres(settings.data_dir, announce=announce)
            url = await asyncio.to_thread(server.__enter__)
            stack.push_async_callback(asyncio.to_thread, server.__exit__, None, None, None)
        await migrate(url)
        yield await stack.enter_async_context(Database(url))


def build_limits(settings: Settings) -> CallLimits:
    """The limits of tool calls that the operator chose."""
    return CallLimits(
        timeout_s=settings.tool_timeout_s,
        company_timeout_s=settings.company_tool_timeout_s,
        max_retries=settings.tool_max_retries,
        backoff_s=settings.tool_backoff_s,
    )

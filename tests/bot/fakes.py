"""Working stand-ins: a scripted planner and toolbox behind the real pipeline, and stubs of the company's systems."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.company import Company, CompanySystem
from bot.health import Health, Part, SystemProbe, database_probe, fixed
from bot.metrics.exposition import Metrics
from bot.observers import Observers
from bot.runtime import Runtime
from bot.settings import Settings
from bot.worker import Worker, WorkerTimes
from core.brief import Brief, Intent
from core.events import Event
from core.evidence import Summary
from core.executor import Execution
from core.pipeline import Pipeline
from core.plan import Plan, Step, ToolCall
from core.ports import Observer, TaskStore, Toolbox
from core.report import Citation, Claim, ClaimKind, Report
from core.result import CallStatus, Result, ToolResult
from core.service import TaskService
from core.task import Request
from core.verdict import Check, Outcome, Verdict
from storage.database import Database
from storage.feedback import FeedbackStore
from storage.idempotency import IdempotencyStore
from storage.notices import Notices
from storage.queue_figures import QueueFigures
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore


@dataclass
class Script:
    """How the next runs go; change it before or while they do. A run waits in its tool call until `go` is set.

    It has `steps` steps, one after the other, `s1` and so on; with `hold_from` those from that number on wait.
    """

    passed: bool = True
    error: Exception | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)
    held: bool = False
    calls: int = 0
    at_work: int = 0
    most_at_work: int = 0
    steps: int = 1
    hold_from: int | None = None
    called: list[str] = field(default_factory=list[str])

    def hold(self) -> None:
        self.held = True
        self.go.clear()

    def release(self) -> None:
        self.held = False
        self.go.set()


class ScriptedPlanner:
    def __init__(self, script: Script) -> None:
        self._script = script

    async def plan(self, request: Request, now: datetime) -> Plan:
        brief = Brief(intents=(Intent.LOOKUP,), is_incident=False)
        return Plan(
            brief=brief, steps=tuple(self._step(number, request) for number in range(1, self._script.steps + 1))
        )

    def _step(self, number: int, request: Request) -> Step:
        call = ToolCall(tool="summarize", arguments={"text": request.text[:50], "max_words": 5, "step": f"s{number}"})
        after = (f"s{number - 1}",) if number > 1 else ()
        return Step(step_id=f"s{number}", purpose="Read the task", tool_calls=(call,), depends_on=after)


class ScriptedToolbox:
    def __init__(self, script: Script) -> None:
        self._script = script

    async def call(self, call: ToolCall) -> ToolResult:
        script = self._script
        script.calls += 1
        step = str(call.arguments["step"])
        script.called.append(step)
        script.at_work += 1
        script.most_at_work = max(script.most_at_work, script.at_work)
        try:
            if script.held or (script.hold_from is not None and int(step[1:]) >= script.hold_from):
                await script.go.wait()
            if script.error is not None:
                raise script.error
        finally:
            script.at_work -= 1
        return ToolResult(
            tool=call.tool,
            arguments=call.arguments,
            status=CallStatus.OK,
            attempts=1,
            duration_ms=1.5,
            output=Summary(summary="all is well"),
        )


def compose(request: Request, plan: Plan, execution: Execution, now: datetime) -> Report:
    citation = Citation(
        citation_id="c1", citation_source="policy_v2", locator="policies/policy_v2.md:1-2", quote="Page."
    )
    claim = Claim(text="All is well.", kind=ClaimKind.FACT, citation_ids=("c1",))
    return Report(answer="All is well.", claims=(claim,), citations=(citation,))


def scripted_pipeline(script: Script, toolbox: Toolbox | None = None) -> Pipeline:
    def verify(plan: Plan, result: Result) -> Verdict:
        outcome = Outcome.CONFIRMED if script.passed else Outcome.NOT_CONFIRMED
        check = Check(name="evidence", passed=script.passed, reason="as the test wants")
        return Verdict(passed=script.passed, verdict=outcome, reasons=("as the test wants",), checks=(check,))

    return Pipeline(
        planner=ScriptedPlanner(script),
        toolbox=toolbox or ScriptedToolbox(script),
        composer=compose,
        verifier=verify,
        clock=lambda: datetime.now(UTC),
    )


class Listener:
    """An observer that remembers the names of what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def notice(self, event: Event) -> None:
        self.heard.append(type(event).__name__)


async def echo(request: HttpRequest) -> Response:
    """What a company system was asked, as it saw it."""
    body = (await request.body()).decode()
    headers = dict(request.headers)
    path = request.scope["path"]
    seen = {"method": request.method, "path": path, "query": request.url.query, "body": body, "headers": headers}
    return JSONResponse(seen, status_code=418 if path.endswith("/teapot") else 200, headers={"Set-Cookie": "a=b"})


def echo_system(name: str, *, base_url: str | None = None) -> CompanySystem:
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"])])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url or f"http://{name}.test")
    return CompanySystem(name=name, client=client, place=f"the echo of {name}", health_path="/health")


def echo_company() -> Company:
    return Company(jira=echo_system("jira"), metrics=echo_system("metrics"), logs=echo_system("logs"))


QUICK_WORK = WorkerTimes(beat_s=0.05, lease_s=0.3, sweep_s=0.05, poll_s=0.05, retry_s=0.02)


def make_worker(database: Database, script: Script, observer: Observer, store: TaskStore | None = None) -> Worker:
    """A worker that does what the script says, not yet at work."""
    return Worker(
        store or PostgresTaskStore(database),
        RunQueue(database),
        Notices(database),
        scripted_pipeline(script),
        observer,
        times=QUICK_WORK,
    )


@asynccontextmanager
async def open_test_runtime(
    settings: Settings,
    database: Database,
    store: TaskStore,
    script: Script,
    *,
    company: Callable[[], Company] = echo_company,
) -> AsyncGenerator[Runtime]:
    observers = Observers()
    worker = make_worker(database, script, observers, store)
    worker.start()
    systems = company()
    figures = QueueFigures(database, lease_s=QUICK_WORK.lease_s)
    metrics = Metrics(figures.read, lambda: worker.state, {}, ["summarize"])
    observers.add(metrics.runs)
    try:
        yield Runtime(
            settings=settings,
            service=TaskService(store, worker),
            worker=worker,
            observers=observers,
            company=systems,
            idempotency=IdempotencyStore(database),
            feedback=FeedbackStore(database),
            health=Health(
                needed={"database": database_probe(database.ping, database.place)},
                others={
                    "slack": fixed(Part(status="closed", detail="SLACK_BOT_TOKEN is not set")),
                    **{system.name: SystemProbe(system, timeout_s=0.2) for system in systems.systems},
                },
            ),
            metrics=metrics,
            tools=[{"name": "summarize", "description": "Shortens.", "input_schema": {}, "output_schema": {}}],
        )
    finally:
        await worker.stop(grace_s=0.0)
        for system in systems.systems:
            await system.client.aclose()

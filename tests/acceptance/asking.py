"""Questions with their right answers, and a company that can be asked over REST."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.app import create_app
from bot.settings import Settings

type Answer = dict[str, Any]

START_TIMEOUT_S = 60
ASK_TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Question:
    """A task, and what a right answer has.

    `says`: words of the answer or of an action (who, by when), case aside. `never`: words the answer and the actions must
    not have. `cites`: sources that a statement rests on. `cause`: words of the first hypothesis. `verdict`: the verdict.
    """

    task: str
    context: dict[str, Any] = field(default_factory=dict[str, Any])
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    cause: str | None = None
    verdict: str | None = None


def report(answer: Answer) -> dict[str, Any]:
    """The report of a finished task."""
    return answer["result_json"]["report"]


def cited(answer: Answer) -> set[str]:
    """The sources that a statement of the report really names."""
    by_id = {item["citation_id"]: item["citation_source"] for item in report(answer)["citations"]}
    return {by_id[name] for claim in report(answer)["claims"] for name in claim["citation_ids"]}


class Company:
    """The whole program, started on a company's folder; a question is asked once, its finished task is kept."""

    def __init__(self, root: Path, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self.root = root
        self._client = client
        self._loop = loop
        self._answers: dict[str, Answer] = {}

    def answer(self, name: str, question: Question) -> Answer:
        """The finished task of a question, as `GET /tasks/{task_id}` has it."""
        if name not in self._answers:
            asked = asyncio.run_coroutine_threadsafe(self._ask(question), self._loop)
            self._answers[name] = asked.result(ASK_TIMEOUT_S)
        return self._answers[name]

    def get(self, path: str, *, status: int = 200) -> Answer:
        """What `GET path` answers, with that status."""
        asked = asyncio.run_coroutine_threadsafe(self._client.get(path), self._loop).result(ASK_TIMEOUT_S)
        assert asked.status_code == status, asked.text
        return asked.json()

    async def _ask(self, question: Question) -> Answer:
        created = await self._client.post("/tasks", json={"task": question.task, "context": question.context})
        assert created.status_code == httpx.codes.CREATED, created.text
        task_id = created.json()["task_id"]
        ran = await self._client.post(f"/tasks/{task_id}/run", json={})
        assert ran.status_code == httpx.codes.OK, ran.text
        return (await self._client.get(f"/tasks/{task_id}")).json()


@contextmanager
def open_company(root: Path, database_url: str, folder: Path) -> Generator[Company]:
    """The program over a company's files, with a real database and the mock systems in-process, until the context ends."""
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATABASE_URL": database_url,
            "ORCHESTRATOR_DATA_DIR": folder,
            "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite",
            "ORCHESTRATOR_COMPANY_SIM_ROOT": root,
        }
    )
    opened: list[Company] = []
    failed: list[BaseException] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        app = create_app(settings)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://orch.test", timeout=ASK_TIMEOUT_S) as client,
        ):
            opened.append(Company(root, client, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(done.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits for the start
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name=f"company-{root.name}")
    thread.start()
    try:
        assert ready.wait(START_TIMEOUT_S)
        if failed:
            raise failed[0]
        yield opened[0]
    finally:
        done.set()
        thread.join(START_TIMEOUT_S)

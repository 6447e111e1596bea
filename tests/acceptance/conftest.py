import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import create_app
from bot.settings import Settings
from tests.acceptance.questions import QUESTIONS
from tests.conftest import MakeDatabase

COMPANY = Path(__file__).parents[2] / "company_details" / "company_sim"

type Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def company() -> Path:
    return COMPANY


@pytest.fixture(scope="session")
def answers(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Every question's finished task, asked over REST of the whole program: a real database, the mock systems in-process."""
    folder = tmp_path_factory.mktemp("orch")
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATABASE_URL": make_database(),
            "ORCHESTRATOR_DATA_DIR": folder,
            "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite",
            "ORCHESTRATOR_COMPANY_SIM_ROOT": COMPANY,
        }
    )
    return asyncio.run(_ask_all(settings))


async def _ask_all(settings: Settings) -> Answers:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orch.test", timeout=60) as client,
    ):
        answers: Answers = {}
        for name, question in QUESTIONS.items():
            created = await client.post("/tasks", json={"task": question.task, "context": question.context})
            assert created.status_code == httpx.codes.CREATED, created.text
            task_id = created.json()["task_id"]
            ran = await client.post(f"/tasks/{task_id}/run", json={})
            assert ran.status_code == httpx.codes.OK, ran.text
            answers[name] = (await client.get(f"/tasks/{task_id}")).json()
        return answers

"""A company system that is down: the run ends, the failure is told by name, nothing is invented."""

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
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.fixture(scope="module")
def without_metrics(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The P1 example, finished while no metrics system can be reached."""
    folder = tmp_path_factory.mktemp("orch")
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATABASE_URL": make_database(),
            "ORCHESTRATOR_DATA_DIR": folder,
            "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite",
            "ORCHESTRATOR_COMPANY_SIM_ROOT": COMPANY,
            "ORCHESTRATOR_TOOL_BACKOFF_S": 0.01,
            "COMPANY_METRICS_BASE_URL": NOBODY,
        }
    )
    return asyncio.run(_ask(settings))


async def _ask(settings: Settings) -> dict[str, Any]:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orch.test", timeout=60) as client,
    ):
        example = QUESTIONS["p1_example"]
        created = await client.post("/tasks", json={"task": example.task, "context": example.context})
        return (await client.post(f"/tasks/{created.json()['task_id']}/run", json={})).json()


def test_the_run_ends_and_the_failed_calls_are_reported_as_failed(without_metrics: dict[str, Any]) -> None:
    results = [result for step in without_metrics["result_json"]["steps"] for result in step["tool_results"]]
    failed = [result for result in results if result["status"] == "failed"]
    assert {result["tool"] for result in failed} == {"metrics_query"}
    assert all(result["attempts"] == 3 and NOBODY in result["error"]["message"] for result in failed)
    assert without_metrics["result_json"]["execution_metadata"]["error_count"] == len(failed)


def test_nothing_is_concluded_from_what_was_not_measured(without_metrics: dict[str, Any]) -> None:
    report = without_metrics["result_json"]["report"]
    assert "Could not be asked: metrics_query (saas-api)" in report["answer"]
    assert report["health"] is None
    assert report["hypotheses"] == []
    assert not [item for item in report["citations"] if item["citation_source"] == "metrics"]
    verification = without_metrics["verification_json"]
    assert (verification["passed"], verification["verdict"]) == (True, "not_confirmed")


def test_what_could_be_asked_is_still_answered(without_metrics: dict[str, Any]) -> None:
    cited = {item["citation_source"] for item in without_metrics["result_json"]["report"]["citations"]}
    assert {"policy_v2", "oncall_rota", "slack_config", "logs"} <= cited
    assert without_metrics["status"] == "succeeded"

import structlog.testing

from bot.observers import Observers
from bot.telemetry import Telemetry
from core.task import Request
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script, make_worker


async def test_a_run_leaves_three_lines(database: Database, script: Script) -> None:
    store = PostgresTaskStore(database)
    telemetry = Telemetry(planner_mode="deterministic", executor_mode="deterministic")
    worker = make_worker(database, script, Observers([telemetry]))
    task, _ = await store.add(Request(text="What is wrong?"))
    with structlog.testing.capture_logs() as lines:
        worker.start()
        await worker.begin(task.task_id)
        await worker.wait(task.task_id, 5)
        await worker.stop(grace_s=5)
    told = [line for line in lines if line["event"].startswith("task.")]
    assert [line["event"] for line in told] == ["task.run_started", "task.plan_built", "task.run_ended"]
    assert [line["status"] for line in told] == ["running", "running", "succeeded"]
    for line in told:
        assert line["task_id"] == str(task.task_id)
        assert (line["planner_mode"], line["executor_mode"]) == ("deterministic", "deterministic")
        assert set(line["execution_metadata"]) >= {"total_tools", "total_duration_ms", "error_count"}
    assert told[-1]["execution_metadata"]["total_tools"] == 1

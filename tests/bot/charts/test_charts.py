import struct
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from bot.api import charts
from bot.api.problems import add_problems
from bot.charts import draw_charts, pictures_of, render_charts
from core.errors import TaskNotFoundError
from core.plan import Plan
from core.result import Result
from core.task import Context, Origin, Task, TaskStatus
from tests.core.runs import NOW, START, answered, incident, metrics, run


def task_of(plan: Plan | None, result: Result | None) -> Task:
    return Task(
        task_id=uuid4(), text="cart errors", status=TaskStatus.SUCCEEDED, context=Context(), origin=Origin(), plan=plan,
        result=result, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_the_signal_that_the_report_rests_on_is_drawn_with_its_change_limit_and_events() -> None:
    (picture,) = pictures_of(*incident())
    (panel,) = picture.panels
    assert (panel.service, panel.name.words, panel.name.unit) == ("cart", "error rate", "%")
    assert (panel.start, panel.end) == (START + timedelta(minutes=5), START + timedelta(minutes=10))
    assert (panel.peak, panel.recovered) == (7.0, True)
    assert panel.low <= 0.25 <= panel.high
    assert [(event.kind, event.at) for event in picture.events] == [
        ("deployment", START + timedelta(minutes=4)), ("rollback", START + timedelta(minutes=9)),
    ]  # fmt: skip


def test_the_words_beside_a_picture_say_what_it_shows() -> None:
    (picture,) = pictures_of(*incident())
    assert picture.title == "cart: error rate, 2026-03-03"
    assert "usually 0.25 %, outside its usual range from 09:05 to 09:10 UTC, peak 7 % at 09:07" in picture.alt_text
    assert picture.alt_text.endswith("Deployment at 09:04 UTC. Rollback at 09:09 UTC.")
    report = incident()[1].report
    assert picture.citation_ids
    assert all(report.citation(name) is not None for name in picture.citation_ids)


def test_the_limit_of_a_rule_that_was_measured_is_a_line() -> None:
    plan, result = incident()
    asked = run("Is rollback mandatory? Investigate cart.", *result.tool_results, service="cart", start_time=START, end_time=START + timedelta(minutes=30))  # fmt: skip
    (picture,) = pictures_of(*asked)
    assert [(limit.value, limit.label) for limit in picture.panels[0].limits] == [(3.0, "limit 3% (policy_v2)")]
    assert plan.brief.window is not None


def test_a_gap_in_the_samples_stays_a_gap() -> None:
    holed = [0.2] * 5 + [5.0, 6.0, None, None, 6.0, 5.5, 6.0, 6.2] + [0.2] * 17
    asked = run(
        "Alert: cart errors",
        answered("metrics_query", metrics("cart", holed, START), service="cart"),
        answered("metrics_query", metrics("cart", [0.2, 0.3, 0.25] * 20, START - timedelta(hours=1)), service="cart"),
        service="cart", start_time=START, end_time=START + timedelta(minutes=30),
    )  # fmt: skip
    (picture,) = pictures_of(*asked)
    assert sum(value is None for _, value in picture.panels[0].samples) == 2
    assert "2 samples are missing and drawn as a gap" in picture.alt_text


def test_nothing_is_drawn_of_a_task_that_measured_nothing() -> None:
    assert pictures_of(None, None) == ()
    assert pictures_of(*run("Who is on call?")) == ()


def test_a_picture_can_be_drawn_with_two_panels_and_lone_samples() -> None:
    (picture,) = pictures_of(*incident())
    panel = picture.panels[0]
    lone = tuple((at, value if number % 2 else None) for number, (at, value) in enumerate(panel.samples))
    from bot.charts.drawing import draw  # noqa: PLC0415 -- as the product does: drawing is imported when needed

    png = draw(replace(picture, panels=(panel, replace(panel, samples=lone, start=None))))
    assert size_of(png) == (2400, 1350)


async def test_charts_are_drawn_in_a_thread_and_come_as_png() -> None:
    (chart,) = await draw_charts(task_of(*incident()))
    assert size_of(chart.png) == (2400, 1350)
    assert chart.series == ('error_percent{service="cart"}',)
    assert render_charts(task_of(*incident()))[0].png == chart.png


@dataclass
class OneTask:
    """A service that has one task."""

    task: Task

    async def get(self, task_id: UUID) -> Task:
        if task_id != self.task.task_id:
            raise TaskNotFoundError(str(task_id))
        return self.task


@pytest.fixture
def finished() -> Task:
    return task_of(*incident())


@pytest.fixture
async def client(finished: Task) -> AsyncGenerator[httpx.AsyncClient]:
    app = FastAPI()
    add_problems(app)
    app.include_router(charts.router)
    app.state.runtime = SimpleNamespace(service=OneTask(finished))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orch.test") as opened:
        yield opened


async def test_the_charts_of_a_task_are_listed_and_fetched(client: httpx.AsyncClient, finished: Task) -> None:
    (listed,) = (await client.get(f"/tasks/{finished.task_id}/charts")).json()["charts"]
    assert listed["url"] == f"/tasks/{finished.task_id}/charts/1.png"
    chart = await client.get(listed["url"])
    assert (chart.status_code, chart.headers["content-type"]) == (200, "image/png")
    assert size_of(chart.content) == (2400, 1350)
    again = await client.get(listed["url"], headers={"If-None-Match": chart.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("number", ["2", "99"])
async def test_a_chart_that_is_not_there_is_told_by_number(
    client: httpx.AsyncClient, finished: Task, number: str
) -> None:
    answer = await client.get(f"/tasks/{finished.task_id}/charts/{number}.png")
    assert answer.status_code == 404
    assert f"has 1 charts; there is no chart {number}" in answer.json()["detail"]


async def test_a_task_that_is_not_there_has_no_charts(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/tasks/{uuid4()}/charts")).status_code == 404
    assert (await client.get("/tasks/nonsense/charts/1.png")).status_code == 404

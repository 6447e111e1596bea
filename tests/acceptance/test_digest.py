"""The weekly digest over two companies: their rota and tracker, and alerts that the program looked into."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from bot.slack.render import limits
from bot.slack.render.digest import render_digest
from core.digest.model import Digest
from tests.acceptance.asking import Question, open_company
from tests.acceptance.conftest import COMPANIES, OpenCompany
from tests.conftest import MakeDatabase

CHECKOUT = Question(
    task="Alert fired: CheckoutErrorRateHigh\nService: saas-api\nSeverity: P1",
    context={
        "service": "saas-api",
        "severity": "P1",
        "start_time": "2026-02-14T10:00:00Z",
        "end_time": "2026-02-14T10:30:00Z",
    },
)
QUIET = Question(
    task="Alert fired: CatalogLatencyHigh\nService: catalog-service\nSeverity: P3",
    context={
        "service": "catalog-service",
        "severity": "P3",
        "start_time": "2026-02-12T03:00:00Z",
        "end_time": "2026-02-12T03:30:00Z",
    },
)


def log_alert(
    url: str, title: str, service: str, fired_at: datetime, *, minutes: float | None, task_id: str | None
) -> None:
    """An episode of the log, as the desk writes it."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into alert_log (channel, group_key, episode, message_ts, vendor, title, service, severity, fired_at, "
            "resolved_at, task_id) values ('C1', %s, %s, '1.0', 'alertmanager', %s, %s, 'P2', %s, %s, %s)",
            (
                title,
                int(fired_at.timestamp()),
                title,
                service,
                fired_at,
                None if minutes is None else fired_at + timedelta(minutes=minutes),
                None if task_id is None else UUID(task_id),
            ),
        )


def texts(digest: dict[str, Any], name: str) -> list[str]:
    section = next(section for section in digest["sections"] if section["name"] == name)
    return [statement["text"] for statement in section["statements"]]


@pytest.fixture(scope="module")
def week(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The digest of the shipped company's week 7, with a few alerts of it."""
    url = make_database()
    with open_company(COMPANIES["larkfield"], url, tmp_path_factory.mktemp("digest")) as company:
        checkout = company.answer("checkout", CHECKOUT)
        quiet = company.answer("quiet", QUIET)
        begin = datetime(2026, 2, 14, 10, 4, tzinfo=UTC)
        log_alert(url, "CheckoutErrorRateHigh", "saas-api", begin, minutes=40, task_id=checkout["task_id"])
        for hours in (55, 49, 31):
            fired_at = begin - timedelta(hours=hours)
            log_alert(url, "CatalogLatencyHigh", "catalog-service", fired_at, minutes=4, task_id=quiet["task_id"])
        log_alert(url, "WebhookBacklog", "webhook-dispatcher", begin + timedelta(hours=20), minutes=None, task_id=None)
        log_alert(url, "CatalogLatencyHigh", "catalog-service", begin - timedelta(days=13), minutes=3, task_id=None)
        return company.get("/digest?week=2026-W07")


def test_the_week_of_the_shipped_company_is_told(week: dict[str, Any]) -> None:
    assert (week["week"], week["zone"], week["start"]) == ("2026-W07", "Europe/Lisbon", "2026-02-09T00:00:00Z")
    assert texts(week, "on_call")[0].startswith(
        "platform now: Priya Raghunathan (primary), Olufemi Adeyemi (secondary)"
    )
    assert any("Olufemi Adeyemi instead of Tomasz Wieczorek" in line for line in texts(week, "on_call"))
    assert texts(week, "alerts")[0].startswith("5 alerts: 4 ended, 1 still firing")
    assert "a candidate for tuning" in texts(week, "noise")[0]
    assert texts(week, "handover")[0].startswith("still firing: “WebhookBacklog” (P2), webhook-dispatcher")
    assert {line[:7] for line in texts(week, "unowned")} >= {"OPS-252", "OPS-253"}
    assert texts(week, "incidents")[0].startswith("15 incidents: 2 P1")
    assert texts(week, "verdicts")[0] == "2 investigations"
    assert any(
        line.startswith("1 alert: ") and line.endswith(("confirmed", "suspected")) for line in texts(week, "causes")
    )
    assert any("WebhookBacklog" in line for line in texts(week, "unseen"))
    assert texts(week, "repeats")


def test_every_statement_names_what_it_rests_on(week: dict[str, Any]) -> None:
    for section in week["sections"]:
        assert section["status"] in {"ok", "empty"}, section
        assert all(statement["sources"] for statement in section["statements"])


def test_the_week_fits_into_one_message(week: dict[str, Any]) -> None:
    message = render_digest(Digest.model_validate_json(json.dumps(week)))
    for blocks in (message.rich, message.plain):
        assert len(blocks) <= limits.MESSAGE_BLOCKS
        assert len(json.dumps(blocks, ensure_ascii=False)) <= limits.MESSAGE_JSON_CHARS


def test_another_company_with_other_words_is_told_too(company_of: OpenCompany) -> None:
    company = company_of("brightwater")
    made = company.get("/digest?week=2026-W20")
    assert made["zone"] == "Asia/Tokyo"
    assert texts(made, "on_call") == [
        (
            "watches now: Mirela Popa (duty engineer), Teodor Lindgren (backup engineer), Aiko Brandsma (marine duty "
            "manager), until Thu 21 May 10:00"
        ),
        "swap: Yui Shimizu instead of Teodor Lindgren (duty engineer), Thu 14 May 04:00 to Thu 14 May 10:00",
        (
            "watches that week: until Thu 14 May 10:00 Teodor Lindgren (duty engineer), Haruka Mori (backup engineer), "
            "Samuel Adjei (marine duty manager); then from Thu 14 May 10:00 Mirela Popa (duty engineer), Teodor Lindgren "
            "(backup engineer), Aiko Brandsma (marine duty manager)"
        ),
    ]
    assert {line[:6] for line in texts(made, "unowned")} == {"BWI-71", "BWI-73"}
    assert texts(made, "incidents")[0] == "6 incidents: 1 SEV1, 3 SEV2, 1 SEV3, 1 SEV4; 5 still open"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/digest?week=soon", "'soon' is no week"),
        ("/digest?week=2090-W01", "has not begun"),
        ("/digest?team=nobody", "there is no digest of a team 'nobody'"),
    ],
)
def test_a_week_or_team_that_there_is_not_is_refused(company_of: OpenCompany, path: str, reason: str) -> None:
    company = company_of("brightwater")
    assert reason in company.get(path, status=422)["detail"]

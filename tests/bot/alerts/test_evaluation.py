"""The command on rows of the published shape; the message of the first is captured from a real Alertmanager 0.25.0.

Source of that message's shape: prometheus-alertmanager 0.25.0 (Debian), default template, Apache-2.0; names are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.alerts.__main__ import program
from bot.alerts.evaluation import evaluate, evaluate_lifecycle
from core.base import JsonObject
from tests.bot.alerts.posts import attachment, event, human

AM = "https://alertmanager.example/#/alerts?receiver=x"


def captured(tag: str, color: str, ts: str) -> JsonObject:
    title = f"[{tag}] HighErrorRate checkout-api (eu-west-1 critical)"
    post = event(
        subtype="bot_message",
        username="Alertmanager",
        ts=ts,
        event_ts=ts,
        attachments=[
            {
                "id": 1,
                "color": color,
                "fallback": f"{title} | <{AM}>",
                "title_link": AM,
                "title": title,
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    )
    return {**post, "event_id": f"Ev{ts}"}


def expect(**parts: object) -> dict[str, Any]:
    none = {"status": None, "title": None, "service": None, "severity": None, "starts_at": None}
    return {"is_alert": True, **none, "labels": {}, "links": [], "dedup_key_group": "a", **parts}


ROWS: list[dict[str, Any]] = [
    {
        "id": "fires", "vendor": "alertmanager", "envelope": captured("FIRING:1", "a30200", "1.0"),
        "expect": expect(status="firing", title="HighErrorRate", severity="critical", links=[AM]),
    },
    {
        "id": "is-over", "vendor": "alertmanager", "envelope": captured("RESOLVED", "2eb886", "2.0"),
        "expect": expect(status="resolved", title="x", title_accept=["HighErrorRate"], severity="critical", links=[AM]),
    },
    {"id": "talk", "vendor": "human", "envelope": human("did it fire?"), "expect": expect(is_alert=False)},
]  # fmt: skip


def test_figures_are_one_where_all_is_as_expected() -> None:
    result = evaluate(ROWS)
    assert (result.alerts.recall, result.alerts.precision, result.all_fields.f1) == (1.0, 1.0, 1.0)
    assert result.complaints == ()


def test_what_is_missed_wrong_or_wrongly_taken_shows_in_the_figures() -> None:
    rows = [
        {
            **ROWS[0],
            "expect": expect(status="resolved", title="HighErrorRate", service="checkout", links=["https://y"]),
        },
        {**ROWS[1], "expect": expect(is_alert=False)},
        {
            "id": "lost",
            "vendor": "x",
            "envelope": event(text="hello"),
            "expect": expect(status="firing", title="hello"),
        },
    ]
    result = evaluate(rows)
    assert (result.alerts.recall, result.alerts.precision) == (0.5, 0.5)
    assert (result.fields["status"].wrong, result.fields["status"].missed) == (1, 1)
    assert (result.fields["service"].wrong, result.fields["service"].missed) == (0, 1)
    assert result.fields["links"].missed == 1
    assert result.fields["severity"].wrong == 1
    assert any("lost: refused: no_alert_words" in complaint for complaint in result.complaints)


def test_two_alerts_under_one_key_are_wrong() -> None:
    rows = [ROWS[0], {**ROWS[1], "expect": {**ROWS[1]["expect"], "dedup_key_group": "b"}}]
    assert evaluate(rows).fields["group"].wrong == 1


def test_the_lifecycle_counts_deliveries_that_end_as_expected() -> None:
    fires, is_over = captured("FIRING:1", "a30200", "1.0"), captured("RESOLVED", "2eb886", "2.0")
    steps = [(fires, "open"), (fires, "ignore"), (is_over, "resolve"), (is_over, "update")]
    deliveries = [{"n": n, "envelope": post, "expect": {"action": action}} for n, (post, action) in enumerate(steps)]
    score = evaluate_lifecycle([{"id": "s", "deliveries": deliveries}])
    assert (score.right, score.deliveries) == (3, 4)
    assert score.complaints == ("s #3: ignore (duplicate_event), expected update",)


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    return path


def test_the_command_prints_the_figures(rows_file: Path, tmp_path: Path) -> None:
    lifecycle = tmp_path / "lifecycle.json"
    steps = [{"n": 1, "envelope": captured("FIRING:1", "a30200", "1.0"), "expect": {"action": "open"}}]
    lifecycle.write_text(json.dumps({"sequences": [{"id": "s", "deliveries": steps}]}), "utf-8")
    shown = CliRunner().invoke(program, ["evaluate", str(rows_file), "--lifecycle", str(lifecycle)])
    assert shown.exit_code == 0
    assert "alert recall 1.0000\nalert precision 1.0000\nfield F1 1.0000" in shown.output
    assert "lifecycle 1 of 1" in shown.output


def test_the_command_prints_an_object_a_row(rows_file: Path) -> None:
    shown = CliRunner().invoke(program, ["evaluate", str(rows_file), "--json"])
    objects = [json.loads(line) for line in shown.output.splitlines()]
    assert [item["id"] for item in objects] == ["fires", "is-over", "talk"]
    assert objects[0]["alert"]["title"] == "HighErrorRate"
    assert (objects[2]["alert"], objects[2]["reason"]) == (None, "human_talk")


def test_rows_may_be_bare_envelopes(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(attachment(title="[FIRING:1] X", title_link=AM)), "utf-8")
    shown = CliRunner().invoke(program, ["evaluate", str(path), "--json"])
    assert json.loads(shown.output)["alert"]["status"] == "firing"

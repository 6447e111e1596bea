"""Phrasings and layouts of invented companies that were once read wrongly."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.brief import Intent
from core.findings.logs import shapes_of
from core.findings.metrics import find_changes, usual_band
from core.findings.names import plain_name
from core.findings.propagation import Measured, first_changes, in_steps, rank_suspects
from core.landscape import Landscape, Service
from core.planners.queries import distilled
from core.planners.rules import RulePlanner
from core.policy.duty_reading import read_obligations
from core.policy.obligations import ladder
from core.policy.rota_entries import read_rota
from core.policy.triggers import read_rollback_rules
from core.reading.briefing import read_brief
from core.report import Health
from core.task import Request
from core.verifier import verify
from tests.core.excerpts import config, policy
from tests.core.runs import CALM, END, LANDSCAPE, NOW, POLICY, START, answered, incident, log, metrics, run

HANDBOOK = """
## B. Call-out ladder

| Level | Sev1 | Sev2 |
| --- | --- | --- |
| L1 (first-line engineer) acknowledges | 6 min | 22 min |
| L2 (second-line engineer) is called in if L1 is silent | t0 + 14 min | t0 + 1 h 10 min |

## C. Incidents nobody has picked up

1. Sev2
   1. 11 minutes after t0: L1 writes their name down.
   2. after a further 8 minutes: L2 takes the ticket.
   3. after another 20 minutes: the shift lead decides.

## D. Releases

* A release MUST be undone when, inside the first 40 minutes after it went out, the share of failed requests is above 2.5 % for at least 6 minutes in a row.
"""
ROTA = """
timezone: Europe/Oslo
handover: {day: Wednesday, time: "10:00"}
roster:
  first_line:
    2026-03-04: Mona Vik
    2026-03-11: Per Dahl
  shift_lead:
    2026-03-04: Siv Moe
    2026-03-18: Mona Vik
swaps:
  - {from: "2026-03-06 18:00", until: "2026-03-07 18:00", role: first_line, out: Mona Vik, in: Per Dahl, why: wedding}
"""


def minutes_of(level: int, *, unowned: bool) -> list[float]:
    return [rung.minutes for rung in ladder(read_obligations(policy(HANDBOOK)), level, unowned=unowned)]


def test_a_ladder_of_levels_is_read_with_hours_and_minutes() -> None:
    assert minutes_of(1, unowned=False) == [6, 14]
    assert minutes_of(2, unowned=False) == [22, 70]


def test_limits_that_count_from_the_step_before_are_added_up_and_cite_that_step() -> None:
    rungs = ladder(read_obligations(policy(HANDBOOK)), 2, unowned=True)
    assert [(rung.minutes, rung.text) for rung in rungs] == [
        (11, "L1 writes their name down"), (19, "L2 takes the ticket"), (39, "the shift lead decides"),
    ]  # fmt: skip
    assert len(rungs[2].cites()) == 3


def test_a_limit_from_a_step_without_a_time_is_left_unread() -> None:
    words = policy("# Sev1\n\nThe lead posts a notice, and after a further 10 minutes calls the press desk.\n")
    assert read_obligations(words) == ()


def test_a_condition_stays_with_its_duty() -> None:
    words = policy("# Sev1\n\nIf nobody has answered after half an hour, the second-line engineer gets the call.\n")
    (duty,) = read_obligations(words)
    assert (duty.minutes, duty.text.endswith("the second-line engineer gets the call")) == (30, True)


def test_an_undone_release_is_a_rollback() -> None:
    (rule,) = read_rollback_rules(policy(HANDBOOK))
    assert (rule.condition.metric, rule.condition.value, rule.condition.minutes) == ("error rate", 2.5, 6)
    assert (rule.after_deployment_minutes, rule.modality) == (40, "must")


def test_a_list_of_first_days_a_role_holds_until_the_next_of_that_role() -> None:
    rota = read_rota(config(ROTA))
    lead = next(shift for shift in rota.shifts if "shift_lead" in shift.roles)
    assert (lead.start, lead.end) == (date(2026, 3, 4), date(2026, 3, 18))
    evening = datetime(2026, 3, 6, 20, tzinfo=ZoneInfo("Europe/Oslo"))
    people = {role: name for duty in rota.on_duty(evening) for role, name in duty.roles.items()}
    assert people == {"first_line": "Per Dahl", "shift_lead": "Siv Moe"}


def test_short_names_of_a_ladder_lead_to_the_people_of_the_rota() -> None:
    plan, result = run(
        "Sev1 alert: cart is slow, whom do we page?",
        answered("fetch_company_reference", policy(HANDBOOK), source="policy_v2"),
        answered("fetch_company_reference", config(ROTA), source="oncall_rota"),
        start_time=datetime(2026, 3, 5, 9, tzinfo=ZoneInfo("UTC")), end_time=datetime(2026, 3, 5, 9, 30, tzinfo=ZoneInfo("UTC")),
    )  # fmt: skip
    assert result.report.actions[0].owner == "Mona Vik"
    held = {check.name: check.passed for check in verify(plan, result).checks}
    assert held["owners_hold_the_role"]
    assert held["copies_keep_their_figures"]


@pytest.mark.parametrize(
    ("metric", "words", "written"),
    [
        ("http_server_errors_ratio", "server error rate", "6.13 %"),
        ("http_request_duration_p95_ms", "request duration p95", "0.0613 ms"),
        ("request_rate_rps", "request rate", "0.0613/s"),
        ("cpu_percent", "CPU", "0.0613 %"),
    ],
)
def test_metrics_have_plain_names_and_units(metric: str, words: str, written: str) -> None:
    assert (plain_name(metric).words, plain_name(metric).written(0.06134)) == (words, written)


def test_lines_of_one_kind_are_one_group_whatever_they_list_quote_or_hold() -> None:
    kinds = (
        ["slow shards [3, 7]", "slow shards [1]"], ['no role for "Bo"', 'no role for "Carla de la Cruz"'],
        ['{"event":"pay","id":1}', '{"event":"pay","id":22}'], ["cannot open /etc/a", "cannot open /var/lib/b"],
        ["queue a is full", "queue b is full", "queue c is full", "queue d is full"], ["disk full", "disk full"],
    )  # fmt: skip
    shapes = shapes_of([line for kind in kinds for line in kind])
    assert len(set(shapes)) == len(kinds)


def test_a_series_that_leaves_its_band_again_and_again_is_flapping_and_not_healthy() -> None:
    flapping = ([6.0] * 4 + [0.25] * 6) * 3
    _, result = run(
        "Alert: cart errors",
        answered("metrics_query", metrics("cart", flapping, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert result.report.health is not Health.HEALTHY
    assert "flapping" in result.report.answer.split("\n")[0]


def test_the_first_bad_sample_at_the_border_is_no_part_of_the_usual() -> None:
    before = metrics("cart", [*CALM, 9.0], START - timedelta(hours=1))
    band = usual_band(before.series[0])
    changes = find_changes(metrics("cart", [9.0] * 10, START), before)
    assert band is not None
    assert changes[0].deviation > (9.0 - band.centre) / band.spread


def measured(service: str, errors: list[float]) -> Measured:
    return Measured(
        during=metrics(service, errors, START), before=metrics(service, list(CALM), START - timedelta(hours=1))
    )


def test_what_moved_first_comes_first_and_one_minute_is_not_ordered() -> None:
    found = {
        "cart": measured("cart", [0.2] * 5 + [6.0] * 10), "web": measured("web", [0.2] * 5 + [6.0] * 10),
        "ledger": measured("ledger", [0.2] * 3 + [6.0] * 12), "calm": measured("calm", [0.2] * 15),
    }  # fmt: skip
    steps = in_steps(first_changes({name: find_changes(item.during, item.before) for name, item in found.items()}))
    assert [{item.service for item in step} for step in steps] == [{"ledger"}, {"cart", "web"}]


def test_a_callers_symptom_is_explained_by_that_of_what_it_calls() -> None:
    found = {
        "web": measured("web", [9.0] * 10),
        "cart": measured("cart", [9.0] * 10),
        "ledger": measured("ledger", [7.0] * 10),
    }
    ranked = rank_suspects(found, {"web": ("cart",), "cart": ("ledger",)}, subject="web")
    assert ranked[0].service == "ledger"
    assert {item.service: item.explained_by for item in ranked}["cart"] == "ledger"


async def test_what_a_dependency_needs_and_who_calls_the_service_are_measured_too() -> None:
    services = (
        Service(name="web", depends_on=("cart",)), Service(name="cart", depends_on=("ledger",)),
        Service(name="ledger", depends_on=("disk",)), Service(name="disk"),
    )  # fmt: skip
    plan = await RulePlanner(Landscape(services=services)).plan(Request(text="alert: cart is slow"), NOW)
    assert (plan.brief.dependencies, plan.brief.callers) == (("ledger", "disk"), ("web",))
    assert ("ledger", "disk") in plan.brief.calls


async def test_a_question_that_only_mentions_an_incident_is_looked_up() -> None:
    plan = await RulePlanner(LANDSCAPE).plan(Request(text="What is the budget of the incident team?"), NOW)
    assert plan.brief.intents == (Intent.LOOKUP,)


async def test_two_severities_are_compared_with_each_other_not_two_versions() -> None:
    plan = await RulePlanner(LANDSCAPE).plan(Request(text="Compare P1 and P2: what is due when?"), NOW)
    assert Intent.COMPARE_POLICIES not in plan.brief.intents


def test_a_search_is_made_with_the_symptoms() -> None:
    text = (
        "P1 alert: Cart API latency and errors increased. Analyze metrics/logs and propose escalation with citations."
    )
    request = Request(text=text)
    assert distilled(text, read_brief(request, LANDSCAPE, NOW)) == "cart API latency errors"


@pytest.mark.parametrize(
    ("said", "lie"),
    [("→ 7 %", "→ 6 %"), ("0.25 % →", "0.2 % →"), ("09:05–09:10 UTC. Cause", "09:07–09:10 UTC. Cause")],
)
def test_a_headline_with_another_figure_or_time_is_caught(said: str, lie: str) -> None:
    plan, result = incident()
    first = result.report.answer.split("\n")[0]
    assert said in first
    claims = tuple(
        claim.model_copy(update={"text": claim.text.replace(said, lie)}) if claim.text == first else claim
        for claim in result.report.claims
    )
    report = result.report.model_copy(update={"claims": claims, "answer": result.report.answer.replace(said, lie)})
    assert not verify(plan, result.model_copy(update={"report": report})).passed
    assert verify(plan, result).passed


def test_a_wrong_count_of_missing_samples_is_caught() -> None:
    holed = [0.2] * 10 + [None, None] + [0.2] * 18
    plan, result = run(
        "Is cart healthy? check metrics",
        answered("metrics_query", metrics("cart", holed, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    (gap,) = [item for item in result.report.gaps if "samples are missing" in item.reason]
    lie = gap.model_copy(update={"reason": gap.reason.replace("2 of 30", "3 of 30")})
    others = tuple(item for item in result.report.gaps if item is not gap)
    report = result.report.model_copy(update={"gaps": (*others, lie)})
    failed = [
        check.name for check in verify(plan, result.model_copy(update={"report": report})).checks if not check.passed
    ]
    assert "gaps_are_measured" in failed


def test_errors_that_were_not_there_before_are_called_new() -> None:
    before = log("cart").model_copy(
        update={
            "start_time": START - timedelta(hours=1),
            "end_time": START,
            "lines": log("cart", (-30, "ERROR", "ledger timed out after 800 ms")).lines,
        }
    )
    _, result = run(
        "Alert: cart errors",
        answered("logs_search", log("cart", (6, "ERROR", "ledger timed out after 900 ms"), (7, "ERROR", "disk full")), service="cart"),
        answered("logs_search", before, service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    told = " ".join(claim.text for claim in result.report.claims)
    assert "“disk full” (ERROR), 2026-03-03 09:07 UTC, new: none like it in the quarter of an hour before" in told
    assert "grown: 1 in the quarter of an hour before" in told

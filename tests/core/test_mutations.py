"""A lie in a finished report is caught, whichever of its statements tells it, and a true report is not doubted."""

import tempfile
from collections import Counter
from collections.abc import Generator
from itertools import islice
from pathlib import Path

import pytest

from core.pipeline import Run
from core.plan import Plan
from core.result import Result
from core.verifier import RULES, verify
from tests.core.mutants import mutants
from tests.core.real_runs import ask_company
from tests.core.runs import POLICY, answered, earlier_issue, incident, run, ticket, tickets

COMPANY = Path(__file__).parents[2] / "company_details" / "company_sim"
LEAST_CAUGHT = 0.99
LEAST_MUTANTS = 200
STRIDE = 3
"""Of the many mutants of a real report every third is tried, so that the test stays quick; a stride of 1 tries all."""

_HALF_HOUR = {"start_time": "2026-02-14T10:00:00Z", "end_time": "2026-02-14T10:30:00Z"}
QUESTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "an undone deployment": (
        "P1 alert: Checkout API latency and errors increased. Analyze metrics/logs and propose escalation with citations.",
        {"service": "saas-api", "project_key": "OPS", **_HALF_HOUR, "severity": "P1",
         "required_citations": ["policy_v2", "oncall_rota", "slack_config"]},
    ),
    "a saturated pool": (
        "Alert: checkout-worker errors",
        {"service": "checkout-worker", "start_time": "2026-02-11T14:10:00Z", "end_time": "2026-02-11T14:50:00Z"},
    ),
    "a cause further down": (
        "Alert: saas-api errors",
        {"service": "saas-api", "start_time": "2026-02-12T08:25:00Z", "end_time": "2026-02-12T09:25:00Z"},
    ),
    "a rollback that was measured": (
        ("Is rollback mandatory when the error rate exceeded 2.5% for 6 minutes? Use metrics as evidence; cite policy_v2 "
        "and the github_actions config."),
        {"service": "saas-api", **_HALF_HOUR},
    ),
    "tickets without owners": (
        ("Find open OPS incident tickets that mention checkout timeout, summarise the ownership gaps, propose the next "
        "communication channels from slack_config and policy_v2."),
        {},
    ),
    "two policies": ("Compare the P1 escalation obligations of policy_v1 and policy_v2; say what tightened.", {}),
    "who is on call": (
        ("For the week that starts 2026-02-16: who is primary and secondary on call, and what are the response steps for an "
        "unowned P2 at +25 minutes?"),
        {},
    ),
}  # fmt: skip


def ownership() -> tuple[Plan, Result]:
    found = (ticket("INC-31"), ticket("INC-32", assignee="Ida", component=None), ticket("INC-33", assignee="Jon"))
    return run(
        "Find open incident tickets that mention cart, and the ownership gaps",
        answered("search_previous_issues", earlier_issue()),
        answered("jira_search_tickets", tickets(*found)),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        service="cart",
    )


HANDMADE = {"incident": incident(required_citations=("policy_v2", "oncall_rota")), "ownership": ownership()}


@pytest.fixture(scope="module")
def real() -> Generator[dict[str, Run]]:
    with tempfile.TemporaryDirectory() as folder:
        yield ask_company(COMPANY, Path(folder), QUESTIONS)


def _caught(plan: Plan, result: Result) -> bool:
    return any(not rule(plan, result).passed for rule in RULES)


def _try(runs: list[tuple[Plan, Result]], stride: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many mutants of each kind there were, how many were caught, and what the others say."""
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    missed: list[str] = []
    for plan, result in runs:
        for mutant in islice(mutants(plan, result), 0, None, stride):
            tried[mutant.kind] += 1
            if _caught(plan, mutant.result):
                caught[mutant.kind] += 1
            else:
                missed.append(f"{mutant.kind}: {mutant.what}")
    return tried, caught, missed


def _table(tried: Counter[str], caught: Counter[str], missed: list[str]) -> str:
    rows = [f"{kind:20} {caught[kind]:5} of {tried[kind]:5}" for kind in tried]
    return "\n".join((*rows, f"{'all':20} {caught.total():5} of {tried.total():5}", *missed))


@pytest.mark.parametrize("name", HANDMADE)
def test_an_untouched_handmade_report_passes(name: str) -> None:
    assert verify(*HANDMADE[name]).passed, verify(*HANDMADE[name]).reasons


def test_untouched_reports_of_the_shipped_company_pass(real: dict[str, Run]) -> None:
    doubted = {name: item.verification.reasons for name, item in real.items() if not item.verification.passed}
    assert not doubted


def test_mutants_of_handmade_reports_are_caught() -> None:
    tried, caught, missed = _try(list(HANDMADE.values()), stride=1)
    assert tried.total() >= LEAST_MUTANTS
    assert caught.total() >= LEAST_CAUGHT * tried.total(), _table(tried, caught, missed)


def test_mutants_of_real_reports_are_caught(real: dict[str, Run]) -> None:
    tried, caught, missed = _try([(item.plan, item.result) for item in real.values()], stride=STRIDE)
    assert tried.total() >= LEAST_MUTANTS
    assert caught.total() >= LEAST_CAUGHT * tried.total(), _table(tried, caught, missed)


def test_every_kind_of_lie_is_tried(real: dict[str, Run]) -> None:
    runs = [*HANDMADE.values(), *((item.plan, item.result) for item in real.values())]
    kinds = {mutant.kind for plan, result in runs for mutant in mutants(plan, result)}
    assert kinds == {
        "answer", "dropped source", "emptied citations", "exchanged citations", "judgement", "locator", "name", "number",
        "order", "person", "quote", "ticket", "time",
    }  # fmt: skip

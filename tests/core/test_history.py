"""Earlier investigations among the hits."""

import pytest

from core.base import JsonObject
from core.evidence import IssueHits, SearchHit
from core.verifier import verify
from tests.core.runs import answered, run


def earlier(snippet: str, **metadata: str | bool) -> IssueHits:
    known: JsonObject = {"kind": "past_task", "title": "Alert: cart is slow", **metadata}
    hit = SearchHit(
        source_id="0f3c-77", snippet=snippet, score=3.0, metadata=known, citation_id="0f3c-77:1", citation_source="0f3c-77",
        locator="tasks/0f3c-77",
    )  # fmt: skip
    return IssueHits(
        query="cart", hits=(hit,), confidence=0.9, recommend_fallback=False, fallback_reason=None, relaxed_filters=(), reranked_by=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("snippet", "metadata", "said"),
    [
        (
            "Alert: cart is slow\nNo cause was confirmed then.",
            {"verdict": "not_confirmed", "passed": True, "cause": "not confirmed"},
            "Earlier investigation (task 0f3c-77): verdict not confirmed; asked: “Alert: cart is slow”.",
        ),
        (
            "Alert: cart is slow\nCause confirmed then: a full disk",
            {"verdict": "confirmed", "passed": True, "cause": "confirmed"},
            "Earlier investigation (task 0f3c-77): verdict confirmed; asked: “Alert: cart is slow”. Cause confirmed then: a full disk",
        ),
        (
            "Alert: cart is slow\nCause confirmed then: a full disk",
            {"verdict": "failed", "passed": False, "cause": "not confirmed"},
            "Earlier investigation (task 0f3c-77): verdict failed, and its report did not pass verification; asked: “Alert: cart is slow”.",
        ),
    ],
)
def test_an_earlier_investigation_is_told_by_its_verdict_and_never_by_a_cause_that_was_not_confirmed(
    snippet: str, metadata: dict[str, str | bool], said: str
) -> None:
    plan, result = run("Alert: cart is slow again", answered("search_previous_issues", earlier(snippet, **metadata)))
    assert said in {claim.text for claim in result.report.claims}
    failed = {check.name for check in verify(plan, result).checks if not check.passed}
    assert failed <= {"evidence_source", "policy_citation"}

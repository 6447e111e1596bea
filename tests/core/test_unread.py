"""What a policy asks for and no rule was read from is told, with its place."""

import pytest

from core.policy.unread import read_unread
from core.reading.scale import Scale
from tests.core.excerpts import policy
from tests.core.runs import answered, run

TEXT = """
# Sev1

- The lead must answer within 5 minutes.
- The lead must post in #bridge before 09:00, at the latest on day 2.
- The lead must be kind.
- A release must be undone when the error rate stays above 3 % for 6 minutes.

See section 4 of policy_v2, which must be known. Every ticket such as INC-12 must have an owner.

| When | What must happen |
| --- | --- |
| T+9 | the manager is paged and must name a deputy within 4 minutes |
| T+20 | the manager is paged again |
"""


def test_lines_that_oblige_with_a_number_and_gave_no_rule_are_unread() -> None:
    left = read_unread(policy(TEXT))
    assert [(item.place, item.text) for item in left] == [
        ("policies/policy_v2.md:5-5", "The lead must post in #bridge before 09:00, at the latest on day 2."),
        (
            "policies/policy_v2.md:13-13",
            "What must happen: the manager is paged and must name a deputy within 4 minutes",
        ),
    ]
    assert {item.levels for item in left} == {frozenset({1})}


@pytest.mark.parametrize(
    "line",
    [
        "The lead must answer within five (5) minutes.",
        "Updates are due every quarter of an hour.",
        "For Violet and Ochre 2 is no number: they must be told apart.",
    ],
)
def test_what_was_read_is_not_told_again(line: str) -> None:
    scale = Scale(names=("Violet", "Ochre 2"))
    assert read_unread(policy(f"# Duties\n\n{line}\n"), scale) == ()


def test_a_report_on_that_severity_names_the_line_as_a_gap() -> None:
    _, result = run(
        "Sev1 alert: cart is slow, whom do we page?",
        answered("fetch_company_reference", policy(TEXT), source="policy_v2"),
    )
    assert any("policies/policy_v2.md:5-5" in gap.reason and not gap.essential for gap in result.report.gaps)

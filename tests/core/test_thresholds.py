import pytest

from core.policy.triggers import exceeds, implies, read_minutes_since_deployment, read_rollback_rules
from core.reading.thresholds import read_thresholds
from tests.core.excerpts import policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the error rate exceeded 2.5% for 6 minutes", ("error rate", ">", 2.5, "%", 6)),
        ("error rate stays above 2.0 % for 5 consecutive minutes within 30 minutes", ("error rate", ">", 2.0, "%", 5)),
        ("p95 latency above 800 ms", ("p95 latency", ">", 800, "ms", None)),
        ("cache hit rate drops below 60 %", ("cache hit rate", "<", 60, "%", None)),
        ("error rate of a production service is at least 5 %", ("error rate", ">=", 5, "%", None)),
        ("the error rate was 1.8% for four minutes", ("error rate", "=", 1.8, "%", 4)),
        ("for 10 minutes the error rate is above 5%", ("error rate", ">", 5, "%", 10)),
        ("p95 latency over 1.5 seconds for 3 min", ("p95 latency", ">", 1500, "ms", 3)),
        ("the 95th percentile latency tops out beyond 900 ms", ("p95 latency", ">", 900, "ms", None)),
    ],
)
def test_a_condition_is_read(text: str, expected: tuple[str, str, float, str, float | None]) -> None:
    (found,) = read_thresholds(text)
    assert (found.metric, found.comparison, found.value, found.unit, found.minutes) == expected
    assert found.quote in text


@pytest.mark.parametrize(
    "text",
    [
        "the error rate is fine",
        "above 5 %",
        "error rate. It is above 5 %",
        "latency rose at 10:05",
        "latency for over 10 minutes",
    ],
)
def test_no_condition_is_guessed(text: str) -> None:
    assert read_thresholds(text) == ()


@pytest.mark.parametrize(
    ("value", "minutes", "met"), [(2.5, 6, True), (2.5, 4, False), (2.0, 6, False), (2.5, None, False), (2.01, 5, True)]
)
def test_a_condition_with_a_duration_needs_both(value: float, minutes: float | None, met: bool) -> None:  # noqa: FBT001 -- a table
    (condition,) = read_thresholds("error rate stays above 2.0 % for 5 consecutive minutes")
    assert exceeds(value, minutes, condition) is met


@pytest.mark.parametrize(
    ("supposed", "holds"),
    [
        ("p95 latency above 950 ms for 11 minutes", True),
        ("p95 latency above 900 ms for more than 10 minutes", True),
        ("p95 latency above 950 ms for 10 minutes", False),
        ("p95 latency at 900 ms for 20 minutes", False),
        ("p95 latency above 950 ms", False),
        ("p95 latency below 950 ms for 20 minutes", False),
    ],
)
def test_what_is_supposed_is_held_against_a_rule_to_the_limit(supposed: str, holds: bool) -> None:  # noqa: FBT001 -- a table
    (rule,) = read_thresholds("p95 latency exceeds 900 ms for more than 10 minutes")
    (condition,) = read_thresholds(supposed)
    assert implies(condition, rule) is holds


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("above 3 %, starting 45 minutes after the deployment", 45),
        ("within 20 minutes of the release", 20),
        ("for 20 minutes after a deployment", None),
        ("20 minutes after lunch", None),
    ],
)
def test_how_long_after_a_deployment_is_no_duration_of_the_condition(text: str, minutes: float | None) -> None:
    assert read_minutes_since_deployment(text) == minutes


IN_A_TABLE = """
# Roll back at once

| Metric | Limit | For | Then |
| --- | --- | --- | --- |
| Error rate | above 2 % | 5 minutes | mandatory |
"""


@pytest.mark.parametrize(
    ("text", "modality", "after"),
    [
        (
            "It must be reverted when p95 latency exceeds 900 ms for 10 minutes within an hour of the release.",
            "must",
            60,
        ),
        ("A change has to be backed out if the failure rate is higher than 3 % for ten minutes.", "must", None),
        ("# Rollback\n\nRecommended when the error rate is above 5 % for 10 minutes. Nobody must ask.", "should", None),
        (IN_A_TABLE, "must", None),
        ("Roll back if errors > 2% for 5m.", "must", None),
        ("We roll a release back as soon as its 5xx rate has been over 1.5 % for three minutes.", "must", None),
        ("Backing out is at the discretion of the owner if the error rate is above 2 % for 5 minutes.", "may", None),
    ],
)
def test_a_rollback_rule_is_read_from_other_words(text: str, modality: str, after: float | None) -> None:
    (rule,) = read_rollback_rules(policy(text))
    assert (rule.modality, rule.after_deployment_minutes) == (modality, after)
    assert rule.condition.minutes is not None

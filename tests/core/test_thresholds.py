import pytest

from core.policy.triggers import exceeds
from core.reading.thresholds import read_thresholds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the error rate exceeded 2.5% for 6 minutes", ("error rate", ">", 2.5, "%", 6)),
        ("error rate stays above 2.0 % for 5 consecutive minutes within 30 minutes", ("error rate", ">", 2.0, "%", 5)),
        ("p95 latency above 800 ms", ("p95 latency", ">", 800, "ms", None)),
        ("cache hit rate drops below 60 %", ("cache hit rate", "<", 60, "%", None)),
        ("error rate of a production service is at least 5 %", ("error rate", ">=", 5, "%", None)),
    ],
)
def test_a_condition_is_read(text: str, expected: tuple[str, str, float, str, float | None]) -> None:
    (found,) = read_thresholds(text)
    assert (found.metric, found.comparison, found.value, found.unit, found.minutes) == expected
    assert found.quote in text


@pytest.mark.parametrize("text", ["the error rate is fine", "above 5 %", "error rate. It is above 5 %"])
def test_no_condition_is_guessed(text: str) -> None:
    assert read_thresholds(text) == ()


@pytest.mark.parametrize(
    ("value", "minutes", "met"), [(2.5, 6, True), (2.5, 4, False), (2.0, 6, False), (2.5, None, False), (2.01, 5, True)]
)
def test_a_condition_with_a_duration_needs_both(value: float, minutes: float | None, met: bool) -> None:  # noqa: FBT001 -- a table
    (condition,) = read_thresholds("error rate stays above 2.0 % for 5 consecutive minutes")
    assert exceeds(value, minutes, condition) is met

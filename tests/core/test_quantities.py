import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.quantities import durations, minutes_text, percentages
from core.reading.severities import severities, severity_level, severity_levels


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("within 5 minutes", [5]),
        ("for 5 consecutive minutes within 30 minutes", [5, 30]),
        ("+25 min", [25]),
        ("after an hour", [60]),
        ("half an hour", [30]),
        ("90s", [1.5]),
        ("2 business hours", [120]),
        ("forty-five minutes", [45]),
        ("a second opinion", []),
        ("v4.18.0 minutes", []),
        ("5 MB", []),
        ("a minute", [1]),
        ("within a quarter of an hour", [15]),
        ("three quarters of an hour", [45]),
        ("after an hour and a half", [90]),
        ("two and a half hours", [150]),
        ("no later than twenty-five minutes after declaration", [25]),
        ("T+15: the lead", [15]),
        ("T+15 minutes", [15]),
        ("by the next business day", [1440]),
        ("in the next minutes", []),
        ("hourly", [60]),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, minutes: list[float]) -> None:
    assert [quantity.value for quantity in durations(text)] == minutes


@pytest.mark.parametrize(
    ("text", "values"),
    [("2.5%", [2.5]), ("2.0 %", [2.0]), ("five percent", []), ("99.95 per cent", [99.95]), ("x5%", [])],
)
def test_percentages_are_read(text: str, values: list[float]) -> None:
    assert [quantity.value for quantity in percentages(text)] == values


@given(st.text(max_size=300))
def test_quantities_stand_where_they_say(text: str) -> None:
    for quantity in (*durations(text), *percentages(text)):
        assert text[quantity.start : quantity.end] == quantity.text


@pytest.mark.parametrize(
    ("text", "names", "levels"),
    [
        ("P1 alert", ("P1",), {1}),
        ("sev-2 and SEV1", ("SEV2", "SEV1"), {1, 2}),
        ("for P1–P3", ("P1", "P3"), {1, 2, 3}),
        ("P2 to P4", ("P2", "P4"), {2, 3, 4}),
        ("p95 latency, HTTP 500", (), set[int]()),
        ("P2 and above", ("P2",), {0, 1, 2}),
        ("severity 3, the S3 bucket", ("SEV3",), {3}),
        ("a Critical incident", ("Critical",), {1}),
        ("Medium and Low incidents", ("Medium", "Low"), {3, 4}),
        ("the duties for a High.", ("High",), {2}),
        ("Critical", (), {1}),
        ("high latency, low memory", (), set[int]()),
        ("Alert: High error rate", (), set[int]()),
    ],
)
def test_severities_are_read(text: str, names: tuple[str, ...], levels: set[int]) -> None:
    assert severities(text) == names
    assert severity_levels(text) == levels


def test_a_severity_that_nobody_knows_has_no_level() -> None:
    assert severity_level("urgent") is None
    assert severity_level(None) is None
    assert severity_level("Critical") == 1


def test_business_hours_keep_their_words() -> None:
    (span,) = durations("within two business hours")
    assert (span.value, span.in_words) == (120, "two business hours")


@pytest.mark.parametrize(
    ("minutes", "text"), [(1, "1 minute"), (25, "25 minutes"), (90, "90 minutes"), (240, "4 hours")]
)
def test_minutes_are_written_as_people_do(minutes: float, text: str) -> None:
    assert minutes_text(minutes) == text

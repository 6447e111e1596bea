import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.severities import severities, severity_level, severity_levels


@pytest.mark.parametrize(
    ("text", "names", "levels"),
    [
        ("Compare P1 and P2 escalation", ("P1", "P2"), {1, 2}),
        ("SEV0 outage", ("SEV0",), {0}),
        ("a Sev-1 alert", ("SEV1",), {1}),
        ("sev:2", ("SEV2",), {2}),
        ("Severity 3", ("SEV3",), {3}),
        ("severity level 2", ("SEV2",), {2}),
        ("severity one", ("SEV1",), {1}),
        ("P-1", ("P1",), {1}),
        ("prio 2", ("P2",), {2}),
        ("priority=critical", ("Critical",), {1}),
        ("priority: high", ("High",), {2}),
        ("highest priority", ("Highest",), {1}),
        ("between critical and major alerts", ("Critical", "Major"), {1, 2}),
        ("SEV1–SEV3", ("SEV1", "SEV3"), {1, 2, 3}),
        ("an S3 bucket with p99 latency", (), set[int]()),
    ],
)
def test_names_of_severities_are_read(text: str, names: tuple[str, ...], levels: set[int]) -> None:
    assert severities(text) == names
    assert severity_levels(text) == levels


@given(st.text(max_size=200))
def test_every_name_that_is_read_has_a_level(text: str) -> None:
    assert all(severity_level(name) is not None for name in severities(text))

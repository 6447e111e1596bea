import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.impact import Impact, read_impact


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("Scheduled maintenance of the queue\nThe queue will be paused from 10:00 to 11:00 UTC", Impact.MAINTENANCE),
        ("Search is slow\nWe are investigating degraded performance of search", Impact.MINOR),
        ("Incident with Search\nSome users may be unable to search", Impact.MINOR),
        ("Incident with Search\nWe are investigating degraded availability of Search", Impact.MAJOR),
        ("Checkout is down\nCustomers cannot pay", Impact.MAJOR),
        ("Checkout is slow; no outage, no data loss", Impact.MINOR),
        ("Complete outage\nAll services are down", Impact.CRITICAL),
        ("We found data loss in the archive", Impact.CRITICAL),
        ("A cosmetic change for a small number of beta users", Impact.NONE),
        ("Lunch is ready", Impact.NONE),
    ],
)
def test_words_tell_how_far_it_reaches(text: str, impact: Impact) -> None:
    reading = read_impact(text)
    assert reading.impact is impact
    assert reading.reasons


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_any_text_has_an_impact_with_reasons(text: str) -> None:
    assert read_impact(text).reasons

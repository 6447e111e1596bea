import pytest

from core.policy.duty_reading import read_obligations
from core.policy.obligations import Topic, ladder
from tests.core.excerpts import policy

PROSE = """
# Escalation

## P1

- The primary on-call must acknowledge the page within 15 minutes.
- If it is not acknowledged, the secondary on-call is paged at 20 minutes; an incident commander must be assigned
  within half an hour.
- Updates are posted in the channel every 30 minutes.

## P2

The primary should acknowledge within an hour.
"""

TIMETABLE = """
## P1

| When | Who | Obligation |
| --- | --- | --- |
| within 5 minutes | primary on-call | must acknowledge the page |
| every 15 minutes | commander | must post an update |

## Unowned P1

| Minutes since T0 | Who | What |
| --- | --- | --- |
| +10 | secondary on-call | is paged and must name an owner within 5 minutes |
"""

BY_SEVERITY = """
| Severity | Acknowledge | Page the secondary | Status page |
| --- | --- | --- | --- |
| P1 | 5 min | 10 min | 20 min |
| P2 | 15 min | 20 min | on request |
"""

MATRIX = """
| Duty | P1 | P2 |
| --- | --- | --- |
| Primary acknowledges | 5 min | 15 min |
| Manager is paged | 30 min | 1 h |
"""


@pytest.mark.parametrize(
    ("text", "level", "minutes"),
    [
        (PROSE, 1, [15, 20, 30]),
        (PROSE, 2, [60]),
        (TIMETABLE, 1, [5]),
        (BY_SEVERITY, 1, [5, 10]),
        (BY_SEVERITY, 2, [15, 20]),
        (MATRIX, 1, [5, 30]),
        (MATRIX, 2, [15, 60]),
    ],
)
def test_the_ladder_is_read_from_any_layout(text: str, level: int, minutes: list[float]) -> None:
    rungs = ladder(read_obligations(policy(text)), level, unowned=False)
    assert [rung.minutes for rung in rungs] == minutes


def test_the_unowned_section_replaces_the_ordinary_ladder_and_takes_its_unit_from_the_header() -> None:
    (rung,) = ladder(read_obligations(policy(TIMETABLE)), 1, unowned=True)
    assert rung.minutes == 10
    assert "secondary on-call" in rung.text


def test_without_an_unowned_section_the_ordinary_ladder_holds() -> None:
    obligations = read_obligations(policy(MATRIX))
    assert ladder(obligations, 1, unowned=True) == ladder(obligations, 1, unowned=False)


def test_an_item_that_begins_with_a_severity_is_about_that_one_whatever_its_heading_says() -> None:
    text = "## P2, P3 and P4\n\n- P2: the primary must acknowledge within 30 minutes. The manager is paged at 90 minutes.\n"
    obligations = read_obligations(policy(text))
    assert [item.levels for item in obligations] == [{2}, {2}]


def test_a_duty_said_in_two_clauses_keeps_its_subject() -> None:
    text = "## P1\n\nThe status page must be updated within 45 minutes, and then at least every 60 minutes.\n"
    first, second = read_obligations(policy(text))
    assert (first.recurring, second.recurring, second.minutes) == (False, True, 60)
    assert second.text == "The status page must be updated then at least every 60 minutes"


def test_what_recurs_is_no_rung() -> None:
    recurring = [item for item in read_obligations(policy(PROSE)) if item.recurring]
    assert [(item.minutes, item.topic) for item in recurring] == [(30, Topic.COMMUNICATION)]


def test_an_obligation_is_cited_by_its_words_and_lines() -> None:
    excerpt = policy(PROSE)
    first = ladder(read_obligations(excerpt), 1, unowned=False)[0]
    citation = first.cite()
    assert excerpt.supports(citation)
    assert citation.locator == "policies/policy_v2.md:6-6"
    assert citation.quote in PROSE


def test_the_modality_is_that_of_the_words() -> None:
    by_minutes = {item.minutes: item.modality for item in read_obligations(policy(PROSE))}
    assert by_minutes[15] == "must"
    assert by_minutes[60] == "should"


def test_a_duty_stated_twice_counts_once() -> None:
    text = MATRIX + "\n## P1\n\nThe primary acknowledges within 5 minutes.\n"
    rungs = ladder(read_obligations(policy(text)), 1, unowned=False)
    assert [rung.minutes for rung in rungs] == [5, 30]


ANOTHER_PEN = """
## What happens in a SEV1

When a SEV1 has been declared, the duty officer must acknowledge the page within a quarter of an hour. If there is still no
answer, the deputy is called no later than twenty-five minutes after declaration. It lasts more than two hours as a rule.

## Medium and Low incidents

A Medium incident is acknowledged within four business hours.

## 5.2 SEV2 without an owner

1. By T+12 the duty officer must post the ticket and take it for the time being.
2. After an hour and a half the director is told and the incident becomes a SEV1.
"""

DASHES = """
| Duty | SEV1 | SEV2 |
| --- | --- | --- |
| Deputy is called | T+12 | — |
| Manager joins | T+18 | within an hour, if a harbour works by hand |
| Update in the channel | every 10 min | once a day |
"""


ROWS_OF_STEPS = """
| Severity | Step | Who | Deadline |
| --- | --- | --- | --- |
| P1 | Acknowledge the page | primary on-call | 5 min |
| P1 | Page the next one | pager | 10 min |
| P2 | Acknowledge the page | primary on-call | 15 min |
"""

TERSE = """
## Severity 1 (S1)

* T0 + 5 min – on-call acks
* T0+30 – VP Engineering

## Sev 2

Acknowledge in 20 minutes, call the duty manager at the 45-minute mark, brief the COO by minute 60. The board hears of it after
a further 30 minutes.

## No-owner procedure

### S2

- [ ] minute 10: duty lead claims it
- [ ] minute 25: platform manager claims it
"""


@pytest.mark.parametrize(
    ("text", "level", "unowned", "minutes"),
    [
        (ROWS_OF_STEPS, 1, False, [5, 10]),
        (ROWS_OF_STEPS, 2, False, [15]),
        (TERSE, 1, False, [5, 30]),
        (TERSE, 2, False, [20, 45, 60, 90]),
        (TERSE, 2, True, [10, 25]),
        (ANOTHER_PEN, 1, False, [15, 25]),
        (ANOTHER_PEN, 3, False, [240]),
        (ANOTHER_PEN, 2, True, [12, 90]),
        (DASHES, 1, False, [12, 18]),
        (DASHES, 2, False, [60]),
    ],
)
def test_the_ladder_is_read_from_another_pen(text: str, level: int, unowned: bool, minutes: list[float]) -> None:  # noqa: FBT001 -- a table
    rungs = ladder(read_obligations(policy(text)), level, unowned=unowned)
    assert [rung.minutes for rung in rungs] == minutes


def test_a_cell_that_is_only_a_time_leaves_the_duty_alone() -> None:
    first, second = ladder(read_obligations(policy(DASHES)), 1, unowned=False)
    assert (first.text, second.text) == ("Deputy is called", "Manager joins")
    (other,) = ladder(read_obligations(policy(DASHES)), 2, unowned=False)
    assert other.text == "Manager joins: within an hour, if a harbour works by hand"


def test_a_time_in_front_is_taken_off_what_is_due_then() -> None:
    assert [rung.text for rung in ladder(read_obligations(policy(TERSE)), 1, unowned=False)] == [
        "on-call acks",
        "VP Engineering",
    ]


def test_once_a_day_recurs() -> None:
    assert [item.limit for item in read_obligations(policy(DASHES)) if item.recurring] == ["10 minutes", "24 hours"]


def test_of_every_severity_is_no_interval() -> None:
    text = "A review is written within ten days of every SEV1. A report is sent every hour."
    assert [(item.minutes, item.recurring) for item in read_obligations(policy(text))] == [(14400, False), (60, True)]

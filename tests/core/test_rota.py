from datetime import UTC, date, datetime

import pytest

from core.policy.rota_entries import read_rota
from tests.core.excerpts import config

NESTED = """
timezone: America/Toronto
handover: {day: Monday, time: "10:00"}
rotations:
  core:
    shifts:
      - week_start: 2026-02-09
        primary: Ana
        secondary: Bo
      - week_start: 2026-02-16
        primary: Bo
        secondary: Cy
overrides:
  - {rotation: core, role: primary, start: "2026-02-18 18:00", end: "2026-02-19 09:00", instead_of: Bo, person: Cy}
"""

KEYED_BY_WEEK = """
schedule:
  2026-W07: {primary: Ana, secondary: Bo}
  2026-W08: {primary: Bo, secondary: Cy}
"""

WITH_ENDS = """
- start: 2026-02-16
  end: 2026-02-17
  on_call: Ana
- start: 2026-02-18
  end: 2026-02-22
  on_call: Bo
"""


@pytest.mark.parametrize(
    ("text", "day", "roles"),
    [
        (NESTED, date(2026, 2, 16), {"primary": "Bo", "secondary": "Cy"}),
        (NESTED, date(2026, 2, 15), {"primary": "Ana", "secondary": "Bo"}),
        (KEYED_BY_WEEK, date(2026, 2, 20), {"primary": "Bo", "secondary": "Cy"}),
        (WITH_ENDS, date(2026, 2, 17), {"on_call": "Ana"}),
        (WITH_ENDS, date(2026, 2, 22), {"on_call": "Bo"}),
    ],
)
def test_the_shift_of_a_day_is_found_in_any_layout(text: str, day: date, roles: dict[str, str]) -> None:
    (shift,) = read_rota(config(text)).on(day)
    assert shift.roles == roles


def test_a_day_outside_the_rota_has_no_shift() -> None:
    assert read_rota(config(NESTED)).on(date(2026, 3, 2)) == ()


@pytest.mark.parametrize(
    ("moment", "primary"),
    [
        (datetime(2026, 2, 16, 14, 59, tzinfo=UTC), "Ana"),  # 09:59 in Toronto: before the hand-over
        (datetime(2026, 2, 16, 15, 0, tzinfo=UTC), "Bo"),
    ],
)
def test_the_old_shift_holds_until_the_hand_over_hour(moment: datetime, primary: str) -> None:
    (shift,) = read_rota(config(NESTED)).at(moment)
    assert shift.roles["primary"] == primary


def test_overrides_are_found_for_the_days_they_touch() -> None:
    rota = read_rota(config(NESTED))
    (override,) = rota.overrides_between(date(2026, 2, 16), date(2026, 2, 23))
    assert "instead of Bo" in override.text
    assert rota.overrides_between(date(2026, 2, 9), date(2026, 2, 16)) == ()


UP_TO_THE_NEXT = """
tz: Asia/Tokyo
hand_over: {weekday: Thursday, at: "10:00"}
watches:
  - {from: 2026-05-07, to: 2026-05-14, duty_officer: Ana Lima, deputy: Bo Ek}
  - {from: 2026-05-14, to: 2026-05-21, duty_officer: Cy Roe, deputy: Ana Lima}
covers:
  - {role: duty_officer, from: "2026-05-14 04:00", to: "2026-05-14 10:00", absent: Ana Lima, covered_by: Di Wu}
"""

BY_ROLE = """
changeover: "20:00"
first_line:
  - {start: 2026-06-07, person: Ana Lima}
  - {start: 2026-06-14, person: Bo Ek}
second_line:
  - {start: 2026-06-07, person: Cy Roe}
swaps:
  - {date: 2026-06-10, role: first_line, instead_of: Ana Lima, person: Di Wu}
"""


@pytest.mark.parametrize(
    ("text", "moment", "people"),
    [
        (UP_TO_THE_NEXT, datetime(2026, 5, 13, 18, 59, tzinfo=UTC), {"Ana Lima", "Bo Ek"}),
        (UP_TO_THE_NEXT, datetime(2026, 5, 13, 19, 0, tzinfo=UTC), {"Di Wu", "Bo Ek"}),
        (UP_TO_THE_NEXT, datetime(2026, 5, 14, 0, 59, tzinfo=UTC), {"Di Wu", "Bo Ek"}),
        (UP_TO_THE_NEXT, datetime(2026, 5, 14, 1, 0, tzinfo=UTC), {"Cy Roe", "Ana Lima"}),
        (UP_TO_THE_NEXT, datetime(2026, 5, 21, 1, 0, tzinfo=UTC), set[str]()),
        (BY_ROLE, datetime(2026, 6, 10, 12, 0, tzinfo=UTC), {"Di Wu", "Cy Roe"}),
        (BY_ROLE, datetime(2026, 6, 14, 19, 59, tzinfo=UTC), {"Ana Lima", "Cy Roe"}),
        (BY_ROLE, datetime(2026, 6, 14, 20, 0, tzinfo=UTC), {"Bo Ek"}),
        (NESTED, datetime(2026, 2, 19, 13, 59, tzinfo=UTC), {"Cy"}),
    ],
)
def test_who_stands_in_is_on_call_from_the_first_minute_to_the_last(
    text: str, moment: datetime, people: set[str]
) -> None:
    assert {name for duty in read_rota(config(text)).on_duty(moment) for name in duty.roles.values()} == people


def test_an_override_of_another_rotation_or_person_changes_nobody() -> None:
    text = NESTED.replace("rotation: core, role", "rotation: other, role")
    (duty,) = read_rota(config(text)).on_duty(datetime(2026, 2, 19, 3, tzinfo=UTC))
    assert (duty.roles, dict(duty.overrides)) == ({"primary": "Bo", "secondary": "Cy"}, {})


def test_a_week_that_lies_across_a_hand_over_has_both_shifts() -> None:
    rota = read_rota(config(UP_TO_THE_NEXT))
    assert [shift.start for shift in rota.between(date(2026, 5, 11), date(2026, 5, 18))] == [
        date(2026, 5, 7),
        date(2026, 5, 14),
    ]
    assert [shift.start for shift in rota.between(date(2026, 5, 14), date(2026, 5, 21))] == [date(2026, 5, 14)]

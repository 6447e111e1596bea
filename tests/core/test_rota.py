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

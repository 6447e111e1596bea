"""More phrasings and layouts of an invented company that were once read wrongly: an airline's ground crew."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.brief import Intent
from core.composing.communication import SOURCE
from core.composing.measurements import matching_series
from core.policy.duty_reading import read_obligations
from core.policy.obligations import Topic, ladder
from core.policy.rota_entries import read_rota
from core.policy.triggers import is_rollback_rule, read_rollback_rules
from core.reading.briefing import read_brief
from core.reading.calendar_words import in_iso
from core.reading.scale import Scale
from core.reading.thresholds import read_thresholds
from core.task import Request
from core.verifier import verify
from tests.core.excerpts import config, policy
from tests.core.runs import LANDSCAPE, NOW, START, answered, metrics, run

SCALE = Scale(names=("Violet", "Crimson", "Ochre"))
BOOK = """
## Duties

For Violet, the ramp agent must answer within six (6) minutes, and the duty pilot shall be rung no later than sixteen (16) minutes after zero
hour. The station manager must be there within 31 minutes (19 at night, 22:00 to 06:00).[^3] Passengers hear from us every 12 minutes.

For Crimson, the ramp agent must answer within 18 minutes; the duty pilot is rung at 36 minutes if the agent is silent.

## Nobody's cases

A case without an owner:

1. Crimson
   - after 5 minutes the ramp agent signs for it
   - 17 minutes later, the duty pilot takes it over
   - at zero + 50 the station manager must choose an owner

## Afterwards

An account is due within four working days of a Violet and nine working days of a Crimson case.

[^3]: Since the move to the new apron.
"""
LADDER = """
## Duties

```yaml
violet:
  - ramp agent answers within 6 minutes
  - duty pilot is rung at 16 minutes
crimson:
  - ramp agent answers within 18 minutes
```
"""
RELEASES = """
## Releases

A release must be taken back if, within 25 minutes of going live, 4.5 % or more of requests fail for 3 consecutive minutes, or if the 95th percentile
latency stays above 0.7 s for nine minutes in a row.
"""
ROTA = """
zone: Europe/Lisbon
change_of_shift: Friday 06:45
crews:
  - {from: 03.07.2026, to: 10.07.2026, ramp_agent: Ines Couto, duty_pilot: Rui Salgado}
  - {from: 10.07.2026, to: 17.07.2026, ramp_agent: Tomas Reis, duty_pilot: Ines Couto}
exchanges:
  - {who: Ines Couto, replaced_by: Marta Pinho, role: ramp_agent, from: "07.07.2026 12:00", to: "08.07.2026 12:00", because: a wedding}
"""
ROOMS = """
talk:
  rooms:
    violet: "#apron-violet"
    crimson: "#apron-crimson"
  without_owner: "#lost-property"
"""


def minutes_of(text: str, level: int, *, unowned: bool = False) -> list[float]:
    return [rung.minutes for rung in ladder(read_obligations(policy(text), SCALE), level, unowned=unowned)]


def test_a_number_said_in_words_and_in_brackets_counts_once() -> None:
    assert minutes_of(BOOK, 1) == [6, 16, 31]
    assert minutes_of(BOOK, 2) == [18, 36]


def test_what_stands_in_brackets_stays_with_its_sentence_and_a_footnote_is_no_part_of_it() -> None:
    duties = {item.minutes: item.text for item in read_obligations(policy(BOOK), SCALE)}
    assert duties[31] == "The station manager must be there within 31 minutes (19 at night, 22:00 to 06:00)"
    assert duties[12] == "Passengers hear from us every 12 minutes"


def test_steps_count_from_the_step_before_and_from_zero() -> None:
    assert minutes_of(BOOK, 2, unowned=True) == [5, 22, 50]


def test_each_severity_has_the_time_that_is_said_of_it_and_an_account_afterwards_is_no_escalation() -> None:
    accounts = [item for item in read_obligations(policy(BOOK), SCALE) if "account" in item.text]
    assert [(item.levels, item.limit, item.topic) for item in accounts] == [
        ({1}, "four working days", Topic.OTHER), ({2}, "nine working days", Topic.OTHER),
    ]  # fmt: skip


def test_a_list_kept_as_code_is_read_a_line_each() -> None:
    assert (minutes_of(LADDER, 1), minutes_of(LADDER, 2)) == ([6, 16], [18])


def test_both_conditions_of_a_rule_are_read_and_its_times_are_no_duties() -> None:
    rules = read_rollback_rules(policy(RELEASES))
    conditions = [(rule.condition.metric, rule.condition.comparison, rule.condition.value) for rule in rules]
    assert conditions == [("error rate", ">=", 4.5), ("p95 latency", ">", 700)]
    assert all(is_rollback_rule(item.text) for item in read_obligations(policy(RELEASES)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("900 ms p95 for 6 minutes", ("p95", "=", 900.0, "ms", 6.0)),
        ("more than 900 ms p95 for 6 minutes", ("p95", ">", 900.0, "ms", 6.0)),
        ("a 2.5 % error rate for 6 minutes", ("error rate", "=", 2.5, "%", 6.0)),
        ("over 1.5 s of latency during ten minutes", ("latency", ">", 1500.0, "ms", 10.0)),
        ("at least 3 percent error rate", ("error rate", ">=", 3.0, "%", None)),
        ("the failed share is 3.4 % for 10 minutes", ("error rate", "=", 3.4, "%", 10.0)),
        ("3.5 % or more of all calls fail for 4 minutes", ("error rate", ">=", 3.5, "%", 4.0)),
        ("latency exceeded 900 ms p95", ("latency", ">", 900.0, "ms", None)),
    ],
)
def test_the_value_may_stand_before_what_is_measured(text: str, expected: tuple[object, ...]) -> None:
    (found,) = read_thresholds(text)
    assert (found.metric, found.comparison, found.value, found.unit, found.minutes) == expected


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("03.07.2026 06:45", "2026-07-03 06:45"),
        ("from 3.7.2026", "from 2026-07-03"),
        ("3. July 2026", "2026-07-03"),
        ("3-Jul-2026", "2026-07-03"),
        ("2026/07/03", "2026-07-03"),
        ("23/07/2026", "2026-07-23"),
        ("07/23/2026", "2026-07-23"),
        ("03/07/2026", "03/07/2026"),
        ("version 1.13.2026", "version 1.13.2026"),
        ("at 10.20.30.4", "at 10.20.30.4"),
    ],
)
def test_days_are_read_as_people_write_them_unless_they_may_be_two(text: str, iso: str) -> None:
    assert in_iso(text) == iso


def test_a_rota_with_days_as_in_europe_its_hour_of_change_and_an_exchange() -> None:
    rota = read_rota(config(ROTA))
    assert [shift.start for shift in rota.shifts] == [date(2026, 7, 3), date(2026, 7, 10)]
    lisbon = ZoneInfo("Europe/Lisbon")
    (exchanged,) = rota.on_duty(datetime(2026, 7, 7, 18, tzinfo=lisbon))
    assert dict(exchanged.roles) == {"ramp_agent": "Marta Pinho", "duty_pilot": "Rui Salgado"}
    (before,) = rota.on_duty(datetime(2026, 7, 10, 6, 30, tzinfo=lisbon))
    assert before.roles["ramp_agent"] == "Ines Couto"


def test_a_day_that_the_rota_writes_otherwise_is_held_to_be_cited() -> None:
    plan, result = run(
        "Who is on call on 2026-07-07 at 09:00 UTC?",
        answered("fetch_company_reference", config(ROTA), source="oncall_rota"),
    )
    assert "2026-07-03" in result.report.answer
    assert {check.name: check.passed for check in verify(plan, result).checks}["figures_are_supported"]


def test_the_channel_of_what_nobody_owns_is_found_by_its_key() -> None:
    _, result = run(
        "Which channel do we use for an unowned P1 incident?",
        answered("fetch_company_reference", config(ROOMS, SOURCE), source=SOURCE),
    )
    assert "#lost-property" in result.report.answer


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("What is the status of OPS-12?", ("OPS-12",)),
        ("Compare INC-12 with INC-7", ("INC-12", "INC-7")),
        ("Who has the ticket APR-5?", ("APR-5",)),
        ("The page is in UTF-8, which issue is that?", ()),
        ("APR-5 m of rope", ()),
        ("an incident of SEV-2", ()),
    ],
)
def test_keys_of_tickets_are_told_from_other_names_with_a_number(text: str, keys: tuple[str, ...]) -> None:
    assert read_brief(Request(text=text), LANDSCAPE, NOW).ticket_keys == keys


STANDARD = """
## Matrix

| Code | What it means | First answer (min) | Duty manager |
| --- | --- | --- | --- |
| Sev-A | all is shut | 4 | 14 min |
| Sev-B | one hall is shut | 16 | T+55 |

## Roles

In a Sev-A the chief takes over at minute 6 and the director is phoned within half an hour.

Sev-A and Sev-B incidents always have an owner. If nobody has claimed a Sev-B after 9 minutes, the pager holder owns it; at 21 minutes the
chief gives it to somebody.

## Reversal of releases

We reverse a release, without discussion, once either limit is breached inside the 22-minute watch after go-live:

- error ratio above 1.7 % for 3 min
- p99 latency > 1400 ms for 6 min
"""
LETTERS = Scale(names=("Sev-A", "Sev-B"))


@pytest.mark.parametrize(
    ("level", "unowned", "minutes"),
    [(1, False, [4, 6, 14, 30]), (2, False, [16, 55]), (2, True, [9, 21])],
)
def test_the_unit_of_a_column_two_duties_in_a_clause_and_a_rule_for_what_nobody_claimed(
    level: int, *, unowned: bool, minutes: list[float]
) -> None:
    duties = read_obligations(policy(STANDARD), LETTERS)
    assert [rung.minutes for rung in ladder(duties, level, unowned=unowned)] == minutes


def test_a_list_of_limits_holds_as_the_sentence_before_it_says() -> None:
    first, second = read_rollback_rules(policy(STANDARD))
    assert (first.condition.value, first.after_deployment_minutes, first.sentence[:5]) == (1.7, 22, "error")
    assert (second.condition.metric, second.after_deployment_minutes, second.modality) == ("p99 latency", 22, "must")


def test_the_hour_of_change_may_be_told_in_halves_of_the_day() -> None:
    rota = read_rota(
        config("time_zone: America/Lima\nhandoff: Mondays at 9 am\nrota:\n  - {week: 2026-W17, chief: Ana Ruiz}\n")
    )
    assert rota.handover.hour == 9


@pytest.mark.parametrize(
    ("metric", "found"), [("request_p95_ms", 0), ("request_duration_p99_ms", 1), ("request_latency_ms", 1)]
)
def test_a_limit_on_one_percentile_is_not_held_against_another(metric: str, found: int) -> None:
    window = metrics("cart", [100.0] * 30, START)
    named = window.model_copy(update={"series": (window.series[0].model_copy(update={"metric": metric}),)})
    assert len(matching_series(named, "p99 latency")) == found


def test_the_person_is_named_who_acts_when_a_condition_before_is_met() -> None:
    rota = "shifts:\n  - {from: 2026-03-02, to: 2026-03-09, pager_holder: Ana Ruiz, chief: Bo Lind}\n"
    _, result = run(
        "Nobody owns a P2 incident. What is due at +30 minutes on 2026-03-04 at 10:00 UTC, and who is on call?",
        answered("fetch_company_reference", policy(STANDARD.replace("Sev-A", "P1").replace("Sev-B", "P2")), source="policy_v2"),
        answered("fetch_company_reference", config(rota), source="oncall_rota"),
    )  # fmt: skip
    assert [action.owner for action in result.report.actions] == ["Ana Ruiz", "Bo Lind"]


def test_who_has_a_role_at_a_time_is_a_question_to_the_rota_whatever_the_role_is_called() -> None:
    brief = read_brief(Request(text="Who is incident chief on 2026-04-20 at 13:00 UTC?"), LANDSCAPE, NOW)
    assert Intent.ON_CALL in brief.intents

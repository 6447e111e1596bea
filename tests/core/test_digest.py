from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digest import sections
from core.digest.compose import SECTIONS, compose_digest
from core.digest.material import (
    DigestTicket,
    EarlierIssue,
    Episode,
    Investigation,
    Loaded,
    Material,
    PlannedAction,
    TicketQuery,
)
from core.digest.model import Digest, Section, SectionStatus
from core.digest.week import IsoWeek
from core.digest.wording import severity_rank
from core.errors import InvalidInputError
from core.policy.rota_entries import read_rota
from core.verdict import Outcome
from tests.core.excerpts import config

ZONE = ZoneInfo("Europe/Lisbon")
WEEK = IsoWeek(2026, 7)
MONDAY = datetime(2026, 2, 9, tzinfo=UTC)
AS_OF = datetime(2026, 2, 16, 9, tzinfo=UTC)
ROTA = """
timezone: Europe/Lisbon
handover: {day: Monday, time: "09:00"}
rotations:
  core:
    shifts:
      - {week_start: 2026-02-02, primary: Ana Lima, secondary: Bo Dahl}
      - {week_start: 2026-02-09, primary: Bo Dahl, secondary: Cy Orr}
      - {week_start: 2026-02-16, primary: Cy Orr, secondary: Ana Lima}
overrides:
  - {rotation: core, role: primary, start: "2026-02-12 18:00", end: "2026-02-13 09:00", instead_of: Bo Dahl, person: Ana Lima}
  - {rotation: core, role: primary, start: "2026-02-18 18:00", end: "2026-02-19 09:00", instead_of: Cy Orr, person: Bo Dahl}
"""
ZONES = (
    "UTC",
    "Europe/Lisbon",
    "America/St_Johns",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)


def episode(
    hour: float,
    *,
    title: str = "HighLatency",
    service: str | None = "shop",
    lasted_min: float | None = 30,
    task_id: str | None = None,
    verdict: Outcome | None = None,
    severity: str | None = "P2",
    repeats: int = 0,
) -> Episode:
    fired_at = MONDAY + timedelta(hours=hour)
    return Episode(
        channel="C1",
        group_key=f"{title}:{service}",
        message_ts="1.0",
        vendor="alertmanager",
        title=title,
        service=service,
        severity=severity,
        fired_at=fired_at,
        resolved_at=None if lasted_min is None else fired_at + timedelta(minutes=lasted_min),
        repeats=repeats,
        task_id=task_id,
        task_status="succeeded" if verdict else None,
        verdict=verdict,
    )


def investigation(
    task_id: str,
    hour: float = 1,
    *,
    verdict: Outcome | None = Outcome.NOT_CONFIRMED,
    cause: str | None = None,
    earlier: Sequence[EarlierIssue] = (),
    actions: Sequence[PlannedAction] = (),
    rejected: int = 0,
) -> Investigation:
    return Investigation(
        task_id=task_id,
        text="Alert fired: HighLatency\nService: shop",
        service="shop",
        severity="P2",
        at=MONDAY + timedelta(hours=hour),
        status="failed" if verdict is Outcome.FAILED else "succeeded",
        verdict=verdict,
        reasons=("metrics did not answer",),
        cause=cause,
        cause_service="shop",
        confidence=0.7,
        actions=tuple(actions),
        earlier=tuple(earlier),
        helpful=1,
        rejected=rejected,
    )


def ticket(
    key: str, *, severity: str | None = "P2", assignee: str | None = None, due: date | None = None, opened_h: float = 4
) -> DigestTicket:
    return DigestTicket(
        key=key,
        url=f"https://tracker.example/browse/{key}",
        summary=f"{key} is slow",
        status="Open",
        is_open=True,
        is_incident=True,
        severity=severity,
        assignee=assignee,
        created=MONDAY + timedelta(hours=opened_h),
        due=due,
    )


def tickets(*found: DigestTicket, gap: str | None = None) -> Loaded[TicketQuery]:
    return Loaded(value=TicketQuery(query="issuetype = Incident", tickets=found), gap=gap)


def material(
    *,
    episodes: Sequence[Episode] = (),
    tasks: Sequence[Investigation] = (),
    open_incidents: Loaded[TicketQuery] | None = None,
    opened: Loaded[TicketQuery] | None = None,
    due: Loaded[TicketQuery] | None = None,
    log_begun: datetime | None = datetime(2025, 1, 1, tzinfo=UTC),
) -> Material:
    return Material(
        team="core",
        week=WEEK,
        zone=ZONE,
        until=WEEK.ends(ZONE),
        as_of=AS_OF,
        made_at=AS_OF,
        rota=Loaded(value=read_rota(config(ROTA))),
        episodes=Loaded(value=tuple(episodes)),
        investigations=Loaded(value=tuple(tasks)),
        open_incidents=open_incidents or tickets(),
        opened_incidents=opened or tickets(),
        due_tickets=due or tickets(),
        log_begun=log_begun,
        tasks_begun=log_begun,
    )


def section(made: Digest, name: str) -> Section:
    found = made.section(name)
    assert found is not None
    return found


def lines(given: Material, name: str) -> list[str]:
    return [statement.text for statement in section(compose_digest(given), name).statements]


def test_every_section_of_the_folder_is_in_the_digest() -> None:
    folder = Path(str(sections.__file__)).parent
    listed = {f"{compose.__module__.rpartition('.')[2]}.py" for compose in SECTIONS}
    assert listed == {path.name for path in folder.glob("*.py")} - {"__init__.py"}


def test_who_is_and_was_on_call_with_the_hour_of_the_hand_over_and_the_swaps() -> None:
    assert lines(material(), "on_call") == [
        "core now: Cy Orr (primary), Ana Lima (secondary), until Mon 23 Feb 09:00",
        "swap: Ana Lima instead of Bo Dahl (core, primary), Thu 12 Feb 18:00 to Fri 13 Feb 09:00",
        "swap to come: Bo Dahl instead of Cy Orr (core, primary), Wed 18 Feb 18:00 to Thu 19 Feb 09:00",
        "core that week: from Mon 9 Feb 09:00 Bo Dahl (primary), Cy Orr (secondary)",
    ]


def test_who_stands_in_at_the_moment_is_named_in_place_of_whom() -> None:
    now = replace(material(), as_of=datetime(2026, 2, 18, 20, tzinfo=UTC))
    assert lines(now, "on_call")[0] == (
        "core now: Bo Dahl (primary), Ana Lima (secondary), until Mon 23 Feb 09:00; "
        "Bo Dahl stands in for Cy Orr until Thu 19 Feb 09:00"
    )


def test_a_rota_that_has_run_out_is_told_as_a_gap() -> None:
    made = section(compose_digest(replace(material(), as_of=datetime(2026, 5, 1, tzinfo=UTC))), "on_call")
    assert made.status is SectionStatus.PARTIAL
    assert made.note == "the rota names nobody for Fri 1 May 01:00"


def test_alerts_are_counted_by_service_beside_the_week_before() -> None:
    given = material(
        episodes=[
            *(episode(hour) for hour in (1, 2, 3)),
            episode(5, service="pay", lasted_min=None, repeats=4),
            episode(6, service=None),
            episode(-20),
            *(episode(hour, service="pay") for hour in (-30, -40)),
            episode(-24 * 8, lasted_min=None),
        ]
    )
    found = section(compose_digest(given), "alerts").statements
    assert [(one.text, one.before) for one in found] == [
        ("5 alerts: 4 ended, 1 still firing; 4 further posts repeated them", 3),
        ("shop: 3", 1),
        ("no service named: 1", 0),
        ("pay: 1", 2),
    ]
    assert found[0].sources[0].text == "alert log 2026-02-09T00:00:00Z..2026-02-16T00:00:00Z"


def test_without_a_week_before_in_the_log_nothing_is_compared() -> None:
    given = material(episodes=[episode(1)], log_begun=MONDAY)
    assert section(compose_digest(given), "alerts").statements[0].before is None


def test_causes_come_confirmed_ones_first_and_alerts_without_one_last() -> None:
    given = material(
        episodes=[
            episode(1, task_id="t1", verdict=Outcome.CONFIRMED),
            episode(2, task_id="t2", verdict=Outcome.CONFIRMED),
            episode(3, task_id="t3", verdict=Outcome.NOT_CONFIRMED),
            episode(4, task_id="t4", verdict=Outcome.HEALTHY),
            episode(5),
        ],
        tasks=[
            investigation("t1", verdict=Outcome.CONFIRMED, cause="deployment 4.18"),
            investigation("t2", verdict=Outcome.CONFIRMED, cause="deployment 4.18"),
            investigation("t3", cause="the database"),
            investigation("t4", verdict=Outcome.HEALTHY),
        ],
    )
    assert lines(given, "causes") == [
        "2 alerts: deployment 4.18 (shop), confirmed",
        "1 alert: the database (shop), suspected",
        "1 alert: the service was healthy when it was looked at",
        "1 alert: no cause found",
    ]


def test_a_rule_that_ends_by_itself_again_and_again_is_a_candidate_for_tuning() -> None:
    given = material(
        episodes=[
            *(episode(hour, title="Flappy", lasted_min=4, repeats=1) for hour in (1, 2, 3)),
            episode(4, title="Real", lasted_min=90),
            episode(5, title="Real", lasted_min=5, verdict=Outcome.CONFIRMED),
            episode(6, title="Once"),
        ]
    )
    assert lines(given, "noise") == [
        "“Flappy” (alertmanager): 3 alerts with 3 repeats, 3 over within 10 min: a candidate for tuning",
        "“Real” (alertmanager): 2 alerts, 1 over within 10 min",
    ]


def test_an_earlier_issue_is_a_repeat_only_when_it_is_older_than_the_alert() -> None:
    def issue(key: str, opened: datetime | None) -> EarlierIssue:
        return EarlierIssue(
            key=key, url=f"https://tracker.example/browse/{key}", title="slow", confidence=0.8, opened=opened
        )

    old, own = issue("OPS-1", MONDAY - timedelta(days=90)), issue("OPS-9", MONDAY + timedelta(hours=1))
    given = material(tasks=[investigation("t1", earlier=[old, own]), investigation("t2", 5, earlier=[old])])
    assert lines(given, "repeats") == [
        "OPS-1 “slow”: like “Alert fired: HighLatency” and 1 other task (confidence 0.80)"
    ]


def test_open_incidents_without_an_owner_come_gravest_first() -> None:
    given = material(
        open_incidents=tickets(
            ticket("OPS-3", severity="P3"),
            ticket("OPS-2", assignee="Ana Lima"),
            ticket("OPS-1", severity="P1", opened_h=100),
            ticket("OPS-9", severity="P1", opened_h=24 * 30),
        )
    )
    found = section(compose_digest(given), "unowned").statements
    assert [(one.text, one.is_pressing) for one in found] == [
        ("OPS-1 (P1): OPS-1 is slow, Open, open for 3 days", True),
        ("OPS-3 (P3): OPS-3 is slow, Open, open for 7 days", False),
    ]
    assert found[0].sources[0].url == "https://tracker.example/browse/OPS-1"


def test_what_is_due_is_told_with_who_owes_it() -> None:
    given = material(
        due=tickets(
            ticket("OPS-1", due=date(2026, 2, 20), assignee="Ana Lima"),
            ticket("OPS-2", due=date(2026, 2, 11)),
            ticket("OPS-3", due=date(2025, 9, 1)),
        ),
        tasks=[
            investigation(
                "t1", actions=[PlannedAction(text="Page the lead", owner="Bo Dahl", due="within 15 minutes")]
            ),
            investigation(
                "t2", verdict=Outcome.HEALTHY, actions=[PlannedAction(text="Nothing", owner=None, due="at once")]
            ),
        ],
    )
    assert lines(given, "actions") == [
        "OPS-2 (P2): OPS-2 is slow, overdue since Wed 11 Feb, owner: nobody",
        "OPS-1 (P2): OPS-1 is slow, due Fri 20 Feb, owner: Ana Lima",
        "1 open ticket was due before that",
        "Page the lead, Bo Dahl, due within 15 minutes; whether it was done is not known",
    ]
    assert lines(given, "handover") == ["1 ticket of the week is overdue:"]


def test_verdicts_are_counted_and_answers_that_were_called_wrong_are_named() -> None:
    given = material(
        tasks=[
            investigation("t1", verdict=Outcome.CONFIRMED, rejected=1),
            investigation("t2", verdict=Outcome.FAILED),
            investigation("t3", verdict=None),
            investigation("t4", -20, verdict=Outcome.HEALTHY),
        ]
    )
    assert lines(given, "verdicts") == [
        "3 investigations",
        "cause confirmed: 1",
        "service healthy: 0",
        "failed: 1",
        "without a verdict: 1",
        "feedback: 3 helpful, 1 wrong",
        "called wrong: “Alert fired: HighLatency”",
    ]
    assert lines(given, "unseen") == ["“Alert fired: HighLatency”: metrics did not answer"]


def test_alerts_that_nobody_looked_into_are_told_by_rule() -> None:
    given = material(episodes=[episode(1), episode(2), episode(3, task_id="t1", title="Other")])
    assert lines(given, "unseen") == ["“HighLatency” (shop): 2 alerts, not looked into"]


def test_the_hand_over_begins_with_what_still_fires_even_from_before_the_week() -> None:
    given = material(
        episodes=[
            episode(3, severity="P3", lasted_min=None),
            episode(-300, severity="P1", lasted_min=None),
            episode(4),
        ],
        open_incidents=tickets(ticket("OPS-1"), ticket("OPS-2", severity="P4"), ticket("OPS-3", assignee="Ana Lima")),
    )
    assert lines(given, "handover") == [
        "still firing: “HighLatency” (P1), shop, since Tue 27 Jan 12:00",
        "still firing: “HighLatency” (P3), shop, since Mon 9 Feb 03:00",
        "OPS-3 (P2): OPS-3 is slow, Open, owner: Ana Lima, open for 7 days",
        "1 grave incident without an owner:",
    ]


def test_an_alert_that_ended_later_still_fired_at_the_time_of_the_digest() -> None:
    given = material(episodes=[episode(3, lasted_min=60 * 24 * 30)])
    assert len(lines(given, "handover")) == 1


@pytest.mark.parametrize(
    ("part", "value", "statuses"),
    [
        (
            "open_incidents",
            Loaded[TicketQuery](failure="Jira did not answer"),
            {"unowned": SectionStatus.FAILED, "handover": SectionStatus.PARTIAL, "incidents": SectionStatus.EMPTY},
        ),
        ("open_incidents", tickets(gap="only 1,000 were read"), {"unowned": SectionStatus.PARTIAL}),
        (
            "episodes",
            Loaded[Sequence[Episode]](failure="the database is away"),
            {
                "alerts": SectionStatus.FAILED,
                "unseen": SectionStatus.PARTIAL,
                "noise": SectionStatus.FAILED,
                "causes": SectionStatus.FAILED,
            },
        ),
        ("rota", Loaded[object](failure="there is no rota"), {"on_call": SectionStatus.FAILED}),
    ],
)
def test_empty_partial_and_failed_are_three_things(
    part: str, value: Loaded[object], statuses: dict[str, SectionStatus]
) -> None:
    made = compose_digest(replace(material(), **{part: value}))
    for name, status in statuses.items():
        found = section(made, name)
        assert found.status is status, name
        if status is not SectionStatus.EMPTY:
            assert found.note == (value.failure or value.gap)
    assert len(made.sections) == len(SECTIONS)


def test_every_statement_has_a_source() -> None:
    given = material(
        episodes=[episode(1), episode(2, lasted_min=None), episode(3, task_id="t1"), episode(-3, service="old")],
        tasks=[investigation("t1", verdict=Outcome.FAILED)],
        open_incidents=tickets(ticket("OPS-1")),
        opened=tickets(ticket("OPS-1")),
        due=tickets(ticket("OPS-1", due=date(2026, 2, 11)), ticket("OPS-2", due=date(2025, 1, 1))),
    )
    for made in compose_digest(given).sections:
        assert all(statement.sources for statement in made.statements), made.name


@pytest.mark.parametrize(
    ("severity", "rank"),
    [("P1", 1), ("SEV2", 2), ("sev-3", 3), ("critical", 1), ("Major", 2), ("warning", 3), (None, 9), ("odd", 9)],
)
def test_severities_of_any_scale_are_ranked(severity: str | None, rank: int) -> None:
    assert severity_rank(severity) == rank


@given(
    day=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_weeks_follow_each_other_without_gap_in_any_zone(day: date, zone: ZoneInfo) -> None:
    week = IsoWeek.of(day)
    assert week.ends(zone) == week.next().begins(zone)
    assert week.next().before() == week
    assert IsoWeek.read(str(week)) == IsoWeek.read(day.isoformat()) == week
    length = week.ends(zone) - week.begins(zone)
    assert timedelta(days=5, hours=22) <= length <= timedelta(days=7, hours=2)
    shown = week.begins(zone).astimezone(zone)
    assert (shown - timedelta(hours=2)).date() <= week.monday


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2026-02-16T09:00", "2026-W07"),
        ("2026-02-18T23:59", "2026-W07"),
        ("2026-02-19T00:00", "2026-W08"),
        ("2026-02-22T23:00", "2026-W08"),
        ("2026-01-01T09:00", "2026-W01"),
        ("2025-12-29T09:00", "2025-W52"),
    ],
)
def test_until_wednesday_the_week_before_is_told_of(moment: str, week: str) -> None:
    assert str(IsoWeek.told_at(datetime.fromisoformat(moment).replace(tzinfo=ZONE), ZONE)) == week


@pytest.mark.parametrize("text", ["2026-W54", "2026-W00", "week 7", "", "2026-02-30", "9999-W53", "0000-W01"])
def test_what_is_no_week_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInputError, match="give one such as 2026-W08"):
        IsoWeek.read(text)

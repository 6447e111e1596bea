"""The committed company is believable: its parts agree with each other and with the scenario."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import yaml

from company_details.generator import history, people, rota, services
from company_details.generator.__main__ import DEFAULT_ROOT, README
from company_details.generator.incidents import INCIDENTS
from company_details.generator.incidents.deploys import DEPLOYS, version_at
from company_details.generator.incidents.model import Incident
from company_details.generator.policy import DIFFERENCES, V1, V2
from company_details.generator.scenario import at, stamp

DATA = DEFAULT_ROOT / "mock_systems" / "data"
OPEN = {"new", "indeterminate"}


@cache
def _series() -> dict[tuple[str, str], dict[str, float]]:
    series: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    with gzip.open(DATA / "metrics.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert next(rows) == ["timestamp", "metric", "service", "value"]
        for timestamp, metric, service, value in rows:
            series[service, metric][timestamp] = float(value)
    return series


@cache
def _logs() -> list[dict[str, str]]:
    with gzip.open(DATA / "logs.ndjson.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def _tickets() -> list[dict[str, Any]]:
    return json.loads((DATA / "jira_tickets.json").read_text(encoding="utf-8"))


def _config(name: str) -> Any:
    return yaml.safe_load((DEFAULT_ROOT / "configs" / name).read_text(encoding="utf-8"))


def _words(node: Any) -> str:
    return str(node.get("text", "")) + " ".join(_words(child) for child in node.get("content", []))


def _mentions(ticket: dict[str, Any], words: str) -> bool:
    fields = ticket["fields"]
    return words in f"{fields['summary']} {_words(fields['description'])}".lower()


def _longest_run(series: dict[str, float], *, side: str, value: float, start: datetime, end: datetime) -> int:
    longest = run = 0
    for timestamp, sample in series.items():
        inside = stamp(start) <= timestamp <= stamp(end)
        outside_band = sample > value if side == "above" else sample < value
        run = run + 1 if inside and outside_band else 0
        longest = max(longest, run)
    return longest


# metrics


def test_every_service_has_one_value_a_minute_for_seven_days() -> None:
    counts = {key: len(samples) for key, samples in _series().items()}
    assert set(counts.values()) == {7 * 24 * 60}
    assert {service for service, _ in counts} == set(services.BY_NAME)
    assert sum(counts.values()) <= 650_000
    first, *_, last = _series()["saas-api", "error_rate_percent"]
    assert (first, last) == ("2026-02-11T00:00:00Z", "2026-02-17T23:59:00Z")


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.slug)
def test_each_incident_shows_in_its_series_for_as_long_as_it_says(incident: Incident) -> None:
    signal = incident.signal
    series = _series()[signal.service, signal.metric]
    run = _longest_run(series, side=signal.side, value=signal.value, start=incident.start, end=incident.end)
    assert run >= signal.minutes


def test_the_planted_incidents_are_of_eight_kinds() -> None:
    assert {incident.kind for incident in INCIDENTS} == {
        *("bad deploy", "saturated pool", "dependency outage", "slow query"),
        *("memory leak", "cache stampede", "expired certificate", "traffic surge"),
    }


def test_the_bad_deploy_is_above_the_rollback_rule_inside_its_half_hour_while_payments_stays_healthy() -> None:
    errors = _series()["saas-api", "error_rate_percent"]
    window = [stamp(at("2026-02-14T10:00") + timedelta(minutes=minute)) for minute in range(31)]
    assert [errors[time] > 2.5 for time in window] == [*([False] * 5), *([True] * 17), *([False] * 9)]
    assert max(_series()["saas-api", "latency_p95_ms"][time] for time in window) > 1700
    assert max(_series()["payments-service", "error_rate_percent"][time] for time in window) < 0.5
    assert errors["2026-02-14T10:24:00Z"] < 0.5


def test_the_short_regression_does_not_reach_the_rollback_rule() -> None:
    errors = _series()["billing-service", "error_rate_percent"]
    assert _longest_run(errors, side="above", value=2.0, start=at("2026-02-11"), end=at("2026-02-18")) == 3


def test_the_dashboards_release_reaches_the_rollback_rule_as_its_review_says() -> None:
    errors = _series()["reporting-service", "error_rate_percent"]
    assert errors["2026-02-13T11:09:00Z"] < 2.0
    run = _longest_run(errors, side="above", value=2.0, start=at("2026-02-13T11:10"), end=at("2026-02-13T11:30"))
    assert run == 21


def test_the_readme_states_the_figures_of_the_bad_deploy() -> None:
    start, end = stamp(at("2026-02-14T10:00")), stamp(at("2026-02-14T10:30"))
    peaks = {
        metric: max(value for time, value in _series()["saas-api", metric].items() if start <= time <= end)
        for metric in ("error_rate_percent", "latency_p95_ms")
    }
    text = README.read_text(encoding="utf-8")
    assert f"peak of {peaks['error_rate_percent']:.2f}" in text
    assert f"to {peaks['latency_p95_ms']:,.0f};" in text


def test_the_noisy_service_stays_in_its_band_and_is_seldom_quiet() -> None:
    errors = list(_series()["notification-service", "error_rate_percent"].values())
    assert max(errors) < 4
    assert sum(value > 2 for value in errors) > 300


def test_outside_incidents_no_service_but_the_noisy_one_passes_two_percent() -> None:
    spans = [(incident.start, incident.end + timedelta(minutes=3)) for incident in INCIDENTS]
    spans.append((at("2026-02-15T03:12"), at("2026-02-15T03:15")))
    quiet = [
        (service, time)
        for (service, metric), series in _series().items()
        if metric == "error_rate_percent" and service != "notification-service"
        for time, value in series.items()
        if value > 2 and not any(stamp(start) <= time <= stamp(end) for start, end in spans)
    ]
    assert quiet == []


# logs


def test_logs_are_in_order_and_of_known_services() -> None:
    logs = _logs()
    assert 60_000 <= len(logs) <= 95_000
    times = [line["timestamp"] for line in logs]
    assert times == sorted(times)
    assert {line["service"] for line in logs} == set(services.BY_NAME)
    assert {line["level"] for line in logs} == {"INFO", "WARN", "ERROR"}
    assert not [line for line in logs if "{" in line["message"]]


def test_the_bad_deploy_is_told_by_the_logs() -> None:
    lines = [
        line
        for line in _logs()
        if line["service"] == "saas-api" and "2026-02-14T10:00" <= line["timestamp"] < "2026-02-14T10:30"
    ]
    timeouts = [
        line for line in lines if line["message"].startswith("checkout timeout after 3000 ms calling payments-service")
    ]
    assert len(timeouts) > 100
    assert {line["version"] for line in timeouts} == {"4.18.0", "4.17.3"}
    assert {line["message"] for line in lines if "v4." in line["message"] and "started" in line["message"]} == {
        "deployment v4.18.0 started (from v4.17.3)",
        "rollback v4.17.3 started (from v4.18.0)",
    }


def test_hostile_text_is_in_a_log_line_and_in_a_ticket() -> None:
    assert [line for line in _logs() if "<!channel>" in line["message"]]
    assert [ticket for ticket in _tickets() if "<!channel>" in _words(ticket["fields"]["description"])]


def test_every_deployment_starts_from_the_version_that_ran() -> None:
    for deploy in DEPLOYS:
        assert version_at(deploy.service, deploy.moment - timedelta(seconds=1), "") == deploy.frm


# tickets


def test_tickets_are_many_and_their_keys_are_unique() -> None:
    keys = [ticket["key"] for ticket in _tickets()]
    assert len(keys) >= 420
    assert len(set(keys)) == len(keys)
    assert len({ticket["id"] for ticket in _tickets()}) == len(keys)


def test_no_two_tickets_say_the_same() -> None:
    said = Counter((ticket["fields"]["summary"], _words(ticket["fields"]["description"])) for ticket in _tickets())
    assert said.most_common(1)[0][1] == 1


def test_ticket_times_run_forward_and_end_with_the_week() -> None:
    for ticket in _tickets():
        fields = ticket["fields"]
        assert "2025-07-01" <= fields["created"] <= fields["updated"] < "2026-02-18", ticket["key"]
        if fields["resolutiondate"]:
            assert fields["created"] <= fields["resolutiondate"], ticket["key"]
        for comment in fields["comment"]["comments"]:
            assert fields["created"] <= comment["created"], ticket["key"]


def test_a_ticket_has_a_resolution_just_when_it_is_done() -> None:
    for ticket in _tickets():
        fields = ticket["fields"]
        done = fields["status"]["statusCategory"]["key"] == "done"
        assert done == bool(fields["resolution"]) == bool(fields["resolutiondate"]), ticket["key"]


def test_the_status_history_ends_in_the_status() -> None:
    for ticket in _tickets():
        moves = [
            item for entry in ticket["changelog"]["histories"] for item in entry["items"] if item["field"] == "status"
        ]
        if moves:
            assert moves[-1]["toString"] == ticket["fields"]["status"]["name"], ticket["key"]


def test_severity_field_label_and_priority_agree() -> None:
    config = _config("jira_config.yaml")["severity"]
    for ticket in _tickets():
        fields = ticket["fields"]
        if fields[config["field"]]:
            severity = fields[config["field"]]["value"]
            assert config["label_prefix"] + severity.lower() in fields["labels"]
            assert fields["priority"]["name"] == config["priority_of"][severity]


def test_tickets_use_the_configured_projects_statuses_and_components() -> None:
    config = _config("jira_config.yaml")
    assert {ticket["fields"]["project"]["key"] for ticket in _tickets()} == {row["key"] for row in config["projects"]}
    statuses = {row["name"] for flow in config["workflows"].values() for row in flow["statuses"]}
    assert {ticket["fields"]["status"]["name"] for ticket in _tickets()} <= statuses
    components = {row["name"] for row in config["components"]}
    assert {part["name"] for ticket in _tickets() for part in ticket["fields"]["components"]} <= components


def test_open_checkout_timeouts_have_the_ownership_gaps_that_the_questions_ask_for() -> None:
    unowned = {row["name"] for row in _config("jira_config.yaml")["components"] if row["owner"] is None}
    incidents = [
        ticket["fields"]
        for ticket in _tickets()
        if ticket["fields"]["project"]["key"] == "OPS"
        and ticket["fields"]["issuetype"]["name"] == "Incident"
        and ticket["fields"]["status"]["statusCategory"]["key"] in OPEN
        and _mentions(ticket, "checkout timeout")
    ]
    assert len(incidents) >= 6
    assert sum(fields["assignee"] is None for fields in incidents) == 3
    assert sum(fields["assignee"] is not None and not fields["components"] for fields in incidents) == 1
    assert sum(any(part["name"] in unowned for part in fields["components"]) for fields in incidents) == 1


def test_links_lead_to_tickets_that_exist() -> None:
    keys = {ticket["key"] for ticket in _tickets()}
    links = [link for ticket in _tickets() for link in ticket["fields"]["issuelinks"]]
    assert links
    assert {(link.get("outwardIssue") or link["inwardIssue"])["key"] for link in links} <= keys
    assert "Duplicate" in {link["type"]["name"] for link in links}


# rota


@pytest.mark.parametrize("rotation", ["platform", "payments"])
def test_the_rota_covers_each_week_without_a_gap(rotation: str) -> None:
    shifts = _config("oncall_rota.yaml")["rotations"][rotation]["shifts"]
    starts = [shift["week_start"] for shift in shifts]
    assert len(starts) >= 16
    assert starts == [date(2025, 12, 1) + timedelta(weeks=number) for number in range(len(starts))]
    assert date(2026, 2, 16) in starts
    known = {person.name for person in people.PEOPLE}
    for shift in shifts:
        assert {shift["primary"], shift["secondary"]} <= known
        assert shift["primary"] != shift["secondary"]


def test_somebody_is_primary_in_the_week_of_16_february() -> None:
    assert rota.shift("platform", date(2026, 2, 16)) == ("Priya Raghunathan", "Olufemi Adeyemi")


@pytest.mark.parametrize("swap", rota.OVERRIDES, ids=lambda swap: swap.start)
def test_a_swap_replaces_the_one_who_would_have_been_on_call(swap: rota.Override) -> None:
    start = datetime.fromisoformat(swap.start)
    monday = start.date() - timedelta(days=start.weekday())
    assert swap.absent in rota.shift(swap.rotation, monday)
    assert swap.covers not in rota.shift(swap.rotation, monday)


@pytest.mark.parametrize(
    ("moment", "primary"),
    [
        (datetime(2026, 2, 16, 8, 59, tzinfo=UTC), "Tomasz Wieczorek"),
        (datetime(2026, 2, 16, 9, 0, tzinfo=UTC), "Priya Raghunathan"),
        (datetime(2026, 2, 13, 4, 0, tzinfo=UTC), "Olufemi Adeyemi"),
        # Lisbon is an hour ahead of UTC from 29 March on.
        (datetime(2026, 3, 30, 7, 59, tzinfo=UTC), "Samir Khoury"),
        (datetime(2026, 3, 30, 8, 0, tzinfo=UTC), "Mei-Ling Chow"),
    ],
)
def test_hand_over_follows_local_time_and_swaps(moment: datetime, primary: str) -> None:
    assert rota.on_call(moment)[0] == primary


# catalogue, policies, documents


def test_dependencies_name_services_that_exist_and_make_no_circle() -> None:
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        assert state.get(name) != 1, f"{name} depends on itself"
        if state.get(name) != 2:
            state[name] = 1
            for callee in services.BY_NAME[name].calls:
                visit(callee)
            state[name] = 2

    for service in services.SERVICES:
        visit(service.name)
        assert service.team in people.TEAM_BY_NAME
        assert set(service.external) <= set(services.EXTERNAL)
    assert len(services.SERVICES) >= 10


def test_every_service_is_in_the_catalogue_with_its_owner() -> None:
    text = (DEFAULT_ROOT / "docs" / "service_catalogue.md").read_text(encoding="utf-8")
    for service in services.SERVICES:
        assert f"\n| {service.name} | {service.tier} | {service.team} |" in text
        assert f"\n## {service.name}\n" in text


def test_leads_and_escalation_contacts_work_here() -> None:
    for team in people.TEAMS:
        members = {person.name for person in people.members_of(team.name)}
        assert {team.lead, team.escalation} <= members


def test_the_policies_say_the_numbers_of_the_scenario() -> None:
    first = re.sub(r"\s+", " ", (DEFAULT_ROOT / "policies" / "policy_v1.md").read_text(encoding="utf-8"))
    second = re.sub(r"\s+", " ", (DEFAULT_ROOT / "policies" / "policy_v2.md").read_text(encoding="utf-8"))
    assert "must acknowledge the page within 15 minutes" in first
    assert "stays above 5 % for 10 consecutive minutes" in first
    assert "| within 5 minutes | primary on-call | must acknowledge the page |" in second
    assert (
        "stays above 2.0 % for 5 consecutive minutes within 30 minutes of a deployment, rollback is mandatory" in second
    )
    assert "| +20 | secondary on-call |" in second


def test_the_differences_of_the_policies_are_of_every_kind() -> None:
    assert {row.direction for row in DIFFERENCES} == {"tightened", "loosened", "removed", "added", "unchanged"}
    assert (V1.p1.acknowledge, V2.p1.acknowledge) == (15, 5)


def test_the_deploy_workflow_holds_the_thresholds_of_policy_v2() -> None:
    env = _config("github_actions.yml")["env"]
    assert (env["ERROR_RATE_THRESHOLD_PERCENT"], env["ERROR_RATE_WINDOW_MINUTES"]) == ("2.0", "5")


def test_pools_fit_into_the_database() -> None:
    config = _config("postgres_config.yaml")
    assert sum(pool["size"] for pool in config["pools"].values()) <= config["settings"]["max_connections"] - 20


def test_every_service_has_an_owner_channel() -> None:
    assert set(_config("slack_config.yaml")["owner_channels"]) == set(services.BY_NAME)


def test_there_are_enough_runbooks_and_reviews() -> None:
    docs = DEFAULT_ROOT / "docs"
    assert len(list(docs.glob("runbook_*.md"))) >= 14
    assert len(list(docs.glob("review_*.md"))) >= 14
    reviewed = {path.name[7:17] for path in docs.glob("review_*.md")}
    assert {f"{incident.detected:%Y-%m-%d}" for incident in history.PAST} <= reviewed


def test_documents_cite_tickets_that_exist() -> None:
    keys = {ticket["key"] for ticket in _tickets()}
    projects = {row["key"] for row in _config("jira_config.yaml")["projects"]}
    for path in [*(DEFAULT_ROOT / "docs").glob("*.md"), *(DEFAULT_ROOT / "policies").glob("*.md")]:
        cited = set(re.findall(rf"\b(?:{'|'.join(sorted(projects))})-\d+\b", path.read_text(encoding="utf-8")))
        assert cited <= keys, path.name


def test_no_template_mark_is_left_in_the_prose() -> None:
    for path in [*(DEFAULT_ROOT / "docs").glob("*.md"), *(DEFAULT_ROOT / "policies").glob("*.md")]:
        assert not re.search(r"\{\{|\{%|\[\[|None\b", path.read_text(encoding="utf-8")), path.name

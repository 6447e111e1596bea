"""Writes the tickets, metrics and log lines of Brightwater Ferries: `python -m tests.acceptance.companies.brightwater_data`.

Planted, all times UTC:
- 2026-05-12 01:02 release 26.5.3 of fares-api; its p95 on instance b is above 900 ms from 01:06 to 01:20 (15 minutes);
  reverted at 01:20. On instance a it stays calm. Two samples of its CPU are missing.
- 2026-05-13 22:10 tidefeed fails, from 22:13 on gatekeeper does: its errors name tidefeed. Still so at 22:40.
- 2026-05-15 05:04 manifestd has no space left on its disk.
- 2026-05-15 08:02 release 26.5.4 of fares-api; p95 above 900 ms from 08:05 to 08:14: ten minutes, not more.
- seatmap is uneven and well on 2026-05-12 between 01:00 and 01:30.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "brightwater" / "mock_systems" / "data"

type Shape = Callable[[int], float]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def usual(level: float, spread: float) -> Shape:
    """Values that go round in eleven steps about a level."""
    return lambda minute: level + spread * ((minute * 7 % 11) - 5) / 5


def raised(base: Shape, first: int, last: int, high: float) -> Shape:
    """The base, and `high` to a tenth more from one minute to another, both included."""
    return lambda minute: high * (1 + minute % 3 / 30) if first <= minute <= last else base(minute)


def metrics() -> Iterator[str]:
    yield "timestamp,metric,service,instance,value"
    morning, night = at("2026-05-12T00:00:00"), at("2026-05-13T21:00:00")
    disk, second = at("2026-05-15T04:00:00"), at("2026-05-15T07:00:00")
    p95, errors, cpu = usual(310, 40), usual(0.4, 0.2), usual(35, 4)
    yield from rows(morning, 95, "p95_latency_ms", "fares-api", "a", p95)
    yield from rows(morning, 95, "p95_latency_ms", "fares-api", "b", raised(p95, 66, 80, 1500))
    yield from rows(morning, 95, "error_percent", "fares-api", "b", raised(errors, 67, 80, 2.6))
    yield from rows(morning, 95, "cpu_percent", "fares-api", "b", cpu, missing={70, 71})
    yield from rows(morning, 95, "p95_latency_ms", "ledger", "main", usual(12, 2))
    yield from rows(morning, 95, "p95_latency_ms", "seatmap", "a", usual(120, 60))
    yield from rows(morning, 95, "error_percent", "seatmap", "a", usual(0.8, 0.7))
    yield from rows(night, 101, "error_percent", "tidefeed", "a", raised(errors, 70, 101, 88))
    yield from rows(night, 101, "error_percent", "gatekeeper", "a", raised(errors, 73, 101, 31))
    yield from rows(night, 101, "p95_latency_ms", "gatekeeper", "a", raised(p95, 73, 101, 4000))
    yield from rows(night, 101, "error_percent", "manifestd", "a", errors)
    yield from rows(disk, 101, "error_percent", "manifestd", "a", raised(errors, 64, 101, 22))
    yield from rows(disk, 101, "p95_latency_ms", "ledger", "main", usual(12, 2))
    yield from rows(second, 101, "p95_latency_ms", "fares-api", "a", raised(p95, 65, 74, 1100))
    yield from rows(second, 101, "error_percent", "fares-api", "a", errors)


def rows(
    start: datetime,
    minutes: int,
    metric: str,
    service: str,
    instance: str,
    shape: Shape,
    missing: frozenset[int] | set[int] = frozenset(),
) -> Iterator[str]:
    for minute in range(minutes):
        if minute not in missing:
            moment = stamp(start + timedelta(minutes=minute))
            yield f"{moment},{metric},{service},{instance},{shape(minute):.4g}"


def logs() -> Iterator[dict[str, Any]]:
    yield line("2026-05-12T01:02:05", "fares-api", "info", "release 26.5.3 is live on all instances", crew="Fares")
    for minute in range(7, 21):
        yield line(
            f"2026-05-12T01:{minute:02}:21", "fares-api", "err", f"price for route {minute} not ready after 2000 ms"
        )
    yield line("2026-05-12T01:20:10", "fares-api", "info", "reverted to release 26.5.2", crew="Fares")
    yield line("2026-05-12T01:10:00", "seatmap", "info", "seat lock released for sailing 118")
    yield line("2026-05-12T01:12:00", "seatmap", "info", "seat lock released for sailing 121")
    for minute in range(10, 41, 2):
        yield line(
            f"2026-05-13T22:{minute:02}:02", "tidefeed", "err", "harbour authority answered 503 Service Unavailable"
        )
    for minute in range(13, 41):
        yield line(
            f"2026-05-13T22:{minute:02}:40",
            "gatekeeper",
            "err",
            f"no berth height from tidefeed, gate {minute % 4} stays shut",
        )
    yield line("2026-05-15T05:04:00", "manifestd", "err", "cannot write list of sailing 204: no space left on device")
    yield line("2026-05-15T08:02:00", "fares-api", "info", "release 26.5.4 is live on all instances", crew="Fares")


def line(moment: str, service: str, level: str, message: str, **more: str) -> dict[str, Any]:
    return {"timestamp": f"{moment}Z", "service": service, "level": level, "msg": message, **more}


STATUSES = {
    "Neu": "new",
    "In Arbeit": "indeterminate",
    "保留中": "indeterminate",
    "Erledigt": "done",
    "Abgelehnt": "done",
}
TICKETS = (
    # number, type, summary, description, status, severity, assignee, component, created
    (61, "Incident", "Seat maps frozen in Takamatsu", "Every seat map waits for a lock in the ledger.", "Erledigt", "SEV2", "Piotr Zielinski", "ledger", "2026-04-09T03:14"),
    (64, "Incident", "Wrong child fare on the Naoshima route", "Children pay as adults since the timetable change.", "Erledigt", "SEV3", "Rosalind Achterberg", "fares-api", "2026-05-02T07:40"),
    (70, "Incident", "Ticket shop slow, prices do not load", "The price spinner turns for ten seconds.", "In Arbeit", "SEV1", "Teodor Lindgren", "fares-api", "2026-05-12T01:09"),
    (71, "Incident", "Price spinner on the harbour kiosks", "Kiosks in Uno show the price spinner for ever.", "Neu", "SEV2", None, "fares-api", "2026-05-12T01:14"),
    (72, "Incident", "Boarding gates shut at Uno", "No berth height, gates stay shut, counting by hand.", "In Arbeit", "SEV2", "Yui Shimizu", "gatekeeper", "2026-05-13T22:16"),
    (73, "Incident", "Boarding gates shut at Tonosho", "Same as at Uno. No berth height.", "Neu", "SEV2", None, None, "2026-05-13T22:21"),
    (74, "Incident", "Passenger list not written", "The list of sailing 204 is missing.", "保留中", "SEV3", "Yui Shimizu", "manifestd", "2026-05-15T05:10"),
    (75, "Incident", "Price spinner after the second release", "Short, went away by itself.", "Abgelehnt", "SEV4", "Rosalind Achterberg", "fares-api", "2026-05-15T08:11"),
    (76, "Change", "Make the price spinner honest", "Say how long it takes.", "Neu", None, None, "fares-api", "2026-05-15T09:00"),
)  # fmt: skip


def tickets() -> list[dict[str, Any]]:
    return [issue(*row) for row in TICKETS]


def issue(
    number: int, kind: str, summary: str, text: str, status: str, severity: str | None, assignee: str | None,
    component: str | None, created: str,
) -> dict[str, Any]:  # fmt: skip
    moment = f"{created}:00.000+0000"
    done = STATUSES[status] == "done"
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {
        "id": str(20000 + number),
        "key": f"BWI-{number}",
        "self": f"https://brightwater.atlassian.example/rest/api/3/issue/{20000 + number}",
        "fields": {
            "summary": summary,
            "description": {"type": "doc", "version": 1, "content": [paragraph]},
            "issuetype": {"name": kind},
            "project": {"key": "BWI", "name": "Brightwater incidents"},
            "status": {"name": status, "statusCategory": {"key": STATUSES[status]}},
            "priority": None,
            "customfield_20007": {"value": severity} if severity else None,
            "labels": [],
            "components": [{"name": component}] if component else [],
            "assignee": {"displayName": assignee} if assignee else None,
            "reporter": {"displayName": "Noor Haddad"},
            "created": moment,
            "updated": moment,
            "resolutiondate": moment if done else None,
        },
    }


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "metrics.csv").write_text("\n".join(metrics()) + "\n", encoding="utf-8")
    lines = (json.dumps(entry, ensure_ascii=False) for entry in logs())
    (FOLDER / "logs.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (FOLDER / "jira_tickets.json").write_text(
        json.dumps(tickets(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    write()

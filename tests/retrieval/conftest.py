"""A small company of this suite's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.company_records import CompanyRecords
from retrieval.reference_files import CompanyReferenceFiles

POLICY = """\
---
version: 3
---
# Rules for incidents

Everybody on call follows these rules.

## Severity

| Severity | Acknowledge | Then page |
| --- | --- | --- |
| **P1** | 5 minutes | duty manager |
| P2 | 15 minutes | team lead |
| P3 | next working day | nobody |

## Rollback

A rollback is mandatory when the error rate stays above 2 % for 5 minutes.

For unowned incidents:

- After 10 minutes the primary takes the ticket.
- After 20 minutes the secondary is paged:
  - by phone
  - by chat
"""

RUNBOOK = """\
# Runbook: connection pool exhausted

Service: parcel-tracker. Look at `pool.active` first.

## Symptoms

- `PoolTimeoutError` E4012 in the log
- latency above 900 ms

## Steps

1. Restart one replica.
2. Raise `dbPoolSize`, then watch `db.pool.active`.
"""

REVIEW = """\
# Review: label printer outage (SEV-2)

| Service | Owner |
| --- | --- |
| label-printer | Team Depot |

## What happened

The certificate of the label printer gateway had expired on 2025-11-03.
"""

ROTA = """\
# Weeks start on Monday.
timezone: Europe/Oslo
weeks:
  - week_start: 2025-11-03
    primary: Ida
    secondary: Odd
  # swapped with Odd
  - week_start: 2025-11-10
    primary: Odd
    secondary: Ida
"""

WORKFLOW = """\
name: ship
on:
  push:
    branches: [main]
jobs:
  ship:
    steps:
      - name: guard
        run: ./guard --max-error-rate 2
"""


def adf(*paragraphs: str) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs],
    }


def issue(key: str, summary: str, *paragraphs: str, **fields: Any) -> dict[str, Any]:
    """An issue as Jira Cloud writes it."""
    return {
        "id": "1",
        "key": key,
        "self": "https://jira.example/rest/api/3/issue/1",
        "fields": {
            "summary": summary,
            "description": adf(*paragraphs),
            "issuetype": {"name": "Incident"},
            "status": {"name": "Open", "statusCategory": {"key": "new", "name": "To Do"}},
            "priority": {"name": "High"},
            "created": "2025-11-04T09:30:00.000+0100",
            "updated": "2025-11-04T10:00:00.000+0100",
            "components": [{"name": "parcel-tracker"}],
            "labels": ["P2"],
            **fields,
        },
    }


ISSUES: list[Any] = [
    issue(
        "SHIP-1", "Parcel tracker times out", "PoolTimeoutError E4012 since the release.", "Customers see a blank page."
    ),
    issue(
        "SHIP-2",
        "Label printer prints nothing",
        "The certificate has expired.",
        status={"name": "Closed", "statusCategory": {"key": "done"}},
        created="2025-08-01T09:30:00.000+0000",
        labels=["P1"],
        components=[{"name": "label-printer"}],
    ),
    issue("HELP-7", "Translate the blank page", "Wording for customers.", issuetype={"name": "Task"}, labels=[]),
]


def write_pack(root: Path, issues: list[Any] = ISSUES) -> Path:
    files = {
        "policies/policy_v2.md": POLICY,
        "docs/runbook_pool.md": RUNBOOK,
        "docs/review_2025-11-03_labels.md": REVIEW,
        "configs/oncall_rota.yaml": ROTA,
        "configs/github_actions.yml": WORKFLOW,
        "mock_systems/data/jira_tickets.json": json.dumps(issues),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "company")


@pytest.fixture
def files(pack: Path) -> CompanyReferenceFiles:
    return CompanyReferenceFiles(pack)


@pytest.fixture
def company(files: CompanyReferenceFiles) -> CompanyRecords:
    return CompanyRecords(files)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()

"""Incidents of a status page: how far they reached, read from what was known while they went on.

The text is the title and the updates up to, and without, the closing one: what is written after the end tells what nobody
knew before. The label itself (`impact`) stands in none of them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.landscape import Landscape, Service
from tools.impact import read_impact

_CLOSING = frozenset({"resolved", "completed", "postmortem"})
_NOT_LABELLED = "gliner2"  # components that a model guessed


@dataclass(frozen=True, kw_only=True)
class Incident:
    text: str
    impact: str
    components: frozenset[str] | None


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    name: str
    labels: int
    precision: float
    recall: float
    f1: float


def read_incidents(path: Path) -> list[Incident]:
    """The incidents of a file of JSON lines with `title`, `updates`, `impact` and `components`."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [_incident(row) for row in rows if row.get("impact")]


def our_impact(incident: Incident) -> str:
    """What orch reads."""
    return read_impact(incident.text).impact.value


def keyword_impact(incident: Incident) -> str:
    """A yardstick: the words of the scale themselves, the worst one found."""
    text = incident.text.lower()
    for impact, words in (
        ("maintenance", ("maintenance",)),
        ("critical", ("critical", "major outage")),
        ("major", ("outage", "unavailable", "down", "major")),
        ("minor", ("degraded", "slow", "errors", "delay", "incident")),
    ):
        if any(word in text for word in words):
            return impact
    return "none"


def class_scores(labels: list[str], answers: list[str]) -> list[ClassScore]:
    """Precision, recall and F1 of every class that the labels have, the most frequent first."""
    found: list[ClassScore] = []
    for name in sorted(set(labels), key=lambda item: (-labels.count(item), item)):
        right = sum(label == answer == name for label, answer in zip(labels, answers, strict=True))
        said, there = answers.count(name), labels.count(name)
        precision = right / said if said else 0.0
        recall = right / there
        f1 = 2 * right / (said + there)
        found.append(ClassScore(name=name, labels=there, precision=precision, recall=recall, f1=f1))
    return found


def macro_f1(scores: Iterable[ClassScore]) -> float:
    """The mean F1 of the classes, each counting the same."""
    values = [score.f1 for score in scores]
    return sum(values) / len(values) if values else 0.0


def component_score(incidents: list[Incident]) -> ClassScore:
    """Components named by the text, the status page's list of them known, against those it marked."""
    labelled = [incident for incident in incidents if incident.components is not None]
    names = sorted({name for incident in labelled for name in incident.components or ()})
    landscape = Landscape(services=tuple(Service(name=name) for name in names))
    right = said = there = 0
    for incident in labelled:
        found = frozenset(landscape.mentioned(incident.text))
        wanted = incident.components or frozenset()
        right, said, there = right + len(found & wanted), said + len(found), there + len(wanted)
    return ClassScore(
        name="components",
        labels=there,
        precision=right / said if said else 0.0,
        recall=right / there if there else 0.0,
        f1=2 * right / (said + there) if said + there else 0.0,
    )


def _incident(row: dict[str, Any]) -> Incident:
    updates = [item["message"] for item in row["updates"] if str(item["status"]).lower() not in _CLOSING]
    known = row.get("components") is not None and row.get("components_source") != _NOT_LABELLED
    return Incident(
        text="\n".join((row["title"], *updates)),
        impact=row["impact"],
        components=frozenset(row["components"]) if known else None,
    )

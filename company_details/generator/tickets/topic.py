"""What everyday tickets are about: topics with cases, filled with facts when a ticket is made.

Slots: {service} {other} {merchant} {version} {ms} {pct} {few} {some} {many} {clock} {day} {host} {person}
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that can happen: how it is reported, what it says, how it ends."""

    summary: str
    body: str
    ending: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Cases that share a project, a kind and the remarks people make; a ticket is one case with its slots filled."""

    project: str
    kind: str
    severities: tuple[str, ...]
    services: tuple[str, ...]
    labels: tuple[str, ...]
    cases: tuple[Case, ...]
    notes: tuple[str, ...]

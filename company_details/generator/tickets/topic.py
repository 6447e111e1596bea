"""What everyday tickets are about: topics with several ways to say them, filled with facts when a ticket is made.

Slots: {service} {other} {merchant} {version} {ms} {pct} {few} {some} {many} {hours} {day} {host} {person}
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject; every ticket on it takes one text of each list, and fills the slots anew."""

    project: str
    kind: str
    severities: tuple[str, ...]
    services: tuple[str, ...]
    summaries: tuple[str, ...]
    bodies: tuple[str, ...]
    notes: tuple[str, ...]
    endings: tuple[str, ...]
    labels: tuple[str, ...] = ()

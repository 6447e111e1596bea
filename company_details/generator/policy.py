"""The numbers of the two incident policies: what the prose says and what the tests of the pack know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ladder:
    """Minutes from T0 for one severity; None where the policy asks for nothing."""

    acknowledge: int
    secondary: int | None
    commander: int | None
    manager: int | None
    head: int | None
    status_page: int | None
    status_repeat: int | None
    internal_repeat: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    version: str
    in_force: str
    p1: Ladder
    p2: Ladder
    p3_acknowledge_hours: int
    p4_acknowledge_days: int
    rollback_percent: str
    rollback_minutes: int
    rollback_force: str
    review_days: dict[str, int | None]
    freeze_from: str
    security_minutes: int


V1 = Policy(
    version="1.4",
    in_force="2025-03-03",
    p1=Ladder(15, 20, 30, None, 60, 45, 60, 30),
    p2=Ladder(30, 45, None, 90, None, 120, None, 120),
    p3_acknowledge_hours=4,
    p4_acknowledge_days=1,
    rollback_percent="5",
    rollback_minutes=10,
    rollback_force="recommended",
    review_days={"P1": 10, "P2": 10, "P3": 15},
    freeze_from="Friday 12:00",
    security_minutes=60,
)
V2 = Policy(
    version="2.0",
    in_force="2026-01-12",
    p1=Ladder(5, 10, 15, None, 30, 20, 30, 15),
    p2=Ladder(15, 20, None, 30, None, 60, None, 60),
    p3_acknowledge_hours=2,
    p4_acknowledge_days=3,
    rollback_percent="2.0",
    rollback_minutes=5,
    rollback_force="mandatory",
    review_days={"P1": 5, "P2": 10, "P3": None},
    freeze_from="Friday 16:00",
    security_minutes=60,
)
# v2 alone: what happens to an incident ticket that nobody owns, minutes from T0.
UNOWNED_P1 = (5, 10, 15)
UNOWNED_P2 = (10, 20, 30, 45)


@dataclass(frozen=True, slots=True)
class Difference:
    topic: str
    v1: str
    v2: str
    direction: str


def _minutes(topic: str, before: int | None, after: int | None) -> Difference:
    assert before is not None
    assert after is not None
    direction = "tightened" if after < before else "unchanged" if after == before else "loosened"
    return Difference(topic, f"{before} minutes", f"{after} minutes", direction)


DIFFERENCES: tuple[Difference, ...] = (
    _minutes("P1: primary on-call acknowledges", V1.p1.acknowledge, V2.p1.acknowledge),
    _minutes("P1: secondary on-call is paged", V1.p1.secondary, V2.p1.secondary),
    _minutes("P1: incident commander is named", V1.p1.commander, V2.p1.commander),
    _minutes("P1: head of engineering is notified", V1.p1.head, V2.p1.head),
    _minutes("P1: first status page update", V1.p1.status_page, V2.p1.status_page),
    _minutes("P1: later status page updates, every", V1.p1.status_repeat, V2.p1.status_repeat),
    _minutes("P1: internal updates, every", V1.p1.internal_repeat, V2.p1.internal_repeat),
    _minutes("P2: primary on-call acknowledges", V1.p2.acknowledge, V2.p2.acknowledge),
    _minutes("P2: secondary on-call is paged", V1.p2.secondary, V2.p2.secondary),
    _minutes("P2: engineering manager of the owning team", V1.p2.manager, V2.p2.manager),
    _minutes("P2: status page, when customers see it", V1.p2.status_page, V2.p2.status_page),
    _minutes("P2: internal updates, every", V1.p2.internal_repeat, V2.p2.internal_repeat),
    Difference("P3: acknowledged", "4 business hours", "2 business hours", "tightened"),
    Difference("P4: acknowledged", "next business day", "3 business days", "loosened"),
    Difference("P1: review published", "10 business days", "5 business days", "tightened"),
    Difference("P2: review published", "10 business days", "10 business days", "unchanged"),
    Difference("P3: review", "mandatory, 15 business days", "optional", "loosened"),
    Difference("Rollback: error rate", "above 5 %", "above 2.0 %", "tightened"),
    Difference("Rollback: duration", "10 consecutive minutes", "5 consecutive minutes", "tightened"),
    Difference("Rollback: force", "recommended", "mandatory unless the commander records why not", "tightened"),
    Difference("Weekend change freeze starts", "Friday 12:00", "Friday 16:00", "loosened"),
    Difference("Telephone bridge and hourly mail for a P1", "required", "gone", "removed"),
    Difference("Unowned incidents (section 6)", "nothing", "P1 at +5/+10/+15, P2 at +10/+20/+30/+45", "added"),
    Difference("Commander hands over after 4 hours", "nothing", "must", "added"),
    Difference("Every statement of a summary cites its source", "nothing", "must", "added"),
    Difference("Suspected security incident reported", "60 minutes", "60 minutes", "unchanged"),
    Difference("Hand-over of on-call", "Monday 09:00 Lisbon", "Monday 09:00 Lisbon", "unchanged"),
)

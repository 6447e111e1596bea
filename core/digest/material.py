"""What a digest is made of, as it was read: each part is there, or says why it is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from core.base import Model
from core.digest.week import IsoWeek
from core.policy.rota import Rota
from core.verdict import Outcome


@dataclass(frozen=True, kw_only=True)
class Loaded[T]:
    """A part of the material: `failure` says why there is no `value`, `gap` what is missing of one."""

    value: T | None = None
    failure: str | None = None
    gap: str | None = None


class Episode(Model):
    """One episode of an alert, with what came of the task that looked into it (None: none did)."""

    channel: str
    group_key: str
    message_ts: str
    vendor: str
    title: str
    service: str | None
    severity: str | None
    fired_at: AwareDatetime
    resolved_at: AwareDatetime | None
    repeats: int
    task_id: str | None
    task_status: str | None
    verdict: Outcome | None

    @property
    def lasted(self) -> timedelta | None:
        return self.resolved_at - self.fired_at if self.resolved_at is not None else None


class PlannedAction(Model):
    """An action of a report, with its time as the report gives it."""

    text: str
    owner: str | None
    due: str | None


class EarlierIssue(Model):
    """An issue that a report cites as seen before; `opened` is None where the record has no time."""

    key: str
    url: str
    title: str
    confidence: float
    opened: AwareDatetime | None


class Investigation(Model):
    """A task of the week, as far as a digest needs it. `at` is when its alert fired, or when it was asked."""

    task_id: str
    text: str
    service: str | None
    severity: str | None
    at: AwareDatetime
    status: str
    verdict: Outcome | None
    reasons: tuple[str, ...]
    cause: str | None
    cause_service: str | None
    confidence: float | None
    actions: tuple[PlannedAction, ...]
    earlier: tuple[EarlierIssue, ...]
    helpful: int = 0
    rejected: int = 0


class DigestTicket(Model):
    """A ticket of the tracker; `due` is its due date."""

    key: str
    url: str
    summary: str
    status: str
    is_open: bool
    is_incident: bool
    severity: str | None
    assignee: str | None
    created: AwareDatetime
    due: date | None


@dataclass(frozen=True, kw_only=True)
class TicketQuery:
    """What the tracker was asked and what it brought, best or newest first."""

    query: str
    tickets: tuple[DigestTicket, ...]


@dataclass(frozen=True, kw_only=True)
class Material:
    """The week of a team and everything read for it.

    `episodes` are those of the week and the week before, and older ones that still fire; `investigations` those of both
    weeks. `until` is how far the week has come, `as_of` the moment that *now* means in the digest. `rotations` are those
    that the team wants to read of, all where it names none; `log_begun` and `tasks_begun` are when the oldest record is of.
    """

    team: str
    week: IsoWeek
    zone: ZoneInfo
    until: datetime
    as_of: datetime
    made_at: datetime
    rota: Loaded[Rota]
    episodes: Loaded[Sequence[Episode]]
    investigations: Loaded[Sequence[Investigation]]
    open_incidents: Loaded[TicketQuery]
    opened_incidents: Loaded[TicketQuery]
    due_tickets: Loaded[TicketQuery]
    rotations: tuple[str, ...] = ()
    log_begun: datetime | None = None
    tasks_begun: datetime | None = None

    @property
    def start(self) -> datetime:
        return self.week.begins(self.zone)

    @property
    def end(self) -> datetime:
        return self.week.ends(self.zone)

    @property
    def before(self) -> datetime:
        """The first moment of the week before, with which this one is compared."""
        return self.week.before().begins(self.zone)

    def in_week(self, moment: datetime) -> bool:
        return self.start <= moment < self.until

    def in_week_before(self, moment: datetime) -> bool:
        """As much of the week before as this one has had: a week that runs is not held against a whole one."""
        return self.before <= moment < min(self.start, self.before + (self.until - self.start))

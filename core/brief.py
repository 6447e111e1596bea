"""What was understood of a task before anything was asked."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from core.base import Model
from core.window import Window


class Intent(StrEnum):
    """What a task wants to know; a task may have several."""

    INVESTIGATE = "investigate"
    ESCALATION = "escalation"
    ROLLBACK = "rollback"
    TICKETS = "tickets"
    COMMUNICATION = "communication"
    COMPARE_POLICIES = "compare_policies"
    ON_CALL = "on_call"
    RESPONSE_STEPS = "response_steps"
    DUTY = "duty"
    OWNERS = "owners"
    LOOKUP = "lookup"


class Threshold(Model):
    """A measured condition in words of the task: `error rate exceeded 2.5 % for 6 minutes`.

    `longer` when only what lasts longer than `minutes` meets it; a comparison `=` states a measured value.
    """

    metric: str
    comparison: str
    value: float
    unit: str | None = None
    minutes: float | None = None
    longer: bool = False
    quote: str


class Brief(Model):
    """Intents, the subject and the window of a task, each with where it came from in `assumptions`.

    `moment` is the one point in time that a task names; `window` then lies around it. `alert_time` is when the alert was
    sent, where the asker knows: time limits count from it. `dependencies` are what the services need, the nearest first;
    `callers` need them; `calls` are the pairs (who calls, who is called) among all of these. `severity_names` are the company's
    own, the worst first, where general words will not do. `ticket_keys` are the tickets that the task names.
    """

    intents: tuple[Intent, ...]
    is_incident: bool
    services: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    severity: str | None = None
    severity_names: tuple[str, ...] = ()
    project_key: str | None = None
    window: Window | None = None
    thresholds: tuple[Threshold, ...] = ()
    moment: AwareDatetime | None = None
    alert_time: AwareDatetime | None = None
    week_start: date | None = None
    day: date | None = None
    offset_minutes: float | None = None
    unowned: bool = False
    ticket_text: str | None = None
    ticket_keys: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    required_citations: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

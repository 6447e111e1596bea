"""What tools bring in, typed. Each kind knows how its parts are cited and whether a citation is really in it."""

from typing import Annotated

from pydantic import Field

from core.evidence.knowledge import IssueHits, KnowledgeHits, SearchHit
from core.evidence.logs import LogLine, LogLines
from core.evidence.metrics import MetricSeries, MetricsWindow
from core.evidence.reference import Passage, ReferenceExcerpt
from core.evidence.texts import ActionItem, ActionItems, Deadline, Deadlines, Entities, Entity, Priority, Summary
from core.evidence.tickets import Ticket, TicketList

type Output = Annotated[
    ReferenceExcerpt
    | TicketList
    | MetricsWindow
    | LogLines
    | KnowledgeHits
    | IssueHits
    | Entities
    | Deadlines
    | ActionItems
    | Priority
    | Summary,
    Field(union_mode="left_to_right"),
]
"""What any tool may bring in. The members differ in their required fields, so stored JSON reads back as the same type.

Therefore the first that fits is the right one: to try the others as well takes three times as long.
"""

__all__ = [
    "ActionItem",
    "ActionItems",
    "Deadline",
    "Deadlines",
    "Entities",
    "Entity",
    "IssueHits",
    "KnowledgeHits",
    "LogLine",
    "LogLines",
    "MetricSeries",
    "MetricsWindow",
    "Output",
    "Passage",
    "Priority",
    "ReferenceExcerpt",
    "SearchHit",
    "Summary",
    "Ticket",
    "TicketList",
]

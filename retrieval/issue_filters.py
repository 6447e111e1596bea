"""The filters of `search_previous_issues` as conditions on the records of an index."""

from datetime import UTC, datetime
from typing import Protocol, cast

from retrieval.metadata import severity_in
from retrieval.records import OPEN, RESOLVED

type Conditions = dict[str, tuple[str | float, ...]]

_STATES = {
    **dict.fromkeys(("open", "active", "ongoing", "in progress", "investigating", "new"), OPEN),
    **dict.fromkeys(("resolved", "closed", "done", "fixed", "mitigated"), RESOLVED),
}
# The order in which filters give way: what narrows by chance first, what says which system is meant last.
RELAXED = (
    "opened_from",
    "opened_to",
    "created_from",
    "created_to",
    "incident_state",
    "issue_type",
    "priority",
    "collection",
    "source",
    "project",
)


class IssueFilters(Protocol):
    """Strict filters; None leaves a field open. Words are compared without regard to case; both times are included."""

    @property
    def source(self) -> str | None: ...
    @property
    def collection(self) -> str | None: ...
    @property
    def issue_type(self) -> str | None: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def project(self) -> str | None: ...
    @property
    def incident_state(self) -> str | None: ...
    @property
    def created_from(self) -> datetime | None: ...
    @property
    def created_to(self) -> datetime | None: ...
    @property
    def opened_from(self) -> datetime | None: ...
    @property
    def opened_to(self) -> datetime | None: ...


def read_conditions(filters: IssueFilters) -> Conditions:
    """The filters that are set, with the values that their conditions take."""
    given: Conditions = {}
    for name in ("source", "collection", "issue_type", "project"):
        if value := cast("str | None", getattr(filters, name)):
            given[name] = (value.strip(),)
    if filters.incident_state:
        state = filters.incident_state.strip()
        given["incident_state"] = (_STATES.get(state.lower().replace("_", " "), state),)
    if filters.priority:
        priority = filters.priority.strip()
        severity = severity_in(priority) or ""
        given["priority"] = (priority, severity or priority, severity[-1:])
    for name in ("created_from", "created_to", "opened_from", "opened_to"):
        moment = cast("datetime | None", getattr(filters, name))
        if moment is not None:
            given[name] = ((moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp(),)
    return given

"""The fields that JQL knows, what they hold and which operators they take.

https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from company_details.company_sim.mock_systems.files import parse_time_ns
from company_details.company_sim.mock_systems.jira.data import Ticket, Tickets
from company_details.company_sim.mock_systems.jira.jql import JqlError
from company_details.company_sim.mock_systems.jira.text import Text, read_text

type Kind = Literal["option", "ranked", "text", "alltext", "date", "key", "custom"]

_CHOICE = frozenset({"=", "!=", "in", "not in"})
_EMPTY = frozenset({"is", "is not"})
_ORDER = frozenset({">", ">=", "<", "<="})
_TEXT = frozenset({"~", "!~"})
OPERATORS: dict[Kind, frozenset[str]] = {
    "option": _CHOICE | _EMPTY,
    "ranked": _CHOICE | _EMPTY | _ORDER,
    "text": _TEXT | _EMPTY,
    "alltext": _TEXT,
    "date": _CHOICE | _EMPTY | _ORDER,
    "key": _CHOICE | _ORDER,
    "custom": _CHOICE | _EMPTY | _ORDER | _TEXT,
}
_NAMES_OF_A_VALUE = ("value", "name", "key", "id", "displayName", "emailAddress", "accountId")

# Values that no issue can have are refused for these alone: the data tell all projects and all categories there are, while
# a status or a priority may well be set up and be in no issue now.
_CATEGORIES = frozenset({"to do", "in progress", "done", "new", "indeterminate", "undefined", "no category"})
_CHECKED: dict[str, frozenset[str]] = {"project": frozenset(), "statusCategory": _CATEGORIES}


@dataclass(frozen=True)
class Field:
    """One field: its name, its place in an issue, its kind."""

    name: str
    path: tuple[str, ...]
    kind: Kind

    def read(self, ticket: Ticket) -> Any:
        """What the issue holds there; None for nothing."""
        value: Any = ticket.fields
        for step in self.path:
            if not isinstance(value, dict):
                return None
            value = cast("dict[str, Any]", value).get(step)
        return value

    def values(self, ticket: Ticket) -> frozenset[str]:
        """Every name of every value the issue holds there, in lower case: what `=` compares with."""
        known = ticket.values.get(self.path)
        if known is None:
            known = ticket.values[self.path] = frozenset(name.casefold() for name in _names(self.read(ticket)))
        return known

    def is_set(self, ticket: Ticket) -> bool:
        """Whether the issue holds something there."""
        if self.kind in {"text", "alltext"}:
            return bool(self.text(ticket).words)
        return self.read(ticket) not in (None, "", [], {})

    def shown(self, ticket: Ticket) -> str | None:
        """The first name of the value, for sorting."""
        return next(iter(_names(self.read(ticket))), None)

    def text(self, ticket: Ticket) -> Text:
        """The text to search."""
        if self.name in ticket.texts:
            return ticket.texts[self.name]
        value = self.read(ticket)
        names = " ".join(_names(value))
        return Text(names or read_text(value))

    def time_ms(self, ticket: Ticket) -> int | None:
        """Milliseconds since 1970, where the value is a time."""
        if self.path not in ticket.times_ms:
            ticket.times_ms[self.path] = _time_ms(self.read(ticket))
        return ticket.times_ms[self.path]

    def number(self, ticket: Ticket) -> float | None:
        """The number, where the value is one."""
        value = self.read(ticket)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def rank(self, ticket: Ticket) -> int | None:
        """The place of a ranked option, most important first: Jira numbers its priorities so."""
        value = self.read(ticket)
        identity = str(cast("dict[str, Any]", value).get("id")) if isinstance(value, dict) else ""
        return int(identity) if identity.isdecimal() else None


def _time_ms(value: Any) -> int | None:
    try:
        return parse_time_ns(value) // 1_000_000 if isinstance(value, str) else None
    except ValueError:
        return None


def _names(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _names(one)
    elif isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        for name in _NAMES_OF_A_VALUE:
            if isinstance(parts.get(name), str | int):
                yield str(parts[name])
        yield from _names(parts.get("child"))
    elif isinstance(value, float) and value.is_integer():
        yield str(int(value))
    elif value is not None:
        yield str(value)


_SYSTEM: tuple[tuple[Field, tuple[str, ...]], ...] = (
    (Field("project", ("project",), "option"), ()),
    (Field("key", (), "key"), ("issue", "issuekey", "id")),
    (Field("status", ("status",), "option"), ()),
    (Field("statusCategory", ("status", "statusCategory"), "option"), ()),
    (Field("issuetype", ("issuetype",), "option"), ("type",)),
    (Field("priority", ("priority",), "ranked"), ()),
    (Field("resolution", ("resolution",), "option"), ()),
    (Field("labels", ("labels",), "option"), ()),
    (Field("component", ("components",), "option"), ("components",)),
    (Field("fixVersion", ("fixVersions",), "option"), ("fixVersions",)),
    (Field("affectedVersion", ("versions",), "option"), ()),
    (Field("parent", ("parent",), "option"), ()),
    (Field("assignee", ("assignee",), "option"), ()),
    (Field("reporter", ("reporter",), "option"), ()),
    (Field("creator", ("creator",), "option"), ()),
    (Field("summary", ("summary",), "text"), ()),
    (Field("description", ("description",), "text"), ()),
    (Field("environment", ("environment",), "text"), ()),
    (Field("comment", ("comment",), "alltext"), ()),
    (Field("text", (), "alltext"), ()),
    (Field("created", ("created",), "date"), ("createdDate",)),
    (Field("updated", ("updated",), "date"), ("updatedDate",)),
    (Field("resolved", ("resolutiondate",), "date"), ("resolutiondate", "resolutionDate")),
    (Field("due", ("duedate",), "date"), ("duedate",)),
)


class Catalogue:
    """Every field that can be asked for, by every name it has, and the values that are known."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets
        self._fields: dict[str, Field] = {}
        for identity, name in tickets.custom_names.items():
            field = Field(name, (identity,), "custom")
            self._fields[f"cf[{identity.removeprefix('customfield_')}]"] = field
            if name != identity:
                self._fields[name.casefold()] = field
        for field, aliases in _SYSTEM:
            for name in (field.name, *aliases):
                self._fields[name.casefold()] = field
        self._known: dict[str, frozenset[str]] = {}

    def find(self, name: str) -> Field:
        """The field of that name, in any case; JqlError when there is none."""
        field = self._fields.get(name.casefold())
        if field is None:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return field

    def check_value(self, field: Field, value: str) -> None:
        """JqlError for a value that no issue can have, as far as this can be known."""
        if field.name not in _CHECKED:
            return
        known = self._known.get(field.name)
        if known is None:
            used = frozenset[str]().union(*(field.values(ticket) for ticket in self._tickets.tickets))
            known = self._known[field.name] = used | _CHECKED[field.name]
        if value.casefold() not in known:
            what = f"A value with ID '{value}'" if value.isdecimal() else f"The value '{value}'"
            raise JqlError(f"{what} does not exist for the field '{field.name}'.")

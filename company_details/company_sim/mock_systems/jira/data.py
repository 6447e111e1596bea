"""The issues of `jira_tickets.json`, made ready for searching."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from company_details.company_sim.mock_systems.files import FileReport, read_text
from company_details.company_sim.mock_systems.jira import text
from company_details.company_sim.mock_systems.jira.text import Text

FILE_NAME = "jira_tickets.json"
FIELDS_FILE_NAME = "jira_fields.json"
"""Optional: the names of custom fields, in the shape of `GET /rest/api/3/field`."""

type Json = dict[str, Any]

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-(\d+)")
CUSTOM_FIELD = re.compile(r"customfield_(\d+)")


@dataclass(frozen=True)
class Ticket:
    """One issue, as it stands in the file."""

    issue: Json
    values: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict[tuple[str, ...], frozenset[str]])
    """Names of values worked out so far, by the place in the fields."""
    times_ms: dict[tuple[str, ...], int | None] = field(default_factory=dict[tuple[str, ...], int | None])
    """Times worked out so far, by the place in the fields."""

    @cached_property
    def key(self) -> str:
        """The key, `OPS-12`."""
        return str(self.issue["key"])

    @cached_property
    def number(self) -> tuple[str, int]:
        """The key as it is sorted: project, then number."""
        match = _KEY.fullmatch(self.key)
        assert match is not None
        return match[1].upper(), int(match[2])

    @property
    def fields(self) -> Json:
        """The fields of the issue."""
        return self.issue["fields"]

    @cached_property
    def comments(self) -> list[Json]:
        """The comments, oldest first as in the file."""
        return _dicts(_dict(self.fields.get("comment")).get("comments"))

    @cached_property
    def texts(self) -> dict[str, Text]:
        """The texts that `~` searches: of `summary`, `description`, `environment`, `comment`, and all of them as `text`."""
        sources = {name: text.read_text(self.fields.get(name)) for name in ("summary", "description", "environment")}
        sources["comment"] = "\n".join(text.read_text(comment.get("body")) for comment in self.comments)
        custom = [
            text.read_text(value)
            for name, value in self.fields.items()
            if name.startswith("customfield_") and (isinstance(value, str) or _dict(value).get("type") == "doc")
        ]
        sources["text"] = "\n".join([*sources.values(), *custom])
        return {name: Text(source) for name, source in sources.items()}

    def prepare(self) -> None:
        """Work out now what searching needs."""
        for one in self.texts.values():
            one.prepare()


@dataclass(frozen=True)
class Tickets:
    """All issues, the newest first, and what became of the files."""

    tickets: list[Ticket]
    custom_names: dict[str, str]
    """Names of custom fields by their ids, `{"customfield_10041": "Severity"}`; an unnamed one has its id for a name."""
    reports: list[FileReport]
    _by_key: dict[str, Ticket] = field(default_factory=dict[str, Ticket])

    def __post_init__(self) -> None:
        for ticket in self.tickets:
            self._by_key[ticket.key.casefold()] = ticket
            self._by_key.setdefault(str(ticket.issue.get("id")), ticket)

    def find(self, key_or_id: str) -> Ticket | None:
        """The issue of a key (in any case) or an id."""
        return self._by_key.get(key_or_id.casefold())

    @cached_property
    def projects(self) -> list[Json]:
        """The projects of the issues, by key."""
        projects: dict[str, Json] = {}
        for ticket in self.tickets:
            project = ticket.fields["project"]
            known = projects.setdefault(project["key"], {})
            known.update({name: value for name, value in project.items() if name not in known})
        return [projects[key] for key in sorted(projects)]


def load_tickets(data_dir: Path) -> Tickets:
    """The issues of `jira_tickets.json` (or `.json.gz`); one that is no issue is counted in the report, never fatal."""
    report = FileReport(FILE_NAME)
    names: dict[str, str] = {}
    tickets: dict[str, Ticket] = {}
    for index, item in enumerate(_read_list(data_dir, FILE_NAME, "issues", report)):
        try:
            ticket = _read_ticket(item)
        except ValueError as error:
            report.refuse_row(f"item {index}", str(error))
            continue
        if ticket.key in tickets:
            report.refuse_row(f"item {index}", f"a second issue with the key {ticket.key!r}")
            continue
        ticket.prepare()
        tickets[ticket.key] = ticket
        names |= {name: name for name in ticket.fields if CUSTOM_FIELD.fullmatch(name)} | _read_names(ticket)
    report.rows = len(tickets)
    reports = [report]
    if any((data_dir / f"{FIELDS_FILE_NAME}{suffix}").is_file() for suffix in ("", ".gz")):
        reports.append(FileReport(FIELDS_FILE_NAME))
        for item in _dicts(_read_list(data_dir, FIELDS_FILE_NAME, "values", reports[-1])):
            if CUSTOM_FIELD.fullmatch(str(item.get("id"))) and isinstance(item.get("name"), str):
                names[item["id"]] = item["name"]
                reports[-1].rows += 1
    newest_first = sorted(tickets.values(), key=lambda ticket: ticket.number, reverse=True)
    newest_first.sort(key=lambda ticket: str(ticket.fields.get("created") or ""), reverse=True)
    return Tickets(newest_first, names, reports)


def _read_names(ticket: Ticket) -> dict[str, str]:
    names = _dict(ticket.issue.get("names"))
    return {name: shown for name, shown in names.items() if CUSTOM_FIELD.fullmatch(name) and isinstance(shown, str)}


def _read_list(data_dir: Path, name: str, inner: str, report: FileReport) -> list[Any]:
    source = read_text(data_dir, name, report)
    if source is None:
        return []
    try:
        content = json.loads(source, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        report.problem = f"{report.path} is not JSON: {error}: serving no data"
        return []
    if isinstance(content, dict):
        content = cast("Json", content).get(inner)
    if not isinstance(content, list):
        report.problem = f"{report.path} is not a list: serving no data"
        return []
    return cast("list[Any]", content)


def _read_ticket(item: Any) -> Ticket:
    issue = _dict(item)
    key = issue.get("key")
    match = _KEY.fullmatch(key) if isinstance(key, str) else None
    if match is None:
        raise ValueError(f"not an issue with a key such as OPS-12: {str(item)[:80]!r}")
    fields = dict(_dict(issue.get("fields")))
    project = dict(_dict(fields.get("project")))
    if not isinstance(project.get("key"), str):
        project["key"] = match[1].upper()
    fields["project"] = {"name": project["key"], "id": project["key"]} | project
    return Ticket(issue | {"id": str(issue.get("id") or key), "fields": fields})


def _dict(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Json]:
    return (
        [cast("Json", one) for one in cast("list[Any]", value) if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")

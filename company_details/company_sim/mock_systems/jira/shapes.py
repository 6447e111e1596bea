"""Issues and projects in the shapes that the REST API answers with."""

from collections.abc import Iterable
from typing import Any

from company_details.company_sim.mock_systems.jira.data import CUSTOM_FIELD, Json, Ticket, Tickets

SYSTEM_FIELDS = (
    *(("summary", "Summary"), ("status", "Status"), ("issuetype", "Issue Type"), ("priority", "Priority")),
    *(("project", "Project"), ("labels", "Labels"), ("components", "Components"), ("assignee", "Assignee")),
    *(("reporter", "Reporter"), ("creator", "Creator"), ("description", "Description"), ("comment", "Comment")),
    *(("created", "Created"), ("updated", "Updated"), ("resolution", "Resolution"), ("resolutiondate", "Resolved")),
    *(("duedate", "Due date"), ("environment", "Environment"), ("fixVersions", "Fix versions"), ("parent", "Parent")),
)
_NOT_NAVIGABLE = {"comment", "attachment", "worklog", "description"}
_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"


def read_fields(values: Iterable[str]) -> list[str]:
    """The names of fields asked for, in one list: they may be sent as several parameters, or with commas."""
    return [name for value in values for part in value.split(",") if (name := part.strip())]


def shape_issue(ticket: Ticket, fields: list[str], base_url: str, expand: str = "") -> Json:
    """The issue with the fields asked for: names, `*all`, `*navigable`, and `-name` for one left out.

    An issue of which nothing but `id` is asked for is its id alone. Of what can be expanded there is `changelog`.
    """
    issue: Json = {"id": ticket.issue["id"]}
    if "changelog" in expand and "changelog" in ticket.issue:
        issue["changelog"] = ticket.issue["changelog"]
    if set(fields) <= {"id"}:
        return issue
    issue = {"expand": _EXPAND} | issue
    issue["self"] = ticket.issue.get("self") or f"{base_url}/rest/api/3/issue/{ticket.issue['id']}"
    issue["key"] = ticket.key
    if set(fields) <= {"id", "key"}:
        return issue
    issue["fields"] = {name: value for name, value in ticket.fields.items() if _is_wanted(name, fields)}
    return issue


def _is_wanted(name: str, fields: list[str]) -> bool:
    if f"-{name}" in fields:
        return False
    if name in fields or "*all" in fields or all(field.startswith("-") for field in fields):
        return True
    return "*navigable" in fields and name not in _NOT_NAVIGABLE


def shape_project(project: Json, base_url: str) -> Json:
    """The project, with an address of its own."""
    return {"self": f"{base_url}/rest/api/3/project/{project['id']}", "projectTypeKey": "software"} | project


def shape_fields(tickets: Tickets) -> list[Json]:
    """All fields, as `GET /rest/api/3/field` lists them."""
    system = [
        {"id": identity, "key": identity, "name": name, "custom": False, "clauseNames": [identity]}
        for identity, name in SYSTEM_FIELDS
    ]
    custom: list[Json] = []
    for identity, name in sorted(tickets.custom_names.items()):
        match = CUSTOM_FIELD.fullmatch(identity)
        assert match is not None
        clauses = [f"cf[{match[1]}]", *([name] if name != identity else [])]
        custom.append({"id": identity, "key": identity, "name": name, "custom": True, "clauseNames": clauses})
    return system + custom


def shape_names(tickets: Tickets) -> dict[str, Any]:
    """The names of all fields by their ids, as `expand=names` gives them."""
    return dict(SYSTEM_FIELDS) | tickets.custom_names

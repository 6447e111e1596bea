"""What kind of document a file is, when it is about, how severe: read from front matter, names and first lines."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from core.base import Json, JsonObject
from retrieval.reference_files import Document

_KINDS = {
    "runbook": "runbook",
    "playbook": "runbook",
    "review": "review",
    "postmortem": "review",
    "retrospective": "review",
    "policy": "policy",
}
_TIME_KEYS = ("opened", "started", "start", "start_time", "incident_date", "date", "created", "time")
_SEVERITY_KEYS = ("severity", "sev", "priority")
_SERVICE_KEYS = ("service", "services", "affected_service", "affected_services", "component", "components")
_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_]?(\d{2})[-_]?(\d{2})(?!\d)")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_SEVERITY = re.compile(r"\b(P|SEV)[- ]?([0-5])\b", re.IGNORECASE)
_NAME_PARTS = re.compile(r"[^a-z]+")
_FIRST_CHARS = 800


def front_matter(document: Document) -> JsonObject:
    """The front matter of a document; empty without any."""
    first = document.passages[0] if document.passages else None
    if first is not None and first.block == "front_matter" and isinstance(first.data, dict):
        return {key.strip().lower().replace(" ", "_").replace("-", "_"): value for key, value in first.data.items()}
    return {}


def kind_of(document: Document) -> str:
    """`policy`, `runbook`, `review` or `doc`: by front matter (`kind`, `type`), folder, then the words of the name."""
    given = front_matter(document)
    told = [str(given[key]) for key in ("kind", "type") if key in given]
    if document.path.startswith("policies/"):
        told.append("policy")
    for text in (*told, document.name):
        parts = _NAME_PARTS.split(
            text.lower().replace("post-mortem", "postmortem").replace("post_mortem", "postmortem")
        )
        for part in parts:
            if (kind := _KINDS.get(part) or _KINDS.get(part.removesuffix("s"))) is not None:
                return kind
    return "doc"


def title_of(document: Document) -> str:
    """The first heading of a document, else its name in words."""
    return document.sections[0].heading[-1] if document.sections else document.name.replace("_", " ")


def severity_of(document: Document) -> str | None:
    """The severity in the front matter; that of a review also in its title or its first lines; None otherwise."""
    given = front_matter(document)
    for key in _SEVERITY_KEYS:
        if given.get(key):
            return severity_in(str(given[key])) or str(given[key])
    return severity_in(_beginning(document)) if kind_of(document) == "review" else None


def time_of(document: Document) -> datetime | None:
    """The time in the front matter, else in the file's name; that of a review also in its first lines."""
    given = front_matter(document)
    for key in _TIME_KEYS:
        if (found := moment(given.get(key))) is not None:
            return found
    if (named := _DATE_IN_NAME.search(document.name)) is not None:
        return moment("-".join(named.groups()))
    if kind_of(document) == "review":
        for match in _MOMENT.finditer(_beginning(document)):
            if (found := moment(match.group())) is not None:
                return found
    return None


def services_of(document: Document) -> tuple[str, ...]:
    """The services that the front matter names."""
    given = front_matter(document)
    return tuple(name for key in _SERVICE_KEYS for name in _names(given.get(key)))


def catalogued_services(documents: Iterable[Document]) -> frozenset[str]:
    """The services that documents name in their front matter or in a table column headed "service"."""
    names: set[str] = set()
    for document in documents:
        names.update(services_of(document))
        for passage in document.passages:
            if passage.block == "row" and isinstance(passage.data, dict):
                names.update(
                    str(cell) for title, cell in passage.data.items() if title.lower() in _SERVICE_KEYS and cell
                )
    return frozenset(name for name in names if len(name) > 1)


def severity_in(text: str) -> str | None:
    """The first severity in a text (`P1`, `SEV-2`), as `P1` or `SEV2`."""
    match = _SEVERITY.search(text)
    return None if match is None else f"{match[1]}{match[2]}".upper()


def same_severity(one: str, other: str) -> bool:
    """Whether two names mean one severity: P1 and SEV-1 are the same rank."""
    first, second = severity_in(one), severity_in(other)
    if first is None or second is None:
        return one.strip().casefold() == other.strip().casefold()
    return first[-1] == second[-1]


def moment(value: Json) -> datetime | None:
    """An ISO 8601 date or time as a moment in UTC (UTC where it names no zone); None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        try:
            found = datetime.fromisoformat(value.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    return datetime.combine(day, time(), UTC)


def _beginning(document: Document) -> str:
    return "\n".join((document.name.replace("_", " "), *document.lines))[:_FIRST_CHARS]


def _names(value: Json) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return []

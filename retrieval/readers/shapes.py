"""JSON objects of trackers as records, by their shape."""

from collections.abc import Callable
from typing import cast

from core.base import Json, JsonObject
from retrieval.adf import adf_text
from retrieval.jira_issues import jira_record
from retrieval.readers.moments import written_moment
from retrieval.records import IssueRecord
from retrieval.text_records import TextRecord

_IDS = ("_id", "id", "key", "number")
_TITLES = ("title", "summary", "short_description", "subject", "name")
_TEXTS = ("text", "body", "description", "content")


def json_record(value: Json) -> IssueRecord:
    """An object as a record: a Jira issue (REST), a GitHub issue, else any object with an id and a title or a text.

    Raises ValueError with the reason where it is none of them.
    """
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - one error for every bad record
    for fits, read in _SHAPES:
        if fits(value):
            return read(value)
    return _plain_record(value)


def _is_github(value: JsonObject) -> bool:
    return "number" in value and "title" in value and ("html_url" in value or "repository_url" in value)


def _github_record(value: JsonObject) -> IssueRecord:
    """An issue as https://docs.github.com/en/rest/issues/issues lists it, pull requests included."""
    url = text_of(value, "html_url") or text_of(value, "url") or ""
    parts = url.split("/")
    repository = "/".join(parts[parts.index("github.com") + 1 :][:2]) if "github.com" in parts else None
    number = value["number"]
    comments = value.get("comments")
    said = (
        [adf_text(item.get("body") or "") for item in comments if isinstance(item, dict)]
        if isinstance(comments, list)
        else []
    )
    text = "\n".join(part for part in (text_of(value, "body"), *said) if part)
    return TextRecord(
        record_id=f"{repository or ''}#{number}",
        source="github",
        title=text_of(value, "title") or f"#{number}",
        text=text,
        url=url or None,
        project=repository,
        issue_type="Pull request" if "pull_request" in value else "Issue",
        status=text_of(value, "state"),
        labels=tuple(_names(value.get("labels"))),
        created=written_moment(text_of(value, "created_at")),
    ).record()


def _plain_record(value: JsonObject) -> IssueRecord:
    identity = next((found for name in _IDS if (found := text_of(value, name))), None)
    title = next((found for name in _TITLES if (found := text_of(value, name))), None)
    text = next((found for name in _TEXTS if (found := _any_text(value.get(name)))), "")
    if identity is None or not (title or text):
        raise ValueError(f"{identity or 'a record'} has no {'id' if identity is None else 'title and no text'}")
    return TextRecord(
        record_id=identity,
        source=text_of(value, "source") or "jsonl",
        collection=text_of(value, "collection"),
        title=title or text.split("\n", maxsplit=1)[0][:200],
        text=text,
        url=text_of(value, "url"),
        issue_type=text_of(value, "issue_type") or text_of(value, "type"),
        priority=text_of(value, "priority"),
        severity=text_of(value, "severity"),
        project=text_of(value, "project"),
        status=text_of(value, "status") or text_of(value, "state"),
        incident_state=text_of(value, "incident_state"),
        labels=tuple(_names(value.get("labels"))),
        services=tuple(_names(value.get("services")) or _names(value.get("components"))),
        created=written_moment(text_of(value, "created") or text_of(value, "created_at")),
        opened=written_moment(text_of(value, "opened") or text_of(value, "opened_at")),
    ).record()


def text_of(value: JsonObject, name: str) -> str | None:
    """A field as text; numbers too; None where it is missing, empty or something else."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    return str(found).strip() or None


def _any_text(value: Json) -> str:
    return adf_text(value).strip() if isinstance(value, str | dict) else ""


def _names(value: Json) -> list[str]:
    found = value if isinstance(value, list) else []
    names = (text_of(item, "name") if isinstance(item, dict) else item for item in found)
    return [name for name in names if isinstance(name, str) and name.strip()]


_SHAPES: tuple[tuple[Callable[[JsonObject], bool], Callable[[JsonObject], IssueRecord]], ...] = (
    (lambda value: isinstance(value.get("fields"), dict), lambda value: jira_record(cast("Json", value))),
    (_is_github, _github_record),
)

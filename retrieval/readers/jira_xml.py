"""The XML export of a Jira server's search (an RSS feed) as records."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from core.errors import ToolBrokenError
from retrieval.readers.html_text import html_text
from retrieval.readers.moments import written_moment
from retrieval.records import OPEN, RESOLVED, IssueRecord
from retrieval.text_records import TextRecord

_UNRESOLVED = frozenset({"", "unresolved"})


def xml_records(path: Path) -> Iterator[tuple[str, IssueRecord | ValueError]]:
    """The issues of an export with their place. Raises ToolBrokenError when the file is no XML."""
    count = 0
    try:
        # expat resolves no outer entities and bounds the growth of inner ones since 2.4.1
        for _, element in ET.iterparse(path):  # noqa: S314 - see above
            if element.tag == "item":
                count += 1
                try:
                    yield f"item {count}", _record(element)
                except ValueError as error:
                    yield f"item {count}", error
                element.clear()
    except (OSError, ET.ParseError) as error:
        raise ToolBrokenError(f"{path} cannot be read as XML ({error}): export it anew") from None


def _record(item: ET.Element) -> IssueRecord:
    key, summary = _text(item, "key"), _text(item, "summary")
    if key is None or summary is None:
        raise ValueError(f"{key or 'an issue'} has no {'summary' if key else 'key'}")
    kind, created = _text(item, "type"), written_moment(_text(item, "created"))
    is_incident = "incident" in (kind or "").lower()
    ended = (_text(item, "resolution") or "").lower() not in _UNRESOLVED
    said = [html_text(comment.text or "") for comment in item.iterfind("comments/comment")]
    return TextRecord(
        record_id=key,
        source="jira",
        title=" ".join(summary.split()),
        text="\n".join(part for part in (html_text(_text(item, "description") or ""), *said) if part),
        url=_text(item, "link"),
        issue_type=kind,
        priority=_text(item, "priority"),
        project=key.rpartition("-")[0] or None,
        status=_text(item, "status"),
        incident_state=(RESOLVED if ended else OPEN) if is_incident else None,
        services=tuple(found.text.strip() for found in item.iterfind("component") if found.text),
        labels=tuple(found.text.strip() for found in item.iterfind("labels/label") if found.text),
        created=created,
        opened=created if is_incident else None,
    ).record()


def _text(item: ET.Element, tag: str) -> str | None:
    return (item.findtext(tag) or "").strip() or None

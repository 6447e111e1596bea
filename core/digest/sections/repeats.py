"""Alerts of the week that look like something the company has had before."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from core.composing.words import counted
from core.digest.material import EarlierIssue, Investigation, Material
from core.digest.model import Section, Source, Statement
from core.digest.wording import build_section, task_source, tasks_of_week, tell_task, titled

OLDER_BY = timedelta(days=1)
"""A record that was opened later is that of the incident itself."""


def compose(material: Material) -> Section:
    """Each earlier issue that investigations cited with confidence, with those which did."""
    return build_section("repeats", "Seen before", _statements(material), [material.investigations])


def _statements(material: Material) -> Iterator[Statement]:
    cited: defaultdict[str, list[tuple[EarlierIssue, Investigation]]] = defaultdict(list)
    for task in tasks_of_week(material):
        for issue in task.earlier:
            if issue.opened is None or issue.opened <= task.at - OLDER_BY:
                cited[issue.key].append((issue, task))
    for key, found in sorted(cited.items(), key=lambda item: (-len(item[1]), item[0])):
        issue, task = max(found, key=lambda pair: pair[0].confidence)
        title = f" “{titled(issue.title)}”" if issue.title else ""
        others = f" and {counted(len(found) - 1, 'other task')}" if len(found) > 1 else ""
        url = issue.url if issue.url.startswith(("http://", "https://")) else None
        yield Statement(
            text=f"{key}{title}: like “{tell_task(task)}”{others} (confidence {issue.confidence:.2f})",
            sources=(
                Source(kind="ticket" if url else "file", text=key if url else issue.url or key, url=url),
                *(task_source(one.task_id) for _, one in found[:3]),
            ),
            count=len(found),
        )

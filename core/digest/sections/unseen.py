"""Alerts that nobody looked into, and investigations that failed."""

from collections import defaultdict
from collections.abc import Iterator

from core.composing.words import counted, shortened
from core.digest.material import Episode, Investigation, Material
from core.digest.model import Section, Statement
from core.digest.wording import (
    PRESSING,
    build_section,
    episodes_of_week,
    log_source,
    service_of,
    severity_rank,
    task_source,
    tasks_of_week,
    tell_task,
    titled,
)
from core.verdict import Outcome

REASON_CHARS = 120
_FAILED = "failed"


def compose(material: Material) -> Section:
    """The alerts without a task by rule, then the tasks that could not be relied on, with the reason."""
    parts = [material.episodes, material.investigations]
    return build_section(
        "unseen",
        "Not looked into, or failed",
        (*_alerts(material), *_tasks(material)),
        parts,
        sources=(log_source(material),),
    )


def _alerts(material: Material) -> Iterator[Statement]:
    rules: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes_of_week(material):
        if episode.task_id is None:
            rules[episode.title, service_of(episode)].append(episode)
    for (title, service), found in sorted(rules.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Statement(
            text=f"“{titled(title)}” ({service}): {counted(len(found), 'alert')}, not looked into",
            sources=(log_source(material),),
            count=len(found),
            is_pressing=any(severity_rank(one.severity) <= PRESSING for one in found),
        )


def _tasks(material: Material) -> Iterator[Statement]:
    for task in tasks_of_week(material):
        if task.verdict is Outcome.FAILED or task.status == _FAILED:
            yield Statement(
                text=f"“{tell_task(task)}”: {_reason(task)}",
                sources=(task_source(task.task_id),),
                is_pressing=severity_rank(task.severity) <= PRESSING,
            )


def _reason(task: Investigation) -> str:
    return shortened(task.reasons[0], REASON_CHARS) if task.reasons else "failed, without a reason"

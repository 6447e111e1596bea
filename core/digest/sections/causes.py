"""The alerts of the week, by what caused them as far as the investigations found out."""

from collections import defaultdict
from collections.abc import Iterator

from core.composing.words import counted
from core.digest.material import Investigation, Material
from core.digest.model import Section, Source, Statement
from core.digest.wording import build_section, episodes_of_week, log_source, task_source, titled
from core.verdict import Outcome

MAX_TASKS = 3


def compose(material: Material) -> Section:
    """Confirmed causes first, then suspected ones, then how many alerts have none."""
    parts = [material.episodes, material.investigations]
    return build_section(
        "causes",
        "Alerts by cause",
        _statements(material),
        parts,
        essential=material.episodes,
        sources=(log_source(material),),
    )


def _statements(material: Material) -> Iterator[Statement]:
    tasks = {task.task_id: task for task in material.investigations.value or ()}
    alerts: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for episode in episodes_of_week(material):
        task = tasks.get(episode.task_id or "")
        alerts[_cause(task)].append(episode.task_id or "")
    for (rank, words), task_ids in sorted(alerts.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1])):
        known = list(dict.fromkeys(task_id for task_id in task_ids if task_id))
        sources: tuple[Source, ...] = tuple(task_source(task_id) for task_id in known[:MAX_TASKS])
        yield Statement(
            text=f"{counted(len(task_ids), 'alert')}: {words}",
            sources=sources if rank <= _HEALTHY and sources else (log_source(material),),
            count=len(task_ids),
        )


_CONFIRMED, _SUSPECTED, _HEALTHY, _UNKNOWN = range(4)


def _cause(task: Investigation | None) -> tuple[int, str]:
    if task is not None and task.verdict is Outcome.HEALTHY:
        return _HEALTHY, "the service was healthy when it was looked at"
    if task is None or task.cause is None or task.verdict not in {Outcome.CONFIRMED, Outcome.NOT_CONFIRMED}:
        return _UNKNOWN, "no cause found"
    where = f" ({task.cause_service})" if task.cause_service and task.cause_service not in task.cause else ""
    if task.verdict is Outcome.CONFIRMED:
        return _CONFIRMED, f"{titled(task.cause)}{where}, confirmed"
    return _SUSPECTED, f"{titled(task.cause)}{where}, suspected"

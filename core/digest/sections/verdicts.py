"""How the investigations of the week turned out, and what people said of them."""

from collections import Counter
from collections.abc import Iterator

from core.composing.words import counted
from core.digest.material import Material
from core.digest.model import Section, Source, Statement
from core.digest.wording import build_section, task_source, tasks_before, tasks_of_week, tell_task
from core.verdict import Outcome
from core.window import iso

_NAMES = {
    Outcome.CONFIRMED: "cause confirmed",
    Outcome.NOT_CONFIRMED: "cause not confirmed",
    Outcome.HEALTHY: "service healthy",
    Outcome.FAILED: "failed",
}


def compose(material: Material) -> Section:
    """A line for each verdict, beside the week before; one for the feedback; each answer that was called wrong."""
    return build_section(
        "verdicts", "Investigations", _statements(material), [material.investigations], sources=(_source(material),)
    )


def _statements(material: Material) -> Iterator[Statement]:
    tasks, before = tasks_of_week(material), tasks_before(material)
    if not tasks:
        return
    source = _source(material)
    yield Statement(
        text=counted(len(tasks), "investigation"),
        sources=(source,),
        count=len(tasks),
        before=None if before is None else len(before),
    )
    verdicts = Counter(task.verdict for task in tasks)
    then = None if before is None else Counter(task.verdict for task in before)
    for verdict, name in _NAMES.items():
        if verdicts[verdict] or (then is not None and then[verdict]):
            yield Statement(
                text=f"{name}: {verdicts[verdict]}",
                sources=(source,),
                count=verdicts[verdict],
                before=None if then is None else then[verdict],
            )
    unended = verdicts[None]
    if unended:
        yield Statement(text=f"without a verdict: {unended}", sources=(source,), count=unended)
    helpful, rejected = sum(task.helpful for task in tasks), sum(task.rejected for task in tasks)
    if helpful or rejected:
        yield Statement(text=f"feedback: {helpful} helpful, {rejected} wrong", sources=(source,))
    for task in tasks:
        if task.rejected:
            yield Statement(text=f"called wrong: “{tell_task(task)}”", sources=(task_source(task.task_id),))


def _source(material: Material) -> Source:
    return Source(kind="query", text=f"tasks {iso(material.start)}..{iso(material.until)}")

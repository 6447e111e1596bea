"""`status`: whether everything is up, and what is running and waiting, in plain words."""

from collections.abc import Sequence

from bot.health import HealthReport
from bot.slack.commands.answers import Answer
from bot.slack.render.limits import cut
from bot.slack.render.parts import Heading, Listing, Note, Part, Spans, paragraph, text
from core.task import Task, TaskStatus
from storage.slack_tasks import Work

_SHOWN_CHARS = 100
_SLOW_S = 30.0
_IN_WORDS = {
    "ok": "Everything is up.",
    "degraded": "I take tasks, but something is not right:",
    "down": "I cannot take tasks now:",
}
_SIGNS = {"ok": "✅", "starting": "⏳", "closed": "➖", "failed": "❌"}


def tell_status(report: HealthReport, work: Work, here: Sequence[Task]) -> Answer:
    """What matters first: what is not well, then the work, then each part."""
    troubled = [(name, part) for name, part in report.parts.items() if part.status in {"failed", "starting"}]
    parts: list[Part] = [paragraph(text(_IN_WORDS[report.status], bold=True))]
    if troubled:
        items = tuple(
            (text(f"{_SIGNS[part.status]} "), text(name, bold=True), text(f": {part.detail}"))
            for name, part in troubled
        )
        parts.append(Listing(items=items))
    parts.append(paragraph(_work(work)))
    if here:
        parts += [Heading(text="In this channel"), Listing(items=tuple(_task(task) for task in here))]
    well = [name for name, part in report.parts.items() if part.status in {"ok", "closed"}]
    parts.append(Note(text=f"Well: {', '.join(well) or 'nothing'}"))
    return Answer(reason="status_told", parts=tuple(parts))


def _work(work: Work) -> str:
    if not work.queued and not work.running:
        return "Nothing is running, nothing waits."
    running = "1 task is running" if work.running == 1 else f"{work.running or 'No'} tasks are running"
    if not work.queued:
        return f"{running}, nothing waits."
    waits = f"{work.queued} wait" if work.queued > 1 else "1 waits"
    slow = f", the oldest for {work.oldest_queued_s:.0f} s" if work.oldest_queued_s >= _SLOW_S else ""
    return f"{running}, {waits} for a free place{slow}."


def _task(task: Task) -> Spans:
    state = "running" if task.status is TaskStatus.RUNNING else "waiting"
    return (
        text(str(task.task_id)[:8], code=True),
        text(f" {state}: {cut(' '.join(task.text.split()), _SHOWN_CHARS)}"),
    )

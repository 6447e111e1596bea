"""The messages of a task's thread as they are to stand there now, each under its key for ever."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from bot.charts import Chart
from bot.slack.outbox import Attachment, Outgoing, Urgency
from bot.slack.progress import Progress
from bot.slack.render.evidence import evidence_file_name, render_evidence, render_evidence_file
from bot.slack.render.opening import render_opening
from bot.slack.render.pages import Message
from bot.slack.render.plan import render_plan
from bot.slack.render.verdict import render_verdict
from core.task import Task

_CHART_OVERTAKES_S = 3.0
"""So long a chart waits for the verdict that it belongs to."""
_OPENING, _PLAN, _EVIDENCE, _VERDICT, _CHART, _FILE = 0, 10, 20, 30, 40, 50
"""Their order in the thread; a thread has less than ten pages of each."""


def key_of(task_id: UUID, role: str) -> str:
    """The key of the task's message of this role."""
    return f"task:{task_id}:{role}"


def thread_of(task: Task) -> str:
    """What the task's messages answer: the message that it came from, else the one that opens its thread."""
    return task.origin.thread_ts or key_of(task.task_id, "opening")


def list_messages(progress: Progress, channel: str, *, response_url: str | None, overtakes_s: float) -> list[Outgoing]:
    """Everything that can be told so far."""
    return list(_messages(progress, channel, response_url, overtakes_s))


def list_charts(task: Task, channel: str, charts: Sequence[Chart]) -> list[Outgoing]:
    """The charts as files of the thread, which wait for the verdict, but not for long, and hold up nothing."""
    return [
        _outgoing(
            task,
            channel,
            role,
            Attachment(
                content=chart.png,
                name=f"{role}-{str(task.task_id)[:8]}.png",
                title=chart.title,
                alt_text=chart.alt_text,
            ),
            seq=seq,
            urgency=Urgency.DETAIL,
            overtakes_after_s=_CHART_OVERTAKES_S,
            is_final=True,
        )
        for seq, (role, chart) in enumerate(_numbered("chart", charts), _CHART)
    ]


def _messages(progress: Progress, channel: str, response_url: str | None, overtakes_s: float) -> Iterator[Outgoing]:
    task, ended = progress.task, progress.ended
    if task.origin.thread_ts is None:
        yield _outgoing(
            task,
            channel,
            "opening",
            render_opening(task, ended),
            seq=_OPENING,
            edit_urgency=Urgency.DETAIL,
            is_final=ended is not None,
            response_url=response_url,
        )
    if progress.plan is not None:
        plan = render_plan(progress, progress.plan)
        yield _outgoing(task, channel, "plan", plan, seq=_PLAN, urgency=Urgency.NEWS, is_final=ended is not None)
    if ended is None:
        return
    evidence = [] if ended.result is None else render_evidence(task.task_id, ended.result.report)
    for seq, (role, page) in enumerate(_numbered("evidence", evidence), _EVIDENCE):
        yield _outgoing(task, channel, role, page, seq=seq, urgency=Urgency.DETAIL, is_final=True)
    for seq, (role, page) in enumerate(_numbered("verdict", render_verdict(ended)), _VERDICT):
        yield _outgoing(
            task,
            channel,
            role,
            page,
            seq=seq,
            overtakes_after_s=overtakes_s,
            is_final=True,
            response_url=response_url,
        )
    whole = None if ended.result is None else render_evidence_file(ended.result.report)
    if whole is not None:
        name = evidence_file_name(task.task_id)
        file = Attachment(content=whole.encode(), name=name, title="All of the evidence")
        yield _outgoing(
            task,
            channel,
            "evidence_file",
            file,
            seq=_FILE,
            urgency=Urgency.DETAIL,
            overtakes_after_s=0.0,
            is_final=True,
        )


def _numbered[T](role: str, pages: Sequence[T]) -> Iterator[tuple[str, T]]:
    for number, page in enumerate(pages, 1):
        yield role if number == 1 else f"{role}_{number}", page


def _outgoing(
    task: Task,
    channel: str,
    role: str,
    message: Message | Attachment,
    *,
    seq: int,
    urgency: Urgency = Urgency.ANSWER,
    edit_urgency: Urgency = Urgency.REWRITING,
    overtakes_after_s: float | None = None,
    is_final: bool = False,
    response_url: str | None = None,
) -> Outgoing:
    return Outgoing(
        key=key_of(task.task_id, role),
        team=task.origin.team,
        channel=channel,
        thread=None if role == "opening" else thread_of(task),
        message=message,
        role=role,
        task_id=task.task_id,
        seq=seq,
        urgency=urgency,
        edit_urgency=edit_urgency,
        overtakes_after_s=overtakes_after_s,
        is_final=is_final,
        response_url=response_url,
    )

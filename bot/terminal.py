"""A task's report for a terminal. Texts are data: neither rich's markup nor control characters in them take effect."""

import unicodedata
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.events import Event, PlanBuilt, RunEnded, RunStarted, StepEnded, StepStarted
from core.report import Hypothesis, Report
from core.result import CallStatus, Result, ToolResult
from core.task import Task
from core.verdict import Verdict

_CALL_STYLES = {
    CallStatus.OK: "green",
    CallStatus.EMPTY: "yellow",
    CallStatus.PARTIAL: "yellow",
    CallStatus.FAILED: "red",
    CallStatus.REFUSED: "red",
}
_INDENT = (0, 0, 0, 2)
_QUOTED_LINES = 12


def plain(text: str) -> str:
    """The text with every control, format and private character but the line feed made visible as `�`."""
    unified = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(
        character if character == "\n" or not unicodedata.category(character).startswith("C") else "�"
        for character in unified
    )


def render_task(task: Task) -> Group:
    """Plan, answer, evidence, citations and verdict, in the order a person reads them."""
    return Group(*_parts(task))


def render_event(event: Event) -> Text | None:
    """One line of progress; None for what is not worth a line."""
    match event:
        case RunStarted(task=task):
            return _text(f"running task {task.task_id}", "dim")
        case PlanBuilt(plan=plan):
            calls = sum(len(step.tool_calls) for step in plan.steps)
            return _text(f"planned {len(plan.steps)} steps with {calls} calls", "dim")
        case StepStarted(step=step):
            return _text(f"{step.step_id} … {step.purpose}", "dim")
        case StepEnded(step=step):
            ends = ", ".join(f"{call.tool} {call.status.value}" for call in step.tool_results)
            answered = all(call.status.answered for call in step.tool_results)
            return _text(f"{step.step_id} {'✓' if answered else '✗'} {ends}", "dim" if answered else "red")
        case RunEnded():
            return None


def _text(text: str, style: str = "") -> Text:
    return Text(plain(text), style=style)


def _parts(task: Task) -> Iterator[RenderableType]:
    yield _text(task.text, "bold")
    yield _text(f"task {task.task_id}, {task.status.value}", "dim")
    if task.plan is not None:
        yield from _section("Plan")
        for step in task.plan.steps:
            yield Padding(_text(f"{step.step_id}  {step.purpose}"), _INDENT)
            yield from _calls(task.result, step.step_id)
        for note in task.plan.notes:
            yield Padding(_text(f"note: {note}", "dim"), _INDENT)
    if task.result is not None:
        yield from _report(task.result.report)
    if task.verification is not None:
        yield from _verdict(task.verification)


def _section(title: str) -> Iterator[RenderableType]:
    yield Text()
    yield Text(title, style="bold cyan")


def _calls(result: Result | None, step_id: str) -> Iterator[RenderableType]:
    for step in result.steps if result is not None else ():
        if step.step_id == step_id:
            yield from (Padding(_call(call), (0, 0, 0, 6)) for call in step.tool_results)


def _call(call: ToolResult) -> Text:
    line = _text(f"{call.tool} ", "dim")
    line.append(call.status.value, style=_CALL_STYLES[call.status])
    tries = f", {call.attempts} attempts" if call.attempts > 1 else ""
    line.append(f" {call.duration_ms:.0f} ms{tries}", style="dim")
    if call.error is not None:
        line.append(plain(f": {call.error.message}"), style="red")
    return line


def _report(report: Report) -> Iterator[RenderableType]:
    marks = _Marks(report)
    yield from _section("Answer")
    yield Padding(_text(report.answer), _INDENT)
    if report.claims:
        yield from _section("Evidence")
        yield _table([(claim.kind.value, marks.after(claim.text, claim.citation_ids)) for claim in report.claims])
    if report.hypotheses:
        yield from _section("Possible causes")
        yield _table([(f"{cause.confidence:.0%}", _cause(cause, marks)) for cause in report.hypotheses])
    if report.actions:
        yield from _section("Next")
        rows = [
            (
                action.due or "",
                f"{action.owner + ': ' if action.owner else ''}{marks.after(action.text, action.citation_ids)}",
            )
            for action in report.actions
        ]
        yield _table(rows)
    if report.gaps:
        yield from _section("Not shown")
        yield _table([(gap.what, f"{gap.reason}\nnext check: {gap.next_check}") for gap in report.gaps])
    if report.citations:
        yield from _section("Citations")
        for item in report.citations:
            yield Padding(_text(f"{marks.of((item.citation_id,))} {item.citation_source}  {item.locator}"), _INDENT)
            yield Padding(_text(_head(item.quote), "dim"), (0, 0, 0, 6))


def _cause(cause: Hypothesis, marks: "_Marks") -> str:
    lines = [marks.after(cause.cause, cause.supported_by)]
    if cause.contradicted_by:
        lines.append(f"against it: {marks.of(cause.contradicted_by)}")
    lines.append(f"next check: {cause.next_check}")
    return "\n".join(lines)


def _head(quote: str) -> str:
    lines = quote.splitlines()
    if len(lines) <= _QUOTED_LINES:
        return quote
    return "\n".join([*lines[:_QUOTED_LINES], f"… and {len(lines) - _QUOTED_LINES} more lines"])


def _verdict(verification: Verdict) -> Iterator[RenderableType]:
    yield from _section("Verdict")
    word, style = ("passed", "bold green") if verification.passed else ("failed", "bold red")
    line = Text(word, style=style)
    line.append(f", {verification.verdict.value}", style="default")
    yield Padding(line, _INDENT)
    for reason in verification.reasons:
        yield Padding(_text(reason), _INDENT)
    if verification.checks:
        yield _table([("✓" if check.passed else "✗", f"{check.name}: {check.reason}") for check in verification.checks])


def _table(rows: list[tuple[str, str]]) -> Padding:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", max_width=28, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for left, right in rows:
        table.add_row(_text(left), _text(right))
    return Padding(table, _INDENT)


class _Marks:
    """Citations by their number in the report: their ids are long."""

    def __init__(self, report: Report) -> None:
        self._numbers = {item.citation_id: number for number, item in enumerate(report.citations, start=1)}

    def of(self, citation_ids: tuple[str, ...]) -> str:
        return " ".join(f"[{self._numbers.get(citation_id, citation_id)}]" for citation_id in citation_ids)

    def after(self, text: str, citation_ids: tuple[str, ...]) -> str:
        return f"{text} {self.of(citation_ids)}" if citation_ids else text

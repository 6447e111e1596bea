"""The message that shows the plan, rewritten as its steps come and go."""

from bot.slack.progress import Progress
from bot.slack.render import limits
from bot.slack.render.controls import plan_controls
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import Card, Cards, CardStatus, Note, Part, Source
from bot.slack.render.quotes import shorten_quote
from bot.slack.render.times import Clock
from core.plan import Plan, Step
from core.report import Citation
from core.result import CallStatus, StepResult, ToolResult

_NOTES = 3
_NOTE_CHARS = 300
_QUOTE_CHARS = 70
_NAME_CHARS = 40
"""Evidence at first sight; all of it comes in a message of its own."""


def render_plan(progress: Progress, plan: Plan) -> Message:
    """A card a step, each with its state, then what the planner assumed."""
    cards = tuple(_card(number, step, progress) for number, step in enumerate(plan.steps, 1))
    parts: list[Part] = [Cards(title=_title(plan, progress), cards=cards)]
    hidden = len(cards) - limits.PLAN_CARDS
    if hidden > 0:
        parts.append(Note(text=f"… {hidden} more: task {progress.task.task_id}"))
    parts += [Note(text=limits.cut(note, _NOTE_CHARS)) for note in plan.notes[:_NOTES]]
    if len(plan.notes) > _NOTES:
        parts.append(Note(text=f"… {len(plan.notes) - _NOTES} more notes: task {progress.task.task_id}"))
    if progress.ended is None:
        parts += plan_controls(progress.task.task_id)
    return render_message(parts)


def _title(plan: Plan, progress: Progress) -> str:
    results = [progress.results[step.step_id] for step in plan.steps if step.step_id in progress.results]
    failed = sum(_status(result) == "error" for result in results)
    return f"Plan: {len(results)} of {len(plan.steps)} steps done{f', {failed} failed' if failed else ''}"


def _card(number: int, step: Step, progress: Progress) -> Card:
    card_id = f"step-{number}"
    result = progress.results.get(step.step_id)
    if result is not None:
        return Card(
            card_id=card_id,
            title=step.purpose,
            status=_status(result),
            output=_output(result),
            sources=_sources(result),
        )
    started = step.step_id in progress.started
    if progress.ended is not None:
        output = "the run ended before this step did" if started else "the run ended before this step"
        return Card(card_id=card_id, title=step.purpose, status="error", output=output)
    tools = ", ".join(dict.fromkeys(call.tool for call in step.tool_calls))
    return Card(card_id=card_id, title=step.purpose, status="in_progress" if started else "pending", output=tools)


def _status(result: StepResult) -> CardStatus:
    """A step has failed when none of its sources answered: found nothing is an answer."""
    calls = result.tool_results
    return "complete" if not calls or any(call.status.answered for call in calls) else "error"


def _output(result: StepResult) -> str:
    """One clause a tool and end, however many of its calls ended so; then the first words of what was found."""
    alike: dict[tuple[str, CallStatus], list[ToolResult]] = {}
    for call in result.tool_results:
        alike.setdefault((call.tool, call.status), []).append(call)
    outcomes = "; ".join(_outcome(tool, status, calls, named=len(alike) > 1) for (tool, status), calls in alike.items())
    first = next((it for call in result.tool_results for it in call.citations if it.quote.strip()), None)
    return outcomes if first is None else f"{outcomes} · {_words(first)}"


def _words(citation: Citation) -> str:
    """The first words of what was found; figures after the name of what they measure."""
    shown = shorten_quote(citation.quote, _QUOTE_CHARS, Clock())
    return shown if shown.startswith("“") else f"{citation.locator.partition('{')[0][:_NAME_CHARS].strip()} {shown}"


def _outcome(tool: str, status: CallStatus, calls: list[ToolResult], *, named: bool) -> str:
    """What came of a tool's calls; `named` where the step has other tools or ends to be told from them."""
    times = f" ×{len(calls)}" if len(calls) > 1 else ""
    match status:
        case CallStatus.OK | CallStatus.PARTIAL:
            cited = sum(len(call.citations) for call in calls)
            part = " (in part)" if status is CallStatus.PARTIAL else ""
            found = f"{cited} {'citation' if cited == 1 else 'citations'}{part}" if cited else "done"
            return f"{tool}{times}: {found}" if named else found
        case CallStatus.EMPTY:
            return f"{tool}{times}: found nothing"
        case CallStatus.FAILED | CallStatus.REFUSED:
            messages = dict.fromkeys(call.error.message for call in calls if call.error)
            why = f": {limits.cut('; '.join(messages), 80)}" if messages else ""
            return f"{tool}{times} {status.value}{why}"


def _sources(result: StepResult) -> tuple[Source, ...]:
    found = {citation.locator: citation.citation_source for call in result.tool_results for citation in call.citations}
    return tuple(Source(url=locator, text=name) for locator, name in found.items() if locator.startswith("http"))

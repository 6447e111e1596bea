"""What is shown is short: times to the minute, quotes to what they say, no line twice."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.progress import Progress, replay
from bot.slack.render.evidence import render_evidence
from bot.slack.render.limits import cut_middle
from bot.slack.render.opening import render_opening
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Heading, Listing, Paragraph, paragraph, text
from bot.slack.render.plan import render_plan
from bot.slack.render.quotes import shorten_quote
from bot.slack.render.times import Clock, shorten_times
from bot.slack.render.verdict import render_verdict
from core.cancellation import Cancellation, cancelled, tell_in_report
from core.events import PlanBuilt, RunEnded, StepEnded
from core.report import Action, Citation, Claim, ClaimKind, Gap, Health, Hypothesis, Report
from core.result import CANCELLED, CallError, CallStatus, StepResult, ToolResult
from core.task import TaskStatus
from core.verdict import Check, Outcome, Verdict
from tests.bot.slack.fake_slack import texts
from tests.bot.slack.test_render import TASK_ID, plan, result, task


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("at 2026-02-14T10:05:00Z", "at 2026-02-14 10:05Z"),
        ("2026-02-14T10:05:00Z, 2026-02-14T10:06:11Z", "2026-02-14 10:05Z, 10:06:11Z"),
        ("at 2026-02-14T10:05:00.123456Z", "at 2026-02-14 10:05Z"),
        ("2026-02-14T10:00:00Z..2026-02-14T10:30:00Z", "2026-02-14 10:00–10:30Z"),
        ("2026-02-14T23:50:00Z..2026-02-15T00:10:00Z", "2026-02-14 23:50Z – 2026-02-15 00:10Z"),
        ("2026-02-14 10:03–10:23Z, 2026-02-14 10:04–10:24Z", "2026-02-14 10:03–10:23Z, 10:04–10:24Z"),
        ("2026-02-14T10:05Z, since 2026-02-09, 2026-02-14T10:06Z", "2026-02-14 10:05Z, since 2026-02-09, 2026-02-14 10:06Z"),
        ("“at 2026-02-14T10:05:00Z” 2026-02-14T10:05:00Z", "“at 2026-02-14T10:05:00Z” 2026-02-14 10:05Z"),
        ("2026-02-14T10:03:00Z=0.52", "2026-02-14 10:03Z=0.52"),
        ("2026-02-14T25:05:00Z", "2026-02-14T25:05:00Z"),
        ("x2026-02-14T10:05:00Z", "x2026-02-14T10:05:00Z"),
        ("2026-02-14T10:05:00Zulu", "2026-02-14T10:05:00Zulu"),
        ("review_2026-02-12_paybridge", "review_2026-02-12_paybridge"),
    ],
)  # fmt: skip
def test_times_are_short_and_never_lose_their_day(said: str, shown: str) -> None:
    assert Clock().shorten(said) == shown


def test_every_section_names_its_day() -> None:
    one = Listing(items=((text("2026-02-14T10:05:00Z"),), (text("2026-02-14T10:06:00Z"),)))
    shown = shorten_times([one, Heading(text="Next"), one])
    first = Listing(items=((text("2026-02-14 10:05Z"),), (text("10:06Z"),)))
    assert shown == [first, Heading(text="Next"), first]


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        (
            "2026-02-14T10:03:00Z=0.5, 2026-02-14T10:04:00Z=1, 2026-02-14T10:05:00Z=9, 2026-02-14T10:06:00Z=3, 2026-02-14T10:07:00Z=1",
            "2026-02-14 10:03Z=0.5 … 10:05Z=9 … 10:07Z=1",
        ),
        ("a=4, b=3, c=2, d=1", "a=4 … d=1"),
        ("a=1, b=9, c=2, d=1", "a=1 b=9 … d=1"),
        ("a=1, b=2", "“a=1, b=2”"),
        ("a=1, b=2, and c=3, d", "“a=1, b=2, and c=3, d”"),
        ("| within 5 minutes | primary |\n", "“within 5 minutes · primary”"),
        ("| Duty | Time |\n| --- | --- |\n| page | +5 |", "“Duty · Time · page · +5”"),
        ("summary: Disk full\nstatus: Open", "“summary: Disk full · status: Open”"),
        ("  - week_start: 2026-02-09\n    primary: Ada", "“week_start: 2026-02-09 · primary: Ada”"),
        ("## Roll back\n\nif it is\nbad: now", "“Roll back if it is bad: now”"),
        ("", "“”"),
    ],
)  # fmt: skip
def test_quotes_keep_what_they_say(quote: str, shown: str) -> None:
    assert shorten_quote(quote, 120, Clock()) == shown


@given(st.text(alphabet="a=1.e, |-#:\n“”é", max_size=300), st.integers(20, 120))
def test_no_quote_is_longer_than_asked(quote: str, limit: int) -> None:
    assert len(shorten_quote(quote, limit, Clock())) <= limit


def test_a_cut_in_the_middle_ends_with_whole_words() -> None:
    assert cut_middle('{service="api"} |~ deploy|rollout|restart 2026-02-14 10:00–10:30Z', 44) == (
        '{service="api"} |~ deploy|ro…10:00–10:30Z'
    )


def cite(citation_id: str) -> Citation:
    return Citation(citation_id=citation_id, citation_source="policy", locator="policy.md:3-3", quote="a")


REPORT = Report(
    answer="The disk is full.\nEscalate: +5 minutes: page.",
    health=Health.RECOVERED,
    claims=(
        Claim(text="The disk is full.", kind=ClaimKind.FACT, citation_ids=("a",)),
        Claim(text="Escalate: +5 minutes: page.", kind=ClaimKind.RECOMMENDATION, citation_ids=("b",)),
        Claim(text="Tell the channel.", kind=ClaimKind.RECOMMENDATION, citation_ids=("a",)),
    ),
    citations=(cite("a"), cite("b").model_copy(update={"locator": "policy.md:4-6"})),
    hypotheses=(
        Hypothesis(cause="a log that grew", service="api", confidence=0.9, supported_by=("a",), next_check="look"),
        Hypothesis(cause="api itself", service="api", confidence=0.2, contradicted_by=("a",), next_check=""),
    ),
    actions=(
        Action(text="page", owner="Ada", due="2026-02-14T10:05:00Z (5 minutes after the start)", citation_ids=("b",)),
        Action(text="write", due="10 minutes after the start"),
        Action(text="sleep"),
    ),
    gaps=(Gap(what="logs", reason="not there", next_check="ask"),),
)


def lines(messages: list[Message]) -> list[str]:
    return [line for message in messages for line in message.text.splitlines()]


def verdict(*reasons: str, passed: bool = True, outcome: Outcome = Outcome.CONFIRMED) -> Verdict:
    return Verdict(passed=passed, verdict=outcome, reasons=reasons, checks=(Check(name="x", passed=True, reason="y"),))


def test_the_verdict_comes_first_then_what_was_found_then_what_to_do() -> None:
    ended = RunEnded(task=task(), result=result(REPORT), verification=verdict("the order in time shows it"))
    (message,) = render_verdict(ended)
    assert message.rich[0]["type"] == "header"
    assert lines([message]) == [
        "✅ Confirmed · service recovered",
        "The disk is full. [1]",
        "The order in time shows it",
        "Possible causes",
        "1. 90% a log that grew (api) [1]",
        "Next check: look",
        "2. 20% api itself; against it: [1]",
        "What to do",
        "1. by 2026-02-14 10:05Z · Ada: page (5 minutes after the start) [2]",
        "2. by 10 minutes after the start: write",
        "3. sleep",
        "Could not be confirmed",
        "• logs: not there",
        "Next check: ask",
        "1 of 1 checks passed · Times are UTC · Task 6f3b1c1e",
    ]


@pytest.mark.parametrize(("health", "said"), [(Health.DEGRADED, []), (None, ["• Errors rose. [1]"])])
def test_the_verdict_of_an_incident_tells_no_line_that_rests_on_no_more_than_its_first_one(
    health: Health | None, said: list[str]
) -> None:
    told = [("It broke at ten.", ("a", "b")), ("Errors rose.", ("a",)), ("Nobody is on call.", ("c",)), ("Ask.", ())]
    report = Report(
        answer="\n".join(words for words, _ in told),
        health=health,
        claims=tuple(Claim(text=words, kind=ClaimKind.INFERENCE, citation_ids=ids) for words, ids in told),
        citations=(*REPORT.citations, cite("c").model_copy(update={"locator": "rota.yaml:1"})),
    )
    ended = RunEnded(task=task(), result=result(report), verification=verdict())
    assert lines(render_verdict(ended))[1:-1] == [
        "It broke at ten. [1][2]",
        "What was found",
        *said,
        "• Nobody is on call. [3]",
        "• Ask.",
    ]


def test_a_mark_leads_to_its_source_where_that_has_an_address() -> None:
    ticket = Citation(citation_id="a", citation_source="OPS-1", locator="https://jira.test/browse/OPS-1", quote="a")
    report = REPORT.model_copy(update={"citations": (ticket, REPORT.citations[1])})
    ended = RunEnded(task=task(), result=result(report), verification=verdict())
    (message,) = render_verdict(ended)
    answer = message.rich[1]["elements"][0]["elements"]
    url = "https://jira.test/browse/OPS-1"
    assert answer[-1] == {"type": "link", "url": url, "text": "[1]", "style": {"bold": True}}
    assert url not in message.text
    (evidence,) = render_evidence(TASK_ID, report)
    assert evidence.rich[0]["elements"][1]["elements"][0]["elements"][-1] == answer[-1]


def test_what_stays_open_for_one_reason_is_one_line_and_the_essential_comes_first() -> None:
    names = ("jira", "logs (a)", "logs (b)", "logs (c)", "logs (d)")
    gaps = [
        Gap(what=name, reason="down" if name != "jira" else "late", next_check="", essential=name == "logs (d)")
        for name in names
    ]
    report = REPORT.model_copy(update={"gaps": tuple(gaps)})
    ended = RunEnded(task=task(), result=result(report), verification=verdict())
    assert lines(render_verdict(ended))[-3:-1] == ["• logs (d), logs (a), logs (b) and 1 more: down", "• jira: late"]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("order in time shows it: a log that grew", ["Order in time shows it"]),
        ("confirmed: a log that grew", []),
        ("open: logs: not there; next check: ask", []),
        ("it is so", ["It is so"]),
    ],
)
def test_a_reason_is_not_told_twice(reason: str, shown: list[str]) -> None:
    ended = RunEnded(task=task(), result=result(REPORT), verification=verdict(reason))
    told = lines(render_verdict(ended))
    assert told[2 : told.index("Possible causes")] == shown


def test_somebody_of_slack_who_stopped_a_run_is_named_as_slack_names_them() -> None:
    stopped = cancelled(Cancellation(by="U0MIREILLE in Slack", at=datetime(2026, 2, 14, 10, 5, tzinfo=UTC)))
    (message,) = render_verdict(RunEnded(task=task(), result=None, verification=stopped))
    assert message.rich[1]["elements"][0]["elements"] == [
        {"type": "text", "text": "By "},
        {"type": "user", "user_id": "U0MIREILLE"},
        {"type": "text", "text": " at 2026-02-14 10:05Z"},
    ]


def test_a_failed_check_is_named_in_words() -> None:
    failed = Verdict(
        passed=False,
        verdict=Outcome.FAILED,
        reasons=("evidence_source: none",),
        checks=(Check(name="evidence_source", passed=False, reason="none"),),
    )
    told = lines(render_verdict(RunEnded(task=task(), result=result(REPORT), verification=failed)))
    assert told[:3] == ["❌ Failed", "Evidence source: none", "What was found, not to be relied on"]


def test_a_stopped_run_says_by_whom_and_asks_for_no_opinion() -> None:
    stopped = cancelled(Cancellation(by="Ada", at=datetime(2026, 2, 14, 10, 5, tzinfo=UTC)))
    ended = RunEnded(task=task(), result=None, verification=stopped)
    (message,) = render_verdict(ended)
    assert lines([message]) == ["⏹️ Cancelled", "By Ada at 2026-02-14 10:05Z", "Task 6f3b1c1e"]
    assert [block["type"] for block in message.rich] == ["header", "rich_text", "context", "actions"]


def test_a_stopped_run_shows_what_it_had_found_until_then() -> None:
    stop = Cancellation(by="Ada", at=datetime(2026, 2, 14, 10, 5, tzinfo=UTC))
    progress = ("1 of 2 steps had ended", "not run to their end: Ask: the logs")
    ended = RunEnded(
        task=task(),
        result=result(tell_in_report(REPORT, stop, progress)),
        verification=cancelled(stop, *progress),
    )
    messages = render_verdict(ended)
    told = lines(messages)
    assert told[:6] == [
        "⏹️ Cancelled",
        "By Ada at 2026-02-14 10:05Z",
        "1 of 2 steps had ended; not run to their end: Ask: the logs",
        "What was found until then, not complete",
        "• The disk is full. [1]",
        "Possible causes",
    ]
    assert told.count("• logs: not there") == 1
    assert "cancelled" not in "\n".join(told).lower().partition("\n")[2]
    assert [
        element["type"] for block in messages[-1].rich if block["type"] == "actions" for element in block["elements"]
    ]
    assert lines([render_opening(task(), ended)])[:3] == told[:3]


def test_a_step_that_was_cancelled_is_not_told_as_one_that_ended() -> None:
    made = plan([("look", "waits", ()), ("ask", "waits", ())])
    looked, asked = (
        StepResult(
            step_id=step.step_id,
            purpose=step.purpose,
            tool_results=(
                ToolResult(tool="x", arguments={}, status=CallStatus.FAILED, attempts=0, duration_ms=0.0, error=error),
            ),
        )
        for step, error in zip(
            made.steps,
            (
                CallError(kind="timeout", message="no answer"),
                CallError(kind=CANCELLED, message="the run was cancelled"),
            ),
            strict=True,
        )
    )
    ended = result(REPORT).model_copy(update={"steps": (looked, asked)})
    stopped = cancelled(Cancellation(by="Ada", at=datetime(2026, 2, 14, 10, 5, tzinfo=UTC)))
    read = task().model_copy(
        update={"status": TaskStatus.FAILED, "plan": made, "result": ended, "verification": stopped}
    )
    progress = Progress(task=read)
    for event in replay(read):
        progress.take(event)
    (shown,) = render_plan(progress, made).rich
    assert shown["title"] == "Plan: 1 of 2 steps done, 1 failed"
    assert [card["output"]["elements"][0]["elements"][0]["text"] for card in shown["tasks"]] == [
        "x failed: no answer",
        "the run ended before this step",
    ]


def test_several_reasons_are_a_list_and_an_unknown_health_is_not_told() -> None:
    report = REPORT.model_copy(update={"health": Health.UNKNOWN})
    ended = RunEnded(
        task=task(),
        result=result(report),
        verification=verdict("one", "two", passed=False, outcome=Outcome.NOT_CONFIRMED),
    )
    shown = lines(render_verdict(ended))
    assert shown[:4] == ["⚠️ Not confirmed", "• One", "• Two", "What was found, not to be relied on"]


def test_what_the_actions_tell_is_not_evidence_too() -> None:
    shown = lines(render_evidence(TASK_ID, REPORT))
    assert shown == [
        "Evidence",
        "• The disk is full. [1]",
        "• Recommendation: Tell the channel. [1]",
        "Sources",
        "• [1] policy.md:3 “a”",
        "• [2] policy.md:4-6 “a”",
    ]


def test_a_source_with_an_address_is_a_link_and_plain_text_gives_the_address() -> None:
    ticket = Citation(citation_id="a", citation_source="OPS-1", locator="https://jira.test/browse/OPS-1", quote="a")
    (message,) = render_evidence(TASK_ID, REPORT.model_copy(update={"citations": (ticket,)}))
    links = [it for it in message.rich[1]["elements"][1]["elements"][0]["elements"] if it["type"] == "link"]
    assert links == [{"type": "link", "url": "https://jira.test/browse/OPS-1", "text": "OPS-1"}]
    assert "[1] OPS-1 https://jira.test/browse/OPS-1 “a”" in message.text
    assert "https://jira.test/browse/OPS-1" in " ".join(texts(message.plain))


def test_a_quote_that_a_statement_holds_is_not_told_twice() -> None:
    claim = Claim(text="logged “a”", kind=ClaimKind.FACT, citation_ids=("a",))
    other = Claim(text="logged “a” too", kind=ClaimKind.FACT, citation_ids=())
    citations = (cite("a"), cite("b").model_copy(update={"citation_source": "logs"}))
    report = Report(answer="", claims=(claim, other), actions=REPORT.actions, citations=citations)
    assert lines(render_evidence(TASK_ID, report))[-2:] == ["• [1] policy.md:3", "• [2] logs policy.md:3 “a”"]


def test_the_opening_tells_the_verdict_once_there_is_one() -> None:
    ended = RunEnded(task=task(), result=result(REPORT), verification=verdict("it was so at 2026-02-14T10:05:00Z"))
    asked = ["U1 asked: What?", f"Task {TASK_ID}"]
    assert lines([render_opening(task())]) == asked
    assert lines([render_opening(task(), ended)]) == [
        "✅ Confirmed · service recovered",
        "The disk is full.",
        *asked,
    ]


def call(tool: str, status: CallStatus, *, cited: int = 0, error: str | None = None) -> ToolResult:
    return ToolResult(
        tool=tool,
        arguments={},
        status=status,
        attempts=1,
        duration_ms=1.0,
        citations=(cite("a"),) * cited,
        error=CallError(kind="timeout", message=error) if error else None,
    )


@pytest.mark.parametrize(
    ("calls", "output"),
    [
        (
            [call("metrics", CallStatus.OK, cited=3), call("metrics", CallStatus.OK, cited=4)],
            "7 citations · “a”",
        ),
        (
            [call("metrics", CallStatus.OK, cited=1), call("logs", CallStatus.OK)],
            "metrics: 1 citation; logs: done · “a”",
        ),
        (
            [call("logs", CallStatus.OK, cited=2), *[call("logs", CallStatus.FAILED, error="gone")] * 2],
            "logs: 2 citations; logs ×2 failed: gone · “a”",
        ),
        ([call("logs", CallStatus.EMPTY)] * 3, "logs ×3: found nothing"),
    ],
)
def test_a_step_tells_the_calls_of_a_tool_together(calls: list[ToolResult], output: str) -> None:
    made = plan([("look", "ended", tuple(calls))])
    progress = Progress(task=task())
    progress.take(PlanBuilt(task_id=TASK_ID, plan=made))
    ending = StepResult(step_id=made.steps[0].step_id, purpose="look", tool_results=tuple(calls))
    progress.take(StepEnded(task_id=TASK_ID, step=ending))
    (card,) = render_plan(progress, made).rich[0]["tasks"]
    assert card["output"]["elements"][0]["elements"][0]["text"] == output


def test_a_step_that_a_stopped_run_never_ended_is_not_done() -> None:
    made = plan([("look", "waits", ()), ("ask", "waits", ())])
    progress = Progress(task=task())
    progress.take(PlanBuilt(task_id=TASK_ID, plan=made))
    progress.take(
        StepEnded(task_id=TASK_ID, step=StepResult(step_id=made.steps[0].step_id, purpose="look", tool_results=()))
    )
    stopped = cancelled(Cancellation(by="Ada", at=datetime(2026, 2, 14, 10, 5, tzinfo=UTC)))
    progress.take(RunEnded(task=task(), result=None, verification=stopped))
    (shown,) = render_plan(progress, made).rich
    assert shown["title"] == "Plan: 1 of 2 steps done"
    assert [card["status"] for card in shown["tasks"]] == ["complete", "error"]


def test_no_message_ends_with_a_heading() -> None:
    for size in range(7000, 11_000, 50):
        filler = [paragraph("x" * 1000)] * (size // 1000) + [paragraph("y" * (size % 1000))]
        pages = render_pages([*filler, Heading(text="Next"), Listing(items=((text("z" * 900),),))], more="task")
        assert all(not page.text.endswith("Next") for page in pages)


def test_a_section_is_a_block_of_its_own() -> None:
    (message,) = render_pages([paragraph("a"), Heading(text="Next"), Paragraph(spans=(text("b"),))], more="task")
    assert [len(block["elements"]) for block in message.rich] == [1, 2]
    assert [block["text"]["text"] for block in message.plain] == ["a", "Next\nb"]

"""No report, plan or task whatever makes a message that Slack refuses, cuts or misreads."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.progress import Progress
from bot.slack.render.citations import number_citations
from bot.slack.render.escaping import escape, is_link, literal
from bot.slack.render.evidence import evidence_file_name, render_evidence, render_evidence_file
from bot.slack.render.limits import cut, cut_middle
from bot.slack.render.opening import render_opening
from bot.slack.render.pages import Message
from bot.slack.render.plan import render_plan
from bot.slack.render.verdict import render_verdict
from core.brief import Brief, Intent
from core.events import PlanBuilt, RunEnded, StepEnded, StepStarted
from core.plan import Plan, Step, ToolCall
from core.report import Action, Citation, Claim, ClaimKind, Gap, Hypothesis, Report
from core.result import CallError, CallStatus, ExecutionMetadata, Result, StepResult, ToolResult
from core.task import Context, Origin, Task, TaskStatus
from core.verdict import Check, Outcome, Verdict
from tests.bot.slack.fake_slack import CONTROL_SEQUENCE, UNESCAPED, check_message, texts

TASK_ID = UUID("6f3b1c1e-0000-4000-8000-000000000001")
HOSTILE = [
    "<!channel>", "<!here|x>", "<@U1>", "<#C1>", "<http://evil|y>", "<mailto:a@b|c>", "</x>", "&lt;!channel&gt;", "&amp;", "*x*",
    "_x_", "~x~", "`x`", "```", "@here", "@channel", ":tada:", "\u202e", "\x00", "\r\n", "\ud800", "\u2028", "\n", '"', "\\", "💥",
]  # fmt: skip
FAST = settings(max_examples=40, deadline=None)

words = st.one_of(
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=6).map("".join),
    st.sampled_from([*HOSTILE, "", " "]).flatmap(lambda unit: st.integers(1, 4000).map(lambda count: unit * count)),
)
locators = st.one_of(
    words, st.sampled_from(["https://jira.test/browse/OPS-1", "http://u:p@evil", "javascript:x", "https://"])
)
ids = st.sampled_from(["c1", "c2", "c3", "c4", "nowhere"])
marks = st.lists(ids, max_size=20).map(tuple)


def tuples[T](strategy: st.SearchStrategy[T], most: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


citations = st.builds(Citation, citation_id=ids, citation_source=words, locator=locators, quote=words)
claims = st.builds(Claim, text=words, kind=st.sampled_from(ClaimKind), citation_ids=marks)
causes = st.builds(
    Hypothesis,
    cause=words,
    service=st.none() | words,
    confidence=st.floats(0, 1),
    supported_by=marks,
    contradicted_by=marks,
    next_check=words,
)
actions = st.builds(Action, text=words, owner=st.none() | words, due=st.none() | words, citation_ids=marks)
gaps = st.builds(Gap, what=words, reason=words, next_check=words)
reports = st.builds(
    Report,
    answer=words,
    claims=tuples(claims, 60),
    citations=tuples(citations, 8),
    hypotheses=tuples(causes, 8),
    actions=tuples(actions, 8),
    gaps=tuples(gaps, 8),
)
verdicts = st.builds(
    Verdict,
    passed=st.booleans(),
    verdict=st.sampled_from(Outcome),
    reasons=tuples(words, 5),
    checks=tuples(st.builds(Check, name=words, passed=st.booleans(), reason=words), 3),
)
calls = st.builds(
    ToolResult,
    tool=words,
    arguments=st.just({}),
    status=st.sampled_from(CallStatus),
    attempts=st.just(1),
    duration_ms=st.just(1.0),
    citations=tuples(citations, 4),
    error=st.none() | st.builds(CallError, kind=words, message=words),
)


def task(text: str = "What?", user: str | None = "U1") -> Task:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    origin = Origin(door="slack", user=user, channel="C1")
    return Task(
        task_id=TASK_ID,
        text=text,
        status=TaskStatus.RUNNING,
        context=Context(),
        origin=origin,
        created_at=now,
        updated_at=now,
    )


def result(report: Report) -> Result:
    metadata = ExecutionMetadata(total_tools=0, total_duration_ms=0, error_count=0, longest_path_ms=0)
    return Result(steps=(), execution_metadata=metadata, report=report)


def assert_taken(messages: Sequence[Message]) -> None:
    for message in messages:
        assert check_message(message.rich, message.text) == []
        assert check_message(message.plain, message.text) == []


@FAST
@given(reports, verdicts)
def test_no_report_breaks_a_limit_or_smuggles_markup(report: Report, verdict: Verdict) -> None:
    ended = RunEnded(task=task(), result=result(report), verification=verdict)
    assert_taken(render_evidence(TASK_ID, report))
    assert_taken(render_verdict(ended))
    assert_taken([render_opening(ended.task, ended)])


@FAST
@given(words, st.none() | words)
def test_no_task_breaks_a_limit_or_smuggles_markup(text: str, user: str | None) -> None:
    assert_taken([render_opening(task(text, user))])


@FAST
@given(
    st.lists(st.tuples(words, st.sampled_from(["waits", "runs", "ended"]), tuples(calls, 6)), max_size=60),
    tuples(words, 6),
    st.booleans(),
)
def test_no_plan_breaks_a_limit_or_smuggles_markup(
    steps: list[tuple[str, str, tuple[ToolResult, ...]]],
    notes: tuple[str, ...],
    has_ended: bool,  # noqa: FBT001 -- hypothesis passes it
) -> None:
    made = plan(steps, notes)
    progress = Progress(task=task())
    progress.take(PlanBuilt(task_id=TASK_ID, plan=made))
    for step, (purpose, state, results) in zip(made.steps, steps, strict=True):
        if state != "waits":
            progress.take(StepStarted(task_id=TASK_ID, step=step))
        if state == "ended":
            ending = StepResult(step_id=step.step_id, purpose=purpose, tool_results=results)
            progress.take(StepEnded(task_id=TASK_ID, step=ending))
    if has_ended:
        verdict = Verdict(passed=False, verdict=Outcome.FAILED, reasons=(), checks=())
        progress.take(RunEnded(task=task(), result=None, verification=verdict))
    assert_taken([render_plan(progress, made)])


def plan(steps: Sequence[tuple[str, str, tuple[ToolResult, ...]]], notes: tuple[str, ...] = ()) -> Plan:
    made = tuple(
        Step(step_id=f"s{number}", purpose=purpose, tool_calls=tuple(ToolCall(tool=call.tool) for call in results))
        for number, (purpose, _, results) in enumerate(steps)
    )
    return Plan(brief=Brief(intents=(Intent.LOOKUP,), is_incident=False), steps=made, notes=notes)


@given(words)
def test_text_for_markup_is_escaped_and_text_for_none_holds_no_control_sequence(text: str) -> None:
    assert not UNESCAPED.search(escape(text))
    assert not CONTROL_SEQUENCE.search(literal(text))


@given(words, st.integers(2, 300))
def test_a_cut_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
    assert len(cut_middle(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("error_rate_percent", "error_rate_percent"),
        ("mail ada@here.example", "mail ada@\u2060here.example"),
        ("*bold*", "\u2060*\u2060bold\u2060*\u2060"),
        ("_italic_", "\u2060_\u2060italic\u2060_\u2060"),
        ("a\tb\x00c\u202ed", "a b cd"),
    ],
)
def test_escaping(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://jira.test/browse/OPS-1?a=b#c", True),
        ("http://127.0.0.1:8001/x", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://a b", False),
        ("https://user:secret@host/", False),
        ("https://host/<!channel>", False),
        ("https://[::1", False),
        (f"https://host/{'x' * 3000}", False),
    ],
)
def test_links_lead_only_to_web_pages(url: str, *, fine: bool) -> None:
    assert is_link(url, 3000) is fine


def cite(citation_id: str, locator: str, quote: str) -> Citation:
    return Citation(citation_id=citation_id, citation_source="OPS-1", locator=locator, quote=quote)


def test_citations_of_one_place_share_a_number_where_one_quote_holds_the_other() -> None:
    report = Report(
        answer="",
        claims=(Claim(text="x", kind=ClaimKind.FACT, citation_ids=("b", "a", "gone")),),
        actions=(Action(text="y", citation_ids=("c", "d")),),
        citations=(
            cite("a", "OPS-1", "status: Open assignee: none"),
            cite("b", "OPS-1", "status:  Open"),
            cite("c", "OPS-1", "priority: P1"),
            cite("d", "OPS-2", "status: Open"),
            cite("unused", "OPS-3", "status: Open"),
        ),
    )
    numbering = number_citations(report)
    assert numbering.numbers == {"b": 1, "a": 1, "c": 2, "d": 3}
    assert [citation.citation_id for citation in numbering.shown] == ["a", "c", "d"]
    assert [mark.text for mark in numbering.marks(("d", "gone", "a"))] == ["[1]", "[3]"]


def test_a_long_report_goes_over_two_messages_and_a_file_has_all_of_it() -> None:
    claims = tuple(
        Claim(text=f"number {number} " + "word " * 180, kind=ClaimKind.FACT, citation_ids=("a",))
        for number in range(100)
    )
    report = Report(answer="", claims=claims, citations=(cite("a", "OPS-1", "one\ntwo"),))
    pages = render_evidence(TASK_ID, report)
    assert len(pages) == 2
    shown = [words for page in pages for words in texts(page.rich)]
    assert f"more: in the file {evidence_file_name(TASK_ID)}" in shown[-1]
    assert_taken(pages)
    file = render_evidence_file(report)
    assert file is not None
    assert all(f"number {number} " in file for number in range(100))
    assert file.endswith("[1] OPS-1 OPS-1\n    one\n    two\n")


def test_evidence_that_the_messages_show_whole_needs_no_file() -> None:
    assert (
        render_evidence_file(Report(answer="", claims=(Claim(text="x", kind=ClaimKind.FACT, citation_ids=()),))) is None
    )


@FAST
@given(reports)
def test_a_file_can_be_written_whatever_it_tells(report: Report) -> None:
    whole = render_evidence_file(report)
    assert whole is None or "\x00" not in whole.encode().decode()


def test_every_cited_source_is_shown_under_its_number() -> None:
    sources: list[Any] = [
        cite(f"c{number}", f"https://jira.test/OPS-{number}", f"quote {number}") for number in range(40)
    ]
    report = Report(
        answer="",
        claims=tuple(
            Claim(text=f"claim {it.citation_id}", kind=ClaimKind.FACT, citation_ids=(it.citation_id,)) for it in sources
        ),
        citations=tuple(sources),
    )
    shown = " ".join(words for page in render_evidence(TASK_ID, report) for words in texts(page.rich))
    for number in range(40):
        assert f"claim c{number}  [{number + 1}]" in shown
        assert f"[{number + 1}]  OPS-1  “quote {number}”" in shown

from datetime import UTC, datetime, timedelta

from core.evidence import LogLine, LogLines
from core.findings.logs import change_events, group_lines, shape_of

START = datetime(2026, 2, 14, 10, tzinfo=UTC)


def lines(*messages: tuple[str, str]) -> LogLines:
    found = tuple(
        LogLine(timestamp=START + timedelta(seconds=index), level=level, message=message, fields={})
        for index, (level, message) in enumerate(messages)
    )
    end = START + timedelta(minutes=30)
    return LogLines(service="api", start_time=START, end_time=end, pattern=None, lines=found, truncated=False)


def test_lines_that_differ_in_numbers_and_ids_are_one_group() -> None:
    logs = lines(
        ("ERROR", "order 8f3a2b1c timed out after 3000 ms"),
        ("INFO", "order 1 done"),
        ("ERROR", "order 77aa01ff timed out after 3001 ms"),
        ("error", "pool exhausted"),
        ("WARN", "pool exhausted"),
    )
    groups = group_lines(logs)
    assert [(group.shape, len(group.lines), group.is_error) for group in groups] == [
        ("order <*> timed out after <*> ms", 2, True),
        ("pool exhausted", 1, True),
        ("pool exhausted", 1, False),
    ]


def test_words_are_no_variables() -> None:
    assert shape_of("deadline exceeded facade") == "deadline exceeded facade"
    assert shape_of("no answer cart=crt_a98a88bf: (40 of 40) = full") == "no answer cart=<*> <*> of <*> <*> full"


def test_changes_are_told_apart() -> None:
    logs = lines(
        ("INFO", "deployment v2 started"),
        ("INFO", "rollback to v1 done"),
        ("INFO", "feature flag x on"),
        ("INFO", "hi"),
    )
    assert [event.kind for event in change_events(logs.lines)] == ["deployment", "rollback", "change"]


def test_a_line_is_cited_at_its_time_and_twins_are_told_apart() -> None:
    logs = lines(("ERROR", "one"), ("ERROR", "two"))
    twins = logs.model_copy(update={"lines": (logs.lines[0], logs.lines[1].model_copy(update={"timestamp": START}))})
    first, second = (twins.cite(line) for line in twins.lines)
    assert first.citation_id != second.citation_id
    assert twins.supports(first)
    assert twins.supports(second)
    assert not twins.supports(first.model_copy(update={"quote": "three"}))

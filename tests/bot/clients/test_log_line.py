import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clients.log_line import UNKNOWN_LEVEL, Entry, read_line
from core.base import JsonObject
from tests.bot.clients.systems import at

TIME_NS = int(at(1).timestamp()) * 1_000_000_000


def read(line: str, **labels: str) -> tuple[str, str, JsonObject]:
    found = read_line(Entry(TIME_NS, line, {"service": "api", **labels}), "api")
    return found.level, found.message, found.fields


LINES: list[tuple[str, dict[str, str], tuple[str, str, JsonObject]]] = [
    ('{"message":"m","level":"WARN","code":5}', {}, ("warn", "m", {"code": 5})),
    ('{"msg":"m","severity":"Error"}', {}, ("error", "m", {})),
    ('{"message":"m"}', {"level": "info"}, ("info", "m", {})),
    ('{"message":"m","level":"debug"}', {"level": "info"}, ("debug", "m", {})),
    ('{"message":"m","level":30}', {"detected_level": "info"}, ("info", "m", {"level": 30})),
    ('{"message":"m"}', {"pod": "a"}, (UNKNOWN_LEVEL, "m", {"pod": "a"})),
    ('{"message":"m","pod":"b"}', {"pod": "a"}, (UNKNOWN_LEVEL, "m", {"pod": "b"})),
    ('{"message":"m","service":"api"}', {}, (UNKNOWN_LEVEL, "m", {})),
    ('{"message":"m","service":"db"}', {}, (UNKNOWN_LEVEL, "m", {"service": "db"})),
    ('{"message":"m","timestamp":"2026-02-14T10:01:00.000Z"}', {}, (UNKNOWN_LEVEL, "m", {})),
    ('{"message":"m","ts":"2026-02-14T09:00:00Z"}', {}, (UNKNOWN_LEVEL, "m", {"ts": "2026-02-14T09:00:00Z"})),
    ('{"message":7,"a":1}', {}, (UNKNOWN_LEVEL, '{"message":7,"a":1}', {"message": 7, "a": 1})),
    ('{"message":"a\\u0000b\\ud800"}', {}, (UNKNOWN_LEVEL, "a\ufffdb\ufffd", {})),
    ('{"message":"m","x":NaN,"y":1e999}', {}, (UNKNOWN_LEVEL, "m", {"x": "NaN", "y": "1e999"})),
    ("plain words", {"level": "INFO"}, ("info", "plain words", {})),
    ("plain words", {}, (UNKNOWN_LEVEL, "plain words", {})),
    ("{not json", {}, (UNKNOWN_LEVEL, "{not json", {})),
    ("[1, 2]", {}, (UNKNOWN_LEVEL, "[1, 2]", {})),
    ("", {}, (UNKNOWN_LEVEL, "", {})),
    ("a\x00b", {}, (UNKNOWN_LEVEL, "a\ufffdb", {})),
]


@pytest.mark.parametrize(("line", "labels", "expected"), LINES)
def test_a_line_becomes_message_level_and_fields(
    line: str, labels: dict[str, str], expected: tuple[str, str, JsonObject]
) -> None:
    assert read(line, **labels) == expected


@pytest.mark.parametrize("depth", [300, 5_000, 100_000])
def test_a_line_nested_too_deep_is_its_own_message(depth: int) -> None:
    line = '{"message":"m","a":' + "[" * depth + "]" * depth + "}"
    assert read(line)[1] in {line, "m"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text() | st.dictionaries(st.text() | st.sampled_from(["message", "level"]), json_values).map(json.dumps))
@example('{"message":"' + "9" * 5_000 + '","n":' + "9" * 5_000 + "}")
def test_any_line_can_be_stored_as_json(line: str) -> None:
    found = read_line(Entry(TIME_NS, line, {"service": "api"}), "api")
    assert type(found).model_validate_json(found.model_dump_json()) == found
    assert "\x00" not in found.message

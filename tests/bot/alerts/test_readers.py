import pkgutil
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.alerts
from bot.alerts import HUMAN_READER, LAST_READER, READERS, Refusal, read_delivery, understand
from core.alert import Alert
from tests.bot.alerts.posts import attachment, blocks, event, section

NO_READERS = {
    "__main__", "blocks", "colour", "draft", "evaluation", "json_values", "markup", "message", "pairs", "refusals", "storms", "times",
    "titles", "vendors", "words",
}  # fmt: skip
LINKS = (
    "<https://github.com/a/b/actions/runs/1> <https://x.sentry.io/issues/1> <https://gitlab.com/x/-/pipelines/1> "
    "<https://argo.example/applications/x> <https://app.datadoghq.com/> <https://opsg.in/x> <https://x.newrelic.com/>"
)


def test_every_module_is_a_listed_reader_or_known_to_be_none() -> None:
    modules = {module.name for module in pkgutil.iter_modules(bot.alerts.__path__)}
    listed = [
        sys.modules[reader.__module__].__name__.rsplit(".", 1)[-1] for reader in (*READERS, LAST_READER, HUMAN_READER)
    ]
    assert sorted(listed) == sorted(set(listed))
    assert modules - NO_READERS == set(listed)


# whatever JSON there is, under the keys that a message may have as often as under others
KEYS = st.sampled_from(
    "type text blocks attachments elements fields title value title_link fallback color actions url ts event_ts message user bot_id "
    "previous_message deleted_ts thread_ts style accessory footer pretext author_name username event authorizations".split()
) | st.text(max_size=5)  # fmt: skip
WORDS = st.sampled_from(
    ["section", "rich_text", "header", "button", "text", "link", "[FIRING:1] X (y)", "*a:* `b`", "<!date^1^x|y>", "https://x.sentry.io/issues/1",
     "Resolved in 4m: x", "Alarm Name", "danger", "<", "&lt;", "message", "Triggered #1: x", LINKS]
) | st.text(max_size=40)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, st.dictionaries(KEYS, JSON, max_size=8))
def test_no_json_makes_a_reader_raise(anything: object, parts: dict[str, object]) -> None:
    assert isinstance(understand(anything), Alert | Refusal)
    assert isinstance(understand({"event": {"bot_id": "B1", **parts, "type": "message"}}), Alert | Refusal)
    read_delivery({"event": {**parts, "type": "message"}})


@pytest.mark.parametrize(
    "unit",
    [
        "(", "*a ", "<", "a: ", " - a = b", ":a:", ":a", "is ", "*", "_", "`", "a`", "a ", " ", "\n", "alert ", "http://", "<http://x|",
        '"a', "changed state to ", "1 ", "2026-", "[a", "[a] ", "declaring ", "Pipeline # ", "pipeline a of branch b ", "a - #1 ",
        "• a `b` ", "*a:* ", "A:  b  ", "-", "x@", "Short ID: ", "a", "A", "a-", "a.b/", "Labels:\n - a = b\n", "resolved in a ", "not yet ",
        "CloudWatch Alarm | a | ", "The sync operation of application ", "since ", "@a ",
    ],
)  # fmt: skip
def test_the_time_a_post_takes_is_bounded(unit: str) -> None:
    text = (unit * 8_000)[:8_000]
    posts = (
        attachment(title=text, text=text, fallback=text, pretext=text, top=LINKS, username="Alertmanager"),
        blocks(*[section(text)] * 50, text=LINKS),
        event(text=text, user="U1", bot_id=None),
    )
    for post in posts:
        began = time.perf_counter()
        understand(post)
        assert time.perf_counter() - began < 20.0  # some 0.2 where nothing else runs; back-tracking would take minutes

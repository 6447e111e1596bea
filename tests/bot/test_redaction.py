import io
import json
import logging
from collections.abc import Generator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import configure_logging
from bot.redaction import REDACTED, redact, redact_values

SECRETS = [
    ("xoxb-12345-67890-AbCdEf", "xoxb-12345-67890-AbCdEf"),
    ("token is xoxe.xoxp-1-Mi0yLTEy here", "Mi0yLTEy"),
    ("xapp-1-A0B1-22-deadbeef", "deadbeef"),
    ("https://hooks.slack.com/services/T000/B000/XXXXYYYY", "XXXXYYYY"),
    ("Authorization: Bearer abc.def-ghi_jkl=", "abc.def"),
    ("authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("postgresql://orch:hunter22@db:5432/orch", "hunter22"),
    ("postgresql://orch:p@ss:w0rd@db:5432/orch", "w0rd"),
    ("http://:onlypass1@host/", "onlypass1"),
    ("password=hunter22&x=1", "hunter22"),
    ('{"client_secret": "hunter22"}', "hunter22"),
    ("OPENAI_API_KEY=abcd1234", "abcd1234"),
    ("sk-proj-abcdefghijkl", "abcdefghijkl"),
    ("eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJSM", "SflKxwRJSM"),
    ("ghp_abcdefghijklmnop", "abcdefghijklmnop"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_what_looks_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "the token bucket is empty",
        "GET /tasks/0190a1b2-5d1c-7e3f-8a4b-9c6d7e8f0a1b 200 in 4 ms",
        "basic checks passed; bearer of bad news",
        "http://127.0.0.1:8000/docs",
        "policies/policy_v2.md:40-44",
        "error rate 2.5% for 6 minutes",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


@given(st.text())
def test_redaction_settles(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_known_secret_is_nowhere(value: Any) -> None:
    nested = {"a": [value, ("known-secret-1", {"b known-secret-1": "x known-secret-1 y"})]}
    assert "known-secret-1" not in repr(redact_values(nested, ["known-secret-1"]))


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    output = io.StringIO()
    configure_logging(["s3cr3t-value"], stream=output)
    yield output
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_lines_are_json_without_secrets(stream: io.StringIO) -> None:
    log = structlog.stdlib.get_logger("orch.test")
    try:
        int("postgresql://me:hunter22@db/x with s3cr3t-value")
    except ValueError:
        log.exception("it.broke", password="plain-words", nested={"api_key": "abc", "list": ["xoxb-1-2-3abc"]}, n=1)
    logging.getLogger("library").warning("Bearer %s", "abcdefghijk", extra={"slack_token": "zzz"})
    logging.getLogger("uvicorn.error").error("Traceback for %s", "postgresql://me:hunter22@db/x")
    text = stream.getvalue()
    for secret in ("hunter22", "s3cr3t-value", "plain-words", 'abc"', "xoxb-1", "abcdefghijk", "zzz"):
        assert secret not in text
    first, *others = [json.loads(line) for line in text.splitlines()]
    assert first["event"] == "it.broke"
    assert first["level"] == "error"
    assert first["n"] == 1
    assert "ValueError" in first["exception"]
    assert len(others) == 2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.words import query_words, stem, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dbPoolSize", ["dbpoolsize", "db", "pool", "size"]),
        ("db.pool.active", ["db.pool.active", "db", "pool", "active"]),
        ("on-call", ["on-call", "oncall", "on", "call"]),
        ("P1 SEV-2", ["p1", "sev-2", "sev2", "sev"]),
        ("OPS-142", ["ops-142", "ops"]),
        ("v1.2.3", ["v1.2.3", "1.2.3"]),
        ("2.5% for 1,200 ms", ["2.5", "for", "1200", "ms"]),
        ("2026-02-14T10:00:00Z", ["2026-02-14", "10:00"]),
        ("since 2026-02-14 at 9:05", ["since", "2026-02-14", "at", "9:05"]),
        ("15min", ["15min", "15"]),
        ("E4012", ["e4012"]),
        ("größer", ["größer"]),
        ("", []),
        ('"*(^~AND', ["and"]),
    ],
)
def test_identifiers_numbers_and_dates_are_kept_and_taken_apart(text: str, expected: list[str]) -> None:
    found = words(text)

    assert [word if word in found else stem(word) for word in expected] == found


@pytest.mark.parametrize(
    "forms",
    [
        ("escalate", "escalated", "escalating", "escalates", "escalation"),
        ("policy", "policies"),
        ("page", "paged", "paging", "pages"),
        ("acknowledge", "acknowledgement", "acknowledges"),
        ("crash", "crashes", "crashed"),
        ("drop", "dropped", "dropping"),
        ("deploy", "deployment", "deployed"),
    ],
)
def test_forms_of_a_word_are_one_word(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["status", "this", "class", "ops", "p1", "ring", "red", "analysis"])
def test_words_that_only_look_like_a_form_stay(word: str) -> None:
    assert stem(word) == word


def test_a_question_loses_its_stop_words_and_repetitions() -> None:
    assert query_words("What is the policy, and who is the policy for?") == ["policy"]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_words_of_any_text_hold_no_blank_and_no_quote(text: str) -> None:
    for word in words(text):
        assert word
        assert not set(word) & set(" \t\n\"'*()^")

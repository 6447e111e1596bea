import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.commands.help_texts import tell_at_once, tell_help
from bot.slack.commands.words import NAMES, Command, Unknown, read_command, read_words
from tests.bot.slack.fake_slack import check_message

WORDS = st.text(max_size=60)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", Command(name="help")),
        ("  HELP  ", Command(name="help")),
        ("help rerun", Command(name="help", argument="rerun")),
        ("analyze saas-api P1 last 30 min", Command(name="analyze", argument="saas-api P1 last 30 min")),
        ("ANALYSE\ndisk  full", Command(name="analyze", argument="disk  full")),
        ("re-run 1a2b3c4d", Command(name="rerun", argument="1a2b3c4d")),
        ("stop", Command(name="cancel")),
        ("on-call next week", Command(name="oncall", argument="next week")),
        ("statsu", Unknown(word="statsu", suggestion="/orch status")),
        ("analize the disk", Unknown(word="analize", suggestion="/orch analyze the disk")),
        ("checkout is slow", Unknown(word="checkout", suggestion="/orch analyze checkout is slow")),
    ],
)
def test_words_after_the_command_are_read(typed: str, read: Command | Unknown) -> None:
    assert read_command(typed) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", Command(name="help")),
        ("help", Command(name="help")),
        ("help me with checkout", Command(name="analyze", argument="help me with checkout")),
        ("status", Command(name="status")),
        ("status of checkout?", Command(name="analyze", argument="status of checkout?")),
        ("rerun", Command(name="rerun")),
        ("cancel 1a2b3c4d", Command(name="cancel", argument="1a2b3c4d")),
        ("cancel the order job?", Command(name="analyze", argument="cancel the order job?")),
        ("oncall next week?", Command(name="oncall", argument="next week")),
        ("oncall says checkout is slow", Command(name="analyze", argument="oncall says checkout is slow")),
        ("who is on call?", Command(name="analyze", argument="who is on call?")),
        ("analyze the disk", Command(name="analyze", argument="the disk")),
        ("why is checkout slow?", Command(name="analyze", argument="why is checkout slow?")),
    ],
)
def test_words_after_a_mention_are_a_command_only_where_they_can_be_nothing_else(said: str, read: Command) -> None:
    assert read_words(said) == read


@given(WORDS)
def test_any_words_are_read_and_none_is_lost(typed: str) -> None:
    read = read_command(typed)
    if isinstance(read, Unknown):
        assert read.suggestion.startswith("/orch ")
        assert read.word in typed
    else:
        assert read.name in NAMES
        assert read.argument in typed or read.argument.split() == typed.split()[1:]
    told = read_words(typed)
    assert told.name in NAMES
    if told.name == "analyze":
        assert told.argument.split() in (typed.split(), typed.split()[1:])


@given(st.sampled_from(NAMES), WORDS)
def test_a_command_is_known_in_any_case_and_with_any_argument(name: str, argument: str) -> None:
    for typed in (f"{name} {argument}", f"  {name.upper()} {argument}"):
        read = read_command(typed)
        assert isinstance(read, Command)
        assert read.name == name
        assert read.argument == argument.strip()


@given(WORDS)
def test_what_is_answered_at_once_keeps_to_slacks_limits(typed: str) -> None:
    answer = tell_at_once(typed)
    if answer is not None:
        message = answer.message
        assert check_message(message.rich, message.text) == []
        assert check_message(message.plain, message.text) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_command_is_explained_and_listed(name: str) -> None:
    assert f"/orch {name}" in tell_help(name).message.text
    assert f"/orch {name}" in tell_help().message.text
    assert f"/orch {name}" in tell_help(f"/orch {name[:-1]}").message.text

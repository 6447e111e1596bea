"""What of Slack is half set is told, and what is set opens the door it is for."""

import pytest

from bot.settings import Settings, load_settings
from core.errors import SettingsError

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-1-secret"}
SIGNED = {"SLACK_SIGNING_SECRET": "signing-secret"}
SOCKET = {"SLACK_APP_TOKEN": "xapp-1-secret"}
CLIENT = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client-secret"}
KEY = {"ORCHESTRATOR_SECRET_KEY": "k" * 32}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (CLIENT | SIGNED, "ORCHESTRATOR_SECRET_KEY"),
        ({"SLACK_CLIENT_ID": "1.2"} | SIGNED | KEY, "SLACK_CLIENT_SECRET is not"),
        ({"SLACK_CLIENT_SECRET": "client-secret"} | TOKEN | SIGNED, "SLACK_CLIENT_ID is not"),
        (CLIENT | KEY, "SLACK_APP_TOKEN (socket mode)"),
        (SOCKET, "SLACK_BOT_TOKEN is not set, though SLACK_APP_TOKEN is"),
        (TOKEN, "neither SLACK_SIGNING_SECRET"),
        (CLIENT | SIGNED | {"ORCHESTRATOR_SECRET_KEY": "too-short-a-key"}, "32 characters"),
        (TOKEN | SOCKET | {"ORCHESTRATOR_SLACK_SOCKET_SILENCE_S": "0"}, "seconds above 0"),
    ],
)
def test_what_is_half_set_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=missing.replace("(", r"\(").replace(")", r"\)")) as told:
        load_settings(env_file=None)
    assert not any(
        secret in str(told.value) for secret in ("-1-secret", "client-secret", "signing-secret", "too-short-a")
    )


@pytest.mark.parametrize(
    ("given", "closed", "http_closed"),
    [
        ({}, True, True),
        (TOKEN | SIGNED, False, False),
        (TOKEN | SOCKET, False, True),
        (TOKEN | SOCKET | SIGNED, False, False),
        (CLIENT | KEY | SIGNED, False, False),
        (CLIENT | KEY | SOCKET | TOKEN, False, True),
    ],
)
def test_which_doors_are_open(given: dict[str, str], closed: bool, http_closed: bool) -> None:  # noqa: FBT001 -- a table
    settings = Settings.model_validate(given)
    assert (settings.slack_closed_because is not None) is closed
    assert (settings.slack_http_closed_because is not None) is http_closed


def test_every_secret_is_known_as_one() -> None:
    settings = Settings.model_validate(TOKEN | SOCKET | SIGNED | CLIENT | KEY)
    assert {"xoxb-1-secret", "xapp-1-secret", "signing-secret", "client-secret", "k" * 32} <= set(settings.secrets)

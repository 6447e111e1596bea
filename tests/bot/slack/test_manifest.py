from typing import Any

import pytest
import yaml

from bot.settings import CHECKOUT
from bot.slack.listeners.command import COMMAND


@pytest.fixture
def manifest() -> dict[str, Any]:
    return yaml.safe_load((CHECKOUT / "manifest.yml").read_text())


def test_names_and_descriptions_keep_to_slacks_limits(manifest: dict[str, Any]) -> None:
    """https://docs.slack.dev/reference/app-manifest"""
    about = manifest["display_information"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    for command in manifest["features"]["slash_commands"]:
        assert command["command"].startswith("/")
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000


def test_slack_sends_the_command_that_orch_listens_to_to_its_one_endpoint(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["url"] == "https://YOUR-HOST/slack/events"
    assert manifest["settings"]["socket_mode_enabled"] is False


def test_the_app_asks_for_what_it_uses_and_no_more(manifest: dict[str, Any]) -> None:
    scopes = {"commands", "chat:write", "chat:write.public"}
    scopes |= {"channels:history", "groups:history", "channels:read", "groups:read"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == scopes
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_slack_sends_the_messages_of_channels_to_the_same_endpoint(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]
    assert events["request_url"] == "https://YOUR-HOST/slack/events"
    assert set(events["bot_events"]) == {"message.channels", "message.groups"}

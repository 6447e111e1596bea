import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient
from typer.testing import CliRunner

from bot.__main__ import program
from bot.settings import CHECKOUT
from bot.slack.manifest import BOT_EVENTS, BOT_SCOPES, COMMAND, METHOD_SCOPES, OPTIONAL_SCOPES, render_manifest

URL = "https://YOUR-HOST/slack/events"


@pytest.fixture(params=["manifest.yml", "manifest.socket.yml"])
def file(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def manifest(file: str) -> dict[str, Any]:
    return yaml.safe_load((CHECKOUT / file).read_text())


def test_the_file_is_what_its_source_makes(file: str) -> None:
    assert (CHECKOUT / file).read_text() == render_manifest(socket="socket" in file)


def test_names_and_descriptions_keep_to_slacks_limits(manifest: dict[str, Any]) -> None:
    """https://docs.slack.dev/reference/app-manifest"""
    about, features = manifest["display_information"], manifest["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z]{1,31}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    assert len(features["shortcuts"]) <= 10
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["callback_id"]) <= 255
        assert len(shortcut["description"]) <= 150


def test_it_is_an_agent_with_a_messages_tab_and_no_assistant(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    assert "assistant_view" not in features
    assert 0 < len(features["agent_view"]["agent_description"]) <= 300
    prompts = features["agent_view"]["suggested_prompts"]
    assert 0 < len(prompts) <= 4
    assert all(prompt.keys() == {"title", "message"} for prompt in prompts)
    home = features["app_home"]
    assert (home["home_tab_enabled"], home["messages_tab_enabled"]) == (True, True)
    assert home["messages_tab_read_only_enabled"] is False


def test_the_shortcuts_are_there(manifest: dict[str, Any]) -> None:
    found = {item["callback_id"]: (item["type"], item["name"]) for item in manifest["features"]["shortcuts"]}
    assert found["orch_investigate"] == ("message", "Investigate this message")


def test_the_app_asks_for_these_scopes_and_no_more(manifest: dict[str, Any]) -> None:
    wanted = """commands chat:write app_mentions:read channels:history groups:history channels:read groups:read im:history
        reactions:write users:read files:write chat:write.public"""
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == set(wanted.split()) == {*BOT_SCOPES, *OPTIONAL_SCOPES}
    assert scopes["bot_optional"] == ["chat:write.public"]
    assert "user" not in scopes


def test_it_hears_of_these_events_and_has_their_scopes(manifest: dict[str, Any]) -> None:
    wanted = """app_mention app_home_opened message.channels message.groups message.im member_joined_channel
        app_uninstalled tokens_revoked"""
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == set(wanted.split())
    assert {scope for scope in BOT_EVENTS.values() if scope} <= BOT_SCOPES.keys()


def test_over_http_everything_comes_to_one_endpoint_and_with_socket_mode_to_none() -> None:
    http, socket = (yaml.safe_load(render_manifest(socket=mode)) for mode in (False, True))
    (command,) = http["features"]["slash_commands"]
    settings = http["settings"]
    assert (command["command"], command["url"]) == (COMMAND, URL)
    assert settings["event_subscriptions"]["request_url"] == settings["interactivity"]["request_url"] == URL
    assert settings["socket_mode_enabled"] is False
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "YOUR-HOST" not in str(socket)


def test_the_program_prints_it_for_a_host() -> None:
    printed = CliRunner().invoke(program, ["manifest", "--host", "https://orch.example.com/"])
    assert printed.exit_code == 0
    manifest = yaml.safe_load(printed.output)
    assert manifest["oauth_config"]["redirect_urls"] == ["https://orch.example.com/slack/oauth_redirect"]
    assert CliRunner().invoke(program, ["manifest", "--socket"]).output == render_manifest(socket=True)
    assert CliRunner().invoke(program, ["manifest", "--host", "no host"]).exit_code == 2


def methods_called() -> dict[str, str]:
    """Every method of the Web API whose name stands in the code, with a place where it does."""
    known = {name.replace("_", ".").lower() for name in dir(AsyncWebClient) if not name.startswith("_")}
    known -= {"base.url", "api.call"}
    found: dict[str, str] = {}
    for path in sorted((CHECKOUT / "bot/slack").rglob("*.py")):
        if path.name == "manifest.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            named = (
                node.value if isinstance(node, ast.Constant) else node.attr if isinstance(node, ast.Attribute) else None
            )
            if not isinstance(named, str) or not isinstance(node, ast.expr):
                continue
            name = named if "." in named else named.replace("_", ".") if isinstance(node, ast.Attribute) else ""
            if name.lower() in known and "." in name:
                found[name] = f"{path.relative_to(CHECKOUT)}:{node.lineno}"
    return found


def test_every_method_that_the_code_calls_has_its_scope_in_the_manifest() -> None:
    called = methods_called()
    assert {"chat.postMessage", "chat.update", "auth.test", "conversations.info"} <= called.keys()
    unknown = {name: place for name, place in called.items() if name not in METHOD_SCOPES}
    assert not unknown, f"add these to METHOD_SCOPES, with their scopes: {unknown}"
    scopes = {METHOD_SCOPES[name] for name in called} - {None}
    assert scopes <= BOT_SCOPES.keys()


def test_the_files_lie_where_the_readme_says(file: str) -> None:
    assert Path(CHECKOUT / file).is_file()

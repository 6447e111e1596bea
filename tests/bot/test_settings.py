from pathlib import Path

import pytest

from bot.settings import CHECKOUT, Settings, load_settings
from core.errors import SettingsError

SPEC_DEFAULTS = {
    "ORCHESTRATOR_DATABASE_URL": None,
    "ORCHESTRATOR_PLANNER_MODE": "deterministic",
    "ORCHESTRATOR_EXECUTOR_MODE": "deterministic",
    "ORCHESTRATOR_LLM_PROVIDER": "openai",
    "ORCHESTRATOR_LLM_MODEL": "gpt-4o-mini",
    "ORCHESTRATOR_LLM_BASE_URL": "https://api.openai.com/v1",
    "ORCHESTRATOR_LLM_TRACE": False,
    "OPENAI_API_KEY": None,
    "COMPANY_JIRA_BASE_URL": None,
    "COMPANY_METRICS_BASE_URL": None,
    "COMPANY_LOGS_BASE_URL": None,
    "ORCHESTRATOR_COMPANY_TOOL_TIMEOUT_S": 10.0,
    "ORCHESTRATOR_COMPANY_SIM_ROOT": CHECKOUT / "company_details/company_sim",
    "ORCHESTRATOR_RAG_RERANK_MODE": "auto",
    "ORCHESTRATOR_RAG_RERANK_TIMEOUT_S": 8.0,
    "MANUAL_TOOL_TIMEOUT_S": 10.0,
    "SLACK_BOT_TOKEN": None,
    "SLACK_SIGNING_SECRET": None,
    "SLACK_APP_TOKEN": None,
    "SLACK_API_URL": None,
    "ORCHESTRATOR_SLACK_ALERT_CHANNELS": None,
    "ORCHESTRATOR_HOST": "127.0.0.1",
    "ORCHESTRATOR_PORT": 8000,
    "ORCHESTRATOR_DATA_DIR": CHECKOUT / "data",
}


def test_every_setting_has_its_default() -> None:
    settings = load_settings(env_file=None)
    found = {field.validation_alias: getattr(settings, name) for name, field in Settings.model_fields.items()}
    assert {name: found[name] for name in SPEC_DEFAULTS} == SPEC_DEFAULTS
    assert settings.rag_index_path == CHECKOUT / "data/rag_index.sqlite"
    assert settings.slack_closed_because == "SLACK_BOT_TOKEN is not set"


@pytest.mark.parametrize("name", SPEC_DEFAULTS)
def test_an_empty_value_is_unset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert load_settings(env_file=None) == Settings.model_validate({})


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("ORCHESTRATOR_PORT=9001\nORCHESTRATOR_HOST=0.0.0.0\nUNKNOWN=1\nMANUAL_TOOL_TIMEOUT_S=\n")
    monkeypatch.setenv("ORCHESTRATOR_PORT", "9002")
    settings = load_settings(env_file=file)
    assert (settings.port, settings.host, settings.manual_tool_timeout_s) == (9002, "0.0.0.0", 10.0)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ORCHESTRATOR_PLANNER_MODE", "llm", "later release: set it to deterministic"),
        ("ORCHESTRATOR_EXECUTOR_MODE", "llm", "later release: set it to deterministic"),
        ("ORCHESTRATOR_RAG_RERANK_MODE", "quantum", "auto, deterministic or llm"),
        ("ORCHESTRATOR_PLANNER_MODE", "quantum", "'quantum': set it to deterministic"),
        ("ORCHESTRATOR_LLM_PROVIDER", "acme", "'acme': set it to openai"),
        ("ORCHESTRATOR_PORT", "http", "'http': set it to a whole number"),
        ("ORCHESTRATOR_PORT", "65536", "whole number from 1 to 65535"),
        ("ORCHESTRATOR_TOOL_TIMEOUT_S", "0", "seconds above 0"),
        ("ORCHESTRATOR_TOOL_TIMEOUT_S", "nan", "seconds above 0"),
        ("ORCHESTRATOR_TOOL_MAX_RETRIES", "-1", "whole number from 0"),
        ("ORCHESTRATOR_LLM_TRACE", "perhaps", "0 or 1"),
        ("COMPANY_JIRA_BASE_URL", "jira.internal", "'jira.internal': set it to a URL"),
        ("COMPANY_LOGS_BASE_URL", "http://host:port", "set it to a URL"),
        ("COMPANY_METRICS_BASE_URL", "ftp://host", "set it to a URL"),
        ("COMPANY_METRICS_BASE_URL", "http://[::1", "set it to a URL"),
        ("ORCHESTRATOR_DATABASE_URL", "sqlite:///x.db", "postgresql://"),
        ("SLACK_APP_TOKEN", "xapp-1", "SLACK_BOT_TOKEN"),
        ("ORCHESTRATOR_SLACK_ALERT_CHANNELS", " , ", "ids or names of channels"),
        ("ORCHESTRATOR_SLACK_ALERT_CHANNELS", "two words", "ids or names of channels"),
        ("SLACK_SIGNING_SECRET", "abcdefgh", "SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_SIGNING_SECRET"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    assert name in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("ORCHESTRATOR_DATABASE_URL", "mysql://me:hunter22@host/x", "hunter22"),
        ("COMPANY_JIRA_BASE_URL", "http://me:hunter22@host:port", "hunter22"),
        ("SLACK_BOT_TOKEN", "xoxb-hunter 22", "hunter"),
        ("OPENAI_API_KEY", "sk-hunter\u2013xx", "hunter"),
        ("ORCHESTRATOR_PORT", "xoxb-123-hunter22", "hunter22"),
    ],
)
def test_a_secret_is_not_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str, secret: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    assert name in str(caught.value)
    assert secret not in str(caught.value)


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PORT", "x")
    monkeypatch.setenv("MANUAL_TOOL_TIMEOUT_S", "y")
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    assert len(str(caught.value).splitlines()) == 2


def test_secrets_are_known_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", "postgresql://me:hunter22@host/x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-token")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", " signing-secret \n")
    settings = load_settings(env_file=None)
    assert {"hunter22", "xoxb-token", "signing-secret"} <= set(settings.secrets)
    assert "hunter22" not in repr(settings)
    assert "signing-secret" not in repr(settings)
    assert settings.slack_closed_because is None


@pytest.mark.parametrize("value", ["alerts,C0123456789", " #alerts , C0123456789,, alerts"])
def test_alert_channels_are_a_list_of_ids_and_names(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ORCHESTRATOR_SLACK_ALERT_CHANNELS", value)
    assert load_settings(env_file=None).slack_alert_channels == {"alerts", "C0123456789"}


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_bytes(b"ORCHESTRATOR_HOST=\xff\xfe\n")
    with pytest.raises(SettingsError, match="settings cannot be read"):
        load_settings(env_file=file)

"""What the operator chose: the only reader of the environment and of `.env`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.digest_teams import DEFAULT_CRON, DigestTeam, read_teams
from bot.redaction import redact
from core.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parent.parent

_SAID = "said"
"""The type of an error whose message names the variable and the remedy itself."""
_KEY_CHARS = 32
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
"""https://docs.slack.dev/reference/objects/user-object"""
_DATABASE_SCHEMES = {"postgresql", "postgres", "postgresql+psycopg"}


def _check_http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not an http(s) URL")
    _ = parts.port  # raises ValueError where it is no port
    return value.rstrip("/")


def _check_database_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in _DATABASE_SCHEMES or not (parts.netloc or parts.query):
        raise ValueError("not a PostgreSQL URL")
    _ = parts.port
    return value


def _check_secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value().strip()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("not a token")
    return SecretStr(secret)


def _check_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _KEY_CHARS:
        raise ValueError("too short a key")
    return value


def _refuse_model(value: str) -> str:
    if value == "llm":
        raise PydanticCustomError("model_mode", "the model modes come with a later release")
    return value


def _read_channels(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = frozenset(name.strip().removeprefix("#") for name in value.split(",") if name.strip())
    if not names or any(not name or not name.isprintable() or " " in name for name in names):
        raise ValueError("not a list of channels")
    return names


def _read_digests(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return read_teams(value)
    except (ValueError, SettingsError) as error:
        raise PydanticCustomError(_SAID, "ORCHESTRATOR_DIGESTS cannot be used: {why}", {"why": str(error)}) from None


def _read_users(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = frozenset(name.strip() for name in value.split(",") if name.strip())
    if not ids or not all(_USER_ID.fullmatch(name) for name in ids):
        raise ValueError("not a list of user ids")
    return ids


_Digests = Annotated[tuple[DigestTeam, ...], NoDecode, BeforeValidator(_read_digests)]
_Hours = Annotated[float, Field(gt=0, le=24 * 6, allow_inf_nan=False)]
_Users = Annotated[frozenset[str], NoDecode, BeforeValidator(_read_users)]
_Quota = Annotated[int, Field(ge=0, le=100_000)]
_Channels = Annotated[frozenset[str], NoDecode, BeforeValidator(_read_channels)]
_HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
_Secret = Annotated[SecretStr, AfterValidator(_check_secret)]
_Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
_BackoffSeconds = Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)]
_Places = Annotated[int, Field(ge=1, le=1000)]
_Days = Annotated[int, Field(ge=0, le=36_500)]
_Retries = Annotated[int, Field(ge=0, le=20)]
_Mode = Annotated[Literal["deterministic", "llm"], AfterValidator(_refuse_model)]
_RerankMode = Literal["auto", "deterministic", "llm"]

_QUOTA = "a whole number of tasks an hour (0: as many as they like)"
_SECONDS = "a number of seconds above 0 and up to 3600"
_BACKOFF = "a number of seconds from 0 to 600"
_RETRIES = "a whole number from 0 to 20"
_PLACES = "a whole number from 1 to 1000"
_HTTP_URL = "a URL such as http://127.0.0.1:8001, without a query"
_TOKEN = "the token as Slack shows it, with no blanks in it"  # noqa: S105 -- a remedy in words
_FOLDER = "the path of a folder"


def _setting(name: str, default: Any, remedy: str) -> Any:
    return Field(default=default, validation_alias=name, description=remedy)


class Settings(BaseSettings):
    """Every setting with its default. An empty value counts as unset; `load_settings` reads them all at once.

    The description of each field is its remedy: what to set it to.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8", hide_input_in_errors=True
    )

    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)] | None = _setting(
        "ORCHESTRATOR_DATABASE_URL", None, "a URL such as postgresql://user:password@host:5432/orch"
    )
    planner_mode: _Mode = _setting("ORCHESTRATOR_PLANNER_MODE", "deterministic", "deterministic")
    executor_mode: _Mode = _setting("ORCHESTRATOR_EXECUTOR_MODE", "deterministic", "deterministic")
    tool_timeout_s: _Seconds = _setting("ORCHESTRATOR_TOOL_TIMEOUT_S", 20.0, _SECONDS)
    tool_max_retries: _Retries = _setting("ORCHESTRATOR_TOOL_MAX_RETRIES", 2, _RETRIES)
    tool_backoff_s: _BackoffSeconds = _setting("ORCHESTRATOR_TOOL_BACKOFF_S", 0.2, _BACKOFF)

    workers: Literal["inside", "separate"] = _setting(
        "ORCHESTRATOR_WORKERS", "inside", "inside (the app runs the tasks) or separate (`python -m bot worker` does)"
    )
    worker_concurrency: _Places = _setting("ORCHESTRATOR_WORKER_CONCURRENCY", 8, _PLACES)
    worker_per_channel: _Places = _setting("ORCHESTRATOR_WORKER_PER_CHANNEL", 6, _PLACES)
    run_deadline_s: _Seconds = _setting("ORCHESTRATOR_RUN_DEADLINE_S", 120.0, _SECONDS)
    stop_grace_s: _BackoffSeconds = _setting("ORCHESTRATOR_STOP_GRACE_S", 10.0, _BACKOFF)
    retention_days: _Days = _setting("ORCHESTRATOR_RETENTION_DAYS", 0, "a whole number of days (0: tasks are kept)")

    openai_api_key: _Secret | None = _setting("OPENAI_API_KEY", None, "the key, with no blanks in it")
    llm_provider: Literal["openai"] = _setting("ORCHESTRATOR_LLM_PROVIDER", "openai", "openai")
    llm_model: str = _setting("ORCHESTRATOR_LLM_MODEL", "gpt-4o-mini", "the name of a model")
    llm_base_url: _HttpUrl = _setting("ORCHESTRATOR_LLM_BASE_URL", "https://api.openai.com/v1", _HTTP_URL)
    llm_max_retries: _Retries = _setting("ORCHESTRATOR_LLM_MAX_RETRIES", 2, _RETRIES)
    llm_backoff_s: _BackoffSeconds = _setting("ORCHESTRATOR_LLM_BACKOFF_S", 0.5, _BACKOFF)
    llm_trace: bool = _setting("ORCHESTRATOR_LLM_TRACE", False, "0 or 1")
    planner_timeout_s: _Seconds = _setting("ORCHESTRATOR_PLANNER_TIMEOUT_S", 30.0, _SECONDS)
    executor_llm_timeout_s: _Seconds = _setting("ORCHESTRATOR_EXECUTOR_LLM_TIMEOUT_S", 20.0, _SECONDS)

    jira_base_url: _HttpUrl | None = _setting("COMPANY_JIRA_BASE_URL", None, _HTTP_URL)
    metrics_base_url: _HttpUrl | None = _setting("COMPANY_METRICS_BASE_URL", None, _HTTP_URL)
    logs_base_url: _HttpUrl | None = _setting("COMPANY_LOGS_BASE_URL", None, _HTTP_URL)
    company_tool_timeout_s: _Seconds = _setting("ORCHESTRATOR_COMPANY_TOOL_TIMEOUT_S", 10.0, _SECONDS)
    company_root: Path = _setting("ORCHESTRATOR_COMPANY_SIM_ROOT", CHECKOUT / "company_details/company_sim", _FOLDER)

    chosen_rag_index_path: Path | None = _setting("ORCHESTRATOR_RAG_INDEX_PATH", None, "the path of a file")
    rag_engine: Literal["auto", "sqlite", "large"] = _setting(
        "ORCHESTRATOR_RAG_ENGINE", "auto", "auto, sqlite or large"
    )
    rag_rerank_mode: _RerankMode = _setting("ORCHESTRATOR_RAG_RERANK_MODE", "auto", "auto, deterministic or llm")
    rag_rerank_timeout_s: _Seconds = _setting("ORCHESTRATOR_RAG_RERANK_TIMEOUT_S", 8.0, _SECONDS)

    manual_tool_timeout_s: _Seconds = _setting("MANUAL_TOOL_TIMEOUT_S", 10.0, _SECONDS)

    slack_bot_token: _Secret | None = _setting("SLACK_BOT_TOKEN", None, _TOKEN)
    slack_signing_secret: _Secret | None = _setting("SLACK_SIGNING_SECRET", None, _TOKEN)
    slack_app_token: _Secret | None = _setting("SLACK_APP_TOKEN", None, _TOKEN)
    slack_alert_channels: _Channels | None = _setting(
        "ORCHESTRATOR_SLACK_ALERT_CHANNELS", None, "ids or names of channels, with commas between them"
    )
    slack_allowed_channels: _Channels | None = _setting(
        "ORCHESTRATOR_SLACK_ALLOWED_CHANNELS", None, "ids or names of channels, with commas between them"
    )
    slack_allowed_users: _Users | None = _setting(
        "ORCHESTRATOR_SLACK_ALLOWED_USERS", None, "ids of users, such as U012AB3CD, with commas between them"
    )
    slack_guests: Literal["refuse", "allow"] = _setting("ORCHESTRATOR_SLACK_GUESTS", "refuse", "refuse or allow")
    slack_user_quota: _Quota = _setting("ORCHESTRATOR_SLACK_USER_QUOTA", 20, _QUOTA)
    slack_channel_quota: _Quota = _setting("ORCHESTRATOR_SLACK_CHANNEL_QUOTA", 60, _QUOTA)
    slack_api_url: _HttpUrl | None = _setting("SLACK_API_URL", None, _HTTP_URL)
    slack_client_id: str | None = _setting("SLACK_CLIENT_ID", None, "the app's client id, such as 123.456")
    slack_client_secret: _Secret | None = _setting("SLACK_CLIENT_SECRET", None, _TOKEN)
    slack_workspaces: _Channels | None = _setting(
        "ORCHESTRATOR_SLACK_WORKSPACES",
        None,
        "the ids of the workspaces that may install orch, with commas between them",
    )
    slack_socket_silence_s: _Seconds = _setting("ORCHESTRATOR_SLACK_SOCKET_SILENCE_S", 30.0, _SECONDS)
    secret_key: Annotated[_Secret, AfterValidator(_check_key)] | None = _setting(
        "ORCHESTRATOR_SECRET_KEY",
        None,
        "32 characters or more that nobody can guess: openssl rand -base64 32 makes them",
    )

    digests: _Digests | None = _setting(
        "ORCHESTRATOR_DIGESTS",
        None,
        "a team each line: team=payments;channel=C012AB3CD;cron=0 9 * * 1;tz=Europe/Berlin",
    )
    digest_channel: str | None = _setting("ORCHESTRATOR_DIGEST_CHANNEL", None, "the id or name of a channel")
    digest_cron: str = _setting("ORCHESTRATOR_DIGEST_CRON", DEFAULT_CRON, "a cron expression such as 0 9 * * 1")
    digest_tz: str | None = _setting("ORCHESTRATOR_DIGEST_TZ", None, "a time zone such as Europe/Berlin")
    digest_grace_h: _Hours = _setting("ORCHESTRATOR_DIGEST_GRACE_H", 24.0, "a number of hours above 0 and up to 144")

    host: str = _setting("ORCHESTRATOR_HOST", "127.0.0.1", "the name or address of a network interface")
    port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        "ORCHESTRATOR_PORT", 8000, "a whole number from 1 to 65535 (0: any free port)"
    )
    data_dir: Path = _setting("ORCHESTRATOR_DATA_DIR", CHECKOUT / "data", _FOLDER)

    @model_validator(mode="after")
    def _slack_is_whole(self) -> Self:
        for problem in self._slack_problems():
            raise PydanticCustomError("half_slack", "{problem}", {"problem": problem})
        return self

    def _slack_problems(self) -> Iterator[str]:
        transport = self.slack_signing_secret or self.slack_app_token
        given = "SLACK_SIGNING_SECRET" if self.slack_signing_secret is not None else "SLACK_APP_TOKEN"
        if (self.slack_client_id is None) != (self.slack_client_secret is None):
            one, other = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")[:: 1 if self.slack_client_id is not None else -1]
            yield f"{one} is set, but {other} is not: set both to let workspaces install orch, or unset {one}"
        if self.slack_bot_token is None and self.slack_client_id is None and transport is not None:
            yield (
                f"SLACK_BOT_TOKEN is not set, though {given} is: set it too (or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, "
                f"for many workspaces), or unset {given} to keep the Slack door closed"
            )
        if (self.slack_bot_token or self.slack_client_id) and transport is None:
            name = "SLACK_BOT_TOKEN" if self.slack_bot_token is not None else "SLACK_CLIENT_ID"
            yield (
                f"{name} is set, but neither SLACK_SIGNING_SECRET (events over HTTP) nor SLACK_APP_TOKEN (socket mode) is: "
                f"set one of them, or unset {name} to keep the Slack door closed"
            )
        if self.slack_client_id is not None and self.secret_key is None:
            yield (
                "SLACK_CLIENT_ID is set, but ORCHESTRATOR_SECRET_KEY is not, with which the tokens of the workspaces are "
                "sealed in the database: set it to what `openssl rand -base64 32` prints, and keep it"
            )

    @model_validator(mode="after")
    def _digests_can_be_planned(self) -> Self:
        if self.digests is not None and self.digest_channel is not None:
            raise PydanticCustomError(
                _SAID,
                "ORCHESTRATOR_DIGEST_CHANNEL and ORCHESTRATOR_DIGESTS are both set: name its team in the latter, and unset "
                "the former",
            )
        try:
            _ = self.digest_teams
        except (ValueError, SettingsError) as error:
            raise PydanticCustomError(
                _SAID,
                "ORCHESTRATOR_DIGEST_CHANNEL, ORCHESTRATOR_DIGEST_CRON and ORCHESTRATOR_DIGEST_TZ cannot be used: {why}",
                {"why": str(error)},
            ) from None
        return self

    @property
    def digest_teams(self) -> tuple[DigestTeam, ...]:
        """Who gets a weekly digest, where and when; empty: nobody, until one asks."""
        if self.digests is not None:
            return self.digests
        if self.digest_channel is None:
            return ()
        team = DigestTeam(channel=self.digest_channel, cron=self.digest_cron, tz=self.digest_tz)
        team.check()
        return (team,)

    @property
    def rag_index_path(self) -> Path:
        return self.chosen_rag_index_path or self.data_dir / "rag_index.sqlite"

    @property
    def slack_closed_because(self) -> str | None:
        """Why orch has nothing to do with Slack; None when the door is open."""
        return "SLACK_BOT_TOKEN is not set" if not (self.slack_bot_token or self.slack_client_id) else None

    @property
    def slack_http_closed_because(self) -> str | None:
        """Why nothing is taken from Slack over HTTP, though it may be over a socket; None when it is."""
        if self.slack_closed_because is not None:
            return self.slack_closed_because
        return "SLACK_SIGNING_SECRET is not set" if self.slack_signing_secret is None else None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for whoever keeps them out of logs."""
        values = (getattr(self, name) for name in type(self).model_fields)
        found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        if self.database_url is not None:
            password = urlsplit(self.database_url.get_secret_value()).password
            found += [password] if password else []
        return tuple(found)


def load_settings(*, env_file: Path | None = Path(".env")) -> Settings:
    """The settings of the environment, which wins over the file (None: no file is read).

    Raises SettingsError, which names every variable that is wrong, its value unless it is a secret, and the remedy.
    """
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] -- a keyword of BaseSettings itself
    except ValidationError as error:
        raise SettingsError("\n".join(_describe(item) for item in error.errors(include_url=False))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{env_file} cannot be read ({error}): make it a text file in UTF-8, or remove it"
        ) from None


def _describe(item: Any) -> str:
    """One sentence a person can act on, from one of pydantic's errors."""
    if item["type"] in {"half_slack", _SAID}:
        return item["msg"]
    name = str(item["loc"][0])
    field = next(field for field in Settings.model_fields.values() if field.validation_alias == name)
    if item["type"] == "model_mode":
        return f"{name} is 'llm', but the model modes come with a later release: set it to {field.description}"
    secret = "SecretStr" in repr(field.annotation)
    value = "set, but cannot be used" if secret else redact(repr(item["input"]))
    unset = "" if field.default is None else f" (or leave it unset for {field.default})"
    return f"{name} is {value}: set it to {field.description}{unset}"

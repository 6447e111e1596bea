"""`python -m bot doctor` against a Slack, a database and systems that are right, wrong or away."""

import json
import socket
import time
from collections.abc import AsyncGenerator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web
from rich.console import Console
from typer.testing import CliRunner

from bot.__main__ import program
from bot.doctor import examine
from bot.doctor.findings import Finding, Status
from bot.doctor.printing import show, to_json, to_lines
from bot.doctor.slack import check_slack
from bot.doctor.tables import check_database
from bot.settings import Settings
from bot.slack.manifest import BOT_SCOPES
from storage.database import Database
from storage.sealing import Seal
from storage.slack_installations import Installation, SlackInstallations
from tests.bot.slack.fake_slack import TOKEN, FakeSlack, serve_fake_slack
from tests.bot.slack.fake_sockets import APP_TOKEN, FakeSockets

SECRET = "8f742231b10e8888abcd99bbbeee85a5"


class AskedSlack:
    """What Slack says of the token, the channels and the time."""

    def __init__(self, fake: FakeSlack) -> None:
        self.fake = fake
        self.scopes = set(BOT_SCOPES)
        self.channels = {"C1": "alerts", "C2": "ops"}
        self.skew_s = 0.0
        self.error = ""
        fake.others["auth.test"] = self.who
        fake.others["users.conversations"] = self.list
        FakeSockets(fake)

    async def who(self, request: web.Request) -> web.StreamResponse:
        if self.error or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": self.error or "invalid_auth"})
        headers = {
            "x-oauth-scopes": ",".join(sorted(self.scopes)),
            "Date": formatdate(time.time() + self.skew_s, usegmt=True),
        }
        return web.json_response({"ok": True, "user": "orch", "team": "Acme", "team_id": "T1"}, headers=headers)

    async def list(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        names = sorted(self.channels)
        at = int(str(form.get("cursor") or 0))
        more = str(at + 1) if at + 1 < len(names) else ""
        channels = [{"id": names[at], "name": self.channels[names[at]]}] if names else []
        return web.json_response({"ok": True, "channels": channels, "response_metadata": {"next_cursor": more}})


@pytest.fixture
async def slack() -> AsyncGenerator[AskedSlack]:
    async with serve_fake_slack() as fake:
        yield AskedSlack(fake)


def make(slack: AskedSlack, **changed: object) -> Settings:
    given: dict[str, object] = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": f"{slack.fake.url}/api",
        **changed,
    }
    return Settings.model_validate({name: value for name, value in given.items() if value is not None})


async def found(settings: Settings) -> dict[str, list[Finding]]:
    findings: dict[str, list[Finding]] = {}
    async for finding in check_slack(settings):
        findings.setdefault(finding.name, []).append(finding)
    return findings


async def test_a_slack_that_is_as_it_should_be(slack: AskedSlack) -> None:
    findings = await found(make(slack))
    assert {name: [one.status for one in of] for name, of in findings.items()} == {
        "slack signing secret": [Status.OK],
        "slack token": [Status.OK],
        "slack scopes": [Status.OK],
        "slack clock": [Status.OK],
        "slack channels": [Status.OK],
        "slack app token": [Status.OK],
    }
    assert "#alerts, #ops" in findings["slack channels"][0].detail
    assert "chat:write.public" in findings["slack scopes"][0].detail


@pytest.mark.parametrize(
    ("changed", "name", "status", "told"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack token", Status.FAIL, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "slack app token", Status.FAIL, "connections:write"),
        ({"SLACK_APP_TOKEN": "xoxb-mistaken"}, "slack app token", Status.FAIL, "xapp-"),
        ({"SLACK_SIGNING_SECRET": "xoxb-mistaken"}, "slack signing secret", Status.WARN, "Basic Information"),
        ({"SLACK_SIGNING_SECRET": None}, "slack signing secret", Status.OK, "Socket Mode"),
        ({"ORCHESTRATOR_SLACK_ALERT_CHANNELS": "C1,elsewhere"}, "slack channels", Status.FAIL, "elsewhere"),
        ({"ORCHESTRATOR_SLACK_ALERT_CHANNELS": "C9"}, "slack channels", Status.FAIL, "/invite @orch"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api"}, "slack token", Status.FAIL, "SLACK_API_URL"),
    ],
)
async def test_what_is_wrong_with_the_settings_is_told_with_its_remedy(
    slack: AskedSlack, changed: dict[str, object], name: str, status: Status, told: str
) -> None:
    finding = (await found(make(slack, **changed)))[name][-1]
    assert finding.status is status
    assert told in f"{finding.detail} {finding.remedy}"


async def test_a_scope_that_was_not_granted_fails_with_what_it_is_for(slack: AskedSlack) -> None:
    slack.scopes.remove("channels:history")
    (finding,) = (await found(make(slack)))["slack scopes"]
    assert finding.status is Status.FAIL
    assert "channels:history (alert posts" in finding.detail


@pytest.mark.parametrize(("skew_s", "status"), [(0, Status.OK), (90, Status.WARN), (-400, Status.FAIL)])
async def test_a_clock_that_differs_from_slacks(slack: AskedSlack, skew_s: float, status: Status) -> None:
    slack.skew_s = skew_s
    (finding,) = (await found(make(slack)))["slack clock"]
    assert finding.status is status


async def test_being_in_no_channel_is_to_be_looked_at(slack: AskedSlack) -> None:
    slack.channels = {}
    (finding,) = (await found(make(slack)))["slack channels"]
    assert (finding.status, "/invite" in finding.remedy) == (Status.WARN, True)


async def test_installations_are_asked_one_by_one(slack: AskedSlack, database: Database, database_url: str) -> None:
    key = "k" * 32
    kept = SlackInstallations(database, Seal(key))
    oauth = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "secret-of-the-app",
        "ORCHESTRATOR_SECRET_KEY": key,
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": None,
    }
    name = "slack installations"
    (open_to_all, _) = (await found(make(slack, **oauth)))[name]
    assert "ORCHESTRATOR_SLACK_WORKSPACES" in open_to_all.remedy
    oauth["ORCHESTRATOR_SLACK_WORKSPACES"] = "T1,T2"
    assert [one.status for one in (await found(make(slack, **oauth)))[name]] == [Status.WARN]
    for team, token in (("T1", TOKEN), ("T2", "xoxb-revoked")):
        await kept.put(
            Installation(team=team, team_name=team, token=token, bot_user="U0", scopes=frozenset(BOT_SCOPES))
        )
    good, revoked = (await found(make(slack, **oauth)))[name]
    assert (good.status, revoked.status) == (Status.OK, Status.FAIL)
    assert "T2 (T2): invalid_auth" in revoked.detail
    other_key = {**oauth, "ORCHESTRATOR_SECRET_KEY": "x" * 32}
    (unreadable,) = (await found(make(slack, **other_key)))[name]
    assert "ORCHESTRATOR_SECRET_KEY" in unreadable.detail


async def tables(url: str) -> dict[str, Finding]:
    settings = Settings.model_validate({"ORCHESTRATOR_DATABASE_URL": url})
    return {finding.name: finding async for finding in check_database(settings)}


async def test_a_database_with_this_releases_tables(database_url: str) -> None:
    findings = await tables(database_url)
    assert {finding.status for finding in findings.values()} == {Status.OK}
    assert "this release's own" in findings["tables"].detail


async def test_a_database_that_a_newer_release_migrated(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        (before,) = connection.execute("select version_num from alembic_version").fetchone() or ("",)
        connection.execute("update alembic_version set version_num = '9999'")
        try:
            findings = await tables(database_url)
        finally:
            connection.execute("update alembic_version set version_num = %s", (before,))
    assert findings["tables"].status is Status.FAIL
    assert "9999" in findings["tables"].detail


async def test_older_tables_that_another_orch_still_uses(database_url: str) -> None:
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        psycopg.connect(database_url, application_name="orch"),
    ):
        (before,) = connection.execute("select version_num from alembic_version").fetchone() or ("",)
        connection.execute("update alembic_version set version_num = '0005'")
        try:
            findings = await tables(database_url)
        finally:
            connection.execute("update alembic_version set version_num = %s", (before,))
    assert findings["tables"].status is Status.WARN
    assert "end the older processes" in findings["tables"].remedy


async def test_a_database_that_is_away(tmp_path: Path) -> None:
    (finding,) = (await tables("postgresql://u:hunter2@127.0.0.1:9/orch")).values()
    assert finding.status is Status.FAIL
    assert "hunter2" not in f"{finding.detail}{finding.remedy}"


async def test_no_finding_holds_a_secret(slack: AskedSlack) -> None:
    slack.error = f"odd: {SECRET}"
    url = "postgresql://u:hunter2-long@127.0.0.1:9/orch"
    findings = await examine(make(slack, ORCHESTRATOR_DATABASE_URL=url, ORCHESTRATOR_PORT=0))
    told = to_json(findings) + to_lines(findings)
    assert not any(secret in told for secret in (TOKEN, SECRET, APP_TOKEN, "hunter2-long"))
    assert json.loads(to_json(findings))["ok"] is False


async def test_what_does_not_answer_does_not_hold_up_the_others(slack: AskedSlack, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        findings = await examine(
            make(slack, SLACK_API_URL=url, COMPANY_JIRA_BASE_URL=url, ORCHESTRATOR_DATA_DIR=tmp_path / "d"),
            timeout_s=1.0,
        )
    assert time.monotonic() - began < 5
    by_name = {finding.name: finding.status for finding in findings}
    assert (by_name["slack"], by_name["systems"], by_name["data folder"]) == (Status.FAIL, Status.FAIL, Status.OK)


def test_the_program_says_what_to_do_and_exits_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"ORCHESTRATOR_DATA_DIR": str(tmp_path / "data"), "ORCHESTRATOR_PORT": "0"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(program, ["doctor"])
    assert done.exit_code == 0
    assert "the door is closed: SLACK_BOT_TOKEN is not set" in done.output
    checks: list[dict[str, Any]] = json.loads(CliRunner().invoke(program, ["doctor", "--json"]).output)["checks"]
    assert {check["status"] for check in checks} <= {"ok", "warn"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("ORCHESTRATOR_PORT", str(taken.getsockname()[1]))
        failed = CliRunner().invoke(program, ["doctor"])
    assert (failed.exit_code, "fail  port" in failed.output) == (1, True)


def test_settings_that_cannot_be_read_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PORT", "many")
    done = CliRunner().invoke(program, ["doctor"])
    assert done.exit_code == 1
    assert "ORCHESTRATOR_PORT" in done.output


def test_a_terminal_gets_a_table_and_no_markup_of_others() -> None:
    console = Console(record=True, width=80, force_terminal=True)
    show([Finding.fail("x", "[red]not markup[/red]\x1b[2J", "do this")], console)
    told = console.export_text()
    assert "[red]not markup[/red]" in told
    assert "→ do this" in told
    assert "\x1b[2J" not in told

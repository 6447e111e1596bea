from pathlib import Path

import pytest

from bot.api.root import create_api
from bot.settings import Settings
from bot.slack.app import open_slack
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.conftest import serve
from tests.bot.fakes import Script, open_test_runtime


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_SIGNING_SECRET is not set"),
    ],
)
async def test_a_closed_door_says_what_is_missing(
    given: dict[str, str], missing: str, database: Database, script: Script, tmp_path: Path
) -> None:
    settings = Settings.model_validate({"ORCHESTRATOR_COMPANY_SIM_ROOT": tmp_path, **given})
    store = PostgresTaskStore(database)
    app = create_api(settings, lambda chosen: open_test_runtime(chosen, database, store, script))
    async with serve(app) as client:
        answer = await client.post("/slack/events", data={"command": "/orch", "text": "analyze x"})
    assert answer.status_code == 503
    assert missing in answer.json()["detail"]
    async with open_slack(settings, database) as slack:
        assert (slack is None) is ("SLACK_BOT_TOKEN" not in given)
        assert slack is None or (slack.door is None and slack.socket_mode is not None)

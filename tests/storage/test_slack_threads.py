"""Threads that stood in Slack before the outbox did are gone on with, and not begun anew."""

import asyncio
from pathlib import Path
from uuid import UUID

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import storage
from storage.database import Database
from storage.migrate import migrate
from storage.slack_outbox import SlackOutbox
from storage.slack_threads import SlackThreadStore
from tests.conftest import MakeDatabase

MIGRATIONS = Path(storage.__file__).parent / "migrations"
TASK_ID = UUID("6f3b1c1e-0000-4000-8000-000000000001")


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


async def test_messages_of_an_older_release_are_rows_of_the_outbox(make_database: MakeDatabase) -> None:
    url = make_database()
    await asyncio.to_thread(upgrade, url, "0013")
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into tasks (task_id, input_task, status, origin_json) values (%s, 'x', 'running', "
            '\'{"door": "slack", "channel": "C1", "team": "T1"}\')',
            (TASK_ID,),
        )
        connection.execute(
            "insert into slack_threads (task_id, channel, thread_ts, messages) values (%s, 'C1', '1.0', "
            '\'{"opening": "1.0", "plan": "2.0"}\')',
            (TASK_ID,),
        )
    await migrate(url)
    async with Database(url) as database:
        opening, plan = await SlackOutbox(database).of_task(TASK_ID)
        assert (opening.key, opening.ts, opening.thread_ts) == (f"task:{TASK_ID}:opening", "1.0", None)
        assert (plan.key, plan.ts, plan.thread_ts, plan.state) == (f"task:{TASK_ID}:plan", "2.0", "1.0", "written")
        found = await SlackThreadStore(database).find("C1", "1.0")
        assert found is not None
        assert found.task_id == TASK_ID

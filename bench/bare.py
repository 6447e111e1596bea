"""The least that a service can do which stores a row for each POST: FastAPI, a pool of psycopg, one insert."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from bot.server import bind, url_of

BARE_TABLE: LiteralString = (
    "create table if not exists bare_tasks (task_id uuid primary key, input_task text not null, status text not null, "
    "context_json jsonb not null, created_at timestamptz not null default now())"
)
_INSERT: LiteralString = (
    "insert into bare_tasks (task_id, input_task, status, context_json) values (%s, %s, 'queued', %s::jsonb) "
    "returning created_at"
)


class Body(BaseModel):
    task: str
    context: dict[str, Any] = {}


def create_bare(url: str) -> FastAPI:
    """The app, on a database that has `BARE_TABLE`."""
    pool = AsyncConnectionPool(url, min_size=1, max_size=10, open=False, kwargs={"autocommit": True})

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/tasks", status_code=201)
    async def create(body: Body) -> dict[str, Any]:
        task_id = uuid4()
        async with pool.connection() as connection:
            cursor = await connection.execute(_INSERT, (task_id, body.task, json.dumps(body.context)))
            row = await cursor.fetchone()
        assert row is not None
        return {
            "task_id": task_id, "input_task": body.task, "status": "queued", "context_json": body.context,
            "created_at": row[0],
        }  # fmt: skip

    return app


def main() -> None:
    """Serve it on any free port, which is printed."""
    listener = bind("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            create_bare(os.environ["ORCHESTRATOR_DATABASE_URL"]), log_config=None, access_log=False, lifespan="on"
        )
    )
    print(f"bare on {url_of(listener)}", flush=True)  # noqa: T201 -- for the process that asks
    asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()

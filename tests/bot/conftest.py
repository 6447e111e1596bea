from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI

from bot.api.root import create_api
from bot.settings import Settings
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script, open_test_runtime

type Serve = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests reaches them."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _plain_log() -> None:
    """A traceback as plain text: structlog's own shows every local of every frame, which takes seconds."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {"ORCHESTRATOR_DATA_DIR": tmp_path / "data", "ORCHESTRATOR_COMPANY_SIM_ROOT": tmp_path}
    )


@asynccontextmanager
async def serve(app: FastAPI, *, raise_app_exceptions: bool = False) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the app, whose lifespan lasts as long as the context."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=raise_app_exceptions)
        async with httpx.AsyncClient(transport=transport, base_url="http://orch.test") as client:
            yield client


@pytest.fixture
def script() -> Script:
    """What the pipeline of the test will do."""
    return Script()


@pytest.fixture
def app(settings: Settings, database: Database, script: Script) -> FastAPI:
    store = PostgresTaskStore(database)
    return create_api(settings, lambda given: open_test_runtime(given, database, store, script))


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    async with serve(app) as opened:
        yield opened

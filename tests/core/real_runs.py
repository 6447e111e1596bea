"""Finished runs of the product over the shipped company's own files, through the real tools, without a database."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bot.app import build_limits
from bot.company import open_company
from bot.pipeline import build_pipeline
from bot.settings import Settings
from bot.sources import open_sources
from core.events import Event
from core.pipeline import Run
from core.task import Context, Origin, Task, TaskStatus
from tools.catalog import TOOLS
from tools.registry import Registry

NOW = datetime(2026, 2, 18, 9, 0, tzinfo=UTC)


class _Deaf:
    async def notice(self, event: Event) -> None:
        """Nobody listens to these runs."""


def ask_company(root: Path, folder: Path, questions: Mapping[str, tuple[str, dict[str, object]]]) -> dict[str, Run]:
    """The run of each question (its task and its context in JSON's terms); `folder` takes the index."""
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATA_DIR": folder,
            "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite",
            "ORCHESTRATOR_COMPANY_SIM_ROOT": root,
        }
    )
    return asyncio.run(_ask(settings, questions))


async def _ask(settings: Settings, questions: Mapping[str, tuple[str, dict[str, object]]]) -> dict[str, Run]:
    async with open_company(settings) as company, open_sources(settings, company) as sources:
        registry = Registry(TOOLS, sources.sources, build_limits(settings))
        pipeline = build_pipeline(sources.references, registry, lambda: NOW)
        return {name: await pipeline.run(_task(text, context), _Deaf()) for name, (text, context) in questions.items()}


def _task(text: str, context: dict[str, object]) -> Task:
    moments = {
        key: datetime.fromisoformat(str(value)) for key, value in context.items() if key in {"start_time", "end_time"}
    }
    required = tuple(str(item) for item in _listed(context.get("required_citations", ())))
    return Task(
        task_id=uuid4(),
        text=text,
        status=TaskStatus.RUNNING,
        context=Context.model_validate({**context, **moments, "required_citations": required}),
        origin=Origin(),
        created_at=NOW,
        updated_at=NOW,
    )


def _listed(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- JSON

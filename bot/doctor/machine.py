"""What of this machine orch needs: a folder to write, a port, its index, a key where a model is used."""

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import httpx

from bot.doctor.findings import Finding
from bot.server import bind
from bot.settings import Settings
from core.errors import SettingsError

_DAY_S = 86_400
_OLD_DAYS = 7
_OK = 200


async def check_data_dir(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether what orch keeps can be written."""
    name, folder = "data folder", settings.data_dir
    place = next(parent for parent in (folder, *folder.resolve().parents) if parent.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield Finding.fail(
            name,
            f"{place} cannot be written ({error.strerror})",
            "give this user the right to, or set ORCHESTRATOR_DATA_DIR to another folder",
        )
        return
    yield Finding.ok(
        name, f"{folder} can be written" if place == folder else f"{folder} will be made at the first start"
    )


async def check_index(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether earlier issues can be searched, and how old what is searched is."""
    name, path = "index", settings.rag_index_path
    if not path.is_file():
        if settings.chosen_rag_index_path is not None:
            yield Finding.fail(
                name, f"there is no {path}", "build it (docs/retrieval.md), or unset ORCHESTRATOR_RAG_INDEX_PATH"
            )
        else:
            yield Finding.ok(name, f"{path} is built at the first start")
        return
    age_days = (datetime.now(UTC).timestamp() - path.stat().st_mtime) / _DAY_S
    told = f"{path}, {path.stat().st_size / 1e6:.1f} MB, {_in_words(age_days)} old"
    if settings.chosen_rag_index_path is not None and age_days > _OLD_DAYS:
        yield Finding.warn(name, told, "build it anew (docs/retrieval.md): orch does not do that to a file of yours")
    else:
        yield Finding.ok(name, told)


async def check_model(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether there is a key where a model is used."""
    modes = {
        "ORCHESTRATOR_PLANNER_MODE": settings.planner_mode,
        "ORCHESTRATOR_EXECUTOR_MODE": settings.executor_mode,
        "ORCHESTRATOR_RAG_RERANK_MODE": settings.rag_rerank_mode,
    }
    used = [name for name, mode in modes.items() if mode == "llm"]
    if not used:
        yield Finding.ok("model", "none is used: every mode is deterministic")
    elif settings.openai_api_key is None:
        yield Finding.fail(
            "model",
            f"{', '.join(used)} is llm, but OPENAI_API_KEY is not set",
            "set the key, or the modes to deterministic",
        )
    else:
        yield Finding.ok("model", f"{settings.llm_model} at {settings.llm_base_url}")


async def check_port(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether orch can listen, or listens already."""
    place = f"{settings.host} port {settings.port}"
    try:
        listener = await asyncio.to_thread(bind, settings.host, settings.port)
    except SettingsError as error:
        if await _is_orch(settings):
            yield Finding.ok("port", f"orch listens on {place} already")
        else:
            yield Finding.fail("port", str(error), "or set ORCHESTRATOR_HOST and ORCHESTRATOR_PORT")
        return
    listener.close()
    yield Finding.ok("port", f"{place} is free")


async def _is_orch(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 -- compared, not bound
    try:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            answer = await client.get(f"http://{host}:{settings.port}/health")
        return answer.status_code in {_OK, 503} and "database" in answer.json()["parts"]
    except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, KeyError, TypeError):
        return False


def _in_words(days: float) -> str:
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"  # noqa: PLR2004 -- reads better

"""Whether the company's systems answer, and its files can be read."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

from bot.company import open_company
from bot.doctor.findings import Finding
from bot.health import SystemProbe
from bot.oncall import RotaBook
from bot.settings import Settings
from retrieval.reference_files import CompanyReferenceFiles

_NAMES = {"jira": "COMPANY_JIRA_BASE_URL", "metrics": "COMPANY_METRICS_BASE_URL", "logs": "COMPANY_LOGS_BASE_URL"}
_TIMEOUT_S = 5.0
_MOST_PROBLEMS = 10


async def check_systems(settings: Settings) -> AsyncGenerator[Finding]:
    """Each real system is asked; where none is set the mock ones serve, of which the data is looked for."""
    urls = {"jira": settings.jira_base_url, "metrics": settings.metrics_base_url, "logs": settings.logs_base_url}
    data = settings.company_root / "mock_systems" / "data"
    for name in (name for name, url in urls.items() if url is None):
        if data.is_dir():
            yield Finding.ok(name, f"{_NAMES[name]} is not set: the mock one serves {data}")
        else:
            yield Finding.warn(
                name,
                f"{_NAMES[name]} is not set, and there is no {data} for the mock one",
                f"set {_NAMES[name]}, or put data there (docs/company-pack.md)",
            )
    if not any(urls.values()):
        return
    async with open_company(settings, timeout_s=_TIMEOUT_S) as company:
        real = [system for system in company.systems if not system.in_process]
        parts = await asyncio.gather(*(SystemProbe(system, timeout_s=_TIMEOUT_S)() for system in real))
    for system, part in zip(real, parts, strict=True):
        if part.status == "ok":
            yield Finding.ok(system.name, part.detail)
        else:
            yield Finding.fail(system.name, part.detail, f"start it, or correct {_NAMES[system.name]}")


async def check_company_files(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether the files of the company are there and can be read, and the rota names somebody for now."""
    root = settings.company_root
    if not root.is_dir():
        yield Finding.fail(
            "company", f"there is no folder {root}", "set ORCHESTRATOR_COMPANY_SIM_ROOT (docs/company-pack.md)"
        )
        return
    references = CompanyReferenceFiles(root)
    problems = await asyncio.to_thread(references.problems)
    for problem in problems[:_MOST_PROBLEMS]:
        yield Finding.warn("company", problem, "what needs this file will say so: see docs/company-pack.md")
    if not problems:
        documents = await asyncio.to_thread(references.documents)
        yield Finding.ok("company", f"{root}: {len(documents)} documents, every reference source readable")
    found = await asyncio.to_thread(RotaBook(references).at, datetime.now(UTC))
    if found.now:
        people = "; ".join(f"{turn.rotation}: {', '.join(post.person for post in turn.posts)}" for turn in found.now)
        yield Finding.ok("on call now", people)
    else:
        yield Finding.warn(
            "on call now", found.problem or "nobody", "/orch oncall, escalations and the digest answer from the rota"
        )

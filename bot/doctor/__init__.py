"""`python -m bot doctor`: what is missing, and how to mend it, without starting the app."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from bot.doctor.findings import Finding, Status
from bot.doctor.machine import check_data_dir, check_index, check_model, check_port
from bot.doctor.slack import check_slack
from bot.doctor.sources import check_company_files, check_systems
from bot.doctor.tables import check_database
from bot.redaction import redact
from bot.settings import Settings
from core.errors import OrchError

type CheckUp = Callable[[Settings], AsyncGenerator[Finding]]

CHECKS: tuple[tuple[str, CheckUp], ...] = (
    ("slack", check_slack),
    ("database", check_database),
    ("systems", check_systems),
    ("company", check_company_files),
    ("index", check_index),
    ("data folder", check_data_dir),
    ("model", check_model),
    ("port", check_port),
)
TIMEOUT_S = 20.0

__all__ = ["CHECKS", "Finding", "Status", "examine"]


async def examine(settings: Settings, *, timeout_s: float = TIMEOUT_S) -> list[Finding]:
    """Every finding, in the order of the checks, which go on side by side; none holds a secret of the settings."""
    found = await asyncio.gather(*(_gather(name, check, settings, timeout_s) for name, check in CHECKS))
    return [_without_secrets(finding, settings.secrets) for findings in found for finding in findings]


async def _gather(name: str, check: CheckUp, settings: Settings, timeout_s: float) -> list[Finding]:
    """What the check found; a check that cannot end is a finding itself, beside what it found before."""
    findings: list[Finding] = []
    try:
        async with asyncio.timeout(timeout_s), aclosing(check(settings)) as found:
            async for finding in found:
                findings.append(finding)  # noqa: PERF401 -- what was found before a time-out is to be told too
    except TimeoutError:
        findings.append(Finding.fail(name, f"no end within {timeout_s:g} s", "see what does not answer, and try again"))
    except OrchError as error:
        findings.append(Finding.fail(name, str(error), "as it says"))
    return findings


def _without_secrets(finding: Finding, secrets: Sequence[str]) -> Finding:
    return Finding(finding.name, finding.status, redact(finding.detail, secrets), redact(finding.remedy, secrets))

"""Whether there is a database, with tables of this release, and a clock like ours."""

import asyncio
from collections.abc import AsyncGenerator

from bot.doctor.findings import Finding
from bot.settings import Settings
from core.errors import OrchError
from storage.embedded import find_running
from storage.inspection import DatabaseState, inspect

_SKEW_S = 2.0


async def check_database(settings: Settings) -> AsyncGenerator[Finding]:
    """The database of the URL, or the embedded one where it runs; nothing is started or migrated."""
    name = "database"
    try:
        url, state = await find_url(settings)
        if url is None:
            yield Finding.ok(name, f"the embedded PostgreSQL in {settings.data_dir} {state}")
            return
        found = await inspect(url)
    except OrchError as error:
        where = "ORCHESTRATOR_DATABASE_URL" if settings.database_url is not None else "ORCHESTRATOR_DATA_DIR"
        yield Finding.fail(name, str(error), f"as it says, or change {where}")
        return
    yield Finding.ok(name, f"{found.place}, PostgreSQL {found.version}, {_count(found.others)}")
    for finding in (_tables(found), _clock(found)):
        yield finding


async def find_url(settings: Settings) -> tuple[str | None, str]:
    """The URL of the database where it runs, or None and what becomes of the embedded one. Raises StorageError."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value(), ""
    running, exists = await asyncio.to_thread(find_running, settings.data_dir)
    return running, "is started with orch" if exists else "is made at the first start"


def _tables(found: DatabaseState) -> Finding:
    name = "tables"
    if not found.writable:
        return Finding.fail(
            name, f"{found.place} is a read-only standby", "point ORCHESTRATOR_DATABASE_URL at the primary"
        )
    if found.ahead:
        return Finding.fail(
            name,
            f"they are at revision {found.revision}, which this release does not know (its own is {found.newest})",
            "a newer release has migrated them: start that one, or restore a backup from before",
        )
    if found.revision == found.newest:
        return Finding.ok(name, f"at revision {found.revision}, this release's own")
    if found.revision is None:
        return Finding.ok(name, "none yet: they are made at the first start")
    told = f"at revision {found.revision}; this release brings them to {found.newest} when it starts"
    if found.others:
        return Finding.warn(
            name,
            f"{told}, while {_count(found.others)} of an older one",
            "end the older processes first, then start this one",
        )
    return Finding.ok(name, told)


def _clock(found: DatabaseState) -> Finding:
    skew_s = (found.clock - found.asked_at).total_seconds()
    if abs(skew_s) > _SKEW_S:
        return Finding.warn(
            "database clock",
            f"it is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} this machine's",
            "let both machines set their clocks by NTP: leases and schedules go by the database's",
        )
    return Finding.ok("database clock", f"within {_SKEW_S:g} s of this machine's")


def _count(others: int) -> str:
    return "no other orch connected" if not others else f"{others} connections of running orch processes"

"""The digests of the program: made for whoever asks, and posted by themselves where the settings name a channel."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from bot.clients.severity_field import find_severity_field
from bot.clients.ticket_survey import IncidentKind, open_survey
from bot.company import Company
from bot.digest import Digests, DigestSources
from bot.digest_posts import KIND, DigestPosts, FindChannel
from bot.digest_teams import DigestTeam
from bot.health import PROBE_TIMEOUT_S, Part, Probe
from bot.rounds import cancel, repeat
from bot.schedule import MISSED, Schedule
from bot.settings import Settings
from bot.slack.app import Slack
from bot.slack.channel_search import find_channel_id
from core.base import Json
from core.errors import StorageError, ToolError
from core.ports import Clock
from core.window import iso
from retrieval.reference_files import CompanyReferenceFiles
from storage.database import Database
from storage.digests import DigestStore
from storage.schedule import ScheduledRow, ScheduleStore
from storage.week_records import WeekRecords

_log = structlog.stdlib.get_logger(__name__)

TICK_S = 10.0
"""How late a digest may be for want of looking; a round costs two short queries."""
_TRACKER_CONFIG = "jira_config"


def _now() -> datetime:
    return datetime.now(UTC)


async def build_digests(
    settings: Settings,
    database: Database,
    company: Company,
    references: CompanyReferenceFiles,
    *,
    clock: Clock = _now,
) -> Digests:
    """Digests for whoever asks, of the teams of the settings."""
    severity_field, incidents = await asyncio.to_thread(read_tracker, references)
    tickets = open_survey(
        company.jira.client, severity_field=severity_field, incidents=incidents, breaker=company.jira.breaker
    )
    sources = DigestSources(records=WeekRecords(database), references=references, tickets=tickets)
    return Digests(settings.digest_teams, sources, clock)


@asynccontextmanager
async def keep_schedule(
    settings: Settings,
    database: Database,
    digests: Digests,
    slack: Slack | None,
    *,
    clock: Clock = _now,
    tick_s: float = TICK_S,
) -> AsyncGenerator[None]:
    """While the context is open, each team's digest is posted when it is due, if Slack's door is open."""
    if slack is None:
        if digests.teams:
            _log.warning("digest.not_scheduled", reason=settings.slack_closed_because)
        yield
        return
    posts = DigestPosts(database, digests, slack.outbox, _channel_finder(slack), clock)
    schedule = Schedule(
        ScheduleStore(database), {KIND: posts.make}, grace=timedelta(hours=settings.digest_grace_h), clock=clock
    )
    await schedule.plan(KIND, await posts.planned())

    async def tick() -> None:
        await schedule.run_due()
        await posts.post_due()

    round_of_digests = asyncio.create_task(repeat(tick, tick_s, name="digests"), name="digests")
    try:
        yield
    finally:
        await cancel([round_of_digests])


def schedule_probe(settings: Settings, database: Database) -> Probe:
    """When the next digest is due, and which one could not be posted yet and why."""

    async def probe() -> Part:
        if not settings.digest_teams:
            return Part(status="closed", detail="neither ORCHESTRATOR_DIGEST_CHANNEL nor ORCHESTRATOR_DIGESTS is set")
        if settings.slack_closed_because is not None:
            return Part(status="closed", detail=f"not scheduled: {settings.slack_closed_because}")
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                stuck = await DigestStore(database).stuck()
                planned = [row for row in await ScheduleStore(database).all() if row.kind == KIND]
        except (StorageError, TimeoutError):
            return Part(status="failed", detail="the schedule cannot be read")
        if stuck:
            return Part(status="failed", detail="; ".join(f"{one.team} {one.week}: {one.reason}" for one in stuck))
        told = [f"{row.key.partition(':')[2]} at {iso(row.next_run)}{_tell_missed(row)}" for row in planned]
        return Part(status="ok", detail=f"next: {', '.join(told) or 'none is planned'}")

    return probe


def _tell_missed(row: ScheduledRow) -> str:
    if row.last_outcome != MISSED or row.last_run is None:
        return ""
    return f" (that of {iso(row.last_run)} was missed for longer than ORCHESTRATOR_DIGEST_GRACE_H)"


def read_tracker(references: CompanyReferenceFiles) -> tuple[str | None, IncidentKind]:
    """The field that holds a ticket's severity, and which tickets are incidents, as far as the tracker's config tells."""
    try:
        passages = references.passages(_TRACKER_CONFIG)
    except ToolError:
        return None, IncidentKind()
    config: dict[str, Json] = {"/".join(passage.heading): passage.data for passage in passages}
    incidents = config.get("incidents")
    about = incidents if isinstance(incidents, dict) else {}
    project, issue_type = about.get("project"), about.get("issue_type")
    return find_severity_field(config), IncidentKind(
        project=project if isinstance(project, str) else None,
        issue_type=issue_type if isinstance(issue_type, str) else None,
    )


def _channel_finder(slack: Slack) -> FindChannel:
    async def find(team: DigestTeam) -> str | None:
        return await find_channel_id(await slack.workspaces.client(team.workspace), team.channel)

    return find

"""The Slack side of the program, opened and closed with it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import monotonic

import structlog
from slack_bolt.async_app import AsyncApp

from bot.charts import draw_charts
from bot.health import PROBE_TIMEOUT_S, Part
from bot.settings import Settings
from bot.slack.access import Access, read_rules
from bot.slack.bolt import build_bolt
from bot.slack.channels import AlertChannels
from bot.slack.client import call
from bot.slack.commands.asking import Starter
from bot.slack.commands.commander import Commander
from bot.slack.commands.facilities import Facilities
from bot.slack.commands.task_answers import TaskAnswers
from bot.slack.commands.telling import Teller
from bot.slack.departures import Departures
from bot.slack.desk import Desk
from bot.slack.door import Door
from bot.slack.errors import TOKEN_ERRORS, SlackCallError
from bot.slack.home import Home, describe_settings
from bot.slack.intake import Intake
from bot.slack.interactions.forms import Forms
from bot.slack.interactions.handler import Interactions
from bot.slack.listeners import register_all
from bot.slack.oauth import Installer
from bot.slack.outbox import Outbox
from bot.slack.outbox_apologies import Apologies
from bot.slack.outbox_sender import BROKE, UNSEALED, Sender, SenderTimes
from bot.slack.outbox_writing import Writer
from bot.slack.pacing import ThreadTimes
from bot.slack.reception import Reception
from bot.slack.responses import Responses
from bot.slack.socket_mode import SocketMode, SocketTimes
from bot.slack.thread import SlackThreads
from bot.slack.triage import Triage, TriageTimes
from bot.slack.upkeep import Upkeep
from bot.slack.welcome import Welcome
from bot.slack.workspaces import Workspaces, open_workspaces
from core.errors import StorageError
from core.service import TaskService
from storage.alert_states import AlertStateStore
from storage.database import Database
from storage.slack_greetings import SlackGreetings
from storage.slack_home import SlackHome
from storage.slack_inbox import SlackInbox
from storage.slack_outbox import SlackOutbox
from storage.slack_outbox_claims import OutboxClaims, Rates
from storage.slack_tasks import SlackTasks
from storage.slack_threads import SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

_PROBE_KEPT_S = 60.0
_BADNESS = {"ok": 0, "closed": 1, "starting": 2, "failed": 3}


class Slack:
    """`threads` hears of runs, and answers them; `door` takes what Slack sends, once `listen` was called."""

    def __init__(
        self,
        settings: Settings,
        workspaces: Workspaces,
        database: Database,
        rates: Rates,
        times: ThreadTimes,
        sender_times: SenderTimes,
        triage_times: TriageTimes,
        socket_times: SocketTimes,
    ) -> None:
        self.workspaces = workspaces
        self._responses = Responses(workspaces.session)
        self.ignored: Counter[str] = Counter()
        claims = OutboxClaims(database, rates, lease_s=sender_times.lease_s)
        self._sent = SlackOutbox(database)
        apologies = Apologies(self._responses, SlackTasks(database), Outbox(self._sent))
        self._sender = Sender(claims, Writer(workspaces.client, claims), apologies.tell, sender_times)
        self.outbox = Outbox(self._sent, self._sender.wake)
        self.threads = SlackThreads(self.outbox, draw_charts, times)
        self._store = SlackThreadStore(database)
        self._database = database
        self._rules = read_rules(settings)
        self._described = describe_settings(settings)
        self._intake: Intake | None = None
        self._inbox = SlackInbox(database)
        self._states = AlertStateStore(database)
        self._channels = AlertChannels(workspaces, settings.slack_alert_channels)
        self._triage_times = triage_times
        self._triage: Triage | None = None
        self._times = times
        self._upkeep: Upkeep | None = None
        signing = settings.slack_signing_secret
        secret = None if signing is None else signing.get_secret_value()
        many = workspaces.installations is not None
        self._bolt = build_bolt(workspaces.own, secret, self.ignored, workspaces.is_installed if many else None)
        self.installer = _installer(settings, workspaces)
        self.door = None if secret is None else Door(self._bolt, secret)
        self.socket_mode = _socket_mode(settings, self._bolt, workspaces, socket_times)
        self._part = Part(status="starting", detail="not asked yet")
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    def is_pressed(self) -> bool:
        """Whether acknowledgements are slow just now: Slack waits three seconds for them, all else can wait longer."""
        return self._intake is not None and self._intake.is_pressed

    async def start(self) -> None:
        """Write what waits in the outbox, whoever put it, and what an earlier token or release could not. StorageError."""
        revived = await self.outbox.revive(errors=(*TOKEN_ERRORS, UNSEALED, BROKE))
        if revived:
            _log.info("slack.tried_again", messages=revived, reason="token, key or release may be another one now")
        self._sender.start()

    def listen(self, service: TaskService, facilities: Facilities) -> None:
        """Take what Slack sends into the service, and finish the threads that an earlier process left."""
        desk = Desk(
            inbox=self._inbox,
            outbox=self.outbox,
            states=self._states,
            channels=self._channels,
            service=service,
            related=facilities.landscape.related,
            clock=facilities.clock,
        )
        tasks = SlackTasks(self._database)
        access = Access(self._rules, tasks, self.workspaces.client, facilities.clock)
        starter = Starter(service=service, tasks=tasks, access=access, open_thread=self.threads.open)
        answers = TaskAnswers(service=service, tasks=tasks, starter=starter)
        teller = Teller(self.workspaces.session, self.outbox)
        commander = Commander(facilities, starter, tasks, answers, teller)
        interactions = Interactions(facilities, starter, tasks, answers, teller)
        reception = Reception(desk, self._channels, commander, interactions)
        departures = Departures(self.workspaces)
        greetings = SlackGreetings(self._database)
        home = Home(self.workspaces, facilities, SlackHome(self._database), greetings, self._described)
        self._triage = Triage(
            self._inbox,
            {
                **reception.handlers,
                "app_uninstalled": departures.handle,
                "tokens_revoked": departures.handle,
                "home_opened": home.handle,
                "member_joined": Welcome(self._channels, greetings, self.outbox).handle,
            },
            outbox=self.outbox,
            times=self._triage_times,
            tell_given_up=reception.tell_given_up,
            is_pressed=self.is_pressed,
        )
        self._intake = Intake(self._inbox, self.ignored, self._triage.wake)
        forms = Forms(facilities.landscape, self.workspaces.client)
        register_all(self._bolt, self._intake, self._responses, forms, facilities.clock)
        self._triage.start()
        self._upkeep = Upkeep(self._store, self.threads, service.get, self._times)
        self._upkeep.start()
        if self.socket_mode is not None:
            self.socket_mode.start()

    async def close(self) -> None:
        """Write what has ended; the rest is left to the next process."""
        if self.socket_mode is not None:
            await self.socket_mode.stop()
        if self._intake is not None:
            await self._intake.stop()
        if self._triage is not None:
            await self._triage.stop()
        if self._upkeep is not None:
            await self._upkeep.stop()
        await self.threads.close()
        await self._sender.stop()

    async def probe(self) -> Part:
        """Whether Slack knows the token, kept for a minute, and what the inbox holds."""
        async with self._lock:
            if monotonic() - self._asked_at > _PROBE_KEPT_S:
                self._part = await self._ask()
                self._asked_at = monotonic()
            detail = f"{self._part.detail}; {await self._tell_inbox()}; {await self._tell_outbox()}"
            if self.socket_mode is None:
                return self._part.model_copy(update={"detail": detail})
            socket = await self.socket_mode.probe()
            worst = max((self._part, socket), key=lambda part: _BADNESS[part.status])
            return Part(status=worst.status, detail=f"{detail}; {socket.detail}")

    async def _tell_inbox(self) -> str:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                counts = await self._inbox.counts()
        except (StorageError, TimeoutError):
            return "the inbox cannot be read"
        refused = ", ".join(f"{reason} {number}" for reason, number in counts.refused.items())
        return f"inbox: {counts.waiting} waiting, refused today: {refused or 'none'}"

    async def _tell_outbox(self) -> str:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                counts = await self._sent.counts()
        except (StorageError, TimeoutError):
            return "the outbox cannot be read"
        said = f"outbox: {counts.waiting} waiting"
        if counts.waiting:
            said += f" for up to {counts.oldest_s:.0f} s"
        for words, numbers in (("held up by", counts.failing), ("given up since yesterday", counts.given_up)):
            if numbers:
                said += f", {words}: " + ", ".join(f"{error} {number}" for error, number in numbers.items())
        return said

    async def _ask(self) -> Part:
        told: list[str] = []
        installations = self.workspaces.installations
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                if self.workspaces.has_token:
                    answer = await call(self.workspaces.own, "auth.test", {})
                    told.append(f"{answer.get('user', 'orch')} in {answer.get('team', 'a workspace')}")
                if installations is not None:
                    told.append(f"installed in {len(await installations.teams())} workspaces")
        except TimeoutError:
            return Part(status="failed", detail=f"Slack has not answered for {PROBE_TIMEOUT_S:g} s")
        except (SlackCallError, StorageError) as error:
            return Part(status="failed", detail=str(error))
        return Part(status="ok", detail="; ".join(told))


def _installer(settings: Settings, workspaces: Workspaces) -> Installer | None:
    client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
    if workspaces.installations is None or client_id is None or client_secret is None:
        return None
    return Installer(
        workspaces,
        workspaces.installations,
        client_id=client_id,
        client_secret=client_secret,
        allowed=settings.slack_workspaces,
        api_url=settings.slack_api_url,
    )


def _socket_mode(settings: Settings, bolt: AsyncApp, workspaces: Workspaces, times: SocketTimes) -> SocketMode | None:
    token = settings.slack_app_token
    if token is None:
        return None
    app_token = token.get_secret_value()
    return SocketMode(
        bolt, lambda: workspaces.open_socket_url(app_token), workspaces.session, times, proxy=workspaces.proxy
    )


@asynccontextmanager
async def open_slack(
    settings: Settings,
    database: Database,
    *,
    rates: Rates | None = None,
    times: ThreadTimes | None = None,
    sender_times: SenderTimes | None = None,
    triage_times: TriageTimes | None = None,
    socket_times: SocketTimes | None = None,
) -> AsyncGenerator[Slack | None]:
    """The Slack side, or None when the operator left the door closed. What is still to be written is, when it closes."""
    if settings.slack_closed_because is not None:
        yield None
        return
    async with open_workspaces(settings, database) as workspaces:
        slack = Slack(
            settings,
            workspaces,
            database,
            rates or Rates(),
            times or ThreadTimes(),
            sender_times or SenderTimes(),
            triage_times or TriageTimes(),
            socket_times or SocketTimes(silence_s=settings.slack_socket_silence_s),
        )
        await slack.start()
        try:
            yield slack
        finally:
            await slack.close()

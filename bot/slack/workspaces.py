"""A client of Slack's Web API for each workspace that orch is installed in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import monotonic

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from bot.slack.client import call
from bot.slack.errors import SlackCallError
from storage.database import Database
from storage.sealing import Seal
from storage.slack_installations import SlackInstallations

TIMEOUT_S = 15
NOT_INSTALLED = "not_installed"
"""The code of the SlackCallError for a workspace that has not installed orch."""
_KEPT_S = 30.0


class Workspaces:
    """Clients over one session: without one, slack_sdk opens another for every call.

    None of them tries anything again: after a lost answer slack_sdk would post twice, and when Slack says to wait it would
    sleep where nobody sees it. Whoever calls decides about both.

    `token` acts in one workspace, through `own`; with `installations` every other one has the token that its own installation brought,
    kept for some seconds, so that another process's installation is seen here.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        token: str | None,
        api_url: str | None = None,
        installations: SlackInstallations | None = None,
    ) -> None:
        self.session = session
        self.installations = installations
        self._api_url = api_url
        self.own = self.build(token)
        self._own_team: str | None = None
        self._kept: dict[str, tuple[AsyncWebClient, float]] = {}
        self._lock = asyncio.Lock()

    @property
    def proxy(self) -> str | None:
        """The proxy of the environment, through which Slack is reached."""
        return self.own.proxy

    @property
    def has_token(self) -> bool:
        """Whether there is a workspace of the environment's token."""
        return self.own.token is not None

    async def client(self, team: str | None) -> AsyncWebClient:
        """The client that acts in this workspace; None: the one workspace of SLACK_BOT_TOKEN.

        Raises SlackCallError of the code `not_installed` where orch is not installed (any more), StorageError, SettingsError
        when the token was sealed with another key.
        """
        if self.installations is None:  # an event of a channel shared with another workspace names that one's id
            return self.own
        if team is not None:
            kept = self._kept.get(team)
            if kept is not None and kept[1] > monotonic():
                return kept[0]
            installation = await self.installations.get(team)
            if installation is not None:
                client = self.build(installation.token)
                self._kept[team] = (client, monotonic() + _KEPT_S)
                return client
            self._kept.pop(team, None)
        if self.has_token and (team is None or await self._team_of_token() == team):
            return self.own
        raise SlackCallError(
            f"calls in the workspace {team or 'of no name'}",
            NOT_INSTALLED,
            "orch is not installed there (any more): install it at /slack/install",
        )

    async def is_installed(self, team: str | None) -> bool:
        """Whether orch acts in this workspace. Raises StorageError."""
        try:
            await self.client(team)
        except SlackCallError as error:
            return error.code != NOT_INSTALLED  # Slack not saying which workspace a token is of refuses nobody
        return True

    def forget(self, team: str) -> None:
        """Its installation has changed: read it anew."""
        self._kept.pop(team, None)

    async def open_socket_url(self, app_token: str) -> str:
        """The address of a new WebSocket of Socket Mode. SlackCallError when Slack gives none.

        https://docs.slack.dev/reference/methods/apps.connections.open
        """
        answer = await call(self.build(app_token), "apps.connections.open", {})
        return str(answer.get("url"))

    def build(self, token: str | None) -> AsyncWebClient:
        """A client that acts with this token."""
        client = AsyncWebClient(
            token=token,
            base_url=self._api_url or AsyncWebClient.BASE_URL,
            timeout=TIMEOUT_S,
            session=self.session,
            retry_handlers=[],
        )
        if self._api_url is not None:
            client.proxy = None  # a proxy of the environment is for the outside, not for an emulator beside us
        return client

    async def _team_of_token(self) -> str | None:
        async with self._lock:
            if self._own_team is None:
                answer = await call(self.own, "auth.test", {})
                self._own_team = str(answer.get("team_id"))
            return self._own_team


@asynccontextmanager
async def open_workspaces(settings: Settings, database: Database) -> AsyncGenerator[Workspaces]:
    """The workspaces, as long as the context lasts."""
    token, key = settings.slack_bot_token, settings.secret_key
    installations = None
    if settings.slack_client_id is not None and key is not None:
        installations = SlackInstallations(database, Seal(key.get_secret_value()))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        yield Workspaces(
            session,
            token=None if token is None else token.get_secret_value(),
            api_url=settings.slack_api_url,
            installations=installations,
        )

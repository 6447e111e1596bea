"""A client of Slack's Web API for each workspace that orch is installed in."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from bot.slack.client import call

TIMEOUT_S = 15


class Workspaces:
    """Clients over one session: without one, slack_sdk opens another for every call.

    None of them tries anything again: after a lost answer slack_sdk would post twice, and when Slack says to wait it would
    sleep where nobody sees it. Whoever calls decides about both.
    """

    def __init__(self, session: aiohttp.ClientSession, *, token: str | None, api_url: str | None = None) -> None:
        self.session = session
        self._api_url = api_url
        self._own = self.build(token)

    async def client(self, team: str | None) -> AsyncWebClient:
        """The client that acts in this workspace; None: the one workspace of SLACK_BOT_TOKEN.

        Raises SlackCallError of the code `not_installed` where orch is not installed (any more); StorageError.
        """
        _ = team  # one workspace: an event of a channel shared with another one names that one's id
        return self._own

    @property
    def proxy(self) -> str | None:
        """The proxy of the environment, through which Slack is reached."""
        return self._own.proxy

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


@asynccontextmanager
async def open_workspaces(settings: Settings) -> AsyncGenerator[Workspaces]:
    """The workspaces, as long as the context lasts."""
    token = settings.slack_bot_token
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        yield Workspaces(
            session, token=None if token is None else token.get_secret_value(), api_url=settings.slack_api_url
        )

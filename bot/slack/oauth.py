"""`GET /slack/install` and `GET /slack/oauth_redirect`: a workspace installs orch.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import hmac
from html import escape
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.slack.errors import CALL_ERRORS, SlackCallError, explain
from bot.slack.manifest import BOT_SCOPES, OPTIONAL_SCOPES
from bot.slack.workspaces import Workspaces
from storage.slack_installations import Installation, SlackInstallations

_log = structlog.stdlib.get_logger(__name__)

STATE_COOKIE = "orch_install_state"
_STATE_S = 600
_AUTHORIZE = "https://slack.com/oauth/v2/authorize"
_ACCESS = "oauth.v2.access"

router = APIRouter(include_in_schema=False)


@router.get("/slack/install")
async def install(request: Request) -> Response:
    """To Slack's page, which asks the person to agree."""
    return await _installer(request).begin(team=request.query_params.get("team"))


@router.get("/slack/oauth_redirect")
async def come_back(request: Request) -> Response:
    """From Slack's page, with a code to be changed for a token."""
    return await _installer(request).finish(request)


def _installer(request: Request) -> "Installer":
    return request.app.state.runtime.slack.installer


class Installer:
    """Leads a browser to Slack and back, for the `allowed` workspaces, or for all where it is None.

    A state is good once, for ten minutes, in the browser that began alone.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        installations: SlackInstallations,
        *,
        client_id: str,
        client_secret: SecretStr,
        allowed: frozenset[str] | None = None,
        api_url: str | None = None,
    ) -> None:
        self._workspaces = workspaces
        self._installations = installations
        self._client_id = client_id
        self._client_secret = client_secret
        self._allowed = allowed
        self._authorize = _AUTHORIZE if api_url is None else f"{api_url.removesuffix('/api')}/oauth/v2/authorize"

    async def begin(self, *, team: str | None = None) -> Response:
        """A redirection to Slack. Raises StorageError."""
        state = await self._installations.begin(expires_s=_STATE_S)
        asked = {
            "client_id": self._client_id,
            "scope": ",".join([*BOT_SCOPES, *OPTIONAL_SCOPES]),
            "state": state,
            **({"team": team} if team else {}),
        }
        response = RedirectResponse(f"{self._authorize}?{urlencode(asked)}", HTTPStatus.FOUND)
        # Lax: Slack's redirection back is a navigation from another site.
        response.set_cookie(
            STATE_COOKIE, state, max_age=_STATE_S, path="/slack", secure=True, httponly=True, samesite="lax"
        )
        return response

    async def finish(self, request: Request) -> Response:
        """A page that says what came of it. Raises StorageError."""
        given = request.query_params
        state, cookie = given.get("state") or "", request.cookies.get(STATE_COOKIE) or ""
        if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
            return _refuse("wrong_browser", "Begin and end the installation in the same browser.")
        if not await self._installations.consume(state):
            return _refuse("state_used_or_expired", "This installation was finished before, or took over ten minutes.")
        if "error" in given:
            return _refuse("not_agreed", f"Slack says: {given['error'][:100]}.")
        if not given.get("code"):
            return _refuse("no_code", "Slack sent no code.")
        try:
            answer = await self._change_for_token(given["code"])
        except SlackCallError as error:
            return _refuse(error.code, str(error), HTTPStatus.BAD_GATEWAY)
        found = _read_installation(answer)
        if isinstance(found, str):
            return _refuse("unusable_answer", found, HTTPStatus.BAD_GATEWAY)
        if self._allowed is not None and found.team not in self._allowed:
            words = f"The workspace {found.team} is not among those that may: ask whoever runs orch."
            return _refuse("workspace_not_allowed", words, HTTPStatus.FORBIDDEN)
        await self._installations.put(found)
        self._workspaces.forget(found.team)
        missing = sorted(BOT_SCOPES.keys() - found.scopes)
        _log.info("slack.installed", team=found.team, by=found.installed_by, missing_scopes=missing)
        return _page(
            f"orch is installed in {found.team_name}",
            "Invite it to your alert channels with /invite @orch, and try /orch help."
            + (f" These scopes were not granted, so parts will not work: {', '.join(missing)}." if missing else ""),
        )

    async def _change_for_token(self, code: str) -> dict[str, Any]:
        """Slack's answer: https://docs.slack.dev/reference/methods/oauth.v2.access. Raises SlackCallError."""
        client: Any = self._workspaces.build(None)
        try:
            # As a form: slack_sdk's own method for this uses what aiohttp is about to drop.
            answer = await client.api_call(
                _ACCESS,
                data={
                    "client_id": self._client_id,
                    "client_secret": self._client_secret.get_secret_value(),
                    "code": code,
                },
            )
        except CALL_ERRORS as error:
            raise explain(_ACCESS, error) from None
        data: object = answer.data
        return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def _read_installation(answer: dict[str, Any]) -> Installation | str:
    """The installation, or why it cannot be used."""
    if answer.get("is_enterprise_install"):
        return "It was for a whole organisation: install orch in each workspace instead."
    if answer.get("expires_in"):
        return "The app's tokens expire: switch token rotation off, as in the manifest."
    team, token = _object(answer.get("team")), answer.get("access_token")
    if answer.get("token_type") != "bot" or not isinstance(token, str) or not isinstance(team.get("id"), str):
        return "It holds no bot token: create the app from the manifest."
    user = _object(answer.get("authed_user")).get("id")
    return Installation(
        team=team["id"],
        team_name=str(team.get("name") or team["id"]),
        token=token,
        bot_user=str(answer.get("bot_user_id") or ""),
        scopes=frozenset(str(answer.get("scope") or "").split(",")) - {""},
        installed_by=None if user is None else str(user),
    )


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _refuse(reason: str, words: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
    _log.warning("slack.not_installed", reason=reason)
    return _page("orch was not installed", f"{words} Begin anew at /slack/install.", status)


def _page(title: str, words: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    response = HTMLResponse(f"{head}<h1>{escape(title)}</h1><p>{escape(words)}</p>", status)
    response.delete_cookie(STATE_COOKIE, path="/slack", secure=True, httponly=True, samesite="lax")
    return response

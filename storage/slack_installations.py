"""The workspaces that installed the app, their bot tokens sealed, and the installations that are under way."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from storage.database import Database
from storage.sealing import Seal


@dataclass(frozen=True, kw_only=True)
class Installation:
    """orch in one workspace; `scopes` are those granted to its bot token."""

    team: str
    team_name: str
    token: str = field(repr=False)
    bot_user: str
    scopes: frozenset[str]
    installed_by: str | None = None
    installed_at: datetime | None = None


class SlackInstallations:
    """Keeps installations in `slack_installations`, and the states of those begun in `slack_install_states`.

    Raises StorageError; SettingsError when a token was sealed with another key.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def put(self, installation: Installation) -> None:
        """It replaces the one that the workspace had."""
        await self._database.execute(
            "insert into slack_installations (team, team_name, token, bot_user, scopes, installed_by) values "
            "(%(team)s, %(team_name)s, %(token)s, %(bot_user)s, %(scopes)s, %(installed_by)s) "
            "on conflict (team) do update set team_name = excluded.team_name, token = excluded.token, "
            "bot_user = excluded.bot_user, scopes = excluded.scopes, installed_by = excluded.installed_by, "
            "installed_at = now()",
            {
                "team": installation.team,
                "team_name": installation.team_name,
                "token": self._seal.close(installation.token),
                "bot_user": installation.bot_user,
                "scopes": ",".join(sorted(installation.scopes)),
                "installed_by": installation.installed_by,
            },
        )

    async def get(self, team: str) -> Installation | None:
        row = await self._database.fetch_one("select * from slack_installations where team = %(team)s", {"team": team})
        if row is None:
            return None
        return Installation(
            team=row["team"],
            team_name=row["team_name"],
            token=self._seal.open(row["token"]),
            bot_user=row["bot_user"],
            scopes=frozenset(filter(None, row["scopes"].split(","))),
            installed_by=row["installed_by"],
            installed_at=row["installed_at"],
        )

    async def teams(self) -> tuple[str, ...]:
        """The ids of the workspaces, the oldest installation first."""
        rows = await self._database.fetch_all("select team from slack_installations order by installed_at, team", {})
        return tuple(row["team"] for row in rows)

    async def remove(self, team: str, *, before: datetime) -> bool:
        """Whether it was there; one that was made anew after `before` stays."""
        removed = await self._database.execute(
            "delete from slack_installations where team = %(team)s and installed_at <= %(before)s",
            {"team": team, "before": before},
        )
        return removed > 0

    async def begin(self, *, expires_s: float) -> str:
        """A state that nobody can guess, good for one `consume` within so many seconds; only its digest is kept."""
        await self._database.execute("delete from slack_install_states where expires_at < now()", {})
        state = secrets.token_urlsafe(32)
        await self._database.execute(
            "insert into slack_install_states (digest, expires_at) "
            "values (%(digest)s, now() + make_interval(secs => %(expires_s)s))",
            {"digest": _digest(state), "expires_s": expires_s},
        )
        return state

    async def consume(self, state: str) -> bool:
        """Whether the state was good; it is not any more."""
        removed = await self._database.execute(
            "delete from slack_install_states where digest = %(digest)s and expires_at > now()",
            {"digest": _digest(state)},
        )
        return removed > 0


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()

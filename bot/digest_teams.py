"""Which teams get a digest, where and when: read from the settings."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from bot.schedule_times import Cron, read_zone

DEFAULT_CRON = "0 9 * * 1"
DEFAULT_TEAM = "on-call"
_SHAPE = "'team=payments;channel=#payments-oncall;cron=0 9 * * 1;tz=Europe/Berlin'"
_LISTS = frozenset({"services", "rotations"})

type _Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\s;|](?:[^;|\n]*[^\s;|])?$")]


class DigestTeam(BaseModel):
    """One digest. `tz` None: the zone of the rota. `workspace`: the id of the Slack workspace, where orch is in several.

    `services` and `rotations` narrow it to those; empty, it tells of all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    team: _Name = DEFAULT_TEAM
    channel: _Name
    cron: str = DEFAULT_CRON
    tz: str | None = None
    workspace: str | None = None
    services: tuple[str, ...] = ()
    rotations: tuple[str, ...] = ()

    @field_validator("channel")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.removeprefix("#")

    @field_validator("tz")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        return None if value is None else read_zone(value).key

    @property
    def key(self) -> str:
        return f"digest:{self.team}"

    def check(self) -> None:
        """SettingsError where the cron or the zone cannot be read."""
        Cron(self.cron, self.tz or "UTC")


_TEAMS: TypeAdapter[tuple[DigestTeam, ...]] = TypeAdapter(tuple[DigestTeam, ...])


def read_teams(text: str) -> tuple[DigestTeam, ...]:
    """The teams of `ORCHESTRATOR_DIGESTS`: JSON (a list of objects), or `name=value;…` with `|` or a line between teams.

    Raises ValueError, and SettingsError for a cron or zone, in words that a person can act on.
    """
    given = _read_json(text) if text.lstrip().startswith("[") else [_read_entry(entry) for entry in _split(text)]
    try:
        teams = _TEAMS.validate_python(given)
    except ValidationError as error:
        raise ValueError("; ".join(_describe(item) for item in error.errors(include_url=False))) from None
    if not teams:
        raise ValueError(f"it names no team: write {_SHAPE}")
    names = [team.team for team in teams]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the team {twice[0]} is named twice: a team has one digest a week")
    for team in teams:
        team.check()
    return teams


def _describe(item: Any) -> str:
    number, *place = item["loc"] or (0,)
    team = f"team {int(number) + 1}" if isinstance(number, int) else "the list"
    return f"{'.'.join(map(str, place)) or 'the entry'} of {team}: {item['msg'].removeprefix('Value error, ')}"


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is no JSON ({error}): write a list of objects, or {_SHAPE}") from None


def _split(text: str) -> list[str]:
    return [entry.strip() for line in text.splitlines() for entry in line.split("|") if entry.strip()]


def _read_entry(entry: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in entry.split(";"):
        name, is_pair, value = (part.strip() for part in pair.partition("="))
        if not pair.strip():
            continue
        if not is_pair or name in found:
            raise ValueError(f"{pair.strip()!r} cannot be read: write each name once, as in {_SHAPE}")
        found[name] = [item.strip() for item in value.split(",") if item.strip()] if name in _LISTS else value
    return found

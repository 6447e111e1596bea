"""The digest as it would be sent now, for one person who asks."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.digest import Digests
from bot.slack.render.digest import render_digest
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import paragraph
from core.digest.week import IsoWeek
from core.errors import InvalidInputError

MAX_TEAMS = 3

type DigestNow = Callable[[str | None, str], Awaitable[list[Message]]]
"""Of a workspace, and of the words of the command."""


def digest_now(digests: Digests) -> DigestNow:
    """Answers `/orch digest [team] [week]`: without a team the first few of the settings, without a week the latest."""

    async def tell(_: str | None, words: str) -> list[Message]:
        try:
            team, week = _read(words)
            names = [team] if team else [one.team for one in digests.teams[:MAX_TEAMS]] or [None]
            made = [await digests.build(team=name, week=week) for name in names]
        except InvalidInputError as error:
            return [render_message([paragraph(f"I cannot make this digest: {error}")])]
        return [await asyncio.to_thread(render_digest, digest) for digest in made]

    return tell


def _read(words: str) -> tuple[str, str | None]:
    """The name of the team, empty for none, and the week."""
    *before, last = words.split() or [""]
    try:
        week = str(IsoWeek.read(last))
    except InvalidInputError:
        return " ".join((*before, last)).strip(), None
    return " ".join(before), week

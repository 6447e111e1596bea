"""What answering people needs of the rest of the program."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.health import HealthReport
from bot.oncall import RotaBook
from bot.slack.render.pages import Message
from core.landscape import Landscape
from core.ports import Clock
from storage.feedback import FeedbackStore

type DigestNow = Callable[[str | None, str], Awaitable[list[Message]]]
"""The digest as it would be sent now: of a workspace, and of the team whose name was given, or of all for ""."""


@dataclass(frozen=True, kw_only=True)
class Facilities:
    """`rota` is None where there is no company folder to read one from; `digest` where none is built in."""

    landscape: Landscape
    rota: RotaBook | None
    feedback: FeedbackStore
    health: Callable[[], Awaitable[HealthReport]]
    clock: Clock
    digest: DigestNow | None = None

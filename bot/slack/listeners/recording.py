"""Keeps a command or an interaction; where that fails, whoever waits for an answer is told so."""

from bot.slack.intake import Intake
from bot.slack.responses import Responses
from core.errors import StorageError
from storage.slack_inbox import Arrival

_NOT_STORED = "I could not store this, so it is not taken: try again soon."


class Recorder:
    """What is recorded may be acknowledged."""

    def __init__(self, intake: Intake, responses: Responses) -> None:
        self._intake = intake
        self._responses = responses

    async def record(self, arrival: Arrival, *, response_url: str = "") -> bool:
        """Whether it is new. StorageError when it could not be stored: then there is nothing to acknowledge."""
        try:
            return await self._intake.take(arrival)
        except StorageError:
            if response_url:
                await self._responses.tell(response_url, _NOT_STORED)
            raise

    def ignore(self, reason: str) -> None:
        """Count what is not kept."""
        self._intake.ignore(reason)

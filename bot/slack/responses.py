"""Private answers to whoever gave a command."""

from typing import Any

import aiohttp
import structlog

from bot.slack.render.escaping import escape, literal
from bot.slack.render.limits import SECTION_CHARS, cut

_log = structlog.stdlib.get_logger(__name__)

_TIMEOUT_S = 2.0


def private(text: str) -> dict[str, Any]:
    """The body of an answer that only the asker sees.

    https://docs.slack.dev/interactivity/implementing-slash-commands#responding_to_commands
    """
    shown = cut(literal(text).strip(), SECTION_CHARS)
    return {
        "response_type": "ephemeral",
        "text": escape(cut(text, SECTION_CHARS)),
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}],
    }


class Responses:
    """Posts to a command's `response_url`, which works for 30 minutes and five times."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def tell(self, response_url: str, text: str) -> bool:
        """Whether it was said. It is tried once; a failure is logged."""
        try:
            async with self._session.post(
                response_url, json=private(text), timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)
            ) as answer:
                if answer.status < 400:  # noqa: PLR2004 -- no HTTP error
                    return True
                _log.warning("slack.asker_not_told", status=answer.status)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            _log.warning("slack.asker_not_told", error=type(error).__name__)
        return False

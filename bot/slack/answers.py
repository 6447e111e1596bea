"""An answer of Slack with its headers, which tell of the token's scopes and of Slack's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import CALL_ERRORS, explain


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`scopes` are those granted to the token, `date` is Slack's time; None where Slack does not say."""

    data: dict[str, Any]
    scopes: frozenset[str] | None
    date: datetime | None


async def ask(client: AsyncWebClient, method: str, arguments: Mapping[str, str] | None = None) -> Answer:
    """The answer to a reading method, asked by a form, which all of them take. SlackCallError when Slack refuses.

    `x-oauth-scopes`: https://docs.slack.dev/authentication/installing-with-oauth
    """
    try:
        found = await cast("Any", client).api_call(method, data=dict(arguments or {}))
    except CALL_ERRORS as error:
        raise explain(method, error) from None
    headers = {str(name).lower(): str(value) for name, value in found.headers.items()}
    data: object = found.data
    granted = headers.get("x-oauth-scopes")
    return Answer(
        data=cast("dict[str, Any]", data) if isinstance(data, dict) else {},
        scopes=None if granted is None else frozenset(part.strip() for part in granted.split(",")) - {""},
        date=_read_date(headers.get("date")),
    )


def _read_date(text: str | None) -> datetime | None:
    try:
        found = None if text is None else parsedate_to_datetime(text)
    except ValueError:
        return None
    # The zone of an HTTP date is GMT: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)

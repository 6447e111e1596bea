"""The tokens by which a search is read page after page."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Page:
    """Where a page begins, and the moment the search was first asked at.

    The moment stays the same from page to page, so that a search for `-7d` loses and repeats nothing while time passes.
    """

    offset: int
    now: datetime

    def token(self, jql: str) -> str:
        """The page as an opaque text that fits this query alone."""
        content = json.dumps([self.offset, self.now.timestamp(), _digest(jql)])
        return base64.urlsafe_b64encode(content.encode()).decode()


def read_token(token: str, jql: str) -> Page | None:
    """The page of a token given for the same query; None for any other text."""
    try:
        content = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, RecursionError):
        return None
    match content:
        case [int(offset), float(moment), str(digest)] if digest == _digest(jql) and offset >= 0:
            try:
                return Page(offset, datetime.fromtimestamp(moment, UTC))
            except (ValueError, OverflowError, OSError):
                return None
        case _:
            return None


def _digest(jql: str) -> str:
    return hashlib.sha256(jql.encode("utf-8", errors="replace")).hexdigest()[:16]

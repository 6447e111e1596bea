"""An alert as it was understood from a post, and the two keys that tell alerts and their news apart.

The *group key* names the thing that is wrong: the same for every post about it, be it firing, repeated, acknowledged
or resolved. The *fingerprint* names one state of it: equal fingerprints say the same thing in the same words.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from pydantic import Field

from core.base import Model

MAX_TITLE_CHARS = 300
MAX_KEY_CHARS = 200
_DIGEST_CHARS = 32


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"


class Alert(Model):
    """What one post says of one alert; a group notification is one alert.

    `title` is the name of the rule, monitor or check without its state; `severity` the word of the post, lower case, not
    mapped to anybody's scale; `labels` what the post shows with a key and all listed alerts share; `links` every address
    in the post, in reading order. `starts_at` is there only where the post states a start, and has no zone where the
    post gives none. `count` is how many alerts the post says it stands for. `values` are those that stand in the title
    without a key, as Alertmanager's and Grafana's default titles write them.
    """

    vendor: str
    status: AlertStatus
    title: str = Field(min_length=1, max_length=MAX_TITLE_CHARS)
    service: str | None = None
    severity: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    links: tuple[str, ...] = ()
    starts_at: datetime | None = None
    count: int | None = None
    values: tuple[str, ...] = ()
    group_key: str
    fingerprint: str


def group_key(vendor: str, parts: Iterable[str]) -> str:
    """The key of what is wrong: the vendor and the parts that do not change while it lasts, at most 200 characters.

    `parts` are the vendor's own id of the alert where the post has one, otherwise its name and what tells it from
    others of that name; never a state, a count or a time. Case and spacing do not matter; a longer key keeps its head
    and ends in a SHA-256 of the whole.
    """
    words = (" ".join(part.casefold().split()) for part in parts)
    key = ":".join((vendor, *(word for word in words if word)))
    if len(key) <= MAX_KEY_CHARS:
        return key
    return f"{key[: MAX_KEY_CHARS - _DIGEST_CHARS - 1]}~{_digest(key)}"


def fingerprint(key: str, status: AlertStatus, content: str) -> str:
    """32 hex digits (SHA-256, cut) of the group key, the state and the words of the post, spacing aside."""
    return _digest("\x1f".join((key, status.value, " ".join(content.split()))))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS]

"""Text of tasks, tickets and logs, made harmless before Slack sees it.

Blocks carry it in `plain_text` and in `text` elements of `rich_text`, where Slack parses no markup; the top-level `text`
of a message is parsed, and is escaped: https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

import re
from urllib.parse import urlsplit

_JOINER = "\u2060"
"""Invisible, and no blank: it keeps two characters from being read as one sign."""
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""They can make a text read otherwise than it is."""
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_CONTROL_SEQUENCE = re.compile(r"<(?=[!@#]|[a-z][a-z0-9+.-]*:|/)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=(?:amp|lt|gt);)")
_GROUP_MENTION = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_FORMATTING = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")


def clean(text: str) -> str:
    """The text without control characters: each is a blank, save line feeds; signs that turn text round are gone."""
    whole = _HALF_PAIR.sub("\ufffd", _BIDI.sub("", text.replace("\r\n", "\n")))
    return _CONTROL.sub(" ", whole)


def literal(text: str) -> str:
    """The text for places where Slack parses no markup; even there no mention or link can be read out of it."""
    broken = _CONTROL_SEQUENCE.sub(f"<{_JOINER}", clean(text))
    return _ENTITY.sub(f"&{_JOINER}", broken)


def escape(text: str) -> str:
    """The text for places where Slack parses mrkdwn: it shows as it is, mentions nobody and formats nothing."""
    entities = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quiet = _GROUP_MENTION.sub(f"@{_JOINER}", entities)
    return _FORMATTING.sub(lambda found: f"{_JOINER}{found.group()}{_JOINER}", quiet)


def unescape(text: str) -> str:
    """The text as it was typed: Slack escapes `&`, `<` and `>` in what it delivers."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def is_link(url: str, limit: int) -> bool:
    """Whether a link may lead there: http or https, a host, nothing that would not survive in a URL."""
    if len(url) > limit or not url.isascii() or not url.isprintable() or any(sign in url for sign in " <>|\"'`\\"):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc

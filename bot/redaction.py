"""Secrets out of texts, before a log, a terminal or a stored reason shows them."""

import re
from collections.abc import Iterable, Mapping
from typing import cast

REDACTED = "[redacted]"

_SECRET_KEY = re.compile(
    r"(^|[_\-.])(password|passwd|secret|token|api_?key|authorization|credentials?|cookie|session)s?$", re.IGNORECASE
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Slack's tokens: https://docs.slack.dev/authentication/tokens
    (re.compile(r"\bxox[a-z](?:\.[a-z]+)*-[\w.-]+", re.IGNORECASE), REDACTED),
    (re.compile(r"\bxapp-[\w-]+", re.IGNORECASE), REDACTED),
    (re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]+", re.IGNORECASE), rf"\g<1>{REDACTED}"),
    (re.compile(r"\b(sk|rk|pk)-[\w-]{8,}"), REDACTED),
    (re.compile(r"\b(gh[a-z]_|github_pat_|glpat-|AKIA)[\w-]{8,}"), REDACTED),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), REDACTED),
    (re.compile(r"\b((?i:bearer))(\s+)[\w.~+/=-]{6,}"), rf"\g<1>\g<2>{REDACTED}"),
    # letters alone would also be words: base64 of a name and a password has capitals or figures
    (re.compile(r"\b((?i:basic))(\s+)(?=[a-z+/]*[A-Z0-9=])[\w+/=-]{6,}"), rf"\g<1>\g<2>{REDACTED}"),
    # user:password@ of a URL; the password may hold anything but the end of a word
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*):[^\s/\"']*@", re.IGNORECASE), rf"\g<1>:{REDACTED}@"),
    (
        re.compile(
            r"\b((?:[\w-]*[_-])?(?:password|passwd|secret|token|api[_-]?key|authorization)[\"']?\s*[=:]\s*[\"']?)"
            r"(?!(?:bearer|basic)\s)(?!\[redacted\])[^\s\"'&,;)}\]]+",
            re.IGNORECASE,
        ),
        rf"\g<1>{REDACTED}",
    ),
)
_MIN_KNOWN_CHARS = 6
"""Shorter secrets are not looked for by value: they would blot out ordinary words."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without what looks like a secret and without the given ones."""
    for secret in secrets:
        if len(secret) >= _MIN_KNOWN_CHARS:
            text = text.replace(secret, REDACTED)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_values(value: object, secrets: Iterable[str] = ()) -> object:
    """The value with every text in it redacted, and every value under a key that names a secret left out."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, bytes):
        return redact(value.decode(errors="replace"), secrets)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {
            redact(str(key), secrets): REDACTED if _names_secret(key, item) else redact_values(item, secrets)
            for key, item in items
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_values(item, secrets) for item in cast("Iterable[object]", value)]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value), secrets)


def _names_secret(key: object, value: object) -> bool:
    return bool(_SECRET_KEY.search(str(key))) and isinstance(value, str | bytes)

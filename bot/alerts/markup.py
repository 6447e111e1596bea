"""Slack's markup as plain text: https://docs.slack.dev/messaging/formatting-message-text.

Slack sends `&`, `<` and `>` of a text as `&amp;`, `&lt;`, `&gt;`, and wraps links, mentions and dates in `<…>`.
"""

import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"<((?:https?://|[a-z]{2,10}:|[!@#])[^<>\n]{1,3000})>")
_BARE_URL = re.compile(r"https?://[^\s<>|\"'`]{1,2000}")
_URL = re.compile(r"https?://\S{1,2900}")
_DATE = re.compile(r"!date\^(\d{1,12})\^([^^{]{0,200})")
_SHORTCODE = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+'-]{0,60}:(?!\w)")
# pictographs, dingbats and arrows that posts use as ornaments, with their joiners and variation selectors
_PICTURE = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001faff\ufe0f\u200d]"
)
_STRONG = re.compile(r"(?<!\w)\*([^*\n]{1,500})\*(?!\w)")
_MARKS = re.compile(r"(?<![\w*])\*{1,2}(?=\S)|(?<=\S)\*{1,2}(?![\w*])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|`{1,3}")
_SPACES = re.compile(r"[ \t\u00a0]+")


def unescape(text: str) -> str:
    """The text with Slack's three entities read back."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def show(text: str) -> str:
    """The text as it is shown: links by their label, mentions by name, dates in ISO 8601 UTC; marks stay."""
    return unescape(_TOKEN.sub(lambda match: _shown(match.group(1)), text))


def plain(text: str) -> str:
    """A shown text without marks for bold, italic and code, runs of spaces made one."""
    return _SPACES.sub(" ", _MARKS.sub("", text)).strip()


def strong(text: str) -> str | None:
    """The first bold words of a shown text."""
    match = _STRONG.search(text)
    return plain(match.group(1)) if match else None


def without_emoji(text: str) -> str:
    """The text without `:shortcodes:` and pictographs, runs of spaces made one."""
    return _SPACES.sub(" ", _PICTURE.sub(" ", _SHORTCODE.sub(" ", text))).strip()


def links_in(text: str) -> list[str]:
    """Every web address of a text as Slack sends it, wrapped in `<…>` or bare, in order."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        url = match.group(1).split("|", 1)[0]
        if _URL.fullmatch(url):
            found.append(unescape(url))
        return " "

    rest = _TOKEN.sub(take, text)
    found.extend(unescape(match.group()).rstrip(".,;:!?)]}*_") for match in _BARE_URL.finditer(rest))
    return found


def link_labels(text: str) -> list[tuple[str, str]]:
    """Address and label of every labelled link of a text as Slack sends it."""
    pairs: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        url, bar, label = match.group(1).partition("|")
        if bar and _URL.fullmatch(url):
            pairs.append((unescape(url), plain(unescape(label))))
    return pairs


def _shown(token: str) -> str:
    date = _DATE.match(token)
    if date:
        moment = datetime.fromtimestamp(int(date.group(1)), UTC)
        return f"{date.group(2)}{moment:%Y-%m-%dT%H:%M:%SZ}"
    target, bar, label = token.partition("|")
    if target.startswith("!"):
        return f"@{label.removeprefix('@') if bar else target[1:].partition('^')[0]}"
    if target.startswith(("@", "#")):
        return f"{target[0]}{label}" if bar and label else target
    return label if bar and label.strip() else target.removeprefix("mailto:")

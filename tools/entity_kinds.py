"""The kinds of named things, each with its pattern and, where a pattern is not enough, a check of the words.

Where two things overlap the longer one stays; of two equally long ones the kind listed first.
"""

import errno
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address, ip_interface
from typing import NamedTuple

from tools.durations import find_durations
from tools.owners import is_crowd
from tools.patterns import DATE, DATE_IN_WORDS, HANDLE, STAMP, TIME, leading_name
from tools.service_names import LABELLED_NAME, NAME, SNAKE_NAME, kind_of


class Found(NamedTuple):
    """A thing of a kind and where it stands: 0-based, the end open."""

    kind: str
    start: int
    end: int


type Find = Callable[[str], Iterator[Found]]
"""Finds the things of one kind, or of a few that are told apart only once found."""


_STANDARDS = frozenset(  # what looks like a ticket key and is the name of a standard, a model or a severity
    {"AES", "BASE", "BCP", "CP", "CVE", "CWE", "EC", "GMT", "GPT", "HTTP", "ISO", "MD", "P", "PEP", "RFC", "RSA", "S"}
    | {"SEV", "SHA", "SSE", "TLS", "TOP", "UTC", "UTF", "WCAG"}
)
_FILE_ENDINGS = frozenset(
    {"bak", "bat", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "db", "exe", "gif", "go", "gz", "h", "html"}
    | {"ini", "ipynb", "jar", "java", "jpeg", "jpg", "js", "json", "jsx", "key", "kt", "lock", "log", "md", "ndjson"}
    | {"pdf", "pem", "php", "pl", "png", "proto", "py", "rb", "rs", "scala", "sh", "sql", "sqlite", "svg", "tar", "tf"}
    | {"tgz", "toml", "ts", "tsx", "txt", "xlsx", "xml", "yaml", "yml", "zip", "zst"}
)
_TOP_DOMAINS = frozenset(
    {"app", "biz", "cloud", "com", "corp", "dev", "edu", "example", "gov", "home", "info", "int", "internal", "intra"}
    | {"invalid", "lan", "local", "localdomain", "localhost", "mil", "net", "online", "org", "pro", "site", "svc"}
    | {"systems", "tech", "test", "xyz"}
)
_WORDS_LIKE_DOMAINS = frozenset(
    {"am", "as", "at", "be", "by", "do", "id", "in", "is", "it", "me", "my", "no", "so", "to"}
)
_MIN_HOST_LABELS = 3
# The names of the C library's errors and signals, of gRPC's status codes (https://grpc.io/docs/guides/status-codes/) and of the
# reasons for which Kubernetes says that a container waits or has ended.
_ERRORS = "|".join(
    sorted(
        {*errno.errorcode.values(), "ENOTFOUND", "EAI_AGAIN"}
        | {item.name for item in signal.Signals if item.name.isalpha()}
        | {"DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "PERMISSION_DENIED", "INVALID_ARGUMENT"}
        | {
            "UNAUTHENTICATED",
            "OOMKilled",
            "CrashLoopBackOff",
            "ImagePullBackOff",
            "ErrImagePull",
            "CreateContainerError",
        },
        key=lambda name: (-len(name), name),
    )
)
_AMOUNT = r"\d{1,3}(?:[,.'’ ]\d{3}){1,5}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,4})?"
_SCALE = r"(?:\s?(?:k|m|mn|bn|million|billion|thousand)(?!\w))?"
_REASONS = "|".join(rf"{status.value} {re.escape(status.phrase)}" for status in HTTPStatus)
_OWNER = re.compile(
    r"(?<![\w-])(?:(?:owner|assignee|reporter|contact|incident commander|on-call(?: engineer)?|primary|secondary|lead|DRI)"
    r"(?: on-call)?(?: is|\s?[:=])|owned by:?|assigned to:?|reported by:?|escalated to|paged)\s{1,2}",
    re.IGNORECASE,
)
_STATUS_PLURAL = re.compile(r"[45]\d\ds")  # "404s" are answers, not seconds
_TEAM_WORDS = frozenset({"Squad", "Team", "Group", "Guild", "Tribe"})


@dataclass(frozen=True)
class _Kind:
    """A kind found by a pattern: the group that has a name, else the whole match."""

    kind: str
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool] = bool

    def __call__(self, text: str) -> Iterator[Found]:
        for match in self.pattern.finditer(text):
            group = match.lastgroup or 0
            if self.accepts(match[group]):
                yield Found(self.kind, *match.span(group))


def _kind(kind: str, pattern: str, accepts: Callable[[str], bool] = bool, *, exact_case: bool = False) -> _Kind:
    return _Kind(kind, re.compile(pattern, 0 if exact_case else re.IGNORECASE), accepts)


def _is_address(words: str) -> bool:
    try:
        ip_interface(words) if "/" in words else ip_address(words)
    except ValueError:
        return False
    return any(character.isalnum() for character in words)


def _is_ticket(words: str) -> bool:
    return words.rpartition("-")[0] not in _STANDARDS


def _is_commit(words: str) -> bool:
    """7 to 40 hexadecimal digits with a letter and a figure, and not a number such as 1e10000."""
    letters = sum(character.isalpha() for character in words)
    return 0 < letters < len(words) and re.fullmatch(r"\d+e\d+", words) is None


def _is_host(words: str) -> bool:
    labels = words.partition(":")[0].split(".")
    last = labels[-1]
    if last in _FILE_ENDINGS:
        return False
    if last in _TOP_DOMAINS:
        return True
    is_country = len(last) == 2  # noqa: PLR2004 - country codes of ISO 3166 have two letters
    return is_country and (len(labels) >= _MIN_HOST_LABELS or (last not in _WORDS_LIKE_DOMAINS and len(labels[0]) > 1))


def _is_channel(words: str) -> bool:
    name = words[1:]
    if re.fullmatch(r"(?=.*\d)(?:[0-9a-f]{3}|[0-9a-f]{6})", name):
        return False  # a colour
    return any(character.isalpha() for character in name) and (name == name.lower() or name.isupper())


def _is_person(handle: str) -> bool:
    return not is_crowd(handle)


def _kebab_names(text: str) -> Iterator[Found]:
    for match in _KEBAB.finditer(text):
        if kind := kind_of(match[0]):
            yield Found(kind, match.start(), match.end())


def _owners(text: str) -> Iterator[Found]:
    for label in _OWNER.finditer(text):
        name = leading_name(text[label.end() : label.end() + 130])
        if name is not None and name.split()[-1] not in _TEAM_WORDS:
            yield Found("person", label.end(), label.end() + len(name))


def _durations(text: str) -> Iterator[Found]:
    for span in find_durations(text):
        if _STATUS_PLURAL.fullmatch(span.text):
            continue
        yield Found("duration", span.start, span.end)


_KEBAB = re.compile(NAME)
_URL = r"(?<!\w)(?:https?|wss?|ftp|postgres(?:ql)?|redis|amqps?)://[^\s<>\"'`|\\^{}\[\]]{0,2000}[^\s<>\"'`|\\^{}\[\].,;:!?)*_]"

KINDS: tuple[Find, ...] = (
    _kind("url", _URL),
    _kind("email", r"(?<![\w.+%-])[\w.+%-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}(?![\w-])"),
    _kind("uuid", r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])"),
    _kind("ip", r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?!\w)(?!\.\d)", _is_address),
    _kind("ip", r"(?<![\w:.])(?=[0-9a-f:]{0,5}:)[0-9a-f:]{3,39}(?:/\d{1,3})?(?![\w:])", _is_address),
    _kind("time", rf"(?<![\w:.-]){STAMP}(?![\w:])"),
    _kind("date", rf"(?<![\w./-]){DATE}(?![\w/-])"),
    _kind("date", rf"(?<![\w.]){DATE_IN_WORDS}"),
    _kind("time", rf"(?<![\w:.]){TIME}(?![\w:])"),
    _kind("severity", r"(?<![\w-])(?:P[0-5]|SEV(?:ERITY)?[\s-]?[0-5])(?![\w-])(?!\.\d)"),
    _kind("severity", r"(?<![\w-])(?:critical|major|minor|high|medium|low)[\s-](?:severity|priority)(?!\w)"),
    _kind(
        "severity",
        r"(?<![\w-])(?:severity|priority)(?:\sis|\s?[:=])\s?[\"'`]?(?P<name>critical|major|minor|high|medium|low|info)(?!\w)",
    ),
    _kind("money", rf"(?<![\w.])(?:US\$|[$€£¥]|(?:USD|EUR|GBP|CHF|JPY)(?=\s?\d))\s?(?:{_AMOUNT}){_SCALE}(?![\w%])"),
    _kind(
        "money",
        rf"(?<![\w.,])(?:{_AMOUNT}){_SCALE}\s?(?:€|£|(?:dollars?|euros?|pounds?\ssterling|USD|EUR|GBP|CHF)(?!\w))",
    ),
    _kind("vulnerability", r"(?<![\w-])CVE-\d{4}-\d{4,7}(?!\w)"),
    _kind("error_code", rf"(?<!\w)(?:{_ERRORS})(?!\w)", exact_case=True),
    _kind("error_code", r"(?<![\w-])(?:ERR_[A-Z0-9_]{2,40}|ORA-\d{5}|0x[0-9A-Fa-f]{8})(?!\w)", exact_case=True),
    _kind(
        "error_code",
        r"(?<!\w)(?:SQLSTATE(?:\s?[:=[]\s?|\s)(?P<name>[0-9A-Z]{5})|exit(?:ed\swith)?\s(?:code|status)\s?[:=]?\s?(?P<exit>\d{1,3})|error\scode\s?[:=]?\s?(?P<code>(?=[\w-]{0,29}\d)[A-Z0-9_-]{2,30}))(?!\w)",
    ),
    _kind("ticket", r"(?<![\w-])[A-Z][A-Z0-9_]{1,14}-\d{1,7}(?!\w)(?!-\w)(?!\.\d)", _is_ticket, exact_case=True),
    _kind("version", r"(?<![\w.-])v\d{1,5}(?:\.\d{1,6}){0,3}(?:[-+][0-9a-z][0-9a-z.-]{0,38}[0-9a-z])?(?!\w)(?!\.\d)"),
    _kind("version", r"(?<![\w.:/-])\d{1,5}(?:\.\d{1,6}){2,3}(?:[-+][0-9a-z][0-9a-z.-]{0,38}[0-9a-z])?(?!\w)(?!\.\d)"),
    _kind("version", r"(?<![\w-])(?:version|release)\s(?P<name>\d{1,5}(?:\.\d{1,6}){1,3})(?!\w)(?!\.\d)"),
    _kind(
        "percentage", r"(?:(?<![\w.%])[+−-])?(?<![\w.,])\d{1,12}(?:[.,]\d{1,12})?\s?(?:%|percent(?!\w)|per\scent(?!\w))"
    ),
    _kind(
        "http_status",
        r"(?<![\w-])(?:HTTP(?:/[\d.]{1,3})?|status(?:\scode)?)\s?[:=]?\s?(?P<name>[1-5](?:\d\d|xx))(?!\w)",
    ),
    _kind("http_status", r"(?<![\w.$€£-])(?P<name>[1-5]xx|[45]\d\d)(?=s(?!\w)|\s(?:errors?|responses?|status)(?!\w))"),
    _kind("http_status", r"(?<![\w.-])[1-5]xx(?!\w)"),
    _kind("http_status", rf"(?<![\w.-])(?P<name>{_REASONS})(?!\w)", exact_case=True),
    _kind("commit", r"(?<![\w-])(?<!\w\.)(?<!\w/)[0-9a-f]{7,40}(?![\w-])(?!\.\w)", _is_commit, exact_case=True),
    _kebab_names,
    _kind("service", SNAKE_NAME, exact_case=True),
    _kind("service", LABELLED_NAME),
    _kind(
        "host",
        r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?::\d{2,5})?(?![\w-])(?!\.\w)(?!\()",
        _is_host,
        exact_case=True,
    ),
    _durations,
    _kind(
        "duration",
        r"(?<![\w.])\d{1,9}(?:\.\d{1,6})?\s?(?:ms|µs|μs|us|ns|milliseconds?|microseconds?|months?|years?)(?!\w)",
    ),
    _kind("person", HANDLE, _is_person),
    _owners,
    _kind("channel", r"(?<![\w&#/])(?<!\]\()#[\w-]{1,80}", _is_channel),
)

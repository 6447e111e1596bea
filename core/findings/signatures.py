"""Failures that log lines name themselves, in the words that servers and libraries commonly use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.evidence.logs import LogLine
from core.findings.logs import LogGroup

_SIGNATURES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (failure, check, re.compile(pattern, re.IGNORECASE))
    for failure, check, pattern in (
        (
            "an expired certificate",
            "read the certificate's end date, and when its renewal last ran",
            r"certificate (?:has )?expired|expired certificate|x509: certificate|cert(?:ificate)? verify failed",
        ),
        (
            "memory that ran out",
            "compare the memory in use with its limit over the hours before",
            r"out of memory|\boom\b|oom-?killed?|cannot allocate|memory limit exceeded|java heap space",
        ),
        (
            "a connection pool without free connections",
            "list who holds the pool's connections, and for how long",
            (r"pool\b.{0,40}(?:timed? ?out|exhausted|empty|full|no (?:free|idle|available))|too many (?:connection|clients)"
            r"|could not (?:get|acquire|obtain) (?:a )?connection|remaining connection slots"),
        ),
        (
            "statements that take too long in the database",
            "read the slowest statements and their query plans",
            r"statement timeout|canceling statement|slow query|query took \d|lock wait timeout|deadlock detected",
        ),
        (
            "a service further down that answers with errors",
            "ask that service, or its status page, about the same minutes",
            (r"\b50[234]\b.{0,30}(?:service unavailable|bad gateway|gateway time-?out)|service unavailable|bad gateway"
            r"|provider unavailable|upstream (?:connect|request) (?:error|failure|timeout)"),
        ),
        (
            "a limit on the rate of requests",
            "compare the rate of requests with the limit, and who sends them",
            r"rate limit|too many requests|\b429\b|throttl",
        ),
        ("a disk without room", "look at the disk's use and what grew", r"no space left|disk (?:is )?full|disk quota exceeded"),
        (
            "names that do not resolve",
            "resolve the name from the same host",
            r"no such host|name or service not known|temporary failure in name resolution|nxdomain",
        ),
        (
            "a peer that takes no connections",
            "see whether the peer runs and listens",
            r"connection refused|econnrefused|no route to host|host unreachable",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NamedFailure:
    """A failure that lines name, the next check that would tell, and the lines, oldest first."""

    failure: str
    next_check: str
    lines: tuple[LogLine, ...]


def named_failures(groups: Iterable[LogGroup]) -> tuple[NamedFailure, ...]:
    """The failures that error and warning lines name, the one with most lines first.

    The lines come in groups of one shape (`core.findings.logs.group_lines`): the first of a group speaks for all.
    """
    found: dict[str, list[LogLine]] = {}
    checks: dict[str, str] = {}
    for group in groups:
        if named := failure_of(group.first.message):
            failure, check = named
            found.setdefault(failure, []).extend(group.lines)
            checks[failure] = check
    failures = [
        NamedFailure(failure=name, next_check=checks[name], lines=tuple(sorted(lines, key=lambda line: line.timestamp)))
        for name, lines in found.items()
    ]
    return tuple(sorted(failures, key=lambda item: -len(item.lines)))


@lru_cache(maxsize=256)  # the composer and the verifier ask in turn
def failure_of(message: str) -> tuple[str, str] | None:
    """The failure that a message names, and the next check that would tell."""
    named = ((failure, check) for failure, check, pattern in _SIGNATURES if pattern.search(message))
    return next(named, None)

"""`[FIRING:2, RESOLVED:1] Name group values (common values)`: the title that Alertmanager and Grafana share.

Templates: https://github.com/prometheus/alertmanager/blob/main/template/default.tmpl (`__subject`) and
https://github.com/grafana/alerting/blob/main/templates/default_template.go. The values before the parenthesis are the labels the
group was made by, the alert's name first; those in it are what its alerts have in common besides, so they may change
while the group shrinks.
"""

import re
from dataclasses import dataclass

from bot.alerts.markup import without_emoji
from bot.alerts.words import is_severity
from core.alert import AlertStatus

_SUBJECT = re.compile(r"\s{0,3}\[(FIRING|RESOLVED)(?::(\d{1,6}))?(?:,\s?RESOLVED:(\d{1,6}))?\]\s{0,3}(.*)", re.DOTALL)
_COMMON = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$")
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9_]*(?::[A-Za-z0-9_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A title in parts; `rest` is what follows the tag, `group` that without the parenthesis, `common` its values."""

    status: AlertStatus
    count: int | None
    rest: str
    group: str
    common: str

    @property
    def name(self) -> str | None:
        """The alert's name where it can be told from the values that follow it: one word in capitals and small letters."""
        first = self.group.split(" ", 1)[0]
        return first if _NAME.fullmatch(first) else None

    @property
    def values(self) -> tuple[str, ...]:
        """The bare values of the title: those of the group but the alert's name, then those its alerts have in common."""
        group = self.group.split()
        return tuple(dict.fromkeys((*group[1 if self.name else 0 :], *self.common.split())))

    @property
    def severity(self) -> str | None:
        """A value that is a word for a severity, the common values first."""
        words = (*self.common.split(), *self.group.split()[1:])
        return next((word.casefold() for word in words if is_severity(word)), None)


def read_subject(line: str) -> Subject | None:
    """The parts of a title that begins with a tag of this kind, in capitals as the templates write it."""
    match = _SUBJECT.match(line[:1_000])
    if match is None:
        return None
    word, number, _, rest = match.groups()
    # the fallback goes on with ` | <link>`
    rest = without_emoji(re.sub(r"\s\|\s(?:https?://\S*)?\s*$", "", rest.split("\n", 1)[0]))
    common = _COMMON.search(rest)
    return Subject(
        status=AlertStatus.FIRING if word == "FIRING" else AlertStatus.RESOLVED,
        count=int(number) if number else None,
        rest=rest,
        group=(rest[: common.start()] if common else rest).strip(),
        common=common.group(1) if common else "",
    )

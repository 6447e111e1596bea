"""What a company's own files say of its services and projects, as far as planning needs it."""

import re
from collections.abc import Iterable, Sequence

from core.base import Model
from core.evidence.reference import Passage
from core.reading.scale import GENERAL, Scale

_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,9}")
_NAME_COLUMNS = ("service", "component", "application", "system", "module", "name")
_DEPENDS_COLUMNS = ("depend", "upstream", "relies", "needs", "requires", "uses", "calls")
_OWNER_COLUMNS = ("owner", "owned", "team", "crew", "squad", "responsible", "maintain", "run by", "steward")
_NOTHING = frozenset({"-", "—", "–", "none", "nothing", "n/a"})
# "the …" is how people speak of any such thing, not of this one.
_CALLED = re.compile(
    r"\*\*(?!the\s)(?P<alias>[^*\n`]{3,40})\*\*(?::|\s[-—–]|\s?\((?:the\s)?(?:service|application|component|system)?)\s?`(?P<service>[\w-]{2,40})`",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[,;/]|\band\b|<br\s*/?>")


class Service(Model):
    """One service: who owns it and what it depends on; `aliases` are other names people use for it."""

    name: str
    owner: str | None = None
    depends_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Landscape(Model):
    """The services, the tracker's projects, the reference sources that can be cited, and the company's names of severities."""

    services: tuple[Service, ...] = ()
    project_keys: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    severities: Scale = GENERAL

    def service(self, name: str) -> Service | None:
        return next((item for item in self.services if item.name == name), None)

    def related(self, one: str, other: str) -> bool:
        """Whether one of the two services, by name or alias, depends on the other."""
        first, second = self._called(one), self._called(other)
        if first is None or second is None:
            return False
        return first.name in second.depends_on or second.name in first.depends_on

    def _called(self, name: str) -> Service | None:
        wanted = name.casefold()
        return next(
            (item for item in self.services if wanted in {known.casefold() for known in (item.name, *item.aliases)}),
            None,
        )

    def needed_by(self, names: Sequence[str], limit: int) -> tuple[str, ...]:
        """What the services need, and what that needs in turn: the nearest first, at most so many."""
        found: list[str] = []
        ahead = list(names)
        for name in ahead:
            service = self.service(name)
            for callee in service.depends_on if service else ():
                if callee not in ahead and len(found) < limit:
                    found.append(callee)
                    ahead.append(callee)
        return tuple(found)

    def callers_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The services that need one of these, in the order of the catalogue."""
        return tuple(
            item.name for item in self.services if item.name not in names and set(item.depends_on).intersection(names)
        )

    def calls_among(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The pairs of who calls and who is called among the services."""
        known = (item for item in self.services if item.name in names)
        return tuple((item.name, callee) for item in known for callee in item.depends_on if callee in names)

    def mentioned(self, text: str) -> tuple[str, ...]:
        """The services the text names, by name or alias, in the order they stand there."""
        found: list[tuple[int, str]] = []
        for service in self.services:
            for name in (service.name, *service.aliases):
                words = r"[\s_-]?".join(re.escape(word) for word in re.split(r"[\s_-]", name))
                match = re.search(rf"(?<![\w-]){words}(?![\w-])", text, re.IGNORECASE)
                if match:
                    found.append((match.start(), service.name))
        return tuple(dict.fromkeys(name for _, name in sorted(found)))


def read_services(passages: Iterable[Passage]) -> tuple[Service, ...]:
    """The services of a catalogue: every table with a column for the service and one for what it depends on or its owner.

    The columns are found by words of their headers (service, depends, owner, team, alias), so any catalogue will do. Prose
    adds names that people use: a name in bold beside the service in code, such as ``**Shop**: `shop-api` ``.
    """
    rows: dict[str, dict[str, str]] = {}
    called: list[tuple[str, str]] = []
    for passage in passages:
        if not isinstance(passage.data, dict):
            called.extend((match["service"], match["alias"]) for match in _CALLED.finditer(passage.text))
            continue
        row = {str(key).lower(): str(value) for key, value in passage.data.items()}
        name_column = _column(row, *_NAME_COLUMNS)
        if name_column is None or not _column(row, *_DEPENDS_COLUMNS, *_OWNER_COLUMNS):
            continue
        name = _plain(row.pop(name_column))
        if name and " " not in name:
            rows.setdefault(name, {}).update(row)
    aliases = {name: tuple(alias for service, alias in called if service == name) for name in rows}
    return tuple(_service(name, row, frozenset(rows), aliases[name]) for name, row in rows.items())


def read_project_keys(passages: Iterable[Passage]) -> tuple[str, ...]:
    """The project keys of a tracker's config: values under `key`, in the order of the file."""
    found: list[str] = []
    for passage in passages:
        if isinstance(passage.data, dict):
            key = passage.data.get("key")
            if isinstance(key, str) and _PROJECT_KEY.fullmatch(key):
                found.append(key)
    return tuple(dict.fromkeys(found))


def _service(name: str, row: dict[str, str], known: frozenset[str], called: tuple[str, ...]) -> Service:
    depends = _column(row, *_DEPENDS_COLUMNS)
    owner = _column(row, *_OWNER_COLUMNS)
    alias = _column(row, "alias", "known as", "product name", "nickname")
    listed = tuple(item for item in _items(row[alias]) if item not in _NOTHING) if alias else ()
    return Service(
        name=name,
        owner=_plain(row[owner]) if owner else None,
        depends_on=tuple(item for item in _items(row[depends]) if item in known) if depends else (),
        aliases=tuple(dict.fromkeys((*listed, *called))),
    )


def _column(row: dict[str, str], *words: str) -> str | None:
    return next((column for word in words for column in row if word in column), None)


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for item in (_plain(part) for part in _SPLIT.split(cell)) if item)


def _plain(cell: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).strip().strip("`*_ \"'“”").strip()

"""Where texts keep what is to be done besides sentences: rows of tables, and lines of a chat with their speaker."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ROW = re.compile(r"\s{0,3}\|(?P<cells>.{1,2000})\|\s*")
_RULE = re.compile(r"[\s|:-]{3,400}")
_COLUMNS = {
    "action": re.compile(
        r"(?:action|task|what|to-?\s?do|follow-?\s?up|next\sstep|item|work)s?(?:\sitems?)?", re.IGNORECASE
    ),
    "owner": re.compile(r"(?:owner|who|assignee|assigned\sto|responsible|dri|lead)s?", re.IGNORECASE),
    "due": re.compile(r"(?:due(?:\sdate)?|by\swhen|when|deadline|eta|target(?:\sdate)?|by|until)", re.IGNORECASE),
    "status": re.compile(r"(?:status|state|done\??)", re.IGNORECASE),
}
_DONE = re.compile(
    r"(?:done|complete[d]?|closed|resolved|yes|x|✓|✔|✅|shipped|fixed|cancelled|canceled|won['’]t\sdo)\W*",
    re.IGNORECASE,
)
_NOTHING = frozenset(
    {"", "-", "–", "—", "tbd", "tba", "tbc", "none", "n/a", "na", "?", "unassigned", "nobody", "unknown"}
)
_TIME = r"\[?\(?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?\)?\]?"
_WHO = r"<?@?(?P<who{0}>[A-Za-z][\w.'’-]{{0,30}}(?:\s[A-Z][\w.'’-]{{1,30}})?)>?"
_SAID = re.compile(
    rf"\s{{0,8}}(?:{_TIME}\s{{1,4}}(?:-\s)?{_WHO.format(1)}\s?:\s|{_WHO.format(2)}\s{{1,4}}{_TIME}\s?:?\s)(?P<said>.{{1,4000}})"
)
_STAMPED = re.compile(rf"^\s{{0,8}}{_TIME}\s{{1,4}}(?=<@|@)")
_MARKUP = re.compile(r"[*`]{1,3}")


@dataclass(frozen=True, kw_only=True)
class Row:
    """An action of a table, with what its other columns say."""

    action: str
    owner: str | None
    due: str | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody said in a chat."""

    speaker: str
    said: str


def table_actions(text: str) -> tuple[list[Row], str]:
    """The open actions of the text's tables, and the text without those tables.

    A table has actions where its header names a column for them beside one for who or for when.
    """
    rows: list[Row] = []
    rest: list[str] = []
    columns: dict[str, int] | None = None
    header = False
    for line in text.splitlines():
        match = _ROW.fullmatch(line)
        if match is None:
            columns, header = None, False
            rest.append(line)
            continue
        cells = [_MARKUP.sub("", cell).strip() for cell in match["cells"].split("|")]
        if _RULE.fullmatch(line):
            if columns is None:
                rest.append(line)
            continue
        if not header:
            columns, header = _columns(cells), True
            if columns is None:
                rest.append(line)
        elif columns is None:
            rest.append(line)
        elif row := _row(cells, columns):
            rows.append(row)
    return rows, "\n".join(rest)


def chat_lines(text: str) -> Iterator[str | Told]:
    """The lines of a text in order: those of a chat as what was said by whom, runs of others as they are."""
    plain: list[str] = []
    for line in text.splitlines():
        match = _SAID.fullmatch(line)
        if match is None:
            plain.append(_STAMPED.sub("", line, count=1))
            continue
        if plain:
            yield "\n".join(plain)
            plain = []
        yield Told(speaker=match["who1"] or match["who2"], said=match["said"])
    if plain:
        yield "\n".join(plain)


def _columns(cells: list[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = next((name for name, pattern in _COLUMNS.items() if name not in found and pattern.fullmatch(cell)), None)
        if name is not None:
            found[name] = at
    return found if "action" in found and {"owner", "due"} & found.keys() else None


def _row(cells: list[str], columns: dict[str, int]) -> Row | None:
    values = {name: cells[at] for name, at in columns.items() if at < len(cells)}
    if not values.get("action") or _DONE.fullmatch(values.get("status", "")):
        return None
    return Row(action=values["action"], owner=_something(values.get("owner")), due=_something(values.get("due")))


def _something(cell: str | None) -> str | None:
    return None if cell is None or cell.lower() in _NOTHING else cell

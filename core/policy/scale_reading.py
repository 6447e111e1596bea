"""The severities that a company names itself, read from its policy, ranked as the policy ranks them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.evidence.reference import Passage
from core.reading.quantities import durations
from core.reading.scale import GENERAL, KINDS, Scale, bare_name
from core.reading.severities import severity_level

MOST_NAMES = 8
LONGEST_NAME = 24

_ABOUT = re.compile(
    r"severit|priorit(?:y|ies)\b|how bad|\bgravity\b|\b(?:incident|alarm|alert)\s(?:levels?|class(?:es)?|grades?|codes?|colou?rs?)\b"
    r"|\blevels?\sof\s(?:incident|alarm|alert)|^\W*[\d.]*\s*(?:levels|classes|grades|colou?rs|codes)\W*$",
    re.IGNORECASE,
)
_COLUMN = re.compile(rf"\b(?:{KINDS}|severities|colou?r|name|how bad|gravity)\b", re.IGNORECASE)
_NAME = r"[A-Za-z][\w]*(?:[\s-][A-Z0-9][\w]*)?"
_ITEM = re.compile(
    rf"^\W*(?:\d+[.)]\s+)?(?:\*\*|__|`|\*)?(?P<name>{_NAME})(?:\*\*|__|`|\*)?\s?(?:\([^)]{{0,60}}\)\s?)?"
    r"(?:\*\*|__)?(?:[:—–-]|\s(?:means|is|when|if|stands|covers)\b)",
)
_ENUMERATED = re.compile(
    rf"\b(?:severit(?:y|ies)|levels|classes|grades|codes|colou?rs)\b[^.;:]{{0,60}}?[:—–,]\s?(?P<names>(?:[*_`“\"]*{_NAME}[*_`”\"]*(?:\s\([^)]{{1,80}}\))?(?:,\s(?:and\s|or\s)?|\s(?:and|or)\s)){{1,6}}[*_`“\"]*{_NAME})",
)
_SEPARATED = re.compile(r"\s?[:—–(/]|\s-\s")
_BRACKETS = re.compile(r"\s\([^)]*\)|[*_`“”\"]")
_MILDEST_FIRST = re.compile(
    r"\b(?:mildest|lightest|lowest|smallest|least\s\w+)\s(?:\w+\s)?first\b|\bfrom\s(?:the\s)?(?:mild|light|low|least|small|harmless)[\w-]*(?:\s\w+){0,3}?\s(?:up\s)?to\b"
    r"|\b(?:ascending|rising|increasing)\s(?:order|severity|gravity)\b",
    re.IGNORECASE,
)
_WORST_FIRST = re.compile(
    r"\b(?:worst|gravest|highest|most\s\w+)\s(?:\w+\s)?first\b|\bfrom\s(?:the\s)?(?:worst|grav|severe|most|high|seri)[\w-]*(?:\s\w+){0,3}?\s(?:down\s)?to\b"
    r"|\b(?:descending|falling|decreasing)\s(?:order|severity|gravity)\b",
    re.IGNORECASE,
)
_WORST = r"worst|gravest|most\s(?:severe|serious|urgent)|highest|top"
_MILDEST = r"mildest|lightest|least\s(?:severe|serious|urgent)|lowest|lightest"


def read_scale(policy: Iterable[Passage], tracker: Iterable[Passage] = ()) -> Scale:
    """The company's own names of severities, the worst first; a scale without names where general words will do.

    They stand in a table, list, subheadings or sentence under a heading on severities, else in the tracker's `severity.values`.
    First named is worst unless the policy says otherwise, in words or by giving the last one the shorter times.
    """
    passages = tuple(policy)
    found = (
        *_in_tables(passages),
        *_in_lists(passages),
        *_in_headings(passages),
        *_in_sentences(passages),
        *_in_config(tracker),
    )
    for names in found:
        if not _is_scale(names):
            continue
        if _is_general(names):
            return GENERAL
        return Scale(names=tuple(reversed(names)) if _is_mildest_first(names, passages) else names)
    return GENERAL


def _is_scale(names: Sequence[str]) -> bool:
    bare = {bare_name(name).casefold() for name in names}
    return 2 <= len(names) <= MOST_NAMES and len(bare) == len(names)  # noqa: PLR2004 -- one name ranks nothing


def _is_general(names: Sequence[str]) -> bool:
    """Whether the names are such as everybody uses, each of a level of its own."""
    levels = [
        severity_level(name) if re.fullmatch(r"(?i)(?:P-?|SEV\w*[\s-]?|PRIO\w*[\s-]?|S)?\d|\D+", name) else None
        for name in names
    ]
    return None not in levels and len(set(levels)) == len(levels)


def _in_tables(passages: Sequence[Passage]) -> Iterator[tuple[str, ...]]:
    tables: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for passage in passages:
        if passage.block != "row" or not isinstance(passage.data, dict) or not passage.data:
            continue
        columns = tuple(map(str, passage.data))
        if _COLUMN.search(columns[0]) and (_ABOUT.search(" ".join(passage.heading[-2:])) or _ABOUT.search(columns[0])):
            name = _SEPARATED.split(_plain(str(passage.data[columns[0]])))[0].strip()
            tables.setdefault((passage.heading, columns), []).append(name)
    for names in tables.values():
        if all(_is_name(name) for name in names):
            yield tuple(dict.fromkeys(names))


def _in_lists(passages: Sequence[Passage]) -> Iterator[tuple[str, ...]]:
    lists: dict[tuple[str, ...], list[str]] = {}
    for passage in passages:
        if passage.block in {"item", "paragraph"} and _ABOUT.search(" ".join(passage.heading[-2:])):
            match = _ITEM.match(passage.text)
            if match and _is_name(match["name"]):
                lists.setdefault((*passage.heading, passage.block), []).append(_plain(match["name"]))
    yield from (tuple(names) for names in lists.values())


def _in_headings(passages: Sequence[Passage]) -> Iterator[tuple[str, ...]]:
    below: dict[tuple[str, ...], dict[str, None]] = {}
    for passage in passages:
        for depth in range(1, len(passage.heading)):
            title = re.sub(r"^[\d.]+\s+", "", passage.heading[depth])
            name = _SEPARATED.split(title)[0].strip("*_` ")
            if _ABOUT.search(passage.heading[depth - 1]) and _is_name(name):
                below.setdefault(passage.heading[:depth], {})[name] = None
    yield from (tuple(names) for names in below.values())


def _in_sentences(passages: Sequence[Passage]) -> Iterator[tuple[str, ...]]:
    for passage in passages:
        if passage.block not in {"item", "paragraph"}:
            continue
        for match in _ENUMERATED.finditer(" ".join(passage.text.split())):
            parts = re.split(r",\s(?:and\s|or\s)?|\s(?:and|or)\s", _BRACKETS.sub("", match["names"]))
            names = tuple(part.strip() for part in parts)
            if all(_is_name(name) and name[:1].isupper() for name in names):
                yield names


def _in_config(passages: Iterable[Passage]) -> Iterator[tuple[str, ...]]:
    for passage in passages:
        if not isinstance(passage.data, dict):
            continue
        for key, value in passage.data.items():
            about = " ".join((*passage.heading, str(key)))
            if isinstance(value, list) and re.search(r"severit", about, re.IGNORECASE):
                names = tuple(str(item) for item in value if isinstance(item, str))
                if len(names) == len(value) and all(map(_is_name, names)):
                    yield names


def _is_name(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z][\w-]*(?:\s[\w-]+)?", text)) and len(text) <= LONGEST_NAME


def _plain(cell: str) -> str:
    return re.sub(r"\s*\([^)]*\)|[*_`]", "", cell).strip()


def _is_mildest_first(names: tuple[str, ...], passages: Sequence[Passage]) -> bool:
    """What the policy says of the order, else whose limits are shorter."""
    said = [" ".join(f"{'. '.join(passage.heading)}. {passage.text}".split()) for passage in passages]
    about = [text for text in said if _ABOUT.search(text)]
    for text in about:
        for name, other in ((names[0], names[-1]), (names[-1], names[0])):
            worst = rf"\b{re.escape(bare_name(name))}\b[^.;]{{0,40}}?\b(?:{_WORST})\b|\b(?:{_WORST})\b[^.;]{{0,40}}?\b{re.escape(bare_name(name))}\b"
            mild = rf"\b{re.escape(bare_name(other))}\b[^.;]{{0,40}}?\b(?:{_MILDEST})\b|\b(?:{_MILDEST})\b[^.;]{{0,40}}?\b{re.escape(bare_name(other))}\b"
            if re.search(worst, text, re.IGNORECASE) or re.search(mild, text, re.IGNORECASE):
                return name == names[-1]
        if _MILDEST_FIRST.search(text):
            return True
        if _WORST_FIRST.search(text):
            return False
    first, last = _shortest(names[0], names, passages), _shortest(names[-1], names, passages)
    return first is not None and last is not None and last < first


def _shortest(name: str, names: tuple[str, ...], passages: Sequence[Passage]) -> float | None:
    """The shortest time that the policy gives in a line or cell about that severity alone."""
    scale = Scale(names=names)
    place = frozenset((names.index(name) + 1,))
    found: list[float] = []
    for passage in passages:
        cells = passage.data if isinstance(passage.data, dict) else {}
        texts = [str(cell) for header, cell in cells.items() if scale.levels(str(header)) == place]
        if scale.levels(passage.text) == place or (
            not scale.levels(passage.text) and scale.levels(" ".join(passage.heading)) == place
        ):
            texts.append(passage.text)
        found += [span.value for text in texts for span in durations(text)]
    return min(found, default=None)

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from pydantic import Field

from core.evidence import Summary
from tools.sentences import Mark, blocks, sentences
from tools.texts import TextInput, text_tool

_URL = re.compile(r"(?<!\w)https?://[^\s)\]>]{1,2000}")  # the figures and names in an address tell nothing
_FIGURE = re.compile(r"(?<!\w)[+-]?\d[\d.,:%-]{0,20}")
_NAME = re.compile(
    r"(?<=\s)[A-Z][\w-]{1,40}|(?<![\w-])[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){1,6}(?![\w-])|[@#][A-Za-z][\w-]{1,40}"
)
_WORD = re.compile(r"[^\W\d_]{4,30}")
_WEIGHTY = re.compile(
    r"(?<!\w)(?:root cause|caused by|because|due to|impact(?:ed)?|outage|customers?|resolved|mitigated|rolled back|rollback"
    r"|escalat(?:ed|ion)|decided|must|P[0-4]|SEV-?[0-5])(?!\w)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"\b(?:no|not|none|never|nobody|nothing|without|neither|nor|except|unless|but|however|only|cannot|if|false|denied|averted)\b|n['’]t\b",
    re.IGNORECASE,
)  # what stands behind a cut and would have changed what stands before it
_DANGLING = re.compile(
    r"\W*(?:an?|the|of|to|in|on|at|by|for|with|from|and|or|is|are|was|were|be|been|has|have|had|no|not|never|without|than|about|over|under|up|its|our|their|this|that)\W*",
    re.IGNORECASE,
)
_COMMON_SHARE = 0.1  # a word of a tenth of all words is as central as a word can be
_MOST_FIGURES = 4
_MOST_NAMES = 3


class Input(TextInput):
    """The text to shorten, and to how many words."""

    max_words: int = Field(ge=1, le=5_000, description="The most words of the summary, counted between white space.")


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    position: int
    block: int
    text: str
    words: int


def _read(args: Input) -> Summary:
    """Whole sentences of the text, those with figures and names first, in the order of the text."""
    found = _sentences(args.text)
    if sum(sentence.words for sentence in found) <= args.max_words:
        return Summary(summary=_joined(found))
    ranked = _ranked(found)
    kept: list[_Sentence] = []
    room = args.max_words
    for sentence in ranked:
        if sentence.words <= room:
            kept.append(sentence)
            room -= sentence.words
    if not kept:
        return Summary(summary=_shortened(ranked, args.max_words))
    return Summary(summary=_joined(sorted(kept, key=lambda sentence: sentence.position)))


def _shortened(ranked: list[_Sentence], max_words: int) -> str:
    """The beginning of the most telling sentence that can be cut short, up to and with an ellipsis.

    A cut leaves no denial behind, and no number without its unit; where every cut would, it is made all the same.
    """
    for sentence in ranked:
        words = sentence.text.split()
        for count in range(min(max_words, len(words) - 1), 0, -1):
            if _may_end(words, count):
                return _cut(words, count)
    return _cut(ranked[0].text.split(), max_words)


def _may_end(words: list[str], count: int) -> bool:
    last, rest = words[count - 1], " ".join(words[count:])
    if _TURN.search(rest) or _DANGLING.fullmatch(last):
        return False
    return not (_FIGURE.search(last) and not last.endswith((",", ";", ":", ".")))


def _cut(words: list[str], count: int) -> str:
    return " ".join(words[:count]).rstrip(".,;:!?") + "…"


def _sentences(text: str) -> list[_Sentence]:
    """Every sentence once; headings only where there is nothing else."""
    found = blocks(text)
    told = [block for block in found if block.mark is not Mark.HEADING] or found
    unique = dict.fromkeys(
        (sentence, number) for number, block in enumerate(told) for sentence in sentences(block.text)
    )
    first_blocks: dict[str, int] = {}
    for sentence, number in unique:
        first_blocks.setdefault(sentence, number)
    return [
        _Sentence(position=position, block=number, text=sentence, words=len(sentence.split()))
        for position, (sentence, number) in enumerate(first_blocks.items())
    ]


def _ranked(found: list[_Sentence]) -> list[_Sentence]:
    """The sentences, the most telling first; the earlier of two equal ones first."""
    counts = Counter(word.lower() for sentence in found for word in _WORD.findall(sentence.text))
    total = max(1, counts.total())
    scores = {sentence.position: _score(sentence, counts, total) for sentence in found}
    return sorted(found, key=lambda sentence: (-scores[sentence.position], sentence.position))


def _score(sentence: _Sentence, counts: Counter[str], total: int) -> float:
    told = _URL.sub("", sentence.text)
    words = [word.lower() for word in _WORD.findall(told)]
    centrality = sum(min(1.0, counts[word] / total / _COMMON_SHARE) for word in words) / max(1, len(words))
    figures = min(_MOST_FIGURES, sum(1 for _ in _FIGURE.finditer(told)))
    names = min(_MOST_NAMES, sum(1 for _ in _NAME.finditer(told)))
    weighty = 1 if _WEIGHTY.search(sentence.text) else 0
    opening = 1 if sentence.position == 0 else 0
    return figures + 0.7 * names + weighty + opening + 2 * centrality


def _joined(kept: list[_Sentence]) -> str:
    """Sentences of a block side by side, each block on a line of its own."""
    return "\n".join(" ".join(item.text for item in group) for _, group in groupby(kept, key=lambda item: item.block))


TOOL = text_tool(
    name="summarize",
    description="The most telling sentences of a text, verbatim and in order, within a number of words.",
    input_type=Input,
    output_type=Summary,
    read=_read,
    is_empty=lambda output: not output.summary,
)

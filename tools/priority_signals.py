"""Words that say how urgent something is, and what a text does to them: deny, guess, or place them in a test system."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

MAX_LEVEL = 4


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Words that speak for a level (1 is the most urgent), what they say, and whether they state the level outright."""

    level: int
    words: str
    meaning: str
    stated: bool
    start: int
    end: int


@dataclass(frozen=True)
class Sign:
    """Words to look for, the level that they speak for, and what they say."""

    level: int
    meaning: str
    pattern: re.Pattern[str]
    stated: bool = False


def sign(level: int, meaning: str, pattern: str, *, stated: bool = False) -> Sign:
    """A sign whose words stand between boundaries, in any case of letters."""
    return Sign(level, meaning, re.compile(rf"(?=\w)(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE), stated)


_WHO = r"(?:customers?|users?|clients?|merchants?|shoppers?|subscribers?|tenants?|buyers?|patients?|players?|people)"
_HIT = r"(?:affected|impacted|blocked|locked\sout|failing|seeing|experiencing|reporting|complaining|unable|hit)"
_CANNOT = r"(?:cannot|can['’]t|can\snot|could\snot|couldn['’]t|(?:are|were|is|was)\sunable)"

_SIGNS = (
    sign(1, "stated severity", r"P[-\s]?[01]|SEV(?:ERITY)?[-\s:]{0,2}[01]|priority[-\s:]{1,2}[01]", stated=True),
    sign(2, "stated severity", r"P[-\s]?2|SEV(?:ERITY)?[-\s:]{0,2}2|priority[-\s:]{1,2}2", stated=True),
    sign(3, "stated severity", r"P[-\s]?3|SEV(?:ERITY)?[-\s:]{0,2}3|priority[-\s:]{1,2}3", stated=True),
    sign(4, "stated severity", r"P[-\s]?[45]|SEV(?:ERITY)?[-\s:]{0,2}[45]|priority[-\s:]{1,2}[45]", stated=True),
    sign(1, "stated severity", r"(?:severity|priority)\s?(?:is|=|:)\s?(?:critical|blocker|highest)", stated=True),
    sign(
        2,
        "stated severity",
        r"(?:severity|priority)\s?(?:is|=|:)\s?(?:high|major)|(?:high|major)[\s-](?:priority|severity)",
        stated=True,
    ),
    sign(
        3,
        "stated severity",
        r"(?:severity|priority)\s?(?:is|=|:)\s?(?:medium|moderate|normal)|(?:medium|moderate|normal)[\s-](?:priority|severity)",
        stated=True,
    ),
    sign(
        4,
        "stated severity",
        r"(?:severity|priority)\s?(?:is|=|:)\s?(?:low|minor|trivial|lowest)|(?:low|minor)[\s-](?:priority|severity)",
        stated=True,
    ),
    sign(1, "urgent in its own words", r"critical(?:ly)?|emergency|all\shands|showstopper|catastrophic"),
    sign(
        2,
        "urgent in its own words",
        r"urgent(?:ly)?|blocker|ASAP|immediately|major\s(?:incident|issue|problem)|pag(?:ed|ing)",
    ),
    sign(
        2,
        "part of the service is out",
        r"partial(?:ly)?\s(?:outage|unavailable|down)|intermittent(?:ly)?\s(?:outage|unavailable|down)",
    ),
    sign(
        1,
        "the service is out",
        r"outages?|(?:is|are|was|were|went|goes|gone|be|been|completely|totally|fully|hard)\sdown|down\sfor\s(?:all|every)"
        r"|unavailable|unreachable|inaccessible|not\s(?:responding|reachable|available)|(?:complete|total|full)\sloss\sof\s(?:service|traffic)"
        r"|black-?out|crashed",
    ),
    sign(
        1,
        "all customers feel it",
        rf"(?:all|every|most|many|thousands\sof|hundreds\sof|(?:100|[5-9]\d)\s?%\sof)\s(?:of\s)?(?:our\s|the\s)?{_WHO}"
        rf"(?:\s(?:are|were|is|was))?(?:\s(?:{_HIT}|{_CANNOT}))?",
    ),
    sign(
        2,
        "customers feel it",
        rf"{_WHO}[\s-](?:(?:are|were|is|was|have\sbeen|still|now)\s)?(?:{_HIT}|impact(?:ing)?|complain(?:ts?)?|reports?)|{_WHO}\s{_CANNOT}(?:\s\w{{1,20}}){{0,3}}"
        rf"|(?:impact(?:s|ed|ing)?|affect(?:s|ed|ing)?)\s(?:on\s|to\s)?(?:our\s|the\s|some\s|several\s)?{_WHO}|{_WHO}-facing",
    ),
    sign(
        1,
        "data may be lost",
        r"data[\s-](?:loss|corruption|leak(?:age)?)|(?:lost|losing|corrupt(?:ed|ing)?|leaked|deleted|overwritten|missing)\s(?:\w{1,20}\s){0,2}"
        r"(?:data|records|orders|payments|transactions|rows)|(?:data|records|rows|orders|transactions)\s(?:(?:is|are|was|were)\s)?(?:lost|corrupt(?:ed)?|leaked|wiped)",
    ),
    sign(
        1,
        "security is at stake",
        r"security\s(?:incident|breach)|(?:data\s)?breach(?:ed)?|unauthori[sz]ed\saccess|intrusion|ransomware|malware|hacked"
        r"|compromised?|exfiltrat(?:ed|ion)|(?:leaked|exposed|stolen)\s(?:\w{1,20}\s){0,2}(?:credentials?|secrets?|keys?|tokens?|passwords?)"
        r"|(?:credentials?|secrets?|keys?|tokens?|passwords?)\s(?:(?:is|are|was|were|have\sbeen|got)\s)?(?:leaked|exposed|stolen)",
    ),
    sign(
        2,
        "security is at stake",
        r"vulnerabilit(?:y|ies)|exploit(?:s|ed|able)?|CVE-\d{4}-\d{1,7}|DDoS|phishing|suspicious\slog-?ins?",
    ),
    sign(
        2,
        "the service is impaired",
        r"degrad(?:ed|ation|ing)|(?:high|elevated|increased|rising|spik(?:e|es|ing)\sin|many|lots\sof)\s(?:\w{1,20}\s)?(?:error\srates?|errors?|failures?|latenc(?:y|ies)|timeouts?)"
        r"|(?:error\srates?|errors?|failures?|latenc(?:y|ies)|timeouts?)\s(?:(?:is|are|was|were|has|have)\s)?(?:\w{1,20}\s)?(?:increas(?:ed|ing)|elevated|spik(?:ed|ing)|rising|rose|high|up)"
        r"|5xx|50[0234]s?|crash[\s-]?loop(?:ing|s|backoff)?|OOM(?:Killed)?|out\sof\smemory|disk\sfull|rollback|SLO\s(?:breach(?:ed)?|violation)|payments?\s(?:are\s)?failing",
    ),
    sign(
        3,
        "it works, but slower or worse",
        r"(?:degraded|reduced|poor|impaired)\sperformance|performance\s(?:degradation|issues?|problems?)|(?:reports\sof\s)?degradation\s(?:in|of)\sperformance|(?:short|minor|slight|small)\sdelays?",
    ),
    sign(
        3,
        "something does not work right",
        r"errors?|timeouts?|timing\sout|time[ds]?\sout|slow(?:ly|ness|er)?|latency|failed|fails|failing|failures?|bugs?|broken|warnings?|flaky|retries",
    ),
    sign(
        4,
        "small or not urgent",
        r"typos?|cosmetic|nice[\s-]to[\s-]have|feature\srequests?|no\s(?:rush|hurry)|not\surgent|when\syou\shave\stime|documentation|wording|minor|trivial|low\simpact"
        r"|internal\sonly|question|for\syour\sinformation|FYI|clean-?\s?up|refactor(?:ing)?|(?:scheduled|planned|routine)\smaintenance",
    ),
)
_DENIAL = re.compile(
    r"(?:(?<![\w-])(?:no|not|without|never|nor|neither|zero|none\sof|free\sof|absence\sof|rather\sthan|instead\sof|ruled\sout|no\slonger|cannot\sbe|0)"
    r"|n['’]t)(?:\s(?!(?:and|but|because|only|doubt|just)\s)[\w'’/-]{1,20}){0,4}\s$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s?(?:(?:is|was|were|are|has\sbeen|have\sbeen|could\sbe)\s(?:now\s)?)?[:=]?\s?(?:none(?!\w)|no(?!\w)|nil(?!\w)|zero(?!\w)|n/a(?!\w)|ruled\sout|averted|excluded|avoided"
    r"|prevented|unlikely|not\s(?:observed|expected|seen|confirmed|affected|impacted|suspected|detected|reported|the\scase|an?\sissue))",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s?(?:,|/|,?\s(?:or|nor|and/or)|,\sor)\s?(?:any\s|other\s|no\s)?", re.IGNORECASE)
_GUESS = re.compile(
    r"(?<![\w-])(?:might|may|could|would|possibl[ey]|potential(?:ly)?|risk\sof|if|in\scase\sof|unless|to\s(?:avoid|prevent)|suspected|theoretical(?:ly)?)"
    r"(?:\s(?!(?:and|but|because)\s)[\w'’/-]{1,20}){0,4}\s$",
    re.IGNORECASE,
)
_DOWNGRADED = re.compile(r"(?:from|was|were|previously|formerly|initially|used\sto\sbe)\s(?:an?\s)?$", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.;!?\n,:]|\s(?:but|however|although|though|yet|because)\s", re.IGNORECASE)
_TEST_SYSTEM = re.compile(
    r"(?<![\w-])(?:staging|sandbox|(?:test|dev|development|qa|uat|demo)\s(?:environment|system|cluster|server|env)|non-?prod(?:uction)?|pre-?prod(?:uction)?)(?![\w-])",
    re.IGNORECASE,
)
_MOST_MATCHES = 200  # of one sign; a text that says it more often has said it
_LOOK_BACK_CHARS = 90
_LOOK_AHEAD_CHARS = 40


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The signals that hold, the denied ones with the words that deny them, and the words of a test system."""

    holding: tuple[Signal, ...]
    denied: tuple[Signal, ...]
    test_system: str | None


def read_signals(text: str, signs: tuple[Sign, ...] = _SIGNS) -> Reading:
    """What the text says of urgency, in its order; a guess (`might`, `risk of`) weighs one level less."""
    holding: list[Signal] = []
    denied: list[Signal] = []
    last_denied_end = -1
    for signal in _signals(text, signs):
        clause = _clause_before(text, signal.start)
        denial = _DENIAL.search(clause)
        after = _DENIED_AFTER.match(text[signal.end : signal.end + _LOOK_AHEAD_CHARS])
        listed = last_denied_end >= 0 and _LISTED.fullmatch(text, last_denied_end, signal.start)
        if signal.stated and _DOWNGRADED.search(clause):
            continue
        if denial or after or listed:
            start = signal.start - (len(clause) - denial.start()) if denial else signal.start
            end = signal.end + (after.end() if after else 0)
            denied.append(replace(signal, words=" ".join(text[start:end].split()), start=start, end=end))
            last_denied_end = signal.end
        elif not signal.stated and (guess := _GUESS.search(clause)):
            start = signal.start - (len(clause) - guess.start())
            words = " ".join(text[start : signal.end].split())
            level = min(signal.level + 1, MAX_LEVEL)
            holding.append(replace(signal, level=level, words=words, meaning=f"{signal.meaning}, as a guess"))
        else:
            holding.append(signal)
    test_system = _TEST_SYSTEM.search(text)
    return Reading(holding=tuple(holding), denied=tuple(denied), test_system=test_system[0] if test_system else None)


def _signals(text: str, signs: tuple[Sign, ...]) -> Iterator[Signal]:
    """Signals that do not overlap, in the order of the text; of two that do, the longer one."""
    found = [
        Signal(
            level=each.level,
            words=" ".join(match[0].split()),
            meaning=each.meaning,
            stated=each.stated,
            start=match.start(),
            end=match.end(),
        )
        for each in signs
        for match in islice(each.pattern.finditer(text), _MOST_MATCHES)
    ]
    found.sort(key=lambda signal: (signal.start, -signal.end, signal.level))
    end = -1
    for signal in found:
        if signal.start >= end:
            yield signal
            end = signal.end


def _clause_before(text: str, position: int) -> str:
    """What stands before the position in the same clause, a few words long."""
    before = text[max(0, position - _LOOK_BACK_CHARS) : position]
    ends = [match.end() for match in _CLAUSE_END.finditer(before)]
    return before[ends[-1] :] if ends else before

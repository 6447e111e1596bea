"""How far an incident reaches, read from its title and updates as they come in, with the words that say so.

The scale is that of status pages (https://support.atlassian.com/statuspage/docs/top-level-status-and-incident-impact-calculations/):
what is slow or fails now and then is minor, what is not available is major, what takes the whole of it down is critical.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tools.priority_signals import Signal, read_signals, sign


class Impact(StrEnum):
    MAINTENANCE = "maintenance"
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class ImpactReading:
    impact: Impact
    reasons: tuple[str, ...]


_THINGS = (
    r"(?:services?|systems?|products?|components?|regions?|sites?|platforms?|websites?|features?|applications?|apis?)"
)
_EVERY = r"(?:all|every|most|multiple|many|(?:the\s)?majority\sof)(?:\sof)?(?:\sour|\sthe)?"
_WHO = r"(?:users?|customers?|clients?|tenants?|merchants?|people|requests?|traffic)"
_DETAIL = "people cannot use it"
_DECLARED = "an incident of a service is declared"
_SIGNS = (
    sign(
        1,
        "the whole of it is out",
        rf"(?:complete|total|full|global|widespread|site-?wide|platform-?wide|worldwide|major)\s(?:\w{{1,20}}\s)?(?:outages?|loss\sof\sservice|downtime)"
        rf"|outages?\s(?:of|affecting|across|impacting|on)\s{_EVERY}\s(?:[\w.]{{1,20}}\s)?(?:{_THINGS}|{_WHO})|outages?\s(?:of|affecting|across|impacting)\s(?:our\s|the\s)?[\w.]{{1,20}}\s(?:products|services|systems|platform|site|website)"
        rf"|{_EVERY}\s(?:{_THINGS}|{_WHO})\s(?:(?:are|is|were)\s)?(?:currently\s)?(?:down|unavailable|offline|out|failing|unreachable|unable)"
        r"|(?:everything|the\s(?:entire|whole)\s(?:site|platform|service|system)|the\s(?:site|website|platform))\s(?:is|are|was|went)\s(?:\w{1,12}\s)?(?:down|offline|unavailable|unreachable)",
    ),
    sign(
        1,
        "data or security is at stake",
        r"data[\s-](?:loss|corruption|breach|leak)|security\s(?:breach|incident)|unauthori[sz]ed\saccess|ransomware",
    ),
    sign(
        2,
        "it is not available",
        r"(?:degraded|reduced|loss\sof|limited|poor|impaired)\s(?:service\s)?availability|unavailab(?:le|ility)|(?:partial\s|service\s)?outages?"
        r"|(?:is|are|was|were|went|goes|gone|be|been)\s(?:now\s|currently\s|all\s|fully\s)?(?:down|offline|inaccessible|unreachable)|not\s(?:available|accessible|reachable)|down\sfor\s(?:all|every|many)|red\sstatus",
    ),
    sign(
        2,
        _DETAIL,
        r"not\s(?:responding|functioning|working|operational|online)|(?:fails?|failing|failed)\sto\s(?:start|load|respond|connect)|crashed"
        r"|blocking\s(?:\w{1,20}\s){0,2}(?:sign-?ins?|log-?ins?|deployments?|payments?|orders?|users|customers)"
        rf"|{_WHO}\s(?:are|is|were|was)\s(?:currently\s|now\s)?(?:unable|not\sable|blocked|prevented|locked\sout)|{_WHO}\s(?:cannot|can['’]t|can\snot|could\snot|couldn['’]t)"
        rf"|preventing\s(?:\w{{1,20}}\s){{0,3}}{_WHO}|{_EVERY}\s{_WHO}\s(?:are\s|is\s)?(?:\w{{1,12}}\s)?(?:affected|impacted|failing)",
    ),
    sign(
        3,
        "it works, but worse",
        r"(?:customers?|users?)[\s-]impact|impact\s(?:on|to)\s(?:customers|users)|degrad(?:ed|ation|ing)|slow(?:ly|ness|er|down)?|delay(?:s|ed)?|laten(?:cy|cies|t)|lag(?:s|ging)?|time-?outs?|timing\sout|time[ds]?\sout|intermittent(?:ly)?|sporadic(?:ally)?"
        r"|(?:elevated|increased|higher|high|more|some|many)\s(?:\w{1,20}\s){0,2}(?:errors?|error\srates?|failures?|failure\srates?|latency)|errors?|fail(?:s|ing|ures?|ed)?|disrupt(?:ion|ed|ions)|disabled|missing|stale|broken"
        r"|(?:experiencing|seeing|investigating|an?|intermittent|some)\s(?:\w{1,20}\s)?(?:issues?|problems?)|unable|not\sbe\sable|cannot|can['’]t|paused|queue[ds]?|backlog|partial(?:ly)?",
    ),
    sign(3, _DECLARED, r"incident\s(?:with|on|in|affecting|impacting)|(?:disruption|degradation)\s(?:with|of|to|in)"),
    sign(
        4,
        "small, or for information",
        r"(?:very\s)?small\s(?:subset|number|percentage|fraction|portion)\sof\s\w{1,20}|(?:private\s|public\s|current\s)?beta|preview\sfeatures?|for\s(?:your\s)?information|cosmetic"
        r"|(?:less\sthan|under|<)\s?(?:0\.\d{1,3}|1|2)\s?(?:%|percent)|update\sfrom|post-?mortem|retrospective",
    ),
)
_MAINTENANCE = re.compile(
    r"(?<![\w-])(?:(?:scheduled|planned|routine|emergency|upcoming|undergoing|during)\s(?:\w{1,20}\s){0,3}maintenance|maintenance\s(?:window|is\s(?:currently\s)?(?:scheduled|in\sprogress|underway|complete))"
    r"|(?:is|are|will\sbe)\s(?:temporarily\s|proactively\s)?(?:paused|upgrading|migrating)|maintenance$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEDGED = re.compile(
    r"(?<![\w-])(?:some|few|several|(?:a\s)?(?:small\s)?(?:subset|number|portion|percentage|fraction)(?:\sof)?|intermittent(?:ly)?|occasional(?:ly)?|sporadic(?:ally)?|may|might|could|briefly|partially|certain|limited)"
    r"(?:\s[\w'’/.-]{1,20}){0,5}\s$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;!?\n:]|\s(?:but|however|although|though)\s", re.IGNORECASE)
_WORSE = ("it works, but worse", _DECLARED)
_LOOK_BACK_CHARS = 90
_STATED_MILD = re.compile(
    r"(?<![\w-])(?:degraded\sperformance|performance\sdegradation|partially\sdegraded)(?![\w-])", re.IGNORECASE
)
_OPENING_LINES = 2
_MOST_REASONS = 6
_IMPACTS = {1: Impact.CRITICAL, 2: Impact.MAJOR, 3: Impact.MINOR, 4: Impact.NONE}


def read_impact(text: str) -> ImpactReading:
    """The furthest that any sentence of the text says it reached; hedged words (`some users may`) weigh one level less.

    `maintenance` where the opening speaks of planned work and nothing is said to be out; `none` where no words speak of harm.
    """
    reading = read_signals(text, _SIGNS)
    mild = _STATED_MILD.search(text) is not None  # the status in so many words outweighs what one feature does
    weighed = [
        (3 if mild and signal.meaning == _DETAIL else _level(text, signal), signal) for signal in reading.holding
    ]
    opening = "\n".join(text.strip().splitlines()[:_OPENING_LINES])
    planned = _MAINTENANCE.search(opening)
    worst = min((level for level, _ in weighed), default=4)
    if planned and worst >= 2:  # noqa: PLR2004 - planned work that takes something offline is still planned
        return ImpactReading(impact=Impact.MAINTENANCE, reasons=(f'"{planned[0]}": planned work',))
    small = [signal for level, signal in weighed if level == 4]  # noqa: PLR2004 - what says that little is affected
    declared = any(signal.meaning == _DECLARED for _, signal in weighed)
    if worst == 3 and small and not declared:  # noqa: PLR2004 - a note on a few people, and no service said to have an incident
        return ImpactReading(impact=Impact.NONE, reasons=_reasons(small))
    if not weighed:
        return ImpactReading(impact=Impact.NONE, reasons=("no words of the text speak of harm",))
    return ImpactReading(
        impact=_IMPACTS[worst], reasons=_reasons([signal for level, signal in weighed if level == worst])
    )


def _reasons(signals: list[Signal]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f'"{signal.words}": {signal.meaning}' for signal in signals))[:_MOST_REASONS]


def _level(text: str, signal: Signal) -> int:
    """The level of a signal, one less where the words before it in its sentence hedge it."""
    if signal.meaning.startswith(_WORSE):
        return 3  # what might be slow is still an incident
    if signal.level in {3, 4} or signal.meaning.endswith("as a guess"):
        return signal.level
    before = text[max(0, signal.start - _LOOK_BACK_CHARS) : signal.start]
    ends = [match.end() for match in _CLAUSE_END.finditer(before)]
    clause = before[ends[-1] :] if ends else before
    return signal.level + 1 if _HEDGED.search(clause) else signal.level

"""What a text asks for, by its words alone."""

import re
from functools import lru_cache

from core.brief import Intent

_INCIDENT = re.compile(r"\b(?:alerts?|incidents?|sev[\s-]?\d?|p[1-5]|outages?)\b", re.IGNORECASE)
_TICKETED = re.compile(r"\b(?:issues?|tickets?|bugs?|incidents?|alerts?)\b", re.IGNORECASE)
_TICKET = r"(?:tickets|incidents|issues|bugs|(?:incident\s)?ticket)"
_KINDS = r"(?:tickets?|incidents?|issues?|bugs?)"
_PERSON = r"(?:primary|secondary|backup|first\b|second\b|duty\b|on[\s-]?duty|on[\s-]?call|on (?:watch|shift)|responder)"

_WORDS: tuple[tuple[Intent, str], ...] = (
    (
        Intent.COMPARE_POLICIES,
        (r"\bcompar|\bdiffer|\btight|\bloosen|\bstricter|\blaxer|\brelaxed\b|\bwhat(?:'s| is| has)? (?:changed|new)\b|\bversus\b|\bvs\.?\s"
        r"|\bchanged (?:between|from|in)\b|\bchanges? (?:between|from)\b|\bold (?:policy )?(?:and|to|against|with)\b.{0,20}\bnew\b"),
    ),
    (
        Intent.ROLLBACK,
        r"\broll(?:ed|ing)?[\s-]?back|\brevert|\bback(?:ed|ing)? out\b|\btak(?:e|en|ing) (?:\w+ ){0,4}back\b|\bprevious (?:version|release)\b|\bund(?:o|one|id|oing)\b|\brevers(?:e|ed|ing|al)\b|\bwithdr[ae]wn?\b",
    ),
    (
        Intent.RESPONSE_STEPS,
        (r"\bresponse steps?\b|\bwhat (?:happens|should (?:have )?happen(?:ed)?|applies|comes next|is next|is due|now)\b|\bwhat (?:has|have|needs?|is|are|must|should) (?:we )?(?:to )?(?:be )?(?:done|do)\b|\bnext steps?\b"
        r"|\bsteps? (?:are|is|should|must)\b"),
    ),
    (
        Intent.ON_CALL,
        (r"\bon[\s-]?call\b|\brota\b|\brost(?:a|er)\b|\bpager\b|\bon (?:duty|watch|shift)\b|\bduty (?:engineer|officer|roster)\b"
        rf"|\bwho (?:is|was|were|are|will be|has|had|covers?|covered|stands? in) (?:the )?{_PERSON}|\bprimary and secondary\b|\bwhom? (?:do|should|must|can|shall) (?:I|we) (?:call|page|wake|ring)\b"),
    ),
    (
        Intent.ESCALATION,
        (r"\bescalat|(?<!status )(?<!status-)(?<!notice )(?<!web )(?<!public )\bpage[ds]?\b|\backnowledg|\b(?:who|whom) (?:do|must|should|shall|to|has to|have to) (?:we |I |be )?"
        r"(?:call|wake|tell|inform|notify|page|told|informed|notified|involve)"),
    ),
    (Intent.COMMUNICATION, r"\bcommunicat|\bchannels?\b|\bstatus[\s-]page\b|\bstakeholders?\b|\bnotify\b|\bwhere (?:do|should|must) (?:we|I) post\b"),
    (
        Intent.DUTY,
        (r"\bhow (?:quick(?:ly)?|fast|soon|often|long|much time|many minutes|frequently)\b|\bby when\b|\bwithin (?:what|which|how)\b|\bdeadlines?\b"
        r"|\btime limit|\bobligat|\bobliged?\b|\bduties\b|\bwhen (?:must|should|do|does|shall|is|are|has|have)\b"
        r"|\bwhat (?:does|do) .{0,60}\b(?:ask|require|demand|expect|oblige|say)s?\b"),
    ),
    (
        Intent.TICKETS,
        (rf"\b(?:find|list|show|search|open|related|similar|give me|how many|any)\b[^.]{{0,60}}\b{_KINDS}\b|\bownership\b"
        rf"|\b(?:unowned|unassigned)\b[^.]{{0,60}}\b(?:tickets|incidents|issues|bugs)\b"
        rf"|\b(?:which|what)\b[^.?]{{0,60}}\b(?:tickets|incidents|issues|bugs)\b"
        rf"|\b{_TICKET}\b[^.?]{{0,60}}\b(?:open|unassigned|unowned|assigned|assignee|status|closed|resolved)\b"),
    ),
    (
        Intent.INVESTIGATE,
        (r"\balert (?:fired|triggered)|\bmetrics\b|\blogs?\b|\binvestigat|\banaly[sz]e|\broot[\s-]cause|\bcauses?d?\b|\bwhy\b"
        r"|\blatency\b|\bslow|\btime[ds]?[\s-]?outs?\b|\bunavailable\b|\bcrash|\berrors?\b|\bdegrad|\bfail(?:s|ed|ing|ures?)?\b|\bdown\b|\boutage"
        r"|\bspik(?:e|ed|ing)\b|\bhealthy\b|\bunhealthy\b|\bwrong with\b|\bwhat(?:'s| is| went) wrong\b|\bwhat happened\b|\bbroken?\b|\bmisbehav"),
    ),
    (
        Intent.OWNERS,
        (r"\bwho (?:owns?|runs?|maintains?|leads?|looks after|is responsible|is the (?:owner|lead|captain|contact|manager))\b"
        r"|\b(?:which|what) (?:team|crew|squad|group)\b|\bowner of\b|\bowned by\b|\bdepend(?:s|encies|ency|ent)?\b|\brel(?:y|ies) on\b"
        r"|\bescalation contact\b|\bupstream\b|\bdownstream\b"),
    ),
)  # fmt: skip
_INTENTS = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _WORDS)
_UNOWNED = re.compile(
    r"\bunowned\b|\bunassigned\b|\bunclaimed\b|\bownerless\b|\borphan(?:ed|s)?\b|\bno[\s-](?:owner|assignee)\b"
    r"|\bwithout (?:an? )?(?:owner|assignee)\b|\b(?:nobody|no[\s-]?one) (?:has |is |who |was |has been )?(?:own|assigned|claimed|picked (?:it |them )?up|tak(?:en|es) (?:it|them)|responsible)|\black(?:s|ing)? an (?:owner|assignee)\b"
    r"|\bnot (?:owned|assigned)\b|\bassigned to (?:nobody|no[\s-]one)\b|\bmissing (?:an? |as (?:an? )?)?owner",
    re.IGNORECASE,
)


def read_intents(text: str) -> tuple[Intent, ...]:
    """What the text asks for, in the order of `Intent`'s use; empty when no word tells."""
    return tuple(intent for intent, pattern in _INTENTS if pattern.search(text))


def speaks_of_incident(text: str) -> bool:
    """Whether the text speaks of an alert, incident, severity or outage."""
    return bool(_INCIDENT.search(text))


def speaks_of_tickets(text: str) -> bool:
    """Whether the text speaks of an issue, ticket, bug, incident or alert."""
    return bool(_TICKETED.search(text))


@lru_cache(maxsize=1024)  # asked of the same headings for every sentence below them
def speaks_of_unowned(text: str) -> bool:
    """Whether the text speaks of something that nobody owns or is assigned to."""
    return bool(_UNOWNED.search(text))

"""What a task is searched by: its services, symptoms and own words, without those that only say what to do with the answer."""

import re

from core.brief import Brief

MAX_WORDS = 16
MAX_CHARS = 600
SHORT_WORDS = 9
"""A text as short as this is a query as it stands: each of its words may be the one that tells."""

_WORD = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_TIME = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|\s?UTC)?|\b\d{1,2}:\d{2}(?::\d{2})?(?:Z|\s?UTC)?|[+-]\d{2}:\d{2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s(?:January|February|March|April|May|June|July|August|September|October|November|December)(?:\s\d{4})?",
    re.IGNORECASE,
)
_ORDERS = frozenset(
    # questions and fillers
    "a an the and or of in on at by to for from with without as is are was were be been being do does did has have had it its this that these"
    " those there their they them we us our you your i me my what which who whom whose when where why how if then than so not no yes any all"
    " some please can could should would will shall may might must need needs about into per via between within during until since while after"
    " before also just still now ask asks tell say says get got give let go going one two"
    # what to do with the answer, and where to look for it
    " analyze analyse analysis check look find investigate determine identify explain describe summarise summarize recommend recommendation"
    " propose suggest provide list show report cite cites cited citing citation citations evidence use used using metrics metric log logs"
    " escalation escalate timing related similar next step steps according following attached against review whole"
    # how an alert is announced: the documents speak of the symptom
    " alert alerts alarm fired fires firing triggered incident incidents ticket tickets open utc happened happening happens"
    " channel channels communication owner owners ownership gaps increased increase".split()
)


def distilled(text: str, brief: Brief) -> str:
    """The words to search by, services first, each once, at most `MAX_WORDS`; the text itself where nothing would be left."""
    plain = _TIME.sub(" ", text)
    if len(plain.split()) <= SHORT_WORDS:
        return " ".join(text.split())
    sources = {part for source in brief.required_citations for part in (source, *source.split("_"))}
    severity = (brief.severity or "").lower()
    words = [
        word
        for word in _WORD.findall(plain)
        if word.lower() not in _ORDERS
        and word.lower() not in sources
        and word.lower() != severity
        and word != brief.project_key
        and not re.fullmatch(r"[PS]\d|SEV-?\d", word, re.IGNORECASE)
    ]
    found = dict.fromkeys([*brief.services, *words])
    lowered: dict[str, str] = {}
    for word in found:
        lowered.setdefault(word.lower(), word)
    return " ".join(list(lowered.values())[:MAX_WORDS]) or " ".join(text.split())[:MAX_CHARS]

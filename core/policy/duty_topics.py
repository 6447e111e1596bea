"""What a sentence of a policy is about, and how binding it is, by its words."""

import re

from core.policy.obligations import Topic
from core.reading.intents import speaks_of_unowned

_ACKNOWLEDGE = re.compile(r"\backnowledg|\back\b", re.IGNORECASE)
_ESCALATION = re.compile(
    r"(?<!status )(?<!status-)(?<!notice )(?<!web )(?<!public )(?<!info )(?<!incident )(?<!start )(?<!news )\bpage[sd]?\b|\bpaging\b|\bescalat|\bsecondary\b|\bcommander\b|\bassign|\bmanager\b|\bhead of\b"
    r"|\bexecutive|\bdirector\b|\bcto\b|\bengag|\bon[\s-]?call\b|\bjoins?\b|\bwoken?\b|\brung\b|\bcalled (?:in|out)?\b|\bpicks? up\b|\bresponds?\b"
    r"|\bowner\b|(?-i:\bC[EIOTDFS]O\b)|\bVP\b|\bchief\b|\bsupervisor\b|\b(?:first|second|third)[\s-](?:line|level)\b",
    re.IGNORECASE,
)
_COMMUNICATION = re.compile(
    r"\bstatus[\s-]?page\b|\bupdates?\b|\bcustomer|\bstakeholder|\bchannels?\b|\bannounce|\bcommunicat|\bpost(?:s|ed)?\b"
    r"|\bnotif(?:y|ied|ication)|\bnotices?\b|\bbulletins?\b|\btold\b|\binform|\breport(?:s|ed)?\b|\bbanner\b|\bwebsite\b|\bpublic|\bpress\b|\be-?mails?\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\breviews?\b|\bpost-?mortem|\bretrospective|\bresol(?:v|ution)|\bclos(?:e|ed|ure)\b|\btarget\b"
    r"|\bhand(?:s|ed)?[\s-]?over\b|\brestor|\broll(?:ed|ing)?[\s-]?back|\brevert|\bdeploy|\breleases?\b|\bsustained\b|\bconsecutive\b|\berror rate\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\bafterwards?\b|\baftermath\b|\bfollow[\s-]?up|\blearn|\breviews?\b|\bpost-?mortem|\bretrospect|\bonce it is over\b|\bafter (?:the|an) (?:incident|event)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"severities|severity (?:levels?|scale|classes)\b|\bseverity\W*$|priorities|priority levels?\b|definition|classif|how bad|what counts|impact",
    re.IGNORECASE,
)
_SIDE_CONDITION = re.compile(r"\b(?:until|unless|so that|even if|also when)\b", re.IGNORECASE)
_MUST = re.compile(r"\bmust\b|\bshall\b|\brequired\b|\bmandatory\b|\bha(?:s|ve) to\b", re.IGNORECASE)
_MAY = re.compile(r"\bmay\b|\boptional(?:ly)?\b", re.IGNORECASE)
_SHOULD = re.compile(r"\bshould\b|\brecommended\b|\bexpected\b", re.IGNORECASE)


def topic_of(clause: str, heading: tuple[str, ...], *, has_severity: bool) -> Topic:
    """What a timed clause is about. One about a severity that is nothing else says who does what: it belongs to the escalation."""
    main, around = _SIDE_CONDITION.split(clause, maxsplit=1)[0], " ".join(heading)
    if _ACKNOWLEDGE.search(main):
        return Topic.ESCALATION
    if _AFTERWARDS.search(main) or _LATER.search(" ".join(heading[-1:])):
        return Topic.OTHER
    if _ESCALATION.search(main) or speaks_of_unowned(around):
        return Topic.ESCALATION
    if _COMMUNICATION.search(main):
        return Topic.COMMUNICATION
    if _ESCALATION.search(around):
        return Topic.ESCALATION
    return Topic.ESCALATION if has_severity and not any(_DEFINES.search(title) for title in heading) else Topic.OTHER


def modality_of(clause: str) -> str:
    """`must`, `should` or `may`; what says neither is meant as it stands: `must`."""
    if _MUST.search(clause):
        return "must"
    if _SHOULD.search(clause):
        return "should"
    return "may" if _MAY.search(clause) else "must"

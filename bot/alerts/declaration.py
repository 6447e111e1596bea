"""A person who declares an incident: `we have a P1: checkout is down`, `declaring SEV2, payments fail`.

Anything else that people write in an alert channel is talk; it may quote alerts, ask, or look back.
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from core.alert import Alert, AlertStatus

VENDOR = "human"
_GRADE = r"(?P<grade>p[0-3]|sev[ -]?[0-3]|s[1-3]|severity[ -]?[0-3])"
_DECLARED = re.compile(
    rf"\W{{0,5}}(?:(?:hi|hey|hello|heads[- ]up|all|team|folks|everyone|fyi|@\w+)[\s,:!]{{1,3}}){{0,3}}"
    rf"(?:(?:i'?m|i am|we'?re|we are|we)\s)?(?:(?:now|officially|hereby)\s)?"
    rf"(?:declar(?:ing|e|ed)|rais(?:ing|e|ed)|open(?:ing|ed)?|call(?:ing)? (?:this|it)|(?:we (?:have|'?ve got|got)|have|there(?:'?s| is)|this is|it'?s))"
    rf"\s(?:this\s(?:as\s)?)?(?:an?\s|another\s|the\s)?(?:new\s|active\s|ongoing\s|major\s)?{_GRADE}(?:\s(?:incident|outage|issue))?"
    rf"\s{{0,2}}(?P<mark>[:,;.!–—-]|\bfor\b|\bon\b|\bas\b|\bbecause\b)\s{{0,3}}(?P<what>\S.{{5,400}})",
    re.IGNORECASE,
)  # fmt: skip
_LED = re.compile(
    rf"\W{{0,5}}{_GRADE}(?:\s(?:incident|outage))?\s?[:!–—-]\s{{1,3}}(?P<what>\S.{{5,400}})", re.IGNORECASE
)
_LOOKS_BACK = re.compile(
    r"\?|\b(?:post-?mortem|over|resolved|closed|false alarm|was|were|yesterday|last (?:week|night|month)|follow[- ]up|retro|drill|"
    r"exercise|test|downgrad\w+|review|runbook|policy|template|standby|mitigated|recovered|back to normal)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[,;.–—]\s{0,3}(?:joining|join|see|please|pls|bridge|zoom|all hands|jumping|looking|investigating|war ?room|cc)\b.*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"(?:the\s)?([\w.-]{2,60})\s(?:is|are|has|have|keeps?|returns?|fails?)\b", re.IGNORECASE)


def read(message: SlackMessage) -> Alert | None:
    """The incident a person declares with its severity in the first line; None for all other talk."""
    line = without_emoji(plain(message.text.split("\n", 1)[0]))[:600]
    declared = _DECLARED.match(line) or _LED.match(line)
    if declared is None or _LOOKS_BACK.search(line):
        return None
    title = _TAIL.sub("", declared["what"]).strip(" .!,;")
    subject = _SUBJECT.match(title)
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.FIRING,
        title=title,
        service=subject.group(1) if subject else None,
        severity=re.sub(r"[ -]", "", declared["grade"].casefold()).replace("severity", "sev"),
        key=(message.channel, message.ts),
    )

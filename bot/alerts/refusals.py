"""Why a message was not taken as an alert: a named reason for each, logged and counted."""

import re
from collections import Counter
from enum import StrEnum

import structlog

from bot.alerts.markup import without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import normal
from core.alert import Alert
from core.alert_lifecycle import DeliveryKind
from core.base import Model

_log = structlog.stdlib.get_logger("orch.alerts")


class Reason(StrEnum):
    NOT_A_MESSAGE = "not_a_message"
    OWN_MESSAGE = "own_message"
    DELETED = "deleted"
    EMPTY = "empty"
    THREAD_REPLY = "thread_reply"
    UNCHANGED_EDIT = "unchanged_edit"
    HUMAN_TALK = "human_talk"
    TEST_ALERT = "test_alert"
    HEARTBEAT = "heartbeat"
    SILENCE = "silence_notice"
    DIGEST = "digest"
    REMINDER = "reminder"
    CODE_REVIEW = "code_review"
    TICKET = "ticket_update"
    ON_CALL = "on_call_notice"
    WRITE_UP = "write_up"
    DEPLOYMENT = "deployment_notice"
    SUCCESS = "success_notice"
    NO_ALERT_WORDS = "no_alert_words"


class Refusal(Model):
    """A message that is no alert, and why."""

    reason: Reason


class RefusalCount:
    """How often each reason was given; every refusal is a log line `alert.refused` with its reason and message."""

    def __init__(self) -> None:
        self._counts: Counter[Reason] = Counter()

    def note(self, refusal: Refusal, *, channel: str, message_ts: str) -> None:
        self._counts[refusal.reason] += 1
        _log.info("alert.refused", reason=refusal.reason.value, channel=channel, message_ts=message_ts)

    def counts(self) -> dict[str, int]:
        """Reason → number of messages, only reasons that were given."""
        return {reason.value: number for reason, number in sorted(self._counts.items())}


_TEST = re.compile(
    r"^\W*(?:\[test\]|test (?:alert|notification|message|incident|event|page)\b|this is (?:just |only )?a test\b"
    r"|.{0,80}\b(?:this is (?:just |only )?a test (?:alert|notification|message)|test notification)\b)"
    r"|(?:^|\s)testing$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\b(?:added an? (?:note|comment)|(?:note|comment) (?:was )?added|left an? (?:note|comment))\b", re.IGNORECASE
)
_TEST_NAMES = frozenset({"testalert", "testnotification", "testrule", "testmessage"})
_HEARTBEAT_NAMES = frozenset(
    {"watchdog", "deadmansswitch", "deadmanswitch", "deadmanssnitch", "heartbeat", "alwaysfiring"}
)
_SILENCE = re.compile(
    r"^\W*(?:alert\s)?(?:silences?|silencing|mut(?:e|es|ed|ing)|snooz(?:e|ed|ing)|maintenance|downtime|inhibition)\b"
    r"|\b(?:silence|maintenance window|downtime)s?\b.{0,80}"
    r"\b(?:expir\w+|created|added|removed|deleted|scheduled|starts?|started|ends?|ended|over|extended|set)\b"
    r"|\b(?:has been|was|is now) (?:silenced|muted|snoozed|unmuted)\b",
    re.IGNORECASE,
)
_DIGEST = re.compile(
    r"\b(?:digest|recap|round-?up|leaderboard)\b"
    r"|\b(?:daily|weekly|monthly|hourly|nightly|yesterday'?s?|last (?:week|month|night))\b.{0,30}\b(?:summary|report|stats|overview|statistics|metrics)\b"
    r"|\b(?:summary|report|overview)\b.{0,30}\b(?:last|past) (?:\d+ )?(?:day|week|month|hour|24)"
    r"|\b\d+ (?:alerts?|incidents?) (?:fired|triggered|opened|resolved).{0,60}\b\d+ (?:resolved|open|still|acknowledged|closed)",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"\b(?:fail(?:ed|ing|ure|s)?|errors? (?:rate|above|in|while)|broken|degraded|cancel+ed|timed out|rolled back|unhealthy|"
    r"aborted|stuck|crash\w*)\b",
    re.IGNORECASE,
)
_NOTICES: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (Reason.REMINDER, re.compile(r"^\W*(?:reminder|friendly reminder|don'?t forget)\b", re.IGNORECASE)),
    (
        Reason.CODE_REVIEW,
        re.compile(
            r"\b(?:pull|merge) request\b|\bPR #?\d+\b|\bMR !\d+\b|\bnew commits?\b|\b\d+ (?:new )?commits?\b.{0,40}\bpushed\b"
            r"|\bpushed (?:\d+ commits? )?to\b|\breview(?:ed)? request",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.TICKET,
        re.compile(
            r"\bchanged (?:the )?(?:status|priority|assignee|severity) (?:from|to|of)\b|\bcommented on\b"
            r"|\b(?:created|updated|assigned|moved|transitioned|closed|completed|resolved) (?:a |an |the |this )?"
            r"(?:issue|ticket|task|bug|story|card|epic)\b|\bassigned (?:this |it )?to\b|\b(?:issue|ticket)(?: #?[\w-]{1,20})? (?:created|updated|assigned|opened by|closed by|reopened by)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Reason.ON_CALL,
        re.compile(
            r"\bon[- ]call (?:now|shift|hand-?off|hand-?over|rotation|schedule|starts?|is|for|change|update)\b"
            r"|\b(?:is|are|now|goes|went|you'?re) (?:now )?(?:the )?(?:primary |secondary )?on[- ]call\b|\bwho'?s on[- ]call\b",
            re.IGNORECASE,
        ),
    ),
    (Reason.WRITE_UP, re.compile(r"\b(?:post-?mortem|retrospective|incident review|root cause analysis)\b", re.IGNORECASE)),
)  # fmt: skip
_DEPLOYMENT = re.compile(
    r"\b(?:deployed|deploying|deploy(?:ment)? (?:of|to|started|starting|finished|succeeded|completed|successful|is)|released"
    r"|released? v?\d|rolled out|rollout|new version|is now running|promoted|published|shipped)\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"\b(?:succeeded|success(?:ful(?:ly)?)?|passed|completed|finished|reconciled|synced|in sync|renewed|created|up to date)\b",
    re.IGNORECASE,
)


def refuse_message(message: SlackMessage) -> Reason | None:
    """Why the message needs no reading at all; a human's is not refused here."""
    checks = (
        (message.kind is DeliveryKind.DELETE, Reason.DELETED),
        (message.is_own, Reason.OWN_MESSAGE),
        (not message.body.strip() and not any(card.fallback for card in message.cards), Reason.EMPTY),
        (message.is_thread_reply, Reason.THREAD_REPLY),
        (message.is_unchanged, Reason.UNCHANGED_EDIT),
    )
    return next((reason for applies, reason in checks if applies), None)


def refuse_notice(message: SlackMessage) -> Reason | None:
    """Why the post is none of an alert's: a test, a silence, a digest. Looked at before any format is tried."""
    for line in (*message.headlines[:4], message.username):
        text = without_emoji(line)[:300]
        if _TEST.search(text):
            return Reason.TEST_ALERT
        if _SILENCE.search(text) and not _FAILURE.search(text):
            return Reason.SILENCE
        if _NOTE.search(text):
            return Reason.TICKET
        if _DIGEST.search(text) and not _FAILURE.search(text):
            return Reason.DIGEST
    return None


def refuse_alert(alert: Alert) -> Reason | None:
    """Why an alert that was read is not one to look into: a rule that only proves that alerting works."""
    names = {normal(alert.title), normal(alert.labels.get("alertname", ""))}
    if names & _HEARTBEAT_NAMES:
        return Reason.HEARTBEAT
    return Reason.TEST_ALERT if names & _TEST_NAMES else None


def refuse_news(message: SlackMessage) -> Reason | None:
    """Why a program's post in no known format is news of another kind: reviews, tickets, deployments, successes."""
    lines = [without_emoji(line)[:300] for line in message.headlines[:6]]
    for reason, pattern in _NOTICES:
        if any(pattern.search(line) for line in lines):
            return reason
    if any(_FAILURE.search(line) for line in lines):
        return None
    if any(_DEPLOYMENT.search(line) for line in lines):
        return Reason.DEPLOYMENT
    return Reason.SUCCESS if any(_SUCCESS.search(line) for line in lines[:2]) else None

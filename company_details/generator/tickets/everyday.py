"""The everyday tickets, made from topics."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from company_details.generator.logs.phrases import MERCHANTS
from company_details.generator.people import BOT, PEOPLE, TEAM_BY_NAME, members_of
from company_details.generator.rota import on_call
from company_details.generator.scenario import TICKETS_FROM, WEEK_END, stream
from company_details.generator.services import BY_NAME as SERVICE_BY_NAME
from company_details.generator.services import Service, callers_of
from company_details.generator.tickets.model import PRIORITY_OF, Comment, Draft, Move, minutes
from company_details.generator.tickets.topic import Topic
from company_details.generator.tickets.topics_development import DEV_TOPICS
from company_details.generator.tickets.topics_operations import OPS_TOPICS

OPS_COUNT = 190
DEV_COUNT = 310
_SLOT = re.compile(r"\{(\w+)\}")
_SUPPORT = ("Joana Pires", "Rebecca Lavoie")


class _Facts:
    """The facts of one ticket: a slot has the same value wherever it occurs in it."""

    def __init__(self, service: Service, created: datetime, dice: Random) -> None:
        near = service.calls or callers_of(service.name) or ("edge-gateway",)
        major, minor, *_ = service.version.split(".")
        team = [person.name for person in members_of(service.team)]
        self.values = {
            "service": service.name,
            "other": dice.choice(near),
            "merchant": dice.choice(MERCHANTS),
            "version": f"v{major}.{max(int(minor) - dice.randrange(0, 9), 0)}.{dice.randrange(0, 7)}",
            "ms": str(dice.randrange(42, 290) * 10),
            "pct": str(dice.randrange(3, 38)) if service.kind == "app" else str(dice.randrange(84, 96)),
            "few": str(dice.randrange(2, 9)),
            "some": str(dice.randrange(11, 58)),
            "many": str(dice.randrange(300, 9600)),
            "clock": (created - timedelta(minutes=dice.randrange(2, 25))).strftime("%H:%M"),
            "day": (created - timedelta(days=dice.randrange(1, 20))).strftime("%Y-%m-%d"),
            "host": f"{service.name}-{dice.randrange(service.hosts) + 1}",
            "person": dice.choice(team),
        }

    def fill(self, text: str) -> str:
        return _SLOT.sub(lambda match: self.values[match.group(1)], text)


def _moment(dice: Random) -> datetime:
    """A time between the first ticket and the end of the observed week, mostly in working hours, later ones denser."""
    span = int((WEEK_END - TICKETS_FROM).total_seconds() // 60)
    share = max(dice.random(), dice.random() if dice.random() < 0.5 else 0.0)
    moment = TICKETS_FROM + timedelta(minutes=int(share * span))
    if dice.random() < 0.85:
        moment = moment.replace(hour=8 + dice.randrange(10))
        if moment.weekday() > 4:
            moment -= timedelta(days=2)
    return min(moment, WEEK_END - timedelta(hours=2))


def _office_hours(moment: datetime, dice: Random) -> datetime:
    """The same day between eight and six."""
    return moment.replace(hour=8 + dice.randrange(10))


def _comments(
    topic: Topic, facts: _Facts, start: datetime, end: datetime, who: list[str], dice: Random
) -> list[Comment]:
    count = min(dice.randrange(0, 4), len(topic.notes))
    notes = dice.sample(topic.notes, count)
    span = max(int((end - start).total_seconds() // 60), 30)
    times = [start + minutes(dice.randrange(5, span)) for _ in notes]
    if span > 24 * 60:
        times = [min(max(_office_hours(when, dice), start + minutes(5)), end - minutes(1)) for when in times]
    # Nobody speaks of themselves by name.
    who = [name for name in who if name != facts.values["person"]] or who
    times.sort()
    return [Comment(dice.choice(who), when, facts.fill(note)) for when, note in zip(times, notes, strict=True)]


def _operations(topic: Topic, number: int, turn: int) -> Draft:
    dice = stream("tickets", topic.project, topic.kind, str(number))
    service = SERVICE_BY_NAME[dice.choice(topic.services)]
    created = _moment(dice)
    facts = _Facts(service, created, dice)
    case = topic.cases[turn % len(topic.cases)]
    team = [person.name for person in members_of(service.team)]
    incident = topic.kind == "Incident"
    primary = on_call(created)[0] if created.year > 2025 else dice.choice(team)
    owner = dice.choice([primary, *team[1:]]) if incident else dice.choice(team)
    severity = dice.choice(topic.severities) if topic.severities else None
    alert = incident and dice.random() < 0.6
    reporter = BOT.name if alert else dice.choice([*_SUPPORT, *team, "Priya Raghunathan"])
    took = minutes(dice.randrange(25, 300) if incident else dice.randrange(600, 26000))
    end = created + took
    body = facts.fill(case.body)
    if incident and dice.random() < 0.5:
        body += "\n\n" + facts.fill(dice.choice(_OBSERVATIONS))
    comments = _comments(topic, facts, created, end, [owner, owner, *team], dice)
    draft = Draft(
        topic.project,
        topic.kind,
        facts.fill(case.summary),
        body,
        reporter,
        created,
        "Open",
        PRIORITY_OF[severity] if severity else dice.choice(("Medium", "Medium", "Low", "High")),
        severity,
        owner,
        (service.name,),
        topic.labels,
        tuple(comments),
    )
    seen = created + minutes(dice.randrange(2, 14 if incident else 2000))
    # An incident that is still open is a recent one; tasks may lie about for a few months.
    fresh = created > WEEK_END - timedelta(days=16 if incident else 75)
    if end > WEEK_END - timedelta(days=1) or (fresh and dice.random() < (0.1 if incident else 0.4)):
        return _leave_open(draft, seen, owner, dice)
    draft = replace(
        draft,
        comments=(*comments, Comment(owner, end, facts.fill(case.ending))),
        moves=(Move(min(seen, end), owner, "assignee", None, owner),),
        resolved=end,
        resolution=dice.choice(("Fixed", "Fixed", "No action needed")),
    )
    closed = (end + timedelta(days=3), owner, "Closed") if dice.random() < 0.6 else None
    steps = [(min(seen, end), owner, "Acknowledged" if incident else "In Progress"), (end, owner, "Resolved")]
    return draft.moved(*steps, *([closed] if closed and closed[0] < WEEK_END else []))


def _leave_open(draft: Draft, seen: datetime, owner: str, dice: Random) -> Draft:
    """An open ticket: now and then nobody has it."""
    draft = replace(draft, comments=tuple(comment for comment in draft.comments if comment.when < WEEK_END))
    if seen >= WEEK_END or dice.random() < 0.15:
        return replace(draft, assignee=None, comments=())
    draft = replace(draft, moves=(Move(seen, owner, "assignee", None, owner),))
    first = "Acknowledged" if draft.kind == "Incident" else "In Progress"
    return draft.moved((seen, owner, first))


def _development(topic: Topic, number: int, turn: int) -> Draft:
    dice = stream("tickets", topic.project, topic.kind, "dev", str(number))
    service = SERVICE_BY_NAME[dice.choice(topic.services)]
    created = _moment(dice)
    facts = _Facts(service, created, dice)
    case = topic.cases[turn % len(topic.cases)]
    team = [person.name for person in members_of(service.team)]
    owner = dice.choice(team)
    end = _office_hours(created + timedelta(days=dice.randrange(2, 45)), dice)
    comments = _comments(topic, facts, created, end, [owner, *team, "Joana Pires"], dice)
    body = facts.fill(case.body)
    if dice.random() < 0.35:
        body += "\n\n" + facts.fill(dice.choice(_ASIDES))
    draft = Draft(
        topic.project,
        topic.kind,
        facts.fill(case.summary),
        body,
        dice.choice([*team, *_SUPPORT, TEAM_BY_NAME[service.team].lead, dice.choice(PEOPLE).name]),
        created,
        "To Do",
        dice.choice(("Medium", "Medium", "Medium", "Low", "High")),
        None,
        owner,
        (service.name,),
        (*topic.labels, *(("review-action",) if dice.random() < 0.12 else ())),
        tuple(comments),
        due=(created + timedelta(days=dice.randrange(14, 60))).date() if dice.random() < 0.3 else None,
    )
    begun = created + timedelta(hours=dice.randrange(2, 240))
    if end > WEEK_END or dice.random() < 0.22:
        if dice.random() < 0.4 or begun > WEEK_END:
            return replace(draft, assignee=None if dice.random() < 0.5 else owner, comments=())
        return _leave_open(draft, begun, owner, dice)
    begun = min(begun, created + (end - created) / 2)
    last = "Won't Do" if dice.random() < 0.08 else "Done"
    ending = Comment(owner, end, facts.fill(case.ending))
    draft = replace(draft, comments=(*comments, ending), resolved=end, resolution=last)
    review = (begun + (end - begun) / 2, owner, "In Review")
    return draft.moved((begun, owner, "In Progress"), review, (end, owner, last))


_OBSERVATIONS = (
    "Status page: not needed so far.",
    "Customers: {merchant} has asked, nobody else.",
    "Seen first by the alert, then by {person}.",
    "Traffic at the time: usual for the hour.",
    "Linked dashboards: {service}, {other}.",
    "Last deployment of {service}: {version} on {day}.",
    "Similar: last month, on another instance.",
)
_ASIDES = (
    "Not urgent; {person} knows the background.",
    "Related to the work on {other}, please talk to that team first.",
    "Customer Success would like an answer for {merchant} by the end of the month.",
    "Estimate: {few} days, with tests.",
    "A test that shows it is on the branch of {person}.",
    "Came up on {day} and was forgotten; writing it down now.",
)


def everyday_drafts(seen: set[tuple[str, str]]) -> list[Draft]:
    """Tickets of every topic in turn; no two share a summary and a description, nor have those of `seen`."""
    drafts: list[Draft] = []
    for topics, count, make in ((OPS_TOPICS, OPS_COUNT, _operations), (DEV_TOPICS, DEV_COUNT, _development)):
        made = number = 0
        while made < count:
            draft = make(topics[number % len(topics)], number, number // len(topics))
            number += 1
            if (draft.summary, draft.body) not in seen:
                seen.add((draft.summary, draft.body))
                drafts.append(draft)
                made += 1
    return drafts

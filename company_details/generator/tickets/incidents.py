"""The tickets of the planted and of the past incidents."""

from dataclasses import replace
from datetime import timedelta

from company_details.generator import history, incidents
from company_details.generator.people import BOT
from company_details.generator.rota import on_call
from company_details.generator.scenario import clock
from company_details.generator.tickets.model import PRIORITY_OF, Comment, Draft, Move, assigned, minutes
from company_details.generator.tickets.stories import CLOSED, STORIES


def planted() -> list[Draft]:
    drafts: list[Draft] = []
    for incident in incidents.INCIDENTS:
        primary, _ = on_call(incident.detected)
        owner = incident.assignee or primary
        seen, ended = incident.detected, incident.end
        body = (
            f"Alert on {incident.signal.service}: {incident.signal.metric} {incident.signal.side} {incident.signal.value:g}, "
            f"first seen {clock(seen)} UTC on {seen:%Y-%m-%d}.\n\n"
            f"Services that look affected: {', '.join(incident.touched)}.\n\n"
            "Opened by the Alert Bridge; severity as set by the alert rule."
        )
        draft = Draft(
            "OPS",
            "Incident",
            incident.title,
            body,
            BOT.name,
            seen + minutes(1),
            "Open",
            PRIORITY_OF[incident.severity],
            incident.severity,
            owner,
            (incident.service,),
            ("incident", incident.kind.replace(" ", "-")),
            ref=incident.slug,
        )
        draft = _with_story(draft, incident, primary, owner)
        drafts.append(draft if draft.resolved or draft.status != "Resolved" else replace(draft, resolved=ended))
    return drafts


def _with_story(draft: Draft, incident: incidents.Incident, primary: str, owner: str) -> Draft:
    story = STORIES[incident.slug]
    names = {"": owner, "primary": primary}
    comments = tuple(
        Comment(names.get(who, who), incident.detected + minutes(after), words) for after, who, words in story
    )
    first = comments[0].when
    taker = comments[0].author
    moves = (assigned(taker, first, taker),)
    if taker != owner:
        taken_over = next(comment.when for comment in comments if comment.author == owner)
        moves += (Move(taken_over, owner, "assignee", taker, owner),)
    draft = replace(draft, comments=comments, moves=moves)
    if incident.slug in CLOSED:
        status, resolution = CLOSED[incident.slug]
        done = max(comments[-1].when, incident.end) + minutes(3)
        steps = [(first, taker, "Acknowledged"), (first + minutes(2), owner, "In Progress"), (done, owner, "Resolved")]
        if status == "Closed":
            steps.append((done + timedelta(hours=21), owner, "Closed"))
        return replace(draft.moved(*steps), resolved=done, resolution=resolution)
    later = max(comments[-1].when, incident.end) + minutes(2)
    return draft.moved(
        (first, taker, "Acknowledged"), (first + minutes(2), taker, "In Progress"), (later, owner, "Monitoring")
    )


def past_ones() -> list[Draft]:
    drafts: list[Draft] = []
    for old in history.PAST:
        seen, done = old.detected, old.end + minutes(12)
        body = (
            f"{old.title}.\n\nFirst signs at {clock(old.start)} UTC on {old.start:%Y-%m-%d}, noticed at {clock(seen)}. "
            f"Affected: {', '.join(old.touched)}.\n\n## Impact\n\n{old.impact[0].upper()}{old.impact[1:]}."
        )
        middle = seen + (old.end - seen) / 2
        comments = (
            Comment(old.assignee, seen + minutes(4), f"Looking at it. {old.service} first, then what it calls."),
            Comment(old.assignee, middle.replace(second=0), f"Cause found: {old.cause}."),
            Comment(old.assignee, done, f"{old.fix[0].upper()}{old.fix[1:]}. Over since {clock(old.end)} UTC."),
        )
        draft = Draft(
            "OPS",
            "Incident",
            old.title,
            body,
            BOT.name,
            seen + minutes(1),
            "Open",
            PRIORITY_OF[old.severity],
            old.severity,
            old.assignee,
            (old.service,),
            ("incident", "reviewed"),
            comments,
            (assigned(old.assignee, seen + minutes(3), old.assignee),),
            done,
            "Rolled back" if "rolled back" in old.fix else "Fixed",
            ref=old.slug,
        )
        drafts.append(
            draft.moved(
                (seen + minutes(3), old.assignee, "Acknowledged"),
                (seen + minutes(6), old.assignee, "In Progress"),
                (done, old.assignee, "Resolved"),
                (done + timedelta(days=6), old.assignee, "Closed"),
            )
        )
    return drafts

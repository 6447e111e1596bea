import re
from collections.abc import Iterator

from core.base import Json
from core.evidence import Passage, ReferenceExcerpt, TicketList
from core.plan import Plan
from core.reading.times import read_day
from core.report import Action
from core.result import Result
from core.rules.citing import used_ids
from core.rules.grounds.records import Records, Words, records_of
from core.rules.grounds.wording import flat
from core.verdict import Check

NAME = "owners_hold_the_role"

_SHORT = re.compile(r"\b[A-Z]{1,4}\d?\b")
_ALIAS = re.compile(r"\b([A-Z]{1,4}\d?)\s\(([^()]{3,40})\)")


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """The person an action is for stands in a source of this run, in a role that the action's words name."""
    records = records_of(result)
    cited = [
        record.passage for record in records.of(tuple(sorted(used_ids(result.report)))) if isinstance(record, Words)
    ]
    owned = [action for action in result.report.actions if action.owner and _is_person(action.owner)]
    for action in owned:
        if wrong := _wrong(action, str(action.owner), cited, records):
            return Check(name=NAME, passed=False, reason=f"“{action.text[:120]}” is given to {action.owner}: {wrong}")
    reason = (
        f"{len(owned)} actions are given to people who hold the role" if owned else "no action is given to a person"
    )
    return Check(name=NAME, passed=True, reason=reason)


def _is_person(owner: str) -> bool:
    return owner[:1].isupper()


def _wrong(action: Action, owner: str, cited: list[Passage], records: Records) -> str | None:
    """The passages that the report cites decide; where they do not name the person, those the run brought in do."""
    every = [passage for item in records.outputs_of(ReferenceExcerpt) for passage in item.passages]
    for passages in (cited, every):
        naming = [passage for passage in passages if flat(owner) in flat(passage.text)]
        if not naming:
            continue
        text = flat(_spelt_out(action.text, every))
        roles = {role for passage in naming for role in _roles_in(passage, owner)}
        if not roles or any(f" {role}" in text for role in roles):
            return None
        return f"the rota has them as {', '.join(sorted(roles))}"
    known = {ticket.assignee for item in records.outputs_of(TicketList) for ticket in item.tickets}
    return None if owner in known else "no source of this run names them"


def _spelt_out(text: str, passages: list[Passage]) -> str:
    """The text with the roles that its short names stand for: `L1` where a passage says `L1 (first-line engineer)`."""
    shorts = set(_SHORT.findall(text))
    for passage in passages if shorts else ():
        for short, role in _ALIAS.findall(passage.text):
            if short in shorts:
                text = f"{text} {role}"
    return text


def _roles_in(passage: Passage, owner: str) -> Iterator[str]:
    """The roles a passage has a person in; of a list of first days that is what the list is headed with."""
    for role in _roles(passage.data, owner):
        yield passage.heading[-1].split("_")[0].lower() if read_day(role) and passage.heading else role


def _roles(data: Json, owner: str) -> Iterator[str]:
    """The first words of the keys under which a person stands, and of a `role` beside them."""
    if isinstance(data, list):
        for item in data:
            yield from _roles(item, owner)
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if isinstance(value, dict | list):
            yield from _roles(value, owner)
        named = value if isinstance(value, str) else _name_of(value)
        if named == owner:
            yield key.split("_")[0].lower()
            yield from (str(other).split("_")[0].lower() for beside, other in data.items() if "role" in beside.lower())


def _name_of(value: Json) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((str(value[key]) for key in ("name", "person", "user") if value.get(key)), None)

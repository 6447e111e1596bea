"""The issues that a JQL query finds, in its order."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from company_details.company_sim.mock_systems.jira.data import Ticket, Tickets
from company_details.company_sim.mock_systems.jira.dates import call_moment, read_moment
from company_details.company_sim.mock_systems.jira.fields import OPERATORS, Catalogue, Field
from company_details.company_sim.mock_systems.jira.jql import (
    AllOf,
    AnyOf,
    Call,
    Clause,
    Condition,
    Empty,
    JqlError,
    Operand,
    Query,
    Sort,
    Value,
)
from company_details.company_sim.mock_systems.jira.text import TextQueryError, compile_text_query

type Test = Callable[[Ticket], bool]

MAX_SORTS = 7
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/."""

_STOCK_PRIORITIES = ("highest", "high", "medium", "low", "lowest")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Searcher:
    """Searching in a set of issues at a moment, for the user with the account id."""

    tickets: Tickets
    catalogue: Catalogue
    now: datetime
    account_id: str

    def run(self, query: Query) -> list[Ticket]:
        """The issues found, by `ORDER BY` and then the newest first; JqlError for a query that asks for what is not there."""
        test: Test = self._compile(query.condition) if query.condition else _always
        if len(query.order) > MAX_SORTS:
            raise JqlError(f"The maximum number of fields to sort by is {MAX_SORTS}.")
        sorts = [(self._sort_key(sort), sort.descending) for sort in query.order]
        found = [ticket for ticket in self.tickets.tickets if test(ticket)]
        for key, descending in reversed(sorts):
            keyed = [(key(ticket), ticket) for ticket in found]
            present = [pair for pair in keyed if pair[0] is not None]
            present.sort(key=operator.itemgetter(0), reverse=descending)
            found = [ticket for _, ticket in present] + [ticket for value, ticket in keyed if value is None]
        return found

    def _sort_key(self, sort: Sort) -> Callable[[Ticket], Any]:
        field = self.catalogue.find(sort.field)
        match field.kind:
            case "date":
                return field.time_ms
            case "key":
                return lambda ticket: ticket.number
            case "ranked":
                return lambda ticket: _negative(field.rank(ticket))
            case "alltext":
                raise JqlError(f"Not able to sort using field '{sort.field}'.")
            case _:
                return lambda ticket: shown.casefold() if (shown := field.shown(ticket)) is not None else None

    def _compile(self, condition: Condition) -> Test:
        match condition:
            case AllOf(parts):
                tests = [self._compile(part) for part in parts]
                return lambda ticket: all(test(ticket) for test in tests)
            case AnyOf(parts):
                tests = [self._compile(part) for part in parts]
                return lambda ticket: any(test(ticket) for test in tests)
            case Clause():
                return self._compile_clause(condition)

    def _compile_clause(self, clause: Clause) -> Test:
        field = self.catalogue.find(clause.field)
        if clause.op not in OPERATORS[field.kind]:
            raise JqlError(f"The operator '{clause.op}' is not supported by the '{clause.field}' field.")
        match clause.op:
            case "is":
                return lambda ticket: not field.is_set(ticket)
            case "is not":
                return field.is_set
            case "=" | "in":
                tests = [self._equals(field, operand) for operand in clause.operands]
                return lambda ticket: any(test(ticket) for test in tests)
            case "!=" | "not in":
                tests = [self._equals(field, operand) for operand in clause.operands]
                return lambda ticket: field.is_set(ticket) and not any(test(ticket) for test in tests)
            case "~" | "!~":
                return self._contains(field, clause)
            case _:
                return self._compares(field, clause)

    def _equals(self, field: Field, operand: Operand) -> Test:
        if isinstance(operand, Empty):
            return lambda ticket: not field.is_set(ticket)
        if field.kind == "date":
            moment_ms = self._moment_ms(field, operand)
            return lambda ticket: field.time_ms(ticket) == moment_ms
        value = self._text_of(field, operand)
        if field.kind == "key":
            wanted = self._ticket(field, value)
            return lambda ticket: ticket is wanted
        self.catalogue.check_value(field, value)
        if field.name == "resolution" and value.casefold() == "unresolved":
            return lambda ticket: not field.is_set(ticket)
        name = value.casefold()
        return lambda ticket: name in field.values(ticket)

    def _contains(self, field: Field, clause: Clause) -> Test:
        text = self._text_of(field, clause.operands[0])
        try:
            test = compile_text_query(text)
        except TextQueryError:
            raise JqlError(f"Unable to parse the text '{text}' for field '{clause.field}'.") from None
        if clause.op == "~":
            return lambda ticket: test(field.text(ticket))
        return lambda ticket: bool((found := field.text(ticket)).words) and not test(found)

    def _compares(self, field: Field, clause: Clause) -> Test:
        compare, operand = _COMPARE[clause.op], clause.operands[0]
        read: Callable[[Ticket], Any]
        limit: Any
        match field.kind:
            case "date":
                read, limit = field.time_ms, self._moment_ms(field, operand)
            case "key":
                read, limit = (lambda ticket: ticket.number), self._ticket(field, self._text_of(field, operand)).number
            case "ranked":
                # The smaller number is the higher priority.
                read, limit = (lambda ticket: _negative(field.rank(ticket))), self._rank_of(field, operand)
            case _:
                read, limit = self._custom(field, operand)
        return lambda ticket: (value := read(ticket)) is not None and compare(value, limit)

    def _custom(self, field: Field, operand: Operand) -> tuple[Callable[[Ticket], Any], Any]:
        if isinstance(operand, Value):
            try:
                return field.number, float(operand.text)
            except ValueError:
                pass
        return field.time_ms, self._moment_ms(field, operand)

    def _rank_of(self, field: Field, operand: Operand) -> int:
        value = self._text_of(field, operand)
        for ticket in self.tickets.tickets:
            if value.casefold() in field.values(ticket) and (rank := field.rank(ticket)) is not None:
                return -rank
        if value.casefold() in _STOCK_PRIORITIES:
            return -1 - _STOCK_PRIORITIES.index(value.casefold())
        raise JqlError(f"The value '{value}' does not exist for the field '{field.name}'.")

    def _ticket(self, field: Field, key: str) -> Ticket:
        ticket = self.tickets.find(key)
        if ticket is None:
            raise JqlError(f"An issue with key '{key}' does not exist for field '{field.name}'.")
        return ticket

    def _moment_ms(self, field: Field, operand: Operand) -> int:
        moment: datetime | None = None
        match operand:
            case Call():
                moment = call_moment(operand, self.now)
            case Value(text):
                moment = read_moment(text, field.name, self.now)
            case Empty():
                pass
        if moment is None:
            raise _no_such_function(field, operand)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)

    def _text_of(self, field: Field, operand: Operand) -> str:
        match operand:
            case Value(text):
                return text
            case Call(name) if name.lower() == "currentuser":
                return self.account_id
            case _:
                raise _no_such_function(field, operand)


def _always(_: Ticket) -> bool:
    return True


def _negative(rank: int | None) -> int | None:
    return None if rank is None else -rank


def _no_such_function(field: Field, operand: Operand) -> JqlError:
    if isinstance(operand, Call):
        return JqlError(f"Unable to find JQL function '{operand.name}({', '.join(operand.arguments)})'.")
    return JqlError(f"The operand 'EMPTY' is not supported here by the '{field.name}' field.")

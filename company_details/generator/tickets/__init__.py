"""All tickets of the company: the everyday ones made from topics, and those of the scenario."""

import json

from company_details.generator.tickets.checkout_timeouts import checkout_timeouts
from company_details.generator.tickets.everyday import everyday_drafts
from company_details.generator.tickets.incidents import past_ones, planted
from company_details.generator.tickets.model import Numbering, issue


def numbered() -> Numbering:
    """Every ticket with its key."""
    drafts = [*planted(), *past_ones(), *checkout_timeouts()]
    return Numbering([*drafts, *everyday_drafts({(draft.summary, draft.body) for draft in drafts})])


def tickets_json(numbering: Numbering) -> str:
    """The text of `jira_tickets.json`, one issue a line."""
    lines = [json.dumps(issue(numbering, place), ensure_ascii=False) for place in range(len(numbering.drafts))]
    return "[\n" + ",\n".join(lines) + "\n]\n"

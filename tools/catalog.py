"""Every tool, listed by hand: order, duplicates and broken imports fail loudly."""

from tools import (
    classify_priority,
    extract_action_items,
    extract_deadlines,
    extract_entities,
    fetch_company_reference,
    jira_search_tickets,
    logs_search,
    metrics_query,
    search_incident_knowledge,
    search_previous_issues,
    summarize,
)
from tools.spec import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    extract_entities.TOOL,
    extract_deadlines.TOOL,
    extract_action_items.TOOL,
    classify_priority.TOOL,
    summarize.TOOL,
    fetch_company_reference.TOOL,
    jira_search_tickets.TOOL,
    metrics_query.TOOL,
    logs_search.TOOL,
    search_incident_knowledge.TOOL,
    search_previous_issues.TOOL,
)

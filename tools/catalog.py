"""Every tool, listed by hand: order, duplicates and broken imports fail loudly."""

from tools import (
    fetch_company_reference,
    jira_search_tickets,
    logs_search,
    metrics_query,
    search_incident_knowledge,
    search_previous_issues,
)
from tools.spec import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    fetch_company_reference.TOOL,
    jira_search_tickets.TOOL,
    metrics_query.TOOL,
    logs_search.TOOL,
    search_incident_knowledge.TOOL,
    search_previous_issues.TOOL,
)

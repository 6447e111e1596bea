"""The company's systems over HTTP: each client is a source that tools ask (`tools.deps`)."""

from bot.clients.jira import JiraTickets
from bot.clients.loki import LokiLogs
from bot.clients.prometheus import PrometheusMetrics
from bot.clients.severity_field import find_severity_field

__all__ = ["JiraTickets", "LokiLogs", "PrometheusMetrics", "find_severity_field"]

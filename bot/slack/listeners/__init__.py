"""What orch listens to, one kind a file: a listener acknowledges, records and returns."""

from slack_bolt.async_app import AsyncApp

from bot.slack.intake import Intake
from bot.slack.listeners import command, events
from bot.slack.responses import Responses
from bot.slack.thread import SlackThreads
from core.service import TaskService


def register_all(
    app: AsyncApp, service: TaskService, threads: SlackThreads, responses: Responses, intake: Intake
) -> None:
    """Register every listener."""
    command.register(app, service, threads, responses)
    events.register(app, intake)

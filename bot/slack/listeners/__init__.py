"""What orch listens to, one kind a file: a listener acknowledges, records and returns."""

from slack_bolt.async_app import AsyncApp

from bot.slack.listeners import command
from bot.slack.responses import Responses
from bot.slack.thread import SlackThreads
from core.service import TaskService

LISTENERS = (command.register,)


def register_all(app: AsyncApp, service: TaskService, threads: SlackThreads, responses: Responses) -> None:
    """Register every listener."""
    for register in LISTENERS:
        register(app, service, threads, responses)

"""What orch listens to, one kind a file: a listener records, acknowledges and returns."""

from slack_bolt.async_app import AsyncApp

from bot.slack.intake import Intake
from bot.slack.interactions.forms import Forms
from bot.slack.listeners import actions, command, events, shortcuts, views
from bot.slack.listeners.recording import Recorder
from bot.slack.responses import Responses
from core.ports import Clock


def register_all(app: AsyncApp, intake: Intake, responses: Responses, forms: Forms, clock: Clock) -> None:
    """Register every listener."""
    recorder = Recorder(intake, responses)
    command.register(app, recorder, forms)
    actions.register(app, recorder, forms)
    shortcuts.register(app, recorder, forms)
    views.register(app, recorder, clock)
    events.register(app, intake)

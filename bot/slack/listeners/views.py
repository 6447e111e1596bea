"""Submitted forms: what cannot be taken is told at its field, and the form stays open."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.intake_arrivals import read_interaction
from bot.slack.interactions import ANALYZE_FORM, REJECT_FORM
from bot.slack.interactions.form import read_analyze, read_place
from bot.slack.listeners.recording import Recorder
from core.ports import Clock


def register(app: AsyncApp, recorder: Recorder, clock: Clock) -> None:
    """Listen to both forms: https://docs.slack.dev/surfaces/modals#displaying_errors ."""
    # Bolt does not type its decorators.
    analyze: Any = app.view(ANALYZE_FORM)  # pyright: ignore[reportUnknownMemberType]
    reject: Any = app.view(REJECT_FORM)  # pyright: ignore[reportUnknownMemberType]

    @analyze
    async def submitted(ack: AsyncAck, body: dict[str, Any]) -> None:
        view: dict[str, Any] = body.get("view") or {}
        errors = read_analyze(view, clock()).errors
        if errors:
            recorder.ignore("invalid_form")
            await ack({"response_action": "errors", "errors": errors})
            return
        url = str(read_place(view).get("response_url") or "")
        await recorder.record(read_interaction(body, "view_submission"), response_url=url)
        await ack()

    @reject
    async def rejected(ack: AsyncAck, body: dict[str, Any]) -> None:
        await recorder.record(read_interaction(body, "view_submission"))
        await ack()

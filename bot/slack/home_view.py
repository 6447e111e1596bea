"""App Home: core values → a view. https://docs.slack.dev/surfaces/app-home."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.health import HealthReport
from bot.oncall import OnCall, Turn
from bot.slack.interactions import SHOW
from bot.slack.manifest import COMMAND
from bot.slack.render.escaping import escape
from bot.slack.render.limits import SECTION_CHARS, cut
from storage.slack_home import RecentTask

type Block = dict[str, Any]

VIEW_BLOCKS = 100
"""https://docs.slack.dev/reference/views"""
_TASK_CHARS = 160
_NAME_CHARS = 80
_TURNS = 12
_OUTCOMES = {
    "confirmed": "✅ Confirmed",
    "not_confirmed": "⚠️ Not confirmed",
    "healthy": "✅ Healthy",
    "failed": "❌ Failed",
}
_STATES = {"queued": "⏳ Waiting", "running": "🔎 Running", "succeeded": "✅ Done", "failed": "❌ Failed"}
_HEALTH = {"ok": "🟢 All parts work", "degraded": "🟡 Some parts do not work", "down": "🔴 No task can be taken"}


@dataclass(frozen=True, kw_only=True)
class HomeState:
    """What one person sees. `tasks` are those they may see; `settings` are name and value, in words.

    `channel` is the conversation with that person, where the answer to a button is said.
    """

    tasks: Sequence[RecentTask]
    on_call: OnCall | None
    health: HealthReport
    settings: Sequence[tuple[str, str]] = field(default_factory=tuple[tuple[str, str], ...])
    at: datetime
    channel: str = ""


def render_home(state: HomeState) -> dict[str, Any]:
    """The view for `views.publish`, within Slack's limits; every text of others in it is escaped."""
    blocks = [
        _section(
            f"*Ask me*: `{COMMAND} analyze &lt;what to look into&gt;`, mention me in a channel, or write in the Messages tab."
        ),
        _note(_health(state)),
        _header("On call"),
        *_on_call(state.on_call),
        _header("Your recent investigations"),
        *_tasks(state.tasks),
        _header("Settings in force"),
        *_settings(state.settings),
    ]
    place = json.dumps({"channel": state.channel})
    return {"type": "home", "callback_id": "orch_home", "private_metadata": place, "blocks": blocks[:VIEW_BLOCKS]}


def _health(state: HomeState) -> str:
    ailing = [name for name, part in state.health.parts.items() if part.status == "failed"]
    told = _HEALTH[state.health.status] + (f": {escape(', '.join(ailing))}" if ailing else "")
    return f"{told} · as of {_time(state.at)}"


def _on_call(found: OnCall | None) -> Iterator[Block]:
    if found is None:
        yield _section("There is no rota: the company's folder has none.")
        return
    if found.problem:
        yield _section(escape(found.problem))
    following = {turn.rotation: turn for turn in found.following}
    for turn in found.now[:_TURNS]:
        after = following.pop(turn.rotation, None)
        lines = [f"*{_name(turn.rotation)}* until {_time(turn.ends_at)}", _people(turn)]
        if after is not None:
            lines.append(f"_Next_: {_people(after)}")
        yield _section("\n".join(lines))
    for turn in list(following.values())[:_TURNS]:
        yield _section(f"*{_name(turn.rotation)}* from {_time(turn.begins_at)}\n{_people(turn)}")


def _people(turn: Turn) -> str:
    told = (
        f"{_name(post.role.replace('_', ' '))} *{_name(post.person)}*"
        + (f" (instead of {_name(post.instead_of)})" if post.instead_of else "")
        for post in turn.posts
    )
    return " · ".join(told)


def _tasks(tasks: Sequence[RecentTask]) -> Iterator[Block]:
    if not tasks:
        yield _section(f"None yet, of you or in your channels. `{COMMAND} help` says what I can do.")
    for task in tasks:
        state = _OUTCOMES.get(task.outcome or "") or _STATES.get(task.status, task.status)
        about = [state, *([f"`{_name(task.service)}`"] if task.service else []), _time(task.created_at)]
        block = _section(f"{escape(cut(' '.join(task.text.split()), _TASK_CHARS))}\n{' · '.join(about)}")
        block["accessory"] = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Show"},
            "action_id": SHOW,
            "value": str(task.task_id),
        }
        yield {**block, "block_id": f"home:{task.task_id}"}


def _settings(settings: Sequence[tuple[str, str]]) -> Iterator[Block]:
    lines = (f"*{escape(name)}*: {escape(cut(value, 300))}" for name, value in settings)
    yield _note("\n".join(lines) or "–")


def _time(moment: datetime) -> str:
    """In the reader's own zone.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{moment:%Y-%m-%d %H:%M %Z}>"


def _name(text: str) -> str:
    return escape(cut(text.replace("`", "'"), _NAME_CHARS))


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION_CHARS), "verbatim": True}}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, SECTION_CHARS), "verbatim": True}]}

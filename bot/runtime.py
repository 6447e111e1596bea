from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.company import Company
from bot.digest import Digests
from bot.health import Health
from bot.metrics.exposition import Metrics
from bot.observers import Observers
from bot.settings import Settings
from bot.slack.app import Slack
from bot.worker import Worker
from core.service import TaskService
from storage.feedback import FeedbackStore
from storage.idempotency import IdempotencyStore


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What the program holds while it runs, for its doors to use.

    `tools` are descriptions with JSON schemas; `slack` is None while the Slack door is closed,
    `digests` in a process that makes none.
    """

    settings: Settings
    service: TaskService
    worker: Worker
    observers: Observers
    company: Company
    health: Health
    metrics: Metrics
    idempotency: IdempotencyStore
    feedback: FeedbackStore
    tools: Sequence[dict[str, Any]]
    slack: Slack | None = None
    digests: Digests | None = None

"""Keeps to Slack's rates, of which slack_sdk knows nothing until it is refused.

https://docs.slack.dev/apis/web-api/rate-limits: one post a second in a channel; `chat.update` is of tier 3, some fifty a
minute in the whole workspace.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic

_MANY = 1000


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The least seconds between two posts in one channel, and between any two rewritings."""

    post_s: float = 1.0
    update_s: float = 1.2


class Pacer:
    """Lets callers through in their order, at most one per key in each interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._free_at: dict[str, float] = {}

    async def wait(self, key: str) -> None:
        now = monotonic()
        if len(self._free_at) > _MANY:
            self._free_at = {known: at for known, at in self._free_at.items() if at > now}
        at = max(now, self._free_at.get(key, now))
        self._free_at[key] = at + self._interval_s
        if at > now:
            await asyncio.sleep(at - now)

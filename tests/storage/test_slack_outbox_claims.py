"""Which message is claimed, as one statement finds it, beside the same told step by step."""

import random
from typing import Any

import pytest

from storage.database import Database
from storage.slack_outbox_claims import OutboxClaims, Rates

CHANNELS: tuple[str, ...] = ("C1", "C2", "C3")
THREADS = (None, "1.0", "2.0", "opener")
LIFTED = Rates(channel_s=0.0, post_s=0.0, update_s=0.0, other_s=0.0)


def draw(dice: random.Random, number: int) -> dict[str, Any]:
    thread = dice.choice(THREADS)
    stands = dice.random() < 0.2
    return {
        "key": f"m{number}",
        "channel": dice.choice(CHANNELS),
        "thread_ts": None if thread == "opener" else thread,
        "thread_key": thread if thread == "opener" else None,
        "seq": dice.choice((10, 20, 30)),
        "urgency": dice.choice((0, 1, 2)),
        "kind": dice.choice(("message", "message", "file", "ephemeral")),
        "state": dice.choice(("waiting", "waiting", "waiting", "written", "given_up")),
        "ts": f"9.{number}" if stands else None,
        "rests": dice.random() < 0.2,
        "overtakes": dice.random() < 0.1,
    }


def choose(rows: list[dict[str, Any]], *, is_open: bool, free: list[str]) -> str | None:
    """The key of the row that is next."""
    waiting = [row for row in rows if row["state"] == "waiting"]

    def place(row: dict[str, Any]) -> Any:
        return row["thread_ts"] or row["thread_key"]

    def is_ready(row: dict[str, Any]) -> bool:
        if row["rests"] or row["channel"] not in free:
            return False
        if row["ts"] is not None:
            return True
        if row["thread_key"] is not None and not is_open:
            return False
        before = [
            it
            for it in waiting
            if it["ts"] is None and it["kind"] == "message" and it["channel"] == row["channel"]
            and place(it) == place(row) and (it["seq"], it["number"]) < (row["seq"], row["number"])
        ]  # fmt: skip
        return place(row) is None or row["overtakes"] or not before

    def urgency(row: dict[str, Any]) -> int:
        return row["urgency"] if row["ts"] is None else 3

    ready = [row for row in waiting if is_ready(row)]
    if not ready:
        return None
    lanes = {
        channel: min(urgency(row) for row in ready if row["channel"] == channel)
        for channel in free
        if any(row["channel"] == channel for row in ready)
    }
    lane = min(lanes, key=lambda channel: (lanes[channel], free.index(channel)))
    first = min(
        (row for row in ready if row["channel"] == lane), key=lambda row: (urgency(row), row["seq"], row["number"])
    )
    return first["key"]


@pytest.mark.parametrize("seed", range(25))
async def test_the_next_message_is_the_most_urgent_whose_turn_it_is(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    rows = [{**draw(dice, number), "number": number} for number in range(dice.choice((3, 12, 40)))]
    for row in rows:
        await database.execute(
            "insert into slack_outbox (key, channel, thread_ts, thread_key, seq, urgency, kind, state, ts, wanted, role, "
            "not_before, overtakes_at) values (%(key)s, %(channel)s, %(thread_ts)s, %(thread_key)s, %(seq)s, %(urgency)s, "
            "%(kind)s, %(state)s, %(ts)s, '{}', 'r', now() + case when %(rests)s then interval '1 hour' else '0' end, "
            "case when %(overtakes)s then now() end)",
            row,
        )
    is_open = dice.random() < 0.5
    if is_open:
        await database.execute(
            "insert into slack_outbox (key, channel, kind, wanted, role, state, ts) "
            "values ('opener', 'C1', 'message', '{}', 'r', 'written', '8.0')",
            {},
        )
    free = list(CHANNELS[: dice.choice((1, 2, 3))])
    for number, channel in enumerate(CHANNELS):
        await database.execute(
            "insert into slack_lanes (channel, free_at) values (%(channel)s, now() + make_interval(secs => %(in_s)s))",
            {"channel": channel, "in_s": number - 60 if channel in free else 60},
        )
    taken = await OutboxClaims(database, LIFTED, lease_s=15.0).take()
    assert (None if taken is None else taken.key) == choose(rows, is_open=is_open, free=free)

"""Whether what was promised holds, from what stands in the database and in Slack once all is quiet."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bench.chaos.delivery import Delivered
from bench.chaos.watch import Watch

_WRITE_APART_S = 0.9
"""A second, less what the way to Slack takes at one time more than at another."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What was promised, whether it holds, and the figures that say so."""

    name: str
    holds: bool
    found: str


def check_events(watch: Watch, delivered: Delivered, event_ids: set[str]) -> list[Promise]:
    """Nothing that was sent is lost or kept twice, and all of it was decided about."""
    rows = watch.rows("select key, state, reason from slack_inbox")
    keys = Counter(row["key"] for row in rows if row["key"] in event_ids)
    waiting = sum(row["state"] == "received" for row in rows)
    given_up = sum(row["reason"] == "gave_up" for row in rows)
    ends = Counter(row["state"] for row in rows)
    return [
        Promise(
            name="every event was acknowledged",
            holds=not delivered.lost,
            found=f"{delivered.acknowledged} acknowledged, {delivered.retries} retries, {len(delivered.lost)} lost",
        ),
        Promise(
            name="every event has exactly one inbox row",
            holds=keys.keys() == event_ids and set(keys.values()) == {1},
            found=f"{len(keys)} rows for {len(event_ids)} events",
        ),
        Promise(
            name="every event ends in a visible state",
            holds=waiting == 0 and given_up == 0,
            found=f"{dict(ends)}, given up {given_up}",
        ),
    ]


def check_tasks(watch: Watch) -> list[Promise]:
    """Every run came to an end, and none did again what it had finished."""
    states = {row["status"]: row["n"] for row in watch.rows("select status, count(*) as n from tasks group by status")}
    broken = watch.one("select count(*) from tasks where status = 'failed' and result_json is null")
    again = watch.steps_run_again()
    kept = watch.one("select count(*) from chaos_steps")
    taken_over = watch.one("select count(distinct task_id) from chaos_runs where attempt > 1")
    return [
        Promise(
            name="every task ends",
            holds=not {"queued", "running"} & states.keys() and broken == 0,
            found=f"{states}, without a result {broken}, taken over {taken_over}",
        ),
        Promise(
            name="no step that finished ran twice",
            holds=not again,
            found=f"{kept} finished steps kept while runs went on, {len(again)} of them run again",
        ),
    ]


def check_messages(watch: Watch, state: dict[str, Any]) -> list[Promise]:
    """What stands in Slack is what was to stand there, once."""
    messages = state["messages"]
    said = Counter(
        (message["channel"], message.get("thread_ts"), json.dumps(message["metadata"], sort_keys=True))
        for message in messages
        if message["metadata"]
    )
    twice = [key for key, count in said.items() if count > 1]
    tasks = watch.rows("select task_id::text as id from tasks where origin_json ->> 'door' = 'slack'")
    verdicts = Counter(
        payload.get("task_id") for payload in map(_payload, messages) if payload.get("role") == "verdict"
    )
    silent = [task["id"] for task in tasks if verdicts[task["id"]] == 0]
    outbox = {
        row["state"]: row["n"] for row in watch.rows("select state, count(*) as n from slack_outbox group by state")
    }
    return [
        Promise(
            name="no message stands twice in a thread",
            holds=not twice,
            found=f"{len(messages)} messages, {len(twice)} twice",
        ),
        Promise(
            name="every task is answered in its thread",
            holds=not silent,
            found=f"{len(tasks)} tasks from Slack, {len(silent)} without a verdict there",
        ),
        Promise(
            name="nothing that was to be written is left",
            holds=not outbox.keys() - {"written"},
            found=f"outbox {outbox}",
        ),
    ]


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    return message["metadata"].get("event_payload") or {}


def check_pace(state: dict[str, Any]) -> Promise:
    """Writes to one channel keep apart."""
    gaps = [later - sooner for times in state["writes"].values() for sooner, later in pairwise(sorted(times))]
    hasty = sum(gap < _WRITE_APART_S for gap in gaps)
    writes = sum(map(len, state["writes"].values()))
    return Promise(
        name="at most one write a second and channel",
        holds=hasty == 0,
        found=f"{writes} writes in {len(state['writes'])} channels, {hasty} too soon, least gap {min(gaps, default=0):.2f} s",
    )


def check_digest(state: dict[str, Any], channel: str) -> Promise:
    """Many replicas and many due moments of one week make one post."""
    posted = [
        message for message in state["messages"] if message["channel"] == channel and not message.get("thread_ts")
    ]
    return Promise(
        name="the digest is posted once", holds=len(posted) == 1, found=f"{len(posted)} posts in its channel"
    )


def tell_faults(state: dict[str, Any]) -> str:
    """How often Slack misbehaved, kind by kind."""
    by_kind: dict[str, int] = defaultdict(int, state["faults"])
    return ", ".join(f"{kind} {by_kind[kind]}" for kind in ("429", "500", "closed_before", "closed_after"))

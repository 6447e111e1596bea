from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alert import Alert, AlertStatus, fingerprint, group_key
from core.alert_lifecycle import REOPEN_WITHIN, Action, AlertState, Decision, Delivery, DeliveryKind, decide

FIRING, RESOLVED, ACKNOWLEDGED = AlertStatus.FIRING, AlertStatus.RESOLVED, AlertStatus.ACKNOWLEDGED


def alert(status: AlertStatus, *, name: str = "disk", words: str = "") -> Alert:
    key = group_key("v", [name])
    return Alert(
        vendor="v",
        status=status,
        title=name,
        group_key=key,
        fingerprint=fingerprint(key, status, words),
    )


def post(at: float, status: AlertStatus, *, name: str = "disk", words: str = "", event: str = "") -> Delivery:
    return Delivery(
        event_id=event or f"Ev{at}{status}",
        channel="C1",
        message_ts=str(at),
        at=Decimal(str(at)),
        kind=DeliveryKind.POST,
        alert=alert(status, name=name, words=words),
    )


def edit(at: float, of: float, status: AlertStatus, *, name: str = "disk", words: str = "") -> Delivery:
    plain = post(at, status, name=name, words=words)
    return plain.model_copy(update={"kind": DeliveryKind.EDIT, "message_ts": str(of)})


def deletion(at: float, of: float) -> Delivery:
    return edit(at, of, FIRING).model_copy(update={"kind": DeliveryKind.DELETE, "alert": None, "reason": "deleted"})


def follow(*deliveries: Delivery) -> list[Decision]:
    states: dict[str, AlertState] = {}
    decisions: list[Decision] = []
    for delivery in deliveries:
        decision = decide(states.values(), delivery)
        if decision.state is not None:
            states[decision.state.group_key] = decision.state
        decisions.append(decision)
    return decisions


SOON = REOPEN_WITHIN.total_seconds() - 1
LATE = REOPEN_WITHIN.total_seconds() + 1

SEQUENCES = {
    "fire, repeat, resolve": (
        [post(1, FIRING), post(2, FIRING), post(3, RESOLVED)],
        ["open", "update", "resolve"],
    ),
    "edits of one post": (
        [post(1, FIRING), edit(2, 1, FIRING, words="fewer"), edit(3, 1, RESOLVED), edit(4, 1, RESOLVED)],
        ["open", "update", "resolve", "ignore"],
    ),
    "acknowledged on the way": (
        [post(1, FIRING), edit(2, 1, ACKNOWLEDGED), edit(3, 1, RESOLVED)],
        ["open", "update", "resolve"],
    ),
    "an edit that changes nothing": ([post(1, FIRING), edit(2, 1, FIRING)], ["open", "ignore"]),
    "Slack's retries": (
        [post(1, FIRING, event="E1"), post(1, FIRING, event="E1"), post(1, FIRING, event="E2")],
        ["open", "ignore", "ignore"],
    ),
    "the resolve overtakes": ([post(2, RESOLVED), post(1, FIRING)], ["ignore", "ignore_stale"]),
    "edits overtake the post": (
        [edit(3, 1, RESOLVED), edit(2, 1, FIRING, words="fewer"), post(1, FIRING)],
        ["ignore", "ignore_stale", "ignore_stale"],
    ),
    "fires after a resolve that opened nothing": ([post(1, RESOLVED), post(2, FIRING)], ["ignore", "open"]),
    "comes back soon": (
        [post(1, FIRING), post(2, RESOLVED), post(2 + SOON, FIRING), post(3 + SOON, RESOLVED)],
        ["open", "resolve", "reopen", "resolve"],
    ),
    "comes back late": ([post(1, FIRING), post(2, RESOLVED), post(2 + LATE, FIRING)], ["open", "resolve", "open"]),
    "resolved twice": ([post(1, FIRING), post(2, RESOLVED), post(3, RESOLVED)], ["open", "resolve", "ignore"]),
    "a deletion is no resolve": (
        [post(1, FIRING), deletion(2, 1), post(3, RESOLVED)],
        ["open", "ignore", "resolve"],
    ),
    "an edit that renames": ([post(1, FIRING), edit(2, 1, RESOLVED, name="disk, again")], ["open", "resolve"]),
    "two alerts": (
        [post(1, FIRING), post(2, FIRING, name="cpu"), post(3, RESOLVED), post(4, RESOLVED, name="cpu")],
        ["open", "open", "resolve", "resolve"],
    ),
    "acknowledged when all is over": ([post(1, FIRING), post(2, RESOLVED), post(3, ACKNOWLEDGED)], ["open", "resolve", "ignore"]),
    "first seen acknowledged": ([post(1, ACKNOWLEDGED)], ["open"]),
    "a state nobody told": ([post(1, FIRING), post(2, AlertStatus.UNKNOWN), post(3, RESOLVED)], ["open", "update", "resolve"]),
}  # fmt: skip


@pytest.mark.parametrize(("deliveries", "actions"), SEQUENCES.values(), ids=SEQUENCES.keys())
def test_a_sequence_of_deliveries_ends_in_these_actions(deliveries: list[Delivery], actions: list[str]) -> None:
    assert [decision.action.value for decision in follow(*deliveries)] == actions


def test_a_resolve_and_a_reopening_stay_in_the_thread_of_the_first_post() -> None:
    decisions = follow(post(1, FIRING), post(2, RESOLVED), post(3, FIRING))
    assert [decision.state.thread_ts for decision in decisions if decision.state] == ["1", "1", "1"]
    assert decisions[-1].state is not None
    assert decisions[-1].state.episodes == 2


def test_a_new_episode_has_a_thread_of_its_own() -> None:
    last = follow(post(1, FIRING), post(2, RESOLVED), post(2 + LATE, FIRING))[-1]
    assert last.state is not None
    assert last.state.thread_ts == str(2 + LATE)


def test_the_same_alert_in_another_channel_is_another_thread() -> None:
    elsewhere = post(2, FIRING).model_copy(update={"channel": "C2"})
    assert [decision.action for decision in follow(post(1, FIRING), elsewhere)] == [Action.OPEN, Action.OPEN]


def test_a_message_that_is_no_alert_is_ignored_with_its_reason() -> None:
    talk = post(1, FIRING).model_copy(update={"alert": None, "reason": "human_talk"})
    assert follow(talk)[0] == Decision(action=Action.IGNORE, reason="human_talk")


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([FIRING, RESOLVED])), min_size=1, max_size=8), st.randoms()
)
def test_after_any_disorder_the_newest_post_says_how_things_stand(
    news: list[tuple[int, AlertStatus]], random: Random
) -> None:
    by_time = dict(news)  # one post a moment
    deliveries = [post(at, status) for at, status in by_time.items()]
    random.shuffle(deliveries)
    newest = max(by_time)
    last = follow(*deliveries)[-1]
    assert last.state is not None
    assert last.state.status is by_time[newest]
    assert last.state.at == newest

"""Which alerts share a thread."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alert import Alert, AlertStatus, fingerprint, group_key
from core.alert_grouping import (
    MAX_RULES,
    AlertGroup,
    JoinReason,
    add_alert,
    choose_group,
    deserves_investigation,
    end_alert,
    name_thing,
    open_group,
    revive_alert,
)

START = Decimal(1_794_000_000)


def alert(
    title: str, *values: str, service: str | None = None, severity: str | None = "warning", **labels: str
) -> Alert:
    key = group_key("alertmanager", (title, service or "", *values, *labels.values()))
    return Alert(
        vendor="alertmanager",
        status=AlertStatus.FIRING,
        title=title,
        service=service,
        severity=severity,
        labels=labels,
        values=values,
        group_key=key,
        fingerprint=fingerprint(key, AlertStatus.FIRING, title),
    )


def group_of(*alerts: Alert, every_s: int = 0) -> AlertGroup:
    first, *others = alerts
    group = open_group(first, "C1", str(START), START)
    for number, other in enumerate(others, start=1):
        group = add_alert(group, other, START + number * every_s)
    return group


def strangers(_one: str, _other: str) -> bool:
    return False


def reason(
    group: AlertGroup,
    newcomer: Alert,
    after_s: int,
    *,
    related: Callable[[str, str], bool] = strangers,
) -> JoinReason | None:
    join = choose_group([group], newcomer, START + after_s, related=related)
    return join and join.reason


SHOP = alert("HighErrorRate", service="shop-api", env="prod")


@pytest.mark.parametrize(
    ("newcomer", "after_s", "expected"),
    [
        (alert("HighLatency", service="shop-api"), 600, JoinReason.SAME_SERVICE),
        (alert("HighLatency", service="Shop-API"), 600, JoinReason.SAME_SERVICE),
        (alert("HighLatency", service="shop-api"), 1800, None),
        (alert("HighErrorRate", service="mail"), 90, JoinReason.SAME_RULE),
        (alert("HighErrorRate", service="mail"), 300, None),
        (alert("DiskFull", service="mail", env="prod"), 30, JoinReason.BURST),
        (alert("DiskFull", service="mail", env="prod"), 90, None),
        (alert("DiskFull", service="mail", env="staging"), 30, None),
    ],
)
def test_an_alert_joins_by_service_by_rule_and_by_a_burst(
    newcomer: Alert, after_s: int, expected: JoinReason | None
) -> None:
    assert reason(group_of(SHOP), newcomer, after_s) == expected


@pytest.mark.parametrize(
    ("one", "other", "joins"),
    [
        ("10.2.31.7:9100", "10.2.31.7:10250", True),
        ("10.2.31.7:9100", "ip-10-2-31-7.internal", True),
        ("10.2.31.7:9100", "10.2.31.8:9100", False),
        ("orders-7c9d-x1", "orders-7c9d-x1", True),
        ("eu-west-1", "eu-west-1", False),
        ("infra/prom", "infra/prom", False),
    ],
)
def test_a_shared_place_ties_alerts_of_different_rules_and_a_region_does_not(
    one: str, other: str, *, joins: bool
) -> None:
    found = reason(group_of(alert("TargetDown", one)), alert("NodeNotReady", other), 400)
    assert found == (JoinReason.SHARED_PLACE if joins else None)


def test_a_service_that_calls_the_groups_service_joins_it() -> None:
    calls = {("web", "shop-api")}

    def related(one: str, other: str) -> bool:
        return (one, other) in calls or (other, one) in calls

    assert reason(group_of(SHOP), alert("Slow", service="web"), 300, related=related) is JoinReason.DEPENDENCY
    assert reason(group_of(SHOP), alert("Slow", service="mail"), 300, related=related) is None


def test_when_alerts_pour_in_even_a_stranger_joins() -> None:
    stranger = alert("CertificateExpired", "wildcard")
    assert reason(group_of(SHOP), stranger, 20) is None
    assert reason(group_of(SHOP, SHOP, every_s=10), stranger, 20) is JoinReason.STORM
    assert reason(group_of(SHOP, SHOP, SHOP, every_s=10), stranger, 200) is None


def test_in_a_storm_a_stranger_joins_the_group_that_is_most_like_it() -> None:
    kafka = group_of(alert("KafkaLag", "orders"), alert("KafkaLag", "clicks"))
    web = open_group(alert("ProbeFailed", "https://shop"), "C1", "other", START + 1)
    newcomer = alert("KafkaDiskFull", "broker")
    join = choose_group([web, kafka], newcomer, START + 10, related=strangers)
    assert join is not None
    assert join.group.thread_ts == kafka.thread_ts


def test_a_group_that_is_over_is_not_joined_later() -> None:
    over = end_alert(group_of(SHOP), SHOP, START + 30)
    assert over.resolved_at == START + 30
    assert reason(over, alert("HighLatency", service="shop-api"), 50) is JoinReason.SAME_SERVICE
    assert reason(over, alert("HighLatency", service="shop-api"), 300) is None


def test_only_an_alert_that_nothing_ties_to_the_group_is_looked_into_on_its_own_and_not_many() -> None:
    group = group_of(SHOP)
    stranger = alert("DiskFull", service="mail", env="prod")
    by_burst = choose_group([group], stranger, START + 5, related=strangers)
    assert by_burst is not None
    assert deserves_investigation(by_burst, stranger)
    by_service = choose_group([group], alert("Slow", service="shop-api"), START + 5, related=strangers)
    assert by_service is not None
    assert not deserves_investigation(by_service, alert("Slow", service="shop-api"))
    full = by_burst.model_copy(update={"group": group.model_copy(update={"tasks": ("a", "b", "c")})})
    assert not deserves_investigation(full, stranger)


def test_counts_tell_what_came_and_what_still_fires() -> None:
    lag = [alert("KafkaLag", "prom", name) for name in ("fraud", "billing", "fraud")]
    group = group_of(*lag, every_s=2)
    (count,) = group.rules
    assert (count.alerts, count.firing, count.samples) == (3, 3, ("prom", "billing"))
    group = end_alert(group, lag[0], START + 60)
    assert (group.alerts, group.firing, group.rules[0].firing) == (3, 2, 2)
    group = revive_alert(group, lag[0], START + 90)
    assert (group.alerts, group.firing, group.rules[0].firing) == (3, 3, 3)


def test_an_alert_is_named_by_its_service_else_by_what_others_do_not_show() -> None:
    assert name_thing(SHOP) == "shop-api"
    assert name_thing(alert("Lag", "eu-2", "prom", "media"), ("eu-2", "prom")) == "media"
    assert name_thing(alert("Lag", severity="warning", cluster="a", topic="orders")) == "orders"
    assert name_thing(alert("Lag")) is None


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    labels = draw(st.dictionaries(st.sampled_from(["env", "pod", "topic", "host"]), _NAMES, max_size=3))
    key = group_key("any", (draw(_NAMES),))
    return Alert(
        vendor="any",
        status=AlertStatus.FIRING,
        title=draw(_NAMES),
        service=draw(st.none() | _NAMES),
        labels=labels,
        values=tuple(draw(st.lists(_NAMES, max_size=4))),
        group_key=key,
        fingerprint=fingerprint(key, AlertStatus.FIRING, key),
    )


@given(st.lists(st.tuples(alerts(), st.integers(0, 4000)), min_size=1, max_size=30))
def test_every_alert_is_counted_in_exactly_one_group(came: list[tuple[Alert, int]]) -> None:
    groups: dict[str, AlertGroup] = {}
    for number, (one, after_s) in enumerate(came):
        at = START + after_s
        join = choose_group(groups.values(), one, at, related=strangers)
        ts = join.group.thread_ts if join else f"{at}.{number}"
        group = add_alert(join.group, one, at) if join else open_group(one, "C1", ts, at)
        groups[ts] = group
    assert sum(group.alerts for group in groups.values()) == len(came)
    assert all(sum(count.alerts for count in group.rules) == group.alerts for group in groups.values())
    assert all(0 <= group.firing <= group.alerts for group in groups.values())


def test_a_thousand_rules_stay_small() -> None:
    group = group_of(*(alert(f"Rule{number}", f"value-{number}") for number in range(1000)))
    assert len(group.rules) == MAX_RULES + 1
    assert sum(count.alerts for count in group.rules) == group.alerts == 1000
    assert len(group.model_dump_json()) < 40_000

"""What happened in the observed week, minute by minute: the planted incidents and the two that are not incidents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from company_details.generator.scenario import at

type Mode = Literal["add", "times"]
type Frames = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A change to one series: `frames` are (time, value) points, joined by straight lines, nothing outside them."""

    service: str
    metric: str
    mode: Mode
    frames: Frames


@dataclass(frozen=True, slots=True)
class Signal:
    """What the alert saw: the series that left its band, on which side, and for how long at the least."""

    service: str
    metric: str
    side: Literal["above", "below"]
    value: float
    minutes: int


@dataclass(frozen=True, slots=True)
class Incident:
    slug: str
    kind: str
    title: str
    severity: str
    service: str
    touched: tuple[str, ...]
    start: datetime
    detected: datetime
    end: datetime
    cause: str
    fix: str
    impact: str
    assignee: str | None
    signal: Signal
    effects: tuple[Effect, ...]


def _day(day: str, *points: tuple[str, float]) -> Frames:
    return tuple((f"{day}T{clock}", value) for clock, value in points)


BAD_DEPLOY = Incident(
    slug="bad-deploy",
    kind="bad deploy",
    title="Checkout API: error rate and p95 latency above threshold after v4.18.0",
    severity="P1",
    service="saas-api",
    touched=("saas-api", "edge-gateway", "checkout-worker"),
    start=at("2026-02-14T10:02"),
    detected=at("2026-02-14T10:06"),
    end=at("2026-02-14T10:24"),
    cause=(
        "v4.18.0 moved the fraud pre-check into the request path and built its payments-service client with the default "
        "pool of 4 connections; under Saturday load callers queued for a connection until the 3000 ms timeout"
    ),
    fix="rolled back to v4.17.3 at 10:20",
    impact="about 1 in 14 checkouts failed at the peak; about 12,500 failed requests in total",
    assignee="Tomasz Wieczorek",
    signal=Signal("saas-api", "error_rate_percent", "above", 2.5, 17),
    effects=(
        Effect(
            "saas-api",
            "error_rate_percent",
            "add",
            _day(
                "2026-02-14",
                *(("10:02", 0.0), ("10:03", 0.3), ("10:04", 1.4), ("10:05", 2.9), ("10:07", 4.8), ("10:10", 6.6)),
                *(("10:13", 7.4), ("10:15", 6.9), ("10:18", 7.1), ("10:20", 5.8), ("10:21", 3.4), ("10:22", 1.2)),
                ("10:23", 0.5),
                ("10:24", 0.0),
            ),
        ),
        Effect(
            "saas-api",
            "latency_p95_ms",
            "add",
            _day(
                "2026-02-14",
                *(("10:02", 0.0), ("10:04", 260), ("10:06", 900), ("10:09", 1480), ("10:13", 1690), ("10:19", 1620)),
                *(("10:21", 980), ("10:23", 190), ("10:25", 0.0)),
            ),
        ),
        Effect("saas-api", "pool_in_use", "add", _day("2026-02-14", ("10:03", 0), ("10:08", 31), ("10:20", 33), ("10:24", 0))),
        Effect("saas-api", "cpu_percent", "add", _day("2026-02-14", ("10:02", 0), ("10:04", 9), ("10:20", 7), ("10:24", 0))),
        Effect(
            "edge-gateway",
            "error_rate_percent",
            "add",
            _day("2026-02-14", ("10:04", 0), ("10:08", 1.5), ("10:13", 2.1), ("10:20", 1.8), ("10:23", 0)),
        ),
        Effect("edge-gateway", "latency_p95_ms", "add", _day("2026-02-14", ("10:04", 0), ("10:10", 210), ("10:20", 190), ("10:24", 0))),
        Effect("checkout-worker", "request_rate_rps", "times", _day("2026-02-14", ("10:04", 1), ("10:10", 0.9), ("10:20", 0.9), ("10:24", 1))),
    ),
)

POOL = Incident(
    slug="saturated-pool",
    kind="saturated pool",
    title="checkout-worker: database pool saturated, orders finishing late",
    severity="P2",
    service="checkout-worker",
    touched=("checkout-worker", "orders-db"),
    start=at("2026-02-11T14:18"),
    detected=at("2026-02-11T14:27"),
    end=at("2026-02-11T14:54"),
    cause=(
        "a merchant import of 61,000 orders held one transaction a batch open while it waited for stock reservations, "
        "so all 40 pool connections of checkout-worker were idle in transaction"
    ),
    fix="import paused, idle transactions ended at 14:46, batch size cut from 500 to 50",
    impact="orders finished up to 9 minutes late; no order lost",
    assignee="Kwame Boateng",
    signal=Signal("checkout-worker", "pool_in_use", "above", 39.5, 20),
    effects=(
        Effect("checkout-worker", "pool_in_use", "add", _day("2026-02-11", ("14:18", 0), ("14:25", 40), ("14:46", 40), ("14:53", 0))),
        Effect("checkout-worker", "latency_p95_ms", "add", _day("2026-02-11", ("14:20", 0), ("14:28", 2600), ("14:46", 3900), ("14:54", 0))),
        Effect("checkout-worker", "error_rate_percent", "add", _day("2026-02-11", ("14:24", 0), ("14:30", 2.1), ("14:46", 3.6), ("14:52", 0))),
        Effect("orders-db", "connections_in_use", "add", _day("2026-02-11", ("14:18", 0), ("14:25", 46), ("14:46", 58), ("14:53", 0))),
    ),
)

PROVIDER = Incident(
    slug="provider-outage",
    kind="dependency outage",
    title="Card payments failing: PayBridge authorisation API unavailable",
    severity="P1",
    service="payments-service",
    touched=("payments-service", "saas-api", "checkout-worker"),
    start=at("2026-02-12T08:31"),
    detected=at("2026-02-12T08:34"),
    end=at("2026-02-12T09:17"),
    cause="PayBridge lost its primary data centre; its authorisation API answered 503 or not at all",
    fix="switched to deferred capture at 08:58; PayBridge restored service at 09:12",
    impact="38 % of card authorisations failed for 27 minutes; 4,120 orders were taken with deferred capture",
    assignee="Leila Haddad",
    signal=Signal("payments-service", "error_rate_percent", "above", 10.0, 35),
    effects=(
        Effect(
            "payments-service",
            "error_rate_percent",
            "add",
            _day("2026-02-12", ("08:30", 0), ("08:33", 22), ("08:38", 38), ("08:57", 36), ("09:02", 24), ("09:12", 19), ("09:17", 0)),
        ),
        Effect("payments-service", "latency_p95_ms", "add", _day("2026-02-12", ("08:30", 0), ("08:34", 4200), ("09:10", 3900), ("09:16", 0))),
        Effect(
            "saas-api",
            "error_rate_percent",
            "add",
            _day("2026-02-12", ("08:31", 0), ("08:35", 3.1), ("08:57", 3.3), ("09:01", 0.4), ("09:16", 0)),
        ),
        Effect("saas-api", "latency_p95_ms", "add", _day("2026-02-12", ("08:31", 0), ("08:35", 640), ("08:57", 610), ("09:01", 60), ("09:16", 0))),
        Effect("checkout-worker", "error_rate_percent", "add", _day("2026-02-12", ("08:31", 0), ("08:36", 9), ("09:11", 7), ("09:17", 0))),
    ),
)

SLOW_QUERY = Incident(
    slug="slow-query",
    kind="slow query",
    title="orders-db: p95 query time above 500 ms, merchant dashboards time out",
    severity="P2",
    service="orders-db",
    touched=("orders-db", "reporting-service", "inventory-service"),
    start=at("2026-02-13T11:04"),
    detected=at("2026-02-13T11:16"),
    end=at("2026-02-13T12:12"),
    cause=(
        "reporting-service v1.8.0 filters order_lines by settled_at, which has no index; every dashboard load became a "
        "sequential scan of 210 million rows on the primary"
    ),
    fix="dashboard feature flag off at 11:58, index order_lines_settled_at built concurrently by 12:10",
    impact="dashboards unusable for 64 minutes; stock reservations slower, none lost",
    assignee="Mei-Ling Chow",
    signal=Signal("orders-db", "query_p95_ms", "above", 500.0, 40),
    effects=(
        Effect(
            "orders-db",
            "query_p95_ms",
            "add",
            _day("2026-02-13", ("11:04", 0), ("11:12", 420), ("11:20", 760), ("11:40", 910), ("11:58", 870), ("12:05", 160), ("12:12", 0)),
        ),
        Effect("orders-db", "cpu_percent", "add", _day("2026-02-13", ("11:04", 0), ("11:14", 44), ("11:58", 49), ("12:12", 0))),
        Effect("orders-db", "connections_in_use", "add", _day("2026-02-13", ("11:06", 0), ("11:25", 71), ("11:58", 84), ("12:10", 0))),
        Effect("reporting-service", "latency_p95_ms", "add", _day("2026-02-13", ("11:05", 0), ("11:18", 14200), ("11:58", 17800), ("12:02", 0))),
        Effect("reporting-service", "error_rate_percent", "add", _day("2026-02-13", ("11:08", 0), ("11:22", 21), ("11:58", 27), ("12:02", 0))),
        Effect("inventory-service", "latency_p95_ms", "add", _day("2026-02-13", ("11:08", 0), ("11:24", 310), ("11:58", 360), ("12:10", 0))),
    ),
)

LEAK = Incident(
    slug="memory-leak",
    kind="memory leak",
    title="catalog-service: memory grows without end, pods killed",
    severity="P3",
    service="catalog-service",
    touched=("catalog-service", "search-service"),
    start=at("2026-02-12T18:05"),
    detected=at("2026-02-13T03:52"),
    end=at("2026-02-13T09:31"),
    cause="v2.31.0 keeps every media rendition buffer in a module-level map that is never emptied",
    fix="pods restarted by the kernel at 04:38, rolled back to v2.30.4 at 09:24",
    impact="eight minutes of catalogue errors at 04:38; search facets stale for an hour",
    assignee="Olufemi Adeyemi",
    signal=Signal("catalog-service", "memory_mb", "above", 3000.0, 90),
    effects=(
        Effect(
            "catalog-service",
            "memory_mb",
            "add",
            (
                ("2026-02-12T18:05", 0),
                ("2026-02-13T04:37", 3080),
                ("2026-02-13T04:38", 60),
                ("2026-02-13T09:24", 1460),
                ("2026-02-13T09:27", 0),
            ),
        ),
        Effect("catalog-service", "error_rate_percent", "add", _day("2026-02-13", ("04:36", 0), ("04:38", 11), ("04:43", 6), ("04:46", 0))),
        Effect("catalog-service", "latency_p95_ms", "add", _day("2026-02-13", ("02:30", 0), ("04:37", 240), ("04:46", 0))),
        Effect("search-service", "error_rate_percent", "add", _day("2026-02-13", ("04:37", 0), ("04:40", 0.9), ("04:46", 0))),
    ),
)

STAMPEDE = Incident(
    slug="cache-stampede",
    kind="cache stampede",
    title="session-cache hit rate collapsed, sign-in slow",
    severity="P2",
    service="session-cache",
    touched=("session-cache", "identity-service", "orders-db", "saas-api"),
    start=at("2026-02-15T19:00"),
    detected=at("2026-02-15T19:04"),
    end=at("2026-02-15T19:21"),
    cause=(
        "the weekly key rotation of 8 February wrote 1.9 million token entries with one and the same expiry of seven days; "
        "all of them expired at 19:00 on 15 February and every request rebuilt its own entry from orders-db"
    ),
    fix="request coalescing switched on for token lookups at 19:13; entries rebuilt by 19:21 with jittered expiry",
    impact="sign-in p95 at 1.4 s for 15 minutes, 1.1 % of sign-ins failed",
    assignee="Rui Tavares",
    signal=Signal("session-cache", "cache_hit_percent", "below", 80.0, 14),
    effects=(
        Effect("session-cache", "cache_hit_percent", "add", _day("2026-02-15", ("18:59", 0), ("19:01", -52), ("19:12", -44), ("19:18", -14), ("19:23", 0))),
        Effect("session-cache", "memory_mb", "add", _day("2026-02-15", ("18:59", 0), ("19:01", -1900), ("19:21", -300), ("19:40", 0))),
        Effect("identity-service", "latency_p95_ms", "add", _day("2026-02-15", ("18:59", 0), ("19:02", 1290), ("19:13", 1180), ("19:19", 110), ("19:22", 0))),
        Effect("identity-service", "error_rate_percent", "add", _day("2026-02-15", ("19:00", 0), ("19:03", 1.2), ("19:13", 1.0), ("19:18", 0))),
        Effect("orders-db", "connections_in_use", "add", _day("2026-02-15", ("18:59", 0), ("19:02", 96), ("19:13", 104), ("19:21", 0))),
        Effect("orders-db", "query_p95_ms", "add", _day("2026-02-15", ("18:59", 0), ("19:02", 62), ("19:13", 58), ("19:20", 0))),
        Effect("saas-api", "latency_p95_ms", "add", _day("2026-02-15", ("19:00", 0), ("19:03", 210), ("19:13", 190), ("19:20", 0))),
    ),
)

CERTIFICATE = Incident(
    slug="expired-certificate",
    kind="expired certificate",
    title="webhook-dispatcher: deliveries to mutual-TLS endpoints refused",
    severity="P2",
    service="webhook-dispatcher",
    touched=("webhook-dispatcher",),
    start=at("2026-02-16T00:00"),
    detected=at("2026-02-16T00:09"),
    end=at("2026-02-16T07:44"),
    cause=(
        "the client certificate of webhook-dispatcher (CN=webhooks.larkfield.example) ended at 2026-02-16T00:00:00Z; "
        "its renewal job had been disabled since the secret store was moved in November"
    ),
    fix="new certificate issued and loaded at 07:36, renewal job enabled again",
    impact="58 % of deliveries refused for 7 h 44 min; 211,000 events delivered late from the retry queue",
    assignee="Samir Khoury",
    signal=Signal("webhook-dispatcher", "error_rate_percent", "above", 40.0, 440),
    effects=(
        Effect(
            "webhook-dispatcher",
            "error_rate_percent",
            "add",
            (
                ("2026-02-15T23:59", 0),
                ("2026-02-16T00:01", 57),
                ("2026-02-16T07:35", 59),
                ("2026-02-16T07:38", 11),
                ("2026-02-16T07:44", 0),
            ),
        ),
        Effect("webhook-dispatcher", "request_rate_rps", "times", _day("2026-02-16", ("00:00", 1), ("00:20", 1.9), ("07:36", 2.6), ("09:40", 1.4), ("10:10", 1))),
        Effect("webhook-dispatcher", "latency_p95_ms", "times", _day("2026-02-16", ("00:00", 1), ("00:02", 0.45), ("07:36", 0.45), ("07:40", 1.5), ("09:40", 1.2), ("10:10", 1))),
    ),
)

SURGE = Incident(
    slug="traffic-surge",
    kind="traffic surge",
    title="Traffic three times the usual: edge and Checkout API close to capacity",
    severity="P2",
    service="edge-gateway",
    touched=("edge-gateway", "saas-api", "search-service", "catalog-service"),
    start=at("2026-02-17T15:58"),
    detected=at("2026-02-17T16:06"),
    end=at("2026-02-17T17:12"),
    cause="a flash sale of the merchant Maple & Vine, announced on television and not to us, tripled traffic within minutes",
    fix="saas-api scaled from 8 to 20 pods by hand at 16:24 (the autoscaler stops at 12), bot rate limit lowered at 16:31",
    impact="p95 checkout latency up to 0.9 s for 25 minutes, error rate below 2 %",
    assignee="Priya Raghunathan",
    signal=Signal("edge-gateway", "request_rate_rps", "above", 900.0, 45),
    effects=(
        Effect("edge-gateway", "request_rate_rps", "times", _day("2026-02-17", ("15:58", 1), ("16:08", 3.1), ("16:40", 2.9), ("17:00", 1.7), ("17:12", 1))),
        Effect("edge-gateway", "cpu_percent", "add", _day("2026-02-17", ("15:58", 0), ("16:10", 49), ("16:40", 45), ("17:12", 0))),
        Effect("edge-gateway", "latency_p95_ms", "add", _day("2026-02-17", ("15:58", 0), ("16:12", 130), ("16:26", 120), ("16:40", 30), ("17:10", 0))),
        Effect("saas-api", "request_rate_rps", "times", _day("2026-02-17", ("15:58", 1), ("16:08", 2.8), ("16:40", 2.7), ("17:00", 1.6), ("17:12", 1))),
        Effect("saas-api", "cpu_percent", "add", _day("2026-02-17", ("15:58", 0), ("16:10", 50), ("16:24", 51), ("16:32", 18), ("17:12", 0))),
        Effect("saas-api", "latency_p95_ms", "add", _day("2026-02-17", ("15:59", 0), ("16:12", 640), ("16:24", 690), ("16:34", 90), ("17:10", 0))),
        Effect("saas-api", "error_rate_percent", "add", _day("2026-02-17", ("16:00", 0), ("16:14", 1.0), ("16:24", 1.1), ("16:32", 0.1), ("17:10", 0))),
        Effect("search-service", "request_rate_rps", "times", _day("2026-02-17", ("15:58", 1), ("16:08", 2.4), ("16:40", 2.2), ("17:12", 1))),
        Effect("search-service", "cpu_percent", "add", _day("2026-02-17", ("15:58", 0), ("16:10", 38), ("16:40", 35), ("17:12", 0))),
        Effect("catalog-service", "request_rate_rps", "times", _day("2026-02-17", ("15:58", 1), ("16:08", 2.5), ("16:40", 2.3), ("17:12", 1))),
    ),
)

SHORT_REGRESSION = Incident(
    slug="short-regression",
    kind="bad deploy",
    title="billing-service v3.9.1: error rate above 2 % for three minutes after the deploy",
    severity="P4",
    service="billing-service",
    touched=("billing-service",),
    start=at("2026-02-16T13:00"),
    detected=at("2026-02-16T13:05"),
    end=at("2026-02-16T13:07"),
    cause="cold functions opened their database connections all at once after the deploy; settled without action",
    fix="none needed: below the rollback rule of five minutes; connections are warmed since v3.9.2",
    impact="31 usage records retried, none lost",
    assignee="Marc-André Gagnon",
    signal=Signal("billing-service", "error_rate_percent", "above", 2.0, 3),
    effects=(
        Effect("billing-service", "error_rate_percent", "add", _day("2026-02-16", ("13:01", 0), ("13:02", 1.2), ("13:03", 2.5), ("13:05", 2.3), ("13:06", 0.6), ("13:07", 0))),
        Effect("billing-service", "latency_p95_ms", "add", _day("2026-02-16", ("13:01", 0), ("13:03", 420), ("13:05", 300), ("13:07", 0))),
    ),
)

INCIDENTS: tuple[Incident, ...] = (POOL, PROVIDER, LEAK, SLOW_QUERY, BAD_DEPLOY, STAMPEDE, CERTIFICATE, SHORT_REGRESSION, SURGE)
BY_SLUG = {incident.slug: incident for incident in INCIDENTS}

# A network flap in one rack: three minutes, gone before anybody looked, no ticket.
BLIP_FROM = at("2026-02-15T03:12")
BLIP = (
    Effect("search-service", "error_rate_percent", "add", _day("2026-02-15", ("03:11", 0), ("03:12", 3.2), ("03:14", 3.0), ("03:15", 0))),
    Effect("search-service", "latency_p95_ms", "add", _day("2026-02-15", ("03:11", 0), ("03:12", 410), ("03:14", 380), ("03:15", 0))),
)

EFFECTS: tuple[Effect, ...] = (*(effect for incident in INCIDENTS for effect in incident.effects), *BLIP)


@dataclass(frozen=True, slots=True)
class Deploy:
    """A deployment of the week; `rolled_back_to` when `to` is an older version."""

    service: str
    frm: str
    to: str
    moment: datetime
    author: str
    rollback: bool = False


DEPLOYS: tuple[Deploy, ...] = (
    Deploy("identity-service", "5.6.3", "5.6.4", at("2026-02-11T09:40"), "Nasrin Jahan"),
    Deploy("edge-gateway", "1.44.1", "1.44.2", at("2026-02-11T13:15"), "Olufemi Adeyemi"),
    Deploy("payments-service", "3.27.0", "3.27.1", at("2026-02-11T15:30"), "Marc-André Gagnon"),
    Deploy("inventory-service", "1.33.5", "1.33.6", at("2026-02-12T10:20"), "Chloé Tremblay"),
    Deploy("saas-api", "4.17.2", "4.17.3", at("2026-02-12T13:45"), "Sofia Marques"),
    Deploy("catalog-service", "2.30.4", "2.31.0", at("2026-02-12T18:00"), "Chloé Tremblay"),
    Deploy("catalog-service", "2.31.0", "2.30.4", at("2026-02-13T09:24"), "Arjun Menon", rollback=True),
    Deploy("reporting-service", "1.7.2", "1.8.0", at("2026-02-13T11:00"), "Patrícia Sousa"),
    Deploy("notification-service", "0.47.2", "0.48.0", at("2026-02-13T13:30"), "Grace Achieng"),
    Deploy("saas-api", "4.17.3", "4.18.0", at("2026-02-14T10:02"), "Yuki Tanabe"),
    Deploy("saas-api", "4.18.0", "4.17.3", at("2026-02-14T10:20"), "Tomasz Wieczorek", rollback=True),
    Deploy("billing-service", "3.9.0", "3.9.1", at("2026-02-16T13:00"), "Marc-André Gagnon"),
    Deploy("search-service", "1.18.4", "1.19.0", at("2026-02-16T14:10"), "Arjun Menon"),
    Deploy("checkout-worker", "2.12.0", "2.12.1", at("2026-02-17T09:05"), "Kwame Boateng"),
    Deploy("catalog-service", "2.30.4", "2.31.1", at("2026-02-17T13:20"), "Chloé Tremblay"),
)


def version_at(service: str, moment: datetime, default: str) -> str:
    """The version of `service` that ran at `moment`."""
    version = default
    known = [deploy for deploy in DEPLOYS if deploy.service == service]
    if known:
        version = known[0].frm
    for deploy in known:
        if deploy.moment <= moment:
            version = deploy.to
    return version

"""Saturday 14 to Tuesday 17 February: deployment, cache, certificate, surge, and two that are not incidents."""

from company_details.generator.incidents.model import Effect, Incident, Signal, day
from company_details.generator.scenario import at

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
            day(
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
            day(
                "2026-02-14",
                *(("10:02", 0.0), ("10:04", 260), ("10:06", 900), ("10:09", 1480), ("10:13", 1690), ("10:19", 1620)),
                *(("10:21", 980), ("10:23", 190), ("10:25", 0.0)),
            ),
        ),
        Effect(
            "saas-api",
            "pool_in_use",
            "add",
            day("2026-02-14", ("10:03", 0), ("10:08", 31), ("10:20", 33), ("10:24", 0)),
        ),
        Effect(
            "saas-api", "cpu_percent", "add", day("2026-02-14", ("10:02", 0), ("10:04", 9), ("10:20", 7), ("10:24", 0))
        ),
        Effect(
            "edge-gateway",
            "error_rate_percent",
            "add",
            day("2026-02-14", ("10:04", 0), ("10:08", 1.5), ("10:13", 2.1), ("10:20", 1.8), ("10:23", 0)),
        ),
        Effect(
            "edge-gateway",
            "latency_p95_ms",
            "add",
            day("2026-02-14", ("10:04", 0), ("10:10", 210), ("10:20", 190), ("10:24", 0)),
        ),
        Effect(
            "checkout-worker",
            "request_rate_rps",
            "times",
            day("2026-02-14", ("10:04", 1), ("10:10", 0.9), ("10:20", 0.9), ("10:24", 1)),
        ),
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
        Effect(
            "session-cache",
            "cache_hit_percent",
            "add",
            day("2026-02-15", ("18:59", 0), ("19:01", -52), ("19:12", -44), ("19:18", -14), ("19:23", 0)),
        ),
        Effect(
            "session-cache",
            "memory_mb",
            "add",
            day("2026-02-15", ("18:59", 0), ("19:01", -1900), ("19:21", -300), ("19:40", 0)),
        ),
        Effect(
            "identity-service",
            "latency_p95_ms",
            "add",
            day("2026-02-15", ("18:59", 0), ("19:02", 1290), ("19:13", 1180), ("19:19", 110), ("19:22", 0)),
        ),
        Effect(
            "identity-service",
            "error_rate_percent",
            "add",
            day("2026-02-15", ("19:00", 0), ("19:03", 1.2), ("19:13", 1.0), ("19:18", 0)),
        ),
        Effect(
            "orders-db",
            "connections_in_use",
            "add",
            day("2026-02-15", ("18:59", 0), ("19:02", 96), ("19:13", 104), ("19:21", 0)),
        ),
        Effect(
            "orders-db",
            "query_p95_ms",
            "add",
            day("2026-02-15", ("18:59", 0), ("19:02", 62), ("19:13", 58), ("19:20", 0)),
        ),
        Effect(
            "saas-api",
            "latency_p95_ms",
            "add",
            day("2026-02-15", ("19:00", 0), ("19:03", 210), ("19:13", 190), ("19:20", 0)),
        ),
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
        Effect(
            "webhook-dispatcher",
            "request_rate_rps",
            "times",
            day("2026-02-16", ("00:00", 1), ("00:20", 1.9), ("07:36", 2.6), ("09:40", 1.4), ("10:10", 1)),
        ),
        Effect(
            "webhook-dispatcher",
            "latency_p95_ms",
            "times",
            day(
                "2026-02-16",
                ("00:00", 1),
                ("00:02", 0.45),
                ("07:36", 0.45),
                ("07:40", 1.5),
                ("09:40", 1.2),
                ("10:10", 1),
            ),
        ),
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
    detected=at("2026-02-17T16:09"),
    end=at("2026-02-17T17:12"),
    cause="a flash sale of the merchant Maple & Vine, announced on television and not to us, tripled traffic within minutes",
    fix="saas-api scaled from 8 to 20 pods by hand at 16:24 (the autoscaler stops at 12), bot rate limit lowered at 16:31",
    impact="p95 checkout latency up to 0.9 s for 25 minutes, error rate below 2 %",
    assignee="Priya Raghunathan",
    signal=Signal("edge-gateway", "request_rate_rps", "above", 900.0, 45),
    effects=(
        Effect(
            "edge-gateway",
            "request_rate_rps",
            "times",
            day("2026-02-17", ("15:58", 1), ("16:08", 3.1), ("16:40", 2.9), ("17:00", 1.7), ("17:12", 1)),
        ),
        Effect(
            "edge-gateway",
            "cpu_percent",
            "add",
            day("2026-02-17", ("15:58", 0), ("16:10", 49), ("16:40", 45), ("17:12", 0)),
        ),
        Effect(
            "edge-gateway",
            "latency_p95_ms",
            "add",
            day("2026-02-17", ("15:58", 0), ("16:12", 130), ("16:26", 120), ("16:40", 30), ("17:10", 0)),
        ),
        Effect(
            "saas-api",
            "request_rate_rps",
            "times",
            day("2026-02-17", ("15:58", 1), ("16:08", 2.8), ("16:40", 2.7), ("17:00", 1.6), ("17:12", 1)),
        ),
        Effect(
            "saas-api",
            "cpu_percent",
            "add",
            day("2026-02-17", ("15:58", 0), ("16:10", 50), ("16:24", 51), ("16:32", 18), ("17:12", 0)),
        ),
        Effect(
            "saas-api",
            "latency_p95_ms",
            "add",
            day("2026-02-17", ("15:59", 0), ("16:12", 640), ("16:24", 690), ("16:34", 90), ("17:10", 0)),
        ),
        Effect(
            "saas-api",
            "error_rate_percent",
            "add",
            day("2026-02-17", ("16:00", 0), ("16:14", 1.0), ("16:24", 1.1), ("16:32", 0.1), ("17:10", 0)),
        ),
        Effect(
            "search-service",
            "request_rate_rps",
            "times",
            day("2026-02-17", ("15:58", 1), ("16:08", 2.4), ("16:40", 2.2), ("17:12", 1)),
        ),
        Effect(
            "search-service",
            "cpu_percent",
            "add",
            day("2026-02-17", ("15:58", 0), ("16:10", 38), ("16:40", 35), ("17:12", 0)),
        ),
        Effect(
            "catalog-service",
            "request_rate_rps",
            "times",
            day("2026-02-17", ("15:58", 1), ("16:08", 2.5), ("16:40", 2.3), ("17:12", 1)),
        ),
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
        Effect(
            "billing-service",
            "error_rate_percent",
            "add",
            day(
                "2026-02-16", ("13:01", 0), ("13:02", 1.2), ("13:03", 2.5), ("13:05", 2.3), ("13:06", 0.6), ("13:07", 0)
            ),
        ),
        Effect(
            "billing-service",
            "latency_p95_ms",
            "add",
            day("2026-02-16", ("13:01", 0), ("13:03", 420), ("13:05", 300), ("13:07", 0)),
        ),
    ),
)

# A network flap in one rack: three minutes, gone before anybody looked, no ticket.
BLIP_FROM = at("2026-02-15T03:12")
BLIP = (
    Effect(
        "search-service",
        "error_rate_percent",
        "add",
        day("2026-02-15", ("03:11", 0), ("03:12", 3.2), ("03:14", 3.0), ("03:15", 0)),
    ),
    Effect(
        "search-service",
        "latency_p95_ms",
        "add",
        day("2026-02-15", ("03:11", 0), ("03:12", 410), ("03:14", 380), ("03:15", 0)),
    ),
)

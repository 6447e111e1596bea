"""Wednesday 11 to Friday 13 February: pool, provider, memory, query."""

from company_details.generator.incidents.model import Effect, Incident, Signal, day
from company_details.generator.scenario import at

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
        Effect(
            "checkout-worker",
            "pool_in_use",
            "add",
            day("2026-02-11", ("14:18", 0), ("14:25", 40), ("14:46", 40), ("14:53", 0)),
        ),
        Effect(
            "checkout-worker",
            "latency_p95_ms",
            "add",
            day("2026-02-11", ("14:20", 0), ("14:28", 2600), ("14:46", 3900), ("14:54", 0)),
        ),
        Effect(
            "checkout-worker",
            "error_rate_percent",
            "add",
            day("2026-02-11", ("14:24", 0), ("14:30", 2.1), ("14:46", 3.6), ("14:52", 0)),
        ),
        Effect(
            "orders-db",
            "connections_in_use",
            "add",
            day("2026-02-11", ("14:18", 0), ("14:25", 46), ("14:46", 58), ("14:53", 0)),
        ),
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
            day(
                "2026-02-12",
                ("08:30", 0),
                ("08:33", 22),
                ("08:38", 38),
                ("08:57", 36),
                ("09:02", 24),
                ("09:12", 19),
                ("09:17", 0),
            ),
        ),
        Effect(
            "payments-service",
            "latency_p95_ms",
            "add",
            day("2026-02-12", ("08:30", 0), ("08:34", 4200), ("09:10", 3900), ("09:16", 0)),
        ),
        Effect(
            "saas-api",
            "error_rate_percent",
            "add",
            day("2026-02-12", ("08:31", 0), ("08:35", 3.1), ("08:57", 3.3), ("09:01", 0.4), ("09:16", 0)),
        ),
        Effect(
            "saas-api",
            "latency_p95_ms",
            "add",
            day("2026-02-12", ("08:31", 0), ("08:35", 640), ("08:57", 610), ("09:01", 60), ("09:16", 0)),
        ),
        Effect(
            "checkout-worker",
            "error_rate_percent",
            "add",
            day("2026-02-12", ("08:31", 0), ("08:36", 9), ("09:11", 7), ("09:17", 0)),
        ),
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
    detected=at("2026-02-13T11:19"),
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
            day(
                "2026-02-13",
                ("11:04", 0),
                ("11:12", 420),
                ("11:20", 760),
                ("11:40", 910),
                ("11:58", 870),
                ("12:05", 160),
                ("12:12", 0),
            ),
        ),
        Effect(
            "orders-db",
            "cpu_percent",
            "add",
            day("2026-02-13", ("11:04", 0), ("11:14", 44), ("11:58", 49), ("12:12", 0)),
        ),
        Effect(
            "orders-db",
            "connections_in_use",
            "add",
            day("2026-02-13", ("11:06", 0), ("11:25", 71), ("11:58", 84), ("12:10", 0)),
        ),
        Effect(
            "reporting-service",
            "latency_p95_ms",
            "add",
            day("2026-02-13", ("11:05", 0), ("11:18", 14200), ("11:58", 17800), ("12:02", 0)),
        ),
        Effect(
            "reporting-service",
            "error_rate_percent",
            "add",
            day("2026-02-13", ("11:08", 0), ("11:22", 21), ("11:58", 27), ("12:02", 0)),
        ),
        Effect(
            "inventory-service",
            "latency_p95_ms",
            "add",
            day("2026-02-13", ("11:08", 0), ("11:24", 310), ("11:58", 360), ("12:10", 0)),
        ),
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
        Effect(
            "catalog-service",
            "error_rate_percent",
            "add",
            day("2026-02-13", ("04:36", 0), ("04:38", 11), ("04:43", 6), ("04:46", 0)),
        ),
        Effect(
            "catalog-service", "latency_p95_ms", "add", day("2026-02-13", ("02:30", 0), ("04:37", 240), ("04:46", 0))
        ),
        Effect(
            "search-service",
            "error_rate_percent",
            "add",
            day("2026-02-13", ("04:37", 0), ("04:40", 0.9), ("04:46", 0)),
        ),
    ),
)

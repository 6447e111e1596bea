"""The service catalogue as data: owners, dependencies, and what is normal for each service."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue; `normal` maps a metric to its usual weekday-noon value."""

    name: str
    team: str
    tier: int
    kind: str
    runtime: str
    calls: tuple[str, ...]
    purpose: str
    version: str
    hosts: int
    normal: dict[str, float] = field(repr=False)
    external: tuple[str, ...] = ()
    objective: str = ""


def _app(rps: float, error: float, p95: float, cpu: float, memory: float | None, **more: float) -> dict[str, float]:
    normal = {"request_rate_rps": rps, "error_rate_percent": error, "latency_p95_ms": p95, "cpu_percent": cpu}
    if memory is not None:
        normal["memory_mb"] = memory
    return {**normal, **more}


SERVICES: tuple[Service, ...] = (
    Service(
        "edge-gateway",
        "Platform",
        1,
        "app",
        "Envoy, 6 instances",
        ("saas-api", "identity-service", "catalog-service", "search-service"),
        "terminates TLS, applies rate limits and routes every public request",
        "1.44.2",
        6,
        _app(420, 0.12, 38, 34, None),
        (),
        "99.95 % of requests answered without a 5xx over 30 days",
    ),
    Service(
        "saas-api",
        "Checkout",
        1,
        "app",
        "Kotlin on JVM 21, 8 pods",
        (
            "payments-service",
            "identity-service",
            "catalog-service",
            "inventory-service",
            "session-cache",
            "orders-db",
            "checkout-worker",
        ),
        "the public Checkout API: baskets, quotes, order placement (customers call it “Checkout API”)",
        "4.17.3",
        8,
        _app(260, 0.25, 220, 41, 2300, pool_in_use=14),
        (),
        "99.9 % of checkouts succeed; p95 latency below 400 ms",
    ),
    Service(
        "checkout-worker",
        "Checkout",
        1,
        "app",
        "Kotlin on JVM 21, 4 pods",
        ("payments-service", "inventory-service", "orders-db", "notification-service", "webhook-dispatcher"),
        "finishes orders in the background: capture, stock reservation, confirmation",
        "2.12.0",
        4,
        _app(45, 0.2, 410, 33, 1400, pool_in_use=12),
        (),
        "99 % of orders finished within 60 seconds",
    ),
    Service(
        "payments-service",
        "Payments",
        1,
        "app",
        "Go, 4 pods",
        ("orders-db",),
        "authorises, captures and refunds card payments through PayBridge",
        "3.27.1",
        4,
        _app(60, 0.18, 310, 28, 1250),
        ("PayBridge",),
        "99.95 % availability, PayBridge time excluded",
    ),
    Service(
        "billing-service",
        "Payments",
        2,
        "app",
        "Python, managed functions",
        ("orders-db", "payments-service", "notification-service"),
        "subscriptions of our own customers, usage records and invoices",
        "3.9.0",
        2,
        _app(12, 0.1, 260, 16, None),
        (),
        "invoices out by 06:00 UTC on the first of the month",
    ),
    Service(
        "identity-service",
        "Identity",
        1,
        "app",
        "Go, 4 pods",
        ("session-cache", "orders-db"),
        "sign-in, API tokens, SAML and OIDC single sign-on",
        "5.6.4",
        4,
        _app(140, 0.1, 64, 30, 890),
        (),
        "99.95 % availability; p95 below 120 ms",
    ),
    Service(
        "catalog-service",
        "Discovery",
        2,
        "app",
        "Node.js 22, 5 pods",
        ("orders-db", "session-cache"),
        "products, price lists and media renditions",
        "2.30.4",
        5,
        _app(190, 0.15, 95, 37, 920),
        (),
        "99.9 % availability; p95 below 200 ms",
    ),
    Service(
        "search-service",
        "Discovery",
        2,
        "app",
        "Java with Lucene, 3 nodes",
        ("catalog-service",),
        "full-text and faceted product search",
        "1.19.0",
        3,
        _app(110, 0.2, 140, 44, 3400),
        (),
        "99.5 % availability; p95 below 350 ms",
    ),
    Service(
        "notification-service",
        "Messaging",
        3,
        "app",
        "Python, managed functions",
        (),
        "order e-mails and SMS; providers bounce and throttle all day, so its graphs are never quiet",
        "0.48.0",
        2,
        _app(25, 0.9, 240, 19, None),
        ("MailHarbor", "Textwise"),
        "95 % of messages handed to a provider within 5 minutes",
    ),
    Service(
        "webhook-dispatcher",
        "Messaging",
        2,
        "app",
        "Go, 3 pods",
        ("orders-db",),
        "delivers signed webhooks to customer endpoints, with retries for 24 hours",
        "2.2.5",
        3,
        _app(35, 0.8, 480, 22, 760),
        (),
        "99 % of deliveries attempted within 30 seconds",
    ),
    Service(
        "reporting-service",
        "Data",
        3,
        "app",
        "Python, 2 pods",
        ("orders-db", "notification-service"),
        "merchant dashboards, scheduled exports and month-end reports",
        "1.7.2",
        2,
        _app(4, 0.3, 1900, 25, 1800),
        (),
        "scheduled exports delivered by 07:00 UTC",
    ),
    Service(
        "inventory-service",
        "Discovery",
        2,
        "app",
        "Kotlin on JVM 21, 3 pods",
        ("orders-db", "session-cache"),
        "stock levels and reservations",
        "1.33.6",
        3,
        _app(80, 0.12, 88, 27, 840),
        (),
        "99.9 % availability; no oversell",
    ),
    Service(
        "orders-db",
        "Data",
        1,
        "database",
        "PostgreSQL 16, one primary and two replicas",
        (),
        "the system of record for orders, tokens, price lists and the webhook outbox",
        "16.6",
        3,
        {"connections_in_use": 118, "query_p95_ms": 18, "cpu_percent": 38},
        (),
        "99.95 % availability; replication lag below 5 s",
    ),
    Service(
        "session-cache",
        "Identity",
        1,
        "cache",
        "Redis 7.2, primary with one replica",
        (),
        "sessions, tokens, price fragments; a cache: everything in it can be rebuilt",
        "7.2.7",
        2,
        {"cache_hit_percent": 97.2, "memory_mb": 5200},
        (),
        "hit rate above 92 %; p99 below 5 ms",
    ),
)

BY_NAME = {service.name: service for service in SERVICES}
EXTERNAL = {
    "PayBridge": "card acquirer; status at status.paybridge.example, support line in the payments runbook",
    "MailHarbor": "e-mail delivery; throttles above 40 messages a second",
    "Textwise": "SMS delivery; bounces numbers without saying why",
}


def callers_of(name: str) -> tuple[str, ...]:
    """The services that call `name`, in catalogue order."""
    return tuple(service.name for service in SERVICES if name in service.calls)

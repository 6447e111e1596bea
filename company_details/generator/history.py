"""Incidents before the observed week: what people mean when they ask whether this has been seen before."""

from dataclasses import dataclass
from datetime import datetime

from company_details.generator.scenario import at


@dataclass(frozen=True, slots=True)
class PastIncident:
    slug: str
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
    assignee: str


PAST: tuple[PastIncident, ...] = (
    PastIncident(
        "deploy-2025-09",
        "Checkout API: checkout timeout after deploy of v4.9.0",
        "P1",
        "saas-api",
        ("saas-api", "edge-gateway"),
        at("2025-09-18T09:12"),
        at("2025-09-18T09:21"),
        at("2025-09-18T10:05"),
        "v4.9.0 replaced the HTTP client for payments-service and lost its pool setting; the library default of 5 connections was too small, "
        "requests queued and ran into the 3000 ms timeout",
        "rolled back to v4.8.6 at 09:58 after 37 minutes of debate whether to fix forward",
        "9.2 % of checkouts failed at the peak, for 44 minutes",
        "Kwame Boateng",
    ),
    PastIncident(
        "pool-2025-10",
        "orders-db: connections at their limit during the nightly export",
        "P2",
        "orders-db",
        ("orders-db", "reporting-service", "checkout-worker"),
        at("2025-10-07T05:40"),
        at("2025-10-07T06:02"),
        at("2025-10-07T07:10"),
        "the nightly export opened one transaction a merchant and left it idle while it uploaded to object storage; 291 of 300 connections were taken",
        "idle transactions ended, export limited to 8 at a time, idle_in_transaction_session_timeout lowered to 60 s",
        "orders finished up to 25 minutes late",
        "Mei-Ling Chow",
    ),
    PastIncident(
        "provider-2025-10",
        "PayBridge: authorisations failing in Europe",
        "P1",
        "payments-service",
        ("payments-service", "saas-api"),
        at("2025-10-29T13:05"),
        at("2025-10-29T13:09"),
        at("2025-10-29T14:31"),
        "a network change at PayBridge cut off its European entry points; our circuit breaker opened only after 11 minutes",
        "traffic sent to the North American entry point by hand at 13:52",
        "22 % of European card payments failed for 86 minutes",
        "Leila Haddad",
    ),
    PastIncident(
        "certificate-2025-11",
        "Single sign-on refused: SAML signing certificate expired",
        "P1",
        "identity-service",
        ("identity-service",),
        at("2025-11-19T00:00"),
        at("2025-11-19T00:26"),
        at("2025-11-19T02:48"),
        "the SAML signing certificate ended at midnight UTC; the reminder went to a mailbox that nobody reads since the reorganisation",
        "new certificate rolled out at 02:31, metadata sent to 41 merchants",
        "merchants with single sign-on could not sign in for 2 h 48 min",
        "Rui Tavares",
    ),
    PastIncident(
        "surge-2025-11",
        "Black Friday: edge and Checkout API at capacity",
        "P2",
        "edge-gateway",
        ("edge-gateway", "saas-api", "search-service"),
        at("2025-11-28T08:00"),
        at("2025-11-28T08:07"),
        at("2025-11-28T10:40"),
        "traffic reached 4.1 times the usual; the autoscaler of saas-api stopped at its limit of 8 pods",
        "limit raised to 12 pods, bots limited at the edge, recommendations switched off",
        "p95 checkout latency of 1.2 s for two hours, 0.9 % of checkouts failed",
        "Priya Raghunathan",
    ),
    PastIncident(
        "throttle-2025-12",
        "notification-service: order e-mails up to three hours late",
        "P3",
        "notification-service",
        ("notification-service",),
        at("2025-12-03T10:15"),
        at("2025-12-03T11:40"),
        at("2025-12-03T15:20"),
        "a merchant's newsletter went through the transactional queue; MailHarbor throttled the whole account",
        "newsletter moved to its own queue and sender",
        "84,000 order e-mails late, up to 3 h 05 min",
        "Grace Achieng",
    ),
    PastIncident(
        "stampede-2025-12",
        "session-cache: cold cache after failover, sign-in slow",
        "P2",
        "session-cache",
        ("session-cache", "identity-service", "orders-db"),
        at("2025-12-09T16:22"),
        at("2025-12-09T16:25"),
        at("2025-12-09T16:58"),
        "the Redis primary failed over to a replica that had not finished its synchronisation; two thirds of the entries were missing and every request rebuilt its own",
        "identity-service limited to 40 rebuilds at a time by feature flag",
        "sign-in p95 above 2 s for 25 minutes",
        "Nasrin Jahan",
    ),
    PastIncident(
        "leak-2025",
        "catalog-service: memory grows after the image library update",
        "P3",
        "catalog-service",
        ("catalog-service",),
        at("2025-12-21T22:10"),
        at("2025-12-22T06:30"),
        at("2025-12-22T11:05"),
        "the image library of v2.27.0 allocated outside the heap and did not free on error; broken source images are common",
        "library pinned to the older version in v2.27.1, deployed under an exception from the freeze",
        "pods restarted every seven hours, short bursts of catalogue errors",
        "Chloé Tremblay",
    ),
    PastIncident(
        "slow-query-2026-01",
        "inventory-service: reservations slow after index was dropped",
        "P2",
        "inventory-service",
        ("inventory-service", "orders-db", "checkout-worker"),
        at("2026-01-15T10:48"),
        at("2026-01-15T10:59"),
        at("2026-01-15T11:50"),
        "a clean-up migration dropped reservations_sku_state as unused; the usage statistics had been reset two days before",
        "index rebuilt concurrently",
        "stock reservations at p95 2.1 s, 0.4 % of orders waited more than five minutes",
        "Mei-Ling Chow",
    ),
    PastIncident(
        "ratelimit-2026-01",
        "edge-gateway: large merchants refused with 429",
        "P1",
        "edge-gateway",
        ("edge-gateway",),
        at("2026-01-21T14:02"),
        at("2026-01-21T14:08"),
        at("2026-01-21T14:29"),
        "a new rate limit rule counted requests by the address of our own load balancer, so all merchants shared one budget",
        "rule withdrawn, configuration rolled back at 14:26",
        "31 % of requests of API customers refused for 24 minutes",
        "Priya Raghunathan",
    ),
    PastIncident(
        "backlog-2026-01",
        "webhook-dispatcher: outbox backlog of 400,000 events",
        "P2",
        "webhook-dispatcher",
        ("webhook-dispatcher", "orders-db"),
        at("2026-01-27T07:30"),
        at("2026-01-27T08:15"),
        at("2026-01-27T11:20"),
        "one merchant's endpoint answered after 29 s; all delivery workers waited for it because queues are not separated by merchant",
        "merchant paused, timeout lowered from 30 s to 5 s",
        "webhooks up to 2 h 40 min late for every merchant",
        "Samir Khoury",
    ),
    PastIncident(
        "invoices-2026-02",
        "billing-service: invoices drafted twice after v3.8.0",
        "P2",
        "billing-service",
        ("billing-service", "payments-service"),
        at("2026-02-03T08:20"),
        at("2026-02-03T09:05"),
        at("2026-02-03T10:30"),
        "v3.8.0 changed the idempotency key of drafts from the period to the run, so the retry of the monthly job made a second set",
        "rolled back to v3.7.4 at 09:31, 1,312 drafts deleted before they were sent",
        "no merchant was charged twice; 14 saw a draft",
        "Marc-André Gagnon",
    ),
)
BY_SLUG = {incident.slug: incident for incident in PAST}

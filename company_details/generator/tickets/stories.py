"""What people wrote while they worked on the planted incidents, and how those tickets ended."""

# What people wrote in the ticket: minutes after detection, author ("" is the owner, "primary" the person on call), text.
STORIES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "saturated-pool": (
        (
            6,
            "",
            "pool_in_use is at 40 of 40 on all four pods. orders-db shows the sessions as idle in transaction, application=checkout-worker.",
        ),
        (
            11,
            "",
            "It is the import of tern-outdoor: one transaction per batch of 500 orders, and each waits for inventory-service.",
        ),
        (19, "", "Import paused at 14:45, ended the idle transactions by hand. Pool is draining."),
        (
            41,
            "Mei-Ling Chow",
            "For the record: the timeout for idle transactions is 0 for this pool because of the import exception in postgres_config. Same shape as [[pool-2025-10]].",
        ),
    ),
    "provider-outage": (
        (
            4,
            "",
            "Every failure is a 503 or a timeout from PayBridge. Nothing deployed on our side since yesterday 15:30. Their status page is still green.",
        ),
        (
            12,
            "Daniel Okonkwo",
            "Taking commander. Status page updated 08:49. Called PayBridge support, they confirm a data centre problem.",
        ),
        (
            24,
            "",
            "Deferred capture switched on at 08:58, checkouts go through again. Captures will be made when PayBridge is back.",
        ),
        (
            44,
            "",
            "PayBridge back since 09:12, circuit closed, deferred captures running. 4,120 orders to capture, will watch.",
        ),
        (170, "", "All deferred captures done, 6 declined, merchants informed by Customer Success."),
    ),
    "memory-leak": (
        (
            10,
            "",
            "Memory of all five pods rises by about 290 MB an hour since 18:05 yesterday, which is five minutes after v2.31.0.",
        ),
        (
            50,
            "",
            "Four of five pods were killed between 04:37 and 04:39, errors until 04:46. Restarted ones climb again, we have until about 14:00.",
        ),
        (
            334,
            "Arjun Menon",
            "Rolled back to v2.30.4 at 09:24, memory flat. Looks like the rendition map. Reminds me of [[leak-2025]] but a different library.",
        ),
    ),
    "slow-query": (
        (
            8,
            "",
            "One statement dominates: sum(amount) over order_lines with settled_at in the filter. There is no index for it.",
        ),
        (
            20,
            "Patrícia Sousa",
            "That query is new in reporting-service v1.8.0 (deployed 11:00). I did not see it in staging, the table has 40,000 rows there.",
        ),
        (43, "", "dashboards_v2 switched off at 11:58. Building the index concurrently."),
        (56, "", "Index built, p95 back to 18 ms. Flag stays off until Monday."),
    ),
    "bad-deploy": (
        (
            1,
            "primary",
            "Acknowledged. Error rate of saas-api 5 %, p95 above one second. v4.18.0 was started at 10:02.",
        ),
        (
            4,
            "Yuki Tanabe",
            "Watching the deploy as agreed in the change ticket. All failures I sampled are: checkout timeout after 3000 ms calling payments-service. payments-service itself is healthy, 11 calls in flight.",
        ),
        (
            8,
            "Hannah Lindqvist",
            "Commander here. Error rate is above 2.0 % since 10:05, so policy_v2 4.1 applies. No exception recorded: roll back.",
        ),
        (
            14,
            "primary",
            "The canary job did not fire: v4.18.0 was rolled out with --no-canary. Rollback to v4.17.3 started by hand at 10:20.",
        ),
        (18, "primary", "Error rate 0.3 % since 10:24, p95 back at 220 ms. Monitoring until Monday, review is due."),
    ),
    "cache-stampede": (
        (
            5,
            "",
            "cache_hit_percent fell from 97 to 45 within a minute, 1.9 million keys gone at 19:00. All have the same expiry, written by the key rotation on the 8th.",
        ),
        (
            9,
            "",
            "Request coalescing for token lookups on. Same cure as in [[stampede-2025-12]], the limit of 40 was never made permanent.",
        ),
        (18, "", "Hit rate above 90 % again. Jitter for the expiry is in review, ticket to follow."),
    ),
    "expired-certificate": (
        (
            44,
            "primary",
            "Taking it, I was only paged now. Error is tls: expired certificate, CN=webhooks.larkfield.example. I cannot issue certificates, paging Messaging.",
        ),
        (
            402,
            "Samir Khoury",
            "On it. The renewal job has been off since the secret store move. New certificate requested.",
        ),
        (
            450,
            "Samir Khoury",
            "New certificate loaded at 07:36. Deliveries work, retry queue drains, about two hours to go.",
        ),
        (
            640,
            "Beatriz Nogueira",
            "Queue empty at 10:10. Keeping this open for the review; why was it unowned for 45 minutes?",
        ),
    ),
    "short-regression": (
        (
            9,
            "",
            "Settled by itself at 13:06. Three minutes above 2.0 %, so under the five of the rollback rule. Cold connections, nothing lost.",
        ),
    ),
    "traffic-surge": (
        (
            5,
            "",
            "Three times the usual traffic, all of it for maple-vine. Looks like people, not bots. saas-api at 12 pods, which is the limit of the autoscaler.",
        ),
        (18, "", "Scaled saas-api to 20 pods by hand at 16:24, p95 coming down."),
        (25, "Kwame Boateng", "Rate limit per address lowered to 25/s at 16:31, that took the scrapers out."),
        (
            66,
            "Joana Pires",
            "Merchant confirms: flash sale on television. They were not aware that they should tell us.",
        ),
    ),
}
CLOSED = {
    "saturated-pool": ("Resolved", "Fixed"),
    "provider-outage": ("Closed", "External"),
    "memory-leak": ("Resolved", "Rolled back"),
    "slow-query": ("Resolved", "Fixed"),
    "short-regression": ("Closed", "No action needed"),
    "cache-stampede": ("Resolved", "Fixed"),
}

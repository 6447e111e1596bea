"""Everyday tickets of project OPS."""

from company_details.generator.tickets.topic import Topic

_JVM = ("saas-api", "checkout-worker", "inventory-service")
_APPS = (*_JVM, "payments-service", "identity-service", "catalog-service", "search-service", "webhook-dispatcher")

OPS_TOPICS: tuple[Topic, ...] = (
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3", "P3"),
        _APPS,
        (
            "{service}: p95 latency at {ms} ms for {some} minutes",
            "{service} answers slowly since {hours}:00 UTC",
            "Latency alert on {service}, {other} waits for it",
        ),
        (
            "The p95 of {service} left its band at {hours}:{some} UTC and stayed at about {ms} ms. Error rate is normal.\n\nFirst looked at: deployments (none in the last four hours), cpu (not the cause), {other} (normal).",
            "Alert 'latency_p95_ms high' on {service}. Instance {host} is slower than the rest by a factor of {few}.\n\n    p95 {host}: {ms} ms\n    p95 others: 180 ms",
            "Support noticed that pages of {merchant} load slowly. The graph of {service} shows a step to {ms} ms; {other} shows nothing.",
        ),
        (
            "Took {host} out of rotation, p95 of the others is normal. Looks like a noisy neighbour on that machine.",
            "It is the report job of {merchant}: {many} requests in one minute, one after the other.",
            "Nothing in the logs beyond slow downstream calls to {other}. Watching.",
            "Same picture as last month, then it was a full collection every {few} minutes.",
        ),
        (
            "Replaced {host}, back to normal.",
            "Went away when the job of {merchant} ended. Asked them to spread it out.",
            "Heap raised by {few}00 MB, no long pauses since.",
        ),
        ("latency",),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3", "P3", "P4"),
        _APPS,
        (
            "{service}: error rate {pct} % on one instance",
            "5xx from {service} on {host}",
            "{service} returns errors for {merchant} only",
        ),
        (
            "{host} answers {pct} % of its requests with 500 since a restart at {hours}:{some} UTC. The others are fine.",
            "Errors of {service} are all for {merchant}; their price list has {many} entries with an empty currency.",
            "Alert 'error_rate_percent high' for {service}. In the logs: connection reset by {other}, about {some} a minute.",
        ),
        (
            "{host} started with an old configuration, the config map was updated while it was booting.",
            "Confirmed, only this merchant. Not a P2, lowering.",
            "{other} was restarted at the same minute by its own team. They know.",
        ),
        ("Restarted {host}.", "Data of {merchant} repaired, a validation follows.", "Gone since {other} is back."),
        ("errors",),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("orders-db",),
        (
            "orders-db: replica lags {some} seconds behind",
            "orders-db: {many} dead rows in order_events, vacuum cannot keep up",
            "orders-db: connections at {pct} % of the limit before the export",
        ),
        (
            "Noticed at {hours}:{some} UTC on {day}. Reads of catalog-service go to the replica and may be old.\n\n- long transaction from reporting-service, {some} minutes\n- write rate {few} times the usual",
            "Alert from the low channel. No service complains so far. Growth since {day}.",
            "Seen on the dashboard during the hand-over. {other} is the largest user, {many} statements a minute.",
        ),
        (
            "The backup ran together with the export of {merchant}. Moved the export by two hours.",
            "Ended the long transaction after asking {person}.",
            "The statistics say it has been building up since {day}.",
        ),
        (
            "Caught up at {hours}:{some}.",
            "Settings changed, graph is flat again.",
            "Export runs with {few} workers now.",
        ),
        ("database",),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("session-cache",),
        (
            "session-cache: memory at {pct} % of its limit",
            "session-cache: {many} evictions an hour",
            "session-cache: replica broke off its synchronisation",
        ),
        (
            "Growth since {day}, about {few} % a day. Hit rate is still fine.",
            "Noticed at {hours}:{some} UTC. {other} sees its cache entries go before their time.\n\n    redis-cli info memory | grep used_memory_human",
        ),
        (
            "Keys without an expiry: {many} of them, prefix cart-preview.",
            "{person} remembers the same from before the upgrade.",
        ),
        ("Keys removed, expiry is set by the caller now.", "Limit raised by {few} GB.", "Replica is in step again."),
        ("cache",),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P3", "P4"),
        ("notification-service", "webhook-dispatcher"),
        (
            "{service}: provider throttles, {many} messages waiting",
            "{service}: alert noise, {some} alerts in one night",
            "{service}: {merchant} gets no messages",
        ),
        (
            "Queue at {many} and falling. MailHarbor answered 429 from {hours}:00 UTC. This is within what we tolerate.",
            "The endpoint of {merchant} answers 503 since {day}. We retry, their queue grows.\n\nNo action on our side unless they ask.",
        ),
        (
            "Normal for this service. Please do not page for it.",
            "Told the merchant's technical contact. They had moved the endpoint.",
            "Queue empty again after {some} minutes.",
        ),
        ("No action needed.", "Merchant has mended the endpoint.", "Alert rule changed: longer window."),
        ("noisy-alert",),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("payments-service", "billing-service"),
        (
            "{service}: refunds of {merchant} stuck for {some} minutes",
            "{service}: share of declined cards at {pct} %",
            "PayBridge answers slowly, {service} p95 at {ms} ms",
        ),
        (
            "Since {hours}:{some} UTC. PayBridge's status page says nothing. Authorisations are fine, refunds are not.",
            "The share of soft declines doubled on {day}. All of one issuing bank in North America.",
            "p95 of calls to PayBridge is {ms} ms, ours follows. No errors yet, circuit is closed.",
        ),
        (
            "Case opened with PayBridge, number 77{many}.",
            "It is the bank. Nothing we can do, told Customer Success.",
            "Better since {hours}:40 without any change on our side.",
        ),
        ("PayBridge reports it as solved.", "Bank is back.", "Refunds released by hand, {some} of them."),
        ("paybridge",),
    ),
    Topic(
        "OPS",
        "Change",
        (),
        ("edge-gateway", "orders-db", "session-cache", "saas-api"),
        (
            "{service}: new base image",
            "{service}: rotate the credentials of {other}",
            "{service}: change of limits before the campaign of {merchant}",
        ),
        (
            "Window: {day}, {hours}:00 to {hours}:45 UTC.\n\n- tested in staging on {day}\n- one instance first, then the rest\n- back-out: previous version, {few} minutes",
            "Why: asked for by the audit. Risk: low. Who watches: {person}.\n\nBack-out is the old credential, which stays valid for seven days.",
        ),
        ("Approved.", "Moved by a day, {person} is away.", "First instance done, graphs unchanged."),
        ("Done without surprises.", "Done, took {some} minutes longer than planned.", "Backed out, see the comment."),
        ("change",),
    ),
    Topic(
        "OPS",
        "Task",
        (),
        _APPS,
        (
            "Alert of {service} fires at every deployment",
            "Runbook for {service}: the commands are out of date",
            "Dashboard of {service} lacks {other}",
            "Access for {person} to the logs of {service}",
            "Game day: what happens to {service} without {other}",
        ),
        (
            "Noticed during on-call in the week of {day}. Not urgent, but it costs ten minutes each time.",
            "Came up in the weekly operations review. {person} offered to help.",
            "We say in the policy that runbooks are checked each quarter; this one still speaks of the old cluster.",
        ),
        ("Half done, rest next week.", "Is this still wanted?", "Pull request is open."),
        ("Merged.", "Done.", "Not needed any more since {version}."),
        ("on-call",),
    ),
    Topic(
        "OPS",
        "Problem",
        (),
        ("saas-api", "checkout-worker", "orders-db", "webhook-dispatcher", "catalog-service"),
        (
            "Why does {service} depend on {other} at start-up?",
            "{service}: three latency alerts in {some} days, common cause?",
            "Pool settings of {service} differ from postgres_config",
        ),
        (
            "Three tickets with the same pattern. Before the fourth, find out what they share.\n\n- time of day: about {hours}:00 UTC\n- always {host} first\n- nothing deployed",
            "Review action. The configuration in the repository says {some}, the running service says {few}.",
        ),
        ("First guess, the connection check, is wrong.", "{person} has a reproduction in staging."),
        ("Cause understood, fix is in {version}.", "Settings are read from one place now."),
        ("problem", "review-action"),
    ),
)

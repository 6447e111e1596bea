"""Everyday tickets of project OPS."""

from company_details.generator.tickets.topic import Case, Topic

_APPS = (
    *("saas-api", "checkout-worker", "inventory-service", "payments-service"),
    *("identity-service", "catalog-service", "search-service", "webhook-dispatcher"),
)

OPS_TOPICS: tuple[Topic, ...] = (
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3", "P3"),
        _APPS,
        ("incident", "latency"),
        (
            Case(
                "{service}: p95 latency at {ms} ms for {some} minutes",
                "The p95 of {service} left its band at {clock} UTC and stays at about {ms} ms. Error rate is normal.\n\nFirst looked at: deployments (none in the last four hours), cpu (not the cause), {other} (normal).",
                "Full collections every {few} minutes were the cause; heap raised by {few}00 MB, no long pauses since.",
            ),
            Case(
                "{host} is slower than the other instances of {service}",
                "Since {clock} UTC one instance stands out by a factor of {few}.\n\n    p95 {host}: {ms} ms\n    p95 others: normal",
                "Took {host} out and replaced it. A noisy neighbour on that machine.",
            ),
            Case(
                "{service} answers slowly for {merchant}",
                "Support noticed that pages of {merchant} load slowly since {clock} UTC. {service} shows {ms} ms for this merchant, the others are fine.",
                "A report job of {merchant} asked {many} times in one minute. Asked them to spread it out.",
            ),
            Case(
                "{service} waits for {other}",
                "Latency alert at {clock} UTC. The log is full of slow downstream calls to {other}, between {some} and {ms} ms. {other} itself is inside its band, but at the upper end.",
                "{other} was rebalancing. Normal again without action, threshold of the client raised.",
            ),
            Case(
                "{service}: slow after the restart of one zone",
                "Two of the instances were moved to another machine at {clock} UTC and started with cold caches. p95 {ms} ms, falling.",
                "Warm after {some} minutes.",
            ),
        ),
        (
            "Nothing in the logs beyond the slow calls. Watching.",
            "I compared with the same hour of last week: traffic is the same.",
            "Not the database, query p95 is at 18 ms.",
            "Better since I drained one instance, but that is not an explanation.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3", "P3", "P4"),
        _APPS,
        ("incident", "errors"),
        (
            Case(
                "5xx from {service} on {host}",
                "{host} answers {pct} % of its requests with 500 since a restart at {clock} UTC. The others are fine.",
                "It had started with an old configuration: the config map was updated while it was booting. Restarted.",
            ),
            Case(
                "{service} returns errors for {merchant} only",
                "All errors of {service} since {clock} UTC are for {merchant}. Their price list has {many} entries with an empty currency.",
                "Data of {merchant} repaired, a validation follows.",
            ),
            Case(
                "{service}: connection resets from {other}",
                "Alert 'error_rate_percent high' for {service} at {clock} UTC. In the logs: connection reset by {other}, about {some} a minute.",
                "{other} was restarted by its own team at the same minute. They will drain first next time.",
            ),
            Case(
                "{service}: errors after the change of a feature flag",
                "Error rate {few} % since {clock} UTC. No deployment, but the flag for {merchant} was switched on at about that time.",
                "Flag off, errors gone. The code expected a field that old baskets do not have.",
            ),
            Case(
                "{service}: {some} errors a minute, all of one client version",
                "Every failing request since {clock} UTC carries the client version {version}. The body is not valid JSON.",
                "An agency of {merchant} had shipped a broken plug-in. They rolled it back.",
            ),
        ),
        (
            "Confirmed, and it is not spreading.",
            "Error rate is below the rollback rule, and nothing was deployed.",
            "Lowering the severity, one merchant and there is a workaround.",
            "{person} has seen this before and is looking.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("orders-db",),
        ("incident", "database"),
        (
            Case(
                "orders-db: replica lags {some} seconds behind",
                "Noticed at {clock} UTC. Reads of catalog-service go to this replica and may be old.\n\n- long transaction from reporting-service, {some} minutes\n- write rate {few} times the usual",
                "Ended the long transaction after asking {person}; caught up in {few} minutes.",
            ),
            Case(
                "orders-db: {many} thousand dead rows in order_events",
                "Vacuum cannot keep up since {day}. No service complains so far, but the table has grown by {some} %.",
                "Vacuum settings of this table changed, graph is flat again.",
            ),
            Case(
                "orders-db: connections at {pct} % of the limit before the export",
                "Seen during the hand-over at {clock} UTC. {other} is the largest user with {some} connections, most of them idle.",
                "Idle connections are closed after a minute now. Pool sizes stay as they are.",
            ),
            Case(
                "orders-db: lock waits of up to {some} seconds on order_lines",
                "A schema change of {other} waits for a lock, and everything else waits behind it, since {clock} UTC.",
                "Schema change cancelled; it will be done with a lock timeout of 2 s and retries.",
            ),
            Case(
                "orders-db: last night's incremental backup took {few} hours",
                "Usually 40 minutes. It ran together with the export of {merchant} and finished at {clock} UTC. Restore is not affected.",
                "Export of {merchant} moved by two hours.",
            ),
        ),
        (
            "The statistics say it has been building up since {day}.",
            "Failing over would not help and is not planned.",
            "Query p95 of the primary is normal meanwhile.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("session-cache",),
        ("incident", "cache"),
        (
            Case(
                "session-cache: memory at {pct} % of its limit",
                "Growth since {day}, about {few} % a day. Hit rate is still fine. Keys with the prefix cart-preview have no expiry.",
                "{many} thousand keys removed, the caller sets an expiry now.",
            ),
            Case(
                "session-cache: {many} evictions an hour",
                "Since {clock} UTC entries of {other} go before their time. Hit rate {pct} %.",
                "Limit raised by {few} GB until the large price fragments are compressed.",
            ),
            Case(
                "session-cache: replica broke off its synchronisation",
                "At {clock} UTC the output buffer of the replica was full. It begins anew every {few} minutes.",
                "Buffer limit raised, replica is in step. A failover in that time would have lost half of the entries.",
            ),
            Case(
                "session-cache: one key with {some} MB",
                "Commands take up to {some} ms since {clock} UTC. One key holds the whole price list of {merchant}.",
                "Key split by catalogue page.",
            ),
        ),
        (
            "{person} remembers the same from before the upgrade.",
            "Sign-in is not affected.",
            "Nobody should flush anything, please.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P3", "P4"),
        ("notification-service",),
        ("incident", "noisy-alert"),
        (
            Case(
                "notification-service: MailHarbor throttles, {many} messages waiting",
                "MailHarbor answers 429 since {clock} UTC. The queue grows to {many} and is falling again. This is within what we tolerate.",
                "Queue empty. No action needed; please do not page for it.",
            ),
            Case(
                "notification-service: {some} alerts in one night",
                "All of them spikes of two or three minutes. The error rate of this service is never quiet.",
                "Alert rule changed: 15 minutes instead of 5.",
            ),
            Case(
                "notification-service: SMS to one country not delivered",
                "Textwise accepts the messages and reports them as undeliverable {some} minutes later, since {clock} UTC.",
                "Textwise had lost a route. Messages of the last hours sent again.",
            ),
            Case(
                "Order mails of {merchant} land in spam",
                "{merchant} changed its sender domain on {day} and has not set the records that we asked for.",
                "Records are set, delivery is normal.",
            ),
        ),
        (
            "Normal for this service.",
            "Oldest message is {few} minutes old, that is fine.",
            "Told Support what to answer.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P3", "P3", "P4"),
        ("webhook-dispatcher",),
        ("incident", "webhooks"),
        (
            Case(
                "webhook-dispatcher: {merchant} gets no webhooks",
                "The endpoint of {merchant} answers 503 since {clock} UTC. We retry, their queue holds {many} events.",
                "They had moved the endpoint. Queue delivered in {some} minutes.",
            ),
            Case(
                "webhook-dispatcher: endpoint of {merchant} takes {few} s",
                "One slow endpoint, {some} of our workers wait for it at {clock} UTC. Others are not late yet.",
                "Merchant paused for two hours, then normal. Their contact was told.",
            ),
            Case(
                "webhook-dispatcher: signature of {merchant} refused",
                "All {many} deliveries since {clock} UTC end with 401. They rotated the secret on their side alone.",
                "Secret rotated on both sides, events replayed.",
            ),
            Case(
                "webhook-dispatcher: outbox {some} minutes behind",
                "Batch size fell to 1 after a restart of {host} at {clock} UTC. No error anywhere.",
                "Restarted once more; the batch size is logged at start-up now.",
            ),
        ),
        (
            "Support has told the merchant.",
            "Nothing is lost, events wait for 24 hours.",
            "Certificate is fine, I checked.",
        ),
    ),
    Topic(
        "OPS",
        "Incident",
        ("P2", "P3"),
        ("payments-service", "billing-service"),
        ("incident", "paybridge"),
        (
            Case(
                "Refunds of {merchant} stuck for {some} minutes",
                "Since {clock} UTC. PayBridge's status page says nothing. Authorisations are fine, refunds are not.",
                "PayBridge released them, {some} refunds in one go.",
            ),
            Case(
                "Share of declined cards at {pct} %",
                "Soft declines doubled at {clock} UTC. All of one issuing bank in North America.",
                "The bank had a fault and has repaired it.",
            ),
            Case(
                "PayBridge answers slowly, p95 at {ms} ms",
                "p95 of calls to PayBridge left its band at {clock} UTC, ours follows. No errors yet, circuit is closed.",
                "Better after {some} minutes without any change on our side.",
            ),
            Case(
                "Settlement file of PayBridge is missing",
                "Expected by 05:00 UTC, not there at {clock}. Finance needs it by noon. Shoppers do not notice.",
                "File arrived {few} hours late. PayBridge apologised.",
            ),
            Case(
                "3-D Secure page of PayBridge blank in one browser",
                "{some} complaints since {clock} UTC, all with the same browser version. A script of the provider does not load.",
                "PayBridge withdrew the script.",
            ),
        ),
        (
            "Case opened with PayBridge, number 77{many}.",
            "Told Customer Success.",
            "Deferred capture is not needed for this.",
        ),
    ),
    Topic(
        "OPS",
        "Change",
        (),
        ("edge-gateway", "orders-db", "session-cache", "saas-api"),
        ("change",),
        (
            Case(
                "{service}: new base image",
                "Window: {day}, one hour. Tested in staging for a week.\n\n- one instance first, then the rest\n- back-out: previous image, {few} minutes",
                "Done without surprises.",
            ),
            Case(
                "{service}: rotate the credentials used for {other}",
                "Asked for by the audit. Risk: low. Who watches: {person}.\n\nBack-out is the old credential, which stays valid for seven days.",
                "Done. Old credential withdrawn after a week.",
            ),
            Case(
                "{service}: higher limits for the campaign of {merchant}",
                "{merchant} expects {few} times its usual traffic for two days. Limits go back by hand afterwards; the reminder is in the calendar of {person}.",
                "Limits raised, campaign over, limits set back.",
            ),
            Case(
                "{service}: move one instance to the other zone",
                "Two of the instances share a rack since {day}. No effect on clients expected.",
                "Done, took {some} minutes longer than planned.",
            ),
        ),
        ("Approved.", "Moved by a day, {person} is away.", "First instance done, graphs unchanged."),
    ),
    Topic(
        "OPS",
        "Task",
        (),
        _APPS,
        ("on-call",),
        (
            Case(
                "Alert of {service} fires at every deployment",
                "Noticed during on-call. It costs ten minutes each time, and we learn to ignore it.",
                "Alert waits for two minutes after a deployment now.",
            ),
            Case(
                "Runbook for {service}: commands are out of date",
                "Runbooks are checked each quarter; this one still speaks of the old cluster in {some} places.",
                "Commands tried one by one and corrected.",
            ),
            Case(
                "Dashboard of {service} lacks {other}",
                "In the last two incidents we needed both side by side. {person} offered to help.",
                "Panel added, linked from the alert.",
            ),
            Case(
                "Access for {person} to the logs of {service}",
                "Needed for on-call from {day} on. Approved by the team lead.",
                "Access given, tested.",
            ),
            Case(
                "Game day: what happens to {service} without {other}?",
                "Two hours in staging, with Support watching. Last time was a year ago.",
                "Held. Three findings, tickets follow; nothing alarming.",
            ),
            Case(
                "Hand-over note of the week of {day} is missing",
                "Policy section 8 asks for it. Last note is from {person}.",
                "Note written afterwards. A reminder is posted on Friday now.",
            ),
        ),
        ("Half done, rest next week.", "Is this still wanted?", "Pull request is open."),
    ),
    Topic(
        "OPS",
        "Problem",
        (),
        ("saas-api", "checkout-worker", "orders-db", "webhook-dispatcher", "catalog-service"),
        ("problem", "review-action"),
        (
            Case(
                "Why does {service} fail to start when {other} is away?",
                "It should start degraded. The connection check at start-up is fatal. Seen on {day} when one zone was restarted.",
                "Check is a warning since {version}.",
            ),
            Case(
                "{service}: three latency alerts in {some} days, common cause?",
                "Before the fourth, find out what they share.\n\n- always about the same time of day\n- {host} first\n- nothing deployed",
                "A nightly job of {merchant} and the backup overlap. Job moved.",
            ),
            Case(
                "{service}: settings in the repository and in production differ",
                "Review action. The repository says {some}, the running service says {few}. Nobody knows since when.",
                "Settings are read from one place now, and logged at start-up.",
            ),
            Case(
                "{service}: time-outs along the chain do not add up",
                "{service} gives up before {other} does, so work goes on that nobody waits for. Measured on {day}: {many} such calls.",
                "Table of all time-outs is on the team page, two of them corrected.",
            ),
        ),
        (
            "My first guess, the connection check, is wrong.",
            "{person} has a reproduction in staging.",
            "Parked until after the campaigns.",
        ),
    ),
)

"""What everyday tickets are about: topics with several ways to say them, filled with facts when a ticket is made.

Slots: {service} {other} {merchant} {version} {ms} {pct} {few} {some} {many} {hours} {day} {host} {person}
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject; every ticket on it takes one text of each list, and fills the slots anew."""

    project: str
    kind: str
    severities: tuple[str, ...]
    services: tuple[str, ...]
    summaries: tuple[str, ...]
    bodies: tuple[str, ...]
    notes: tuple[str, ...]
    endings: tuple[str, ...]
    labels: tuple[str, ...] = ()


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
        ("orders-db", "session-cache"),
        (
            "orders-db: replica lags {some} seconds behind",
            "orders-db: {many} dead rows in order_events, vacuum cannot keep up",
            "session-cache: memory at {pct} % of its limit",
        ),
        (
            "Noticed at {hours}:{some} UTC on {day}. Reads of catalog-service go to the replica and may be old.\n\n- long transaction from reporting-service, {some} minutes\n- write rate {few} times the usual",
            "Alert from the low channel. No service complains so far. Growth since {day}.",
        ),
        (
            "The backup ran together with the export of {merchant}. Moved the export by two hours.",
            "Ended the long transaction after asking {person}.",
            "Keys without an expiry again: {many} of them, prefix cart-preview.",
        ),
        ("Caught up at {hours}:{some}.", "Settings changed, graph is flat again.", "Keys removed, expiry is set by the caller now."),
        ("database",),
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
            "{service}: upgrade to {version}",
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

DEV_TOPICS: tuple[Topic, ...] = (
    Topic(
        "PLAT",
        "Bug",
        (),
        ("edge-gateway", "saas-api", "checkout-worker"),
        (
            "{service}: retries ignore the idempotency key",
            "{service}: wrong status code when {other} is away",
            "{service}: quote is off by one cent for {merchant}",
            "{service}: health check is green while the pool is empty",
            "{service}: request id is lost between {other} and the log",
        ),
        (
            "Steps:\n\n- send the same request twice within {few} seconds\n- look at the second answer\n\nExpected the first answer again, got a new one. Seen with {merchant}, {version}.",
            "Found while working on something else. The code path is used about {many} times a day, so it is worth mending.",
            "Reported by {merchant} through Support. They see it {some} times a day, and work around it.",
        ),
        ("Reproduced with {version}.", "It is older than it looks, {version} had it as well.", "Needs a change in {other} first."),
        ("Fixed in {version}.", "Fixed together with the refactoring of the client.", "Cannot be reproduced any more."),
        ("bug",),
    ),
    Topic(
        "PLAT",
        "Story",
        (),
        ("edge-gateway", "saas-api", "checkout-worker"),
        (
            "Canary analysis: compare p95 with the instances that were not changed",
            "{service}: budget for the whole request, handed down to {other}",
            "Autoscaler limit of {service} as a reviewed setting",
            "{service}: shed load by merchant, not by request",
            "Deploy workflow: refuse --no-canary without a reason",
            "Separate thread pool in {service} for calls to {other}",
        ),
        (
            "As on-call I want this so that a slow {other} does not take {service} with it.\n\n- default stays as it is\n- flag for {merchant} first\n- graph on the service dashboard",
            "Comes out of the review of {day}. Estimated at {few} days.",
            "We talked about this in the planning for the quarter. Needs a decision on who owns the settings.",
        ),
        ("Split: the graph first, the behaviour after.", "Design note is linked on the team page.", "Waiting for {person}."),
        ("Live for all merchants since {day}.", "Done behind a flag.", "Dropped, the new client does it already."),
        ("reliability",),
    ),
    Topic(
        "PAY",
        "Bug",
        (),
        ("payments-service", "billing-service"),
        (
            "{service}: partial refund rounds in the wrong direction",
            "{service}: 3-D Secure result arrives after the order was given up",
            "{service}: webhook of PayBridge handled twice",
            "{service}: VAT of {merchant} shown without its country",
            "{service}: currency with three decimals is refused",
        ),
        (
            "Finance found {some} cases in the statement of {day}. Amounts are small, but the auditors ask.",
            "PayBridge sends the event again when we need longer than 10 s. We then do the work twice; the second one fails with a duplicate key, which is logged as an error.",
            "{merchant} asks since {day}. Example payment is in the support case.",
        ),
        ("Amounts corrected by hand for {merchant}.", "Test with the provider's sandbox added.", "Waiting for an answer of PayBridge."),
        ("Fixed in {version}.", "Fixed, statement of the month is right again.", "Provider changed its side."),
        ("payments",),
    ),
    Topic(
        "PAY",
        "Story",
        (),
        ("payments-service", "billing-service"),
        (
            "Second acquirer: what would it take",
            "{service}: deferred capture as a switch for on-call",
            "{service}: invoices in the language of {merchant}",
            "Circuit breaker of {service}: open after 60 s instead of 11 minutes",
            "{service}: monthly usage as a download",
        ),
        (
            "After the outage of {day} we want to be able to go on without PayBridge for an hour.\n\n- orders are taken\n- capture follows\n- risk limit of {many} EUR an order",
            "Wish of Customer Success; {some} merchants have asked.",
        ),
        ("Legal says yes, with a limit.", "First version is in staging.", "Moved to the next quarter."),
        ("Done.", "Live since {version}.", "Done, documented in the runbook."),
        ("payments",),
    ),
    Topic(
        "DISC",
        "Bug",
        (),
        ("catalog-service", "search-service", "inventory-service"),
        (
            "{service}: facet counts do not add up for {merchant}",
            "{service}: umlauts and accents are not found",
            "{service}: stock goes below zero for a moment",
            "{service}: rendition of very large images fails",
            "{service}: synonyms of {merchant} are lost after a reindex",
        ),
        (
            "Query of {merchant} with {few} filters gives {many} hits, the facet says {some}. The list is right, the count is not.",
            "Happens when two reservations for the last piece arrive within {few} ms. Nobody was sold what is not there, the second one is refused later.",
            "Since {version}. Before, such images were scaled in steps.",
        ),
        ("Cache of the facets is older than the index.", "Test case added.", "Workaround: reindex by hand, {some} minutes."),
        ("Fixed in {version}.", "Solved by the new analyser.", "Limit raised, clear message beyond it."),
        ("search",),
    ),
    Topic(
        "DISC",
        "Task",
        (),
        ("catalog-service", "search-service", "inventory-service"),
        (
            "{service}: move to the new build images",
            "{service}: measure what a cold start costs",
            "{service}: drop the index nobody uses, after two weeks of watching",
            "{service}: memory limit and alert at 75 %",
            "Reindex {merchant} after the change of their numbers",
        ),
        (
            "Routine. Should not take longer than {few} days.",
            "Action from the review of {day}; due at the end of the month.",
            "Needs a quiet hour, best at {hours}:00 UTC.",
        ),
        ("Started.", "Half of the pods are done.", "Needs the permission of the Data team."),
        ("Done.", "Done, {some} % less memory.", "Done at night, nobody noticed."),
        ("maintenance",),
    ),
    Topic(
        "IDN",
        "Bug",
        (),
        ("identity-service", "session-cache"),
        (
            "Single sign-on of {merchant}: loop after the password change",
            "{service}: tokens live {few} minutes longer than they should",
            "{service}: error message names the wrong realm",
            "Sign-out does not end the session on the second device",
        ),
        (
            "{merchant} uses two identity providers. The second redirect loses its state parameter after {few} s.",
            "Noticed in the access review. Not exploitable as far as we see; Security has been told.",
            "Support has {some} cases since {day}.",
        ),
        ("Security agrees: no exposure.", "Only with the old cookie name.", "{person} takes the review."),
        ("Fixed in {version}.", "Old cookie name removed.", "Fixed, merchant confirms."),
        ("sign-in",),
    ),
    Topic(
        "IDN",
        "Story",
        (),
        ("identity-service", "session-cache"),
        (
            "Jitter for the expiry of cached tokens",
            "Certificate calendar: entries for {service}",
            "Limit on concurrent rebuilds of one key, as a default",
            "Passkeys for merchant staff",
            "{service}: second replica in the other zone",
        ),
        (
            "Entries that are written together must not end together. Add up to {some} % to each lifetime.",
            "Asked for by governance note 2025-11-20.",
            "After the failover of {day} we want this to be the default, not a flag.",
        ),
        ("In review.", "Flag exists, default is off.", "Planned with Platform for {day}."),
        ("Done.", "Default since {version}.", "Calendar is complete."),
        ("reliability",),
    ),
    Topic(
        "MSG",
        "Bug",
        (),
        ("notification-service", "webhook-dispatcher"),
        (
            "{service}: order e-mail of {merchant} in the wrong language",
            "{service}: retry after {some} s instead of {few} minutes",
            "{service}: signature header missing on replayed events",
            "{service}: one slow endpoint holds up the others",
        ),
        (
            "{merchant} noticed it in their own logs. {many} events are affected since {day}.",
            "The back-off table is read once at start-up, so a change has no effect until the next deployment.",
            "Each worker takes the oldest event whatever its merchant, so {few} slow endpoints are enough to stop all.",
        ),
        ("Customers can verify the old signature as well.", "Queue per merchant is the real answer.", "Seen again with {merchant}."),
        ("Fixed in {version}.", "Table is read every minute now.", "Closed, part of the queue work."),
        ("messaging",),
    ),
    Topic(
        "MSG",
        "Task",
        (),
        ("notification-service", "webhook-dispatcher"),
        (
            "{service}: alert on the age of the oldest message, not on the error rate",
            "Provider contract: second SMS provider",
            "{service}: renew the client certificate by job",
            "{service}: list of endpoints that want mutual TLS",
        ),
        (
            "The error rate of {service} is noisy by nature. The age of the oldest message says whether we have a problem.",
            "Needed for the certificate calendar. Owner: {person}.",
            "{some} merchants have it, the list is in somebody's head.",
        ),
        ("List has {some} entries so far.", "Blocked by the secret store move.", "Rule is in the low channel for a week."),
        ("Done.", "Done, alert replaced.", "Signed."),
        ("messaging",),
    ),
    Topic(
        "DATA",
        "Bug",
        (),
        ("orders-db", "reporting-service"),
        (
            "Dashboard of {merchant} shows yesterday as empty",
            "Export of {merchant} has {many} rows too many",
            "reporting-service: month-end report counts cancelled orders",
            "orders-db: partition of next month is missing in staging",
        ),
        (
            "The time zone of {merchant} is not the one of the report. Off by {few} hours.",
            "Join over order_lines doubles rows with two settlements. Seen since {version}.",
            "Found by the nightly check at {hours}:{some} UTC.",
        ),
        ("SQL is in the pull request.", "Only merchants outside Europe.", "Check added, so that it cannot come back."),
        ("Fixed in {version}.", "Report made again and sent.", "Partition job runs a month ahead now."),
        ("reports",),
    ),
    Topic(
        "DATA",
        "Task",
        (),
        ("orders-db", "reporting-service"),
        (
            "Restore test of {day}",
            "orders-db: explain plans of the ten slowest statements",
            "orders-db: pool sizes, yearly look",
            "reporting-service: read from the replica alone",
            "Statistics of index use: keep them across restarts",
        ),
        (
            "Restore of the backup to a fresh machine; target is 60 minutes. Last time {some} minutes.",
            "Follow-up of the review of {day}. The list is in the attached sheet, {some} statements.",
            "Sum of all pools must stay below max_connections minus 20. Today: 275 of 300.",
        ),
        ("Restore took {some} minutes, checks are green.", "Three of ten were missing an index.", "Waits for a quiet week."),
        ("Done.", "Done, written down in the runbook.", "Done, nothing to change."),
        ("database",),
    ),
)

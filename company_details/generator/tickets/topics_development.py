"""Everyday tickets of the development projects."""

from company_details.generator.tickets.topic import Case, Topic

_CHECKOUT = ("edge-gateway", "saas-api", "checkout-worker")
_PAYMENTS = ("payments-service", "billing-service")

DEV_TOPICS: tuple[Topic, ...] = (
    Topic(
        "PLAT",
        "Bug",
        (),
        _CHECKOUT,
        ("bug",),
        (
            Case(
                "{service}: retries ignore the idempotency key",
                "Steps:\n\n- send the same request twice within {few} seconds\n- look at the second answer\n\nExpected the first answer again, got a new one. Seen with {merchant}, {version}.",
                "Fixed in {version}; the key is compared before the body is read.",
            ),
            Case(
                "{service}: wrong status code when {other} is away",
                "We answer 500, the documentation promises 503 with Retry-After. {merchant} retries at once and makes it worse.",
                "503 with Retry-After since {version}.",
            ),
            Case(
                "{service}: request id is lost on the way to {other}",
                "The trace ends at {service}. It cost us {some} minutes in the incident of {day}.",
                "Header is handed on, test added.",
            ),
            Case(
                "{service}: health check is green while the pool is empty",
                "The check opens a connection of its own and does not use the pool. On {day} it was green for {some} minutes while nobody got a connection.",
                "Check takes a connection from the pool, with a time-out of 1 s.",
            ),
            Case(
                "{service}: total is off by one cent for {merchant}",
                "Tax is rounded a line at a time, their system rounds the sum. {many} orders since {day}.",
                "Rounding is a setting of the merchant now.",
            ),
            Case(
                "{service}: log level stays at DEBUG after a diagnosis",
                "Switched on for {merchant} on {day} and never off. About {many} MB a day.",
                "Level falls back after an hour.",
            ),
        ),
        (
            "Reproduced with {version}.",
            "Older than it looks.",
            "Needs a change in {other} first.",
            "Happens about {many} times a day.",
        ),
    ),
    Topic(
        "PLAT",
        "Story",
        (),
        ("saas-api", "edge-gateway"),
        ("reliability",),
        (
            Case(
                "Canary analysis: compare p95 with the unchanged instances",
                "Error rate alone did not see the slow release of {day}. Compare latency of old and new instances for the first {some} minutes.",
                "Part of the workflow for {service}, others follow.",
            ),
            Case(
                "{service}: one time budget for the whole request",
                "Each call has its own time-out and they do not add up. Hand the rest of the budget to {other}.\n\n- default stays as it is\n- {merchant} first",
                "Live for all merchants.",
            ),
            Case(
                "Autoscaler limit of {service} as a reviewed setting",
                "Review action. The limit has no owner and no date. Put it beside the capacity sheet.",
                "Limit is in the sheet, reviewed each quarter.",
            ),
            Case(
                "{service}: shed load by merchant, not by request",
                "In a surge everybody gets a few errors; better that the one who causes it waits. Estimated at {few} days.",
                "Behind a flag, tried in the game day.",
            ),
            Case(
                "Deploy workflow: refuse to skip the canary without a reason",
                "The flag was used {some} times in the last quarter, mostly out of habit.",
                "Reason is asked for and posted in #deploys.",
            ),
            Case(
                "{service}: separate pool for calls to {other}",
                "A slow {other} must not take all threads of {service} with it. Graph on the dashboard, size as a setting.",
                "Done, size {some}.",
            ),
        ),
        ("Split: the graph first, the behaviour after.", "Design note is on the team page.", "Waiting for {person}."),
    ),
    Topic(
        "PAY",
        "Bug",
        (),
        _PAYMENTS,
        ("payments",),
        (
            Case(
                "Partial refund rounds in the wrong direction",
                "Finance found {some} cases in the statement of {day}. Amounts are small, but the auditors ask.",
                "Fixed in {version}; amounts corrected by hand.",
            ),
            Case(
                "3-D Secure result arrives after the order was given up",
                "The shopper takes longer than {few} minutes, we release the stock, then the bank says yes. {some} cases a week.",
                "Late results are refunded by themselves and the merchant is told.",
            ),
            Case(
                "Webhook of PayBridge handled twice",
                "PayBridge sends the event again when we need longer than 10 s. The second one fails with a duplicate key, which is logged as an error.",
                "Duplicate is answered with 200 and logged as information.",
            ),
            Case(
                "VAT of {merchant} shown without its country",
                "On invoices since {day}. {merchant} has branches in {few} countries.",
                "Country added, invoices of the month made again.",
            ),
            Case(
                "Currency with three decimals is refused",
                "{merchant} wants to sell in Kuwait. The amount check allows two decimals only.",
                "Decimals come from the currency table.",
            ),
            Case(
                "Usage of {merchant} counted in the wrong month",
                "Records from the last {few} hours of the month carry the local date of the merchant. {many} records.",
                "UTC everywhere, records moved.",
            ),
        ),
        (
            "Test with the provider's sandbox added.",
            "Waiting for an answer of PayBridge.",
            "Finance can live with it until the end of the month.",
        ),
    ),
    Topic(
        "PAY",
        "Story",
        (),
        _PAYMENTS,
        ("payments",),
        (
            Case(
                "Second acquirer: what would it take?",
                "After each outage the same question. List costs, months, and what changes for merchants.",
                "Paper is with the head of engineering.",
            ),
            Case(
                "Invoices in the language of {merchant}",
                "Wish of Customer Success; {some} merchants have asked. Texts exist in {few} languages.",
                "Live since {version}.",
            ),
            Case(
                "Monthly usage as a download",
                "Merchants copy numbers from the page. CSV is enough, at most {many} rows.",
                "Done, behind the menu of the invoice page.",
            ),
            Case(
                "{service}: alert on captures that wait longer than {some} minutes",
                "Deferred captures are invisible when they stop. Owner of the alert: Payments on-call.",
                "Alert is in the low channel for a week, then it pages.",
            ),
            Case(
                "Reconcile drafts with usage before sending",
                "Review action. Compare counts by merchant, stop above a difference of {few} %.",
                "Runs each night, has found nothing so far.",
            ),
        ),
        ("Legal says yes, with a limit.", "First version is in staging.", "Moved to the next quarter."),
    ),
    Topic(
        "DISC",
        "Bug",
        (),
        ("search-service",),
        ("search",),
        (
            Case(
                "Facet counts do not add up for {merchant}",
                "Query with {few} filters gives {many} hits, the facet says {some}. The list is right, the count is not.",
                "Cache of the facets was older than the index; both are renewed together now.",
            ),
            Case(
                "Accents are not found in names of {merchant}",
                "Searching without the accent finds nothing, with it {some} hits. Worked before {version}.",
                "Fixed by the new analyser, reindexed.",
            ),
            Case(
                "Synonyms of {merchant} are lost after a reindex",
                "They upload {many} pairs. After the reindex of {day} the list is empty until the next upload.",
                "List is part of the index definition now.",
            ),
            Case(
                "Discontinued articles of {merchant} still found",
                "{some} articles, removed on {day}. A delete that arrives during a merge is lost.",
                "Fixed in {version}; nightly comparison added.",
            ),
        ),
        ("Test case added.", "Workaround: reindex by hand, {some} minutes.", "Only with more than {many} products."),
    ),
    Topic(
        "DISC",
        "Bug",
        (),
        ("catalog-service", "inventory-service"),
        ("catalogue",),
        (
            Case(
                "{service}: stock of {merchant} differs from their own system by {some}",
                "Two writes for the same article within {few} ms. Nobody was sold what is not there, the second is refused later.",
                "Lock is on the article now, not on the row of the warehouse.",
            ),
            Case(
                "{service}: import of {merchant} stops after {many} rows",
                "A row with an empty number ends the import without a message. Before {version} it was skipped.",
                "Import checks first and lists what it skips.",
            ),
            Case(
                "{service}: old prices for {some} minutes after a change",
                "{merchant} changed {many} prices on {day}; the cache kept the old ones until they ended by themselves.",
                "Entries are removed with the change.",
            ),
            Case(
                "{service}: renditions of very large images fail",
                "Above {few} 000 pixels a side the worker gives up. {merchant} sells maps, so it is all of their articles.",
                "Scaled in steps, clear message beyond the limit.",
            ),
        ),
        ("Test fails as expected.", "{other} has a copy of its own, look there as well.", "{person} takes the review."),
    ),
    Topic(
        "DISC",
        "Task",
        (),
        ("catalog-service", "search-service", "inventory-service"),
        ("maintenance",),
        (
            Case(
                "{service}: move to the new build images",
                "Routine, about {few} days. The old images end on {day}.",
                "Done.",
            ),
            Case(
                "{service}: measure what a cold start costs",
                "We guess {some} s and {ms} ms at p95 for the first minutes. Needed for the autoscaler.",
                "Measured: {some} s until ready. Numbers are on the team page.",
            ),
            Case(
                "{service}: memory limit and an alert at 75 %",
                "Action from the review of {day}. The limit exists, the alert does not.",
                "Alert is live, test fired.",
            ),
            Case(
                "Reindex {merchant} after the change of their numbers",
                "They renumber {many} articles over the weekend. Needs a quiet hour.",
                "Done at night, nobody noticed.",
            ),
            Case(
                "{service}: drop the columns nobody reads",
                "After two weeks of watching. {some} columns, the largest has {few} GB.",
                "Dropped after the check of the Data team.",
            ),
        ),
        ("Started.", "Half of it is done.", "Needs the permission of the Data team."),
    ),
    Topic(
        "IDN",
        "Bug",
        (),
        ("identity-service",),
        ("sign-in",),
        (
            Case(
                "Single sign-on of {merchant}: loop after the password change",
                "{merchant} uses two identity providers. The second redirect loses its state parameter after {few} s.",
                "State is kept on the server, merchant confirms.",
            ),
            Case(
                "Tokens live {few} minutes longer than they should",
                "Noticed in the access review of {day}. Not exploitable as far as we see; Security has been told.",
                "Clock of the issuer is used on both sides. Security agrees: no exposure.",
            ),
            Case(
                "Error page names the wrong merchant",
                "When sign-in fails at {merchant}, the page shows the name of the realm that was used before. {some} cases.",
                "Fixed in {version}.",
            ),
            Case(
                "Sign-out does not end the session on the second device",
                "Support has {some} cases since {day}. The second session lives until its token ends.",
                "All sessions of the user are ended.",
            ),
            Case(
                "Invitation mail of {merchant} leads to an expired link",
                "Links are valid for {some} hours, mails are read after the weekend.",
                "Seven days, and the page offers a new link.",
            ),
        ),
        ("Only with the old cookie name.", "{person} takes the review.", "Merchant can reproduce it each time."),
    ),
    Topic(
        "IDN",
        "Story",
        (),
        ("identity-service", "session-cache"),
        ("reliability",),
        (
            Case(
                "Jitter for the expiry of cached tokens",
                "Entries that are written together must not end together. Add up to {some} % to each lifetime.",
                "In review for too long; done now for new entries.",
            ),
            Case(
                "Certificate calendar: entries of team Identity",
                "Asked for by governance note 2025-11-20. SAML signing, server, client: {few} entries.",
                "Calendar is complete for Identity.",
            ),
            Case(
                "Limit on concurrent rebuilds of one key",
                "When an entry is missing, {many} requests rebuild it at once. One is enough.",
                "Flag exists, default is off until it has been tried at load.",
            ),
            Case(
                "Passkeys for merchant staff",
                "{some} merchants have asked. Start with administrators.",
                "First merchants use it.",
            ),
            Case(
                "Second replica of session-cache in the other zone",
                "A zone with both nodes was nearly lost on {day}.",
                "Replica runs, failover was tried twice.",
            ),
        ),
        ("Planned with Platform.", "Security wants to see the design.", "Moved behind the certificate work."),
    ),
    Topic(
        "MSG",
        "Bug",
        (),
        ("notification-service", "webhook-dispatcher"),
        ("messaging",),
        (
            Case(
                "{service}: change of the back-off table has no effect",
                "It is read once at start-up. We retried after {some} s instead of {few} minutes for a whole day.",
                "Table is read every minute.",
            ),
            Case(
                "{service}: {many} messages of {merchant} sent twice",
                "Two workers took the same batch within {few} s after a restart of {host}.",
                "Lease is renewed before the batch is sent.",
            ),
            Case(
                "{service}: text of {merchant} in the wrong language",
                "The language of the merchant is used, not that of the buyer. Since {version}.",
                "Language of the order wins.",
            ),
            Case(
                "{service}: header missing on replayed messages",
                "{merchant} noticed it in their own logs. {many} are affected since {day}.",
                "Replay takes the same path as the first delivery.",
            ),
        ),
        ("Queue per merchant is the real answer.", "Seen again with {merchant}.", "Covered by a test now."),
    ),
    Topic(
        "MSG",
        "Task",
        (),
        ("notification-service", "webhook-dispatcher"),
        ("messaging",),
        (
            Case(
                "{service}: alert on the age of the oldest message",
                "The error rate is noisy by nature. The age of the oldest message says whether we have a problem.",
                "Alert replaced, threshold {few} minutes.",
            ),
            Case(
                "Provider contract: second SMS provider",
                "Textwise loses a route every few weeks. Offers of {few} providers are in.",
                "Signed, integration next quarter.",
            ),
            Case(
                "List of endpoints that want mutual TLS",
                "{some} merchants have it, the list is in somebody's head. Needed for the certificate calendar.",
                "List has {some} entries and an owner.",
            ),
            Case(
                "Renewal job of the client certificate after the secret store move",
                "The job was switched off for the move. Who switches it on again? {person} was to ask Platform.",
                "Job runs.",
            ),
            Case(
                "{service}: template clean-up",
                "{many} templates, {some} in use. Old ones still go through translation.",
                "Archive made, translation costs halved.",
            ),
        ),
        ("Blocked by the secret store move.", "Rule is in the low channel for a week.", "{person} has the details."),
    ),
    Topic(
        "DATA",
        "Bug",
        (),
        ("reporting-service",),
        ("reports",),
        (
            Case(
                "Dashboard of {merchant} shows yesterday as empty",
                "The time zone of {merchant} is not the one of the report. Off by {few} hours.",
                "Time zone of the merchant is used everywhere.",
            ),
            Case(
                "Export of {merchant} has {many} rows too many",
                "The join over order_lines doubles rows with two settlements. Seen since {version}.",
                "Fixed, export made again and sent.",
            ),
            Case(
                "Month-end report counts cancelled orders",
                "Difference of {some} orders for {merchant}. Found by their accountant on {day}.",
                "Fixed in {version}; check added, so that it cannot come back.",
            ),
            Case(
                "Chart of {merchant} stops at {many} orders",
                "The page loads all rows and gives up. Other merchants are smaller.",
                "Chart is drawn from sums.",
            ),
            Case(
                "Scheduled export of {merchant} an hour late since the clock change",
                "The schedule is kept in local time without its zone.",
                "Zone is stored with the schedule.",
            ),
        ),
        ("SQL is in the pull request.", "Only merchants outside Europe.", "{person} checks the old reports."),
    ),
    Topic(
        "DATA",
        "Task",
        (),
        ("orders-db",),
        ("database",),
        (
            Case(
                "Restore test of the month",
                "Restore of the backup of {day} to a fresh machine; target is 60 minutes. Last time {some} minutes.",
                "Restore took {some} minutes, checks are green.",
            ),
            Case(
                "Explain plans of the ten slowest statements",
                "Follow-up of the review of {day}. {few} of them come from {other}.",
                "{few} were missing an index, two were not needed at all.",
            ),
            Case(
                "Pool sizes, yearly look",
                "Sum of all pools must stay below max_connections minus 20. Today: 275 of 300. {other} asks for {few} more.",
                "Sizes stay; {other} closes idle connections instead.",
            ),
            Case(
                "Keep the statistics of index use across restarts",
                "Without them we do not know which index is unused. They were reset on {day}.",
                "Exported daily.",
            ),
            Case(
                "Partitions of the next quarter for order_events",
                "Made by hand so far. {some} partitions, {many} GB expected.",
                "Partition job runs a month ahead.",
            ),
        ),
        ("Waits for a quiet week.", "Written down in the runbook.", "{person} and I did the first half."),
    ),
)

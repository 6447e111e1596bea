"""What is asked of the shipped company besides the tasks of the contract; each answer was read out of its files by hand."""

from typing import Any

from tests.acceptance.asking import Question


def _window(service: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"service": service, "start_time": start, "end_time": end, **more}


QUESTIONS = {
    # Escalation: policy_v2 3.1 to 3.3
    "p3_acknowledged": Question(
        task="How quickly must a P3 incident be acknowledged, and by whom? Cite policy_v2.",
        says=("owning team must acknowledge within 2 business hours",),
        never=("within 5 minutes", "3 business days"),
        cites=("policy_v2",),
    ),
    "p4_duties": Question(
        task="What does policy_v2 ask of us for a P4 incident, and when do we have to escalate?",
        says=("acknowledge within 3 business days",),
        never=("2 business hours", "head of engineering"),
        cites=("policy_v2",),
    ),
    "p2_escalation": Question(
        task="P2 incident: when do we escalate, and to whom?",
        says=("+15 minutes", "+20 minutes", "+30 minutes", "engineering manager of the owning team"),
        never=("within 5 minutes", "+45 minutes"),
        cites=("policy_v2",),
    ),
    "p1_from_a_moment": Question(
        task="The page for the Checkout API came in at 10:06 UTC on 14 February 2026, severity P1. Who has to escalate to whom "
        "by when?",
        says=(
            "2026-02-14 10:11 UTC", "2026-02-14 10:16 UTC", "2026-02-14 10:21 UTC",
            "Tomasz Wieczorek", "Priya Raghunathan",
        ),
        cites=("policy_v2", "oncall_rota"),
    ),
    "security_report": Question(
        task="Within what time must a suspected security incident be reported, and to whom?",
        says=("Security and Compliance Lead within 60 minutes",),
        cites=("policy_v2",),
    ),
    # On call: oncall_rota.yaml; Lisbon is on UTC until 2026-03-29
    "before_the_hand_over": Question(
        task="Who is primary on call at 2026-02-16T08:30:00Z?",
        says=("primary Tomasz Wieczorek", "secondary Priya Raghunathan"),
        never=("primary Priya Raghunathan", "Olufemi Adeyemi"),
        cites=("oncall_rota",),
        verdict="confirmed",
    ),
    "after_the_hand_over": Question(
        task="Who is on call at 2026-02-16 09:30 UTC?",
        says=("primary Priya Raghunathan", "secondary Olufemi Adeyemi"),
        never=("Tomasz Wieczorek",),
        cites=("oncall_rota",),
        verdict="confirmed",
    ),
    "hand_over_in_summer_time": Question(
        task="Who was primary at 2026-03-30T08:15:00Z?",  # 09:15 in Lisbon, where summer time began the day before
        says=("primary Mei-Ling Chow", "secondary Tomasz Wieczorek"),
        never=("primary Samir Khoury",),
        cites=("oncall_rota",),
    ),
    "inside_an_override": Question(
        task="Who was the primary on call on 2026-02-12 at 20:00 UTC?",
        says=("primary Olufemi Adeyemi", "instead of Tomasz Wieczorek"),
        never=("primary Tomasz Wieczorek",),
        cites=("oncall_rota",),
        verdict="confirmed",
    ),
    "before_an_override": Question(
        task="Who was the primary on call at 2026-02-12T17:30:00Z?",
        says=("primary Tomasz Wieczorek",),
        never=("primary Olufemi Adeyemi",),
        cites=("oncall_rota",),
    ),
    "alert_inside_an_override": Question(
        task="P3 alert: catalog-service errors. Whom do we page?",
        context=_window("catalog-service", "2026-02-13T03:30:00Z", "2026-02-13T05:00:00Z", severity="P3"),
        says=("primary Olufemi Adeyemi",),
        never=("primary Tomasz Wieczorek",),
        cites=("oncall_rota", "policy_v2"),
    ),
    "iso_week": Question(
        task="Who is on call in 2026-W10?",
        says=("primary Kwame Boateng", "secondary Rui Tavares", "Tomasz Wieczorek", "2026-03-05 18:00"),
        cites=("oncall_rota",),
    ),
    "rotation_by_name": Question(
        task="Who is on the payments rota in the week of 2026-02-25?",
        says=("primary Marc-André Gagnon", "secondary Leila Haddad"),
        never=("Olufemi Adeyemi", "Kwame Boateng"),
        cites=("oncall_rota",),
    ),
    "pager_in_words": Question(
        task="Who carries the pager on 20 February 2026?",
        says=("primary Priya Raghunathan", "secondary Olufemi Adeyemi"),
        cites=("oncall_rota",),
    ),
    "beyond_the_rota": Question(
        task="Who is on call in the week starting 2027-01-04?",
        says=("no shift",),
        never=("primary ",),
        verdict="not_confirmed",
    ),
    # Comparison: the table in the generator's README
    "p1_got_stricter": Question(
        task="What got stricter for P1 escalation from policy_v1 to policy_v2?",
        says=(
            "15 minutes in policy_v1 → 5 minutes in policy_v2", "20 minutes in policy_v1 → 10 minutes in policy_v2",
            "30 minutes in policy_v1 → 15 minutes in policy_v2", "60 minutes in policy_v1 → 30 minutes in policy_v2",
        ),
        never=("Loosened for P1",),
        cites=("policy_v1", "policy_v2"),
    ),
    "p2_compared": Question(
        task="How do policy_v1 and policy_v2 differ for a P2?",
        says=(
            "30 minutes in policy_v1 → 15 minutes in policy_v2", "45 minutes in policy_v1 → 20 minutes in policy_v2",
            "90 minutes in policy_v1 → 30 minutes in policy_v2", "2 hours in policy_v1 → 60 minutes in policy_v2",
            "every 2 hours in policy_v1 → every 60 minutes in policy_v2",
        ),
        never=("Loosened for P2",),
        cites=("policy_v1", "policy_v2"),
    ),
    "p3_compared": Question(
        task="P3 acknowledgement: old policy versus new policy?",
        says=("4 business hours in policy_v1 → 2 business hours in policy_v2",),
        cites=("policy_v1", "policy_v2"),
    ),
    "p4_compared": Question(
        task="Compare what policy_v1 and policy_v2 ask for a P4.",
        says=("Loosened for P4", "3 business days in policy_v2"),
        cites=("policy_v1", "policy_v2"),
    ),
    "reviews_compared": Question(
        task="What changed between policy_v1 and policy_v2 for publishing the review of a P1?",
        says=("10 business days in policy_v1 → 5 business days in policy_v2",),
        cites=("policy_v1", "policy_v2"),
    ),
    "rollback_compared": Question(
        task="Compare what policy_v1 and policy_v2 say about rolling back.",
        says=("Tightened: rollback recommended", "above 5 % for 10", "mandatory", "above 2.0 % for 5"),
        never=("acknowledge",),
        cites=("policy_v1", "policy_v2"),
    ),
    # Rollback: policy_v2 4.1, policy_v1 5
    "rollback_below": Question(
        task="Do we have to roll back if the error rate was 1.8% for 20 minutes after a deployment?",
        says=("No: rollback is not mandatory",),
        never=("Yes: rollback",),
        cites=("policy_v2",),
    ),
    "rollback_too_short": Question(
        task="Error rate above 2.4 per cent for four minutes following a release: must we revert?",
        says=("No: rollback is not mandatory",),
        cites=("policy_v2",),
    ),
    "rollback_at_the_limit": Question(
        task="The error rate exceeds 2.1% for five consecutive minutes. Is it mandatory to roll back?",
        says=("Yes: rollback is mandatory",),
        cites=("policy_v2",),
    ),
    "rollback_too_late": Question(
        task="Is rollback mandatory when the error rate stays above 3 % for 8 minutes, starting 45 minutes after the deployment?",
        says=("No: rollback is not mandatory", "within 30 minutes of a deployment"),
        never=("Yes: rollback",),
        cites=("policy_v2",),
    ),
    "rollback_by_the_old_policy": Question(
        task="Under policy_v1, was a rollback mandatory at an error rate above 6% for 12 minutes?",
        says=("rollback is recommended",),
        never=("Yes: rollback is mandatory",),
        cites=("policy_v1",),
    ),
    "rollback_of_a_short_regression": Question(
        task="Did billing-service have to be rolled back on 2026-02-16 between 13:00 and 13:15 UTC?",
        says=("3 consecutive minutes", "a rollback was not mandatory"),
        never=("a rollback was mandatory",),
        cites=("policy_v2", "metrics"),
    ),
    # Unowned incidents: policy_v2 6
    "unowned_p1_between_steps": Question(
        task="An unowned P1 is 12 minutes old. What should have happened by now, and what comes next?",
        says=(
            "primary on-call must assign the ticket", "secondary on-call is paged and must take the ticket",
            "Next for an unowned P1, at +15 minutes",
        ),
        cites=("policy_v2",),
    ),
    "unowned_p2_at_its_end": Question(
        task="Response steps for a P2 without an owner at T+45?",
        says=("+10 minutes", "+20 minutes", "+30 minutes", "+45 minutes: head of engineering"),
        never=("Next for",),
        cites=("policy_v2",),
    ),
    "unowned_p2_early": Question(
        task="What are the response steps for an unowned P2 at +5 minutes?",
        says=("nothing", "Next for an unowned P2, at +10 minutes"),
        cites=("policy_v2",),
    ),
    "unowned_p3": Question(
        task="What happens to an unowned P3 ticket?",
        says=("weekly operations review on Tuesday",),
        never=("2 business hours",),
        cites=("policy_v2",),
    ),
    # Tickets of the tracker
    "open_p2_without_assignee": Question(
        task="Which open P2 incidents in project OPS have no assignee?",
        says=("2 of them have no assignee: OPS-257 and OPS-252",),
        never=("OPS-253", "OPS-251"),
        cites=("OPS-252", "OPS-257"),
    ),
    "tickets_of_a_person": Question(
        task="Show the open OPS incident tickets assigned to Yuki Tanabe.",
        says=("OPS-234",),
        never=("OPS-251", "OPS-239", "OPS-257"),
        cites=("OPS-234",),
    ),
    "tickets_in_a_status": Question(
        task="List the OPS incident tickets in status Monitoring.",
        says=("OPS-251", "OPS-256", "OPS-260"),
        never=("OPS-252", "OPS-257", "OPS-230"),
        cites=("OPS-251", "OPS-256", "OPS-260"),
    ),
    "checkout_timeouts_in_other_words": Question(
        task="Which incident tickets of project OPS that are still open talk about a checkout timeout? Who is missing as an owner, and "
        "in which channels should we communicate next according to slack_config and policy_v2?",
        says=("OPS-251", "OPS-252", "OPS-257", "OPS-253", "OPS-234", "OPS-222", "OPS-239", "3 of 7 have no assignee", "#inc-"),
        never=("OPS-128", "OPS-250"),
        cites=("slack_config", "policy_v2", "OPS-257"),
    ),
    # Incidents of the week
    "certificate_in_words": Question(
        task="Why was webhook-dispatcher failing on 2026-02-16 from 00:00 to 00:40 UTC?",
        cause="an expired certificate",
        cites=("metrics", "logs"),
        verdict="not_confirmed",
    ),
    "healthy_service": Question(
        task="Was payments-service healthy on 14 February 2026, 10:00 to 10:30 UTC?",
        says=("payments-service looks healthy",),
        cites=("metrics",),
        verdict="healthy",
    ),
    "metric_that_is_not_there": Question(
        task="Was the error rate of orders-db above 1% on 2026-02-13 between 11:00 and 11:30 UTC?",
        says=("no metric of orders-db is named like error rate",),
        verdict="not_confirmed",
    ),
    # Facts of files
    "connections": Question(
        task="What is max_connections of orders-db? Cite postgres_config.",
        says=("300",),
        cites=("postgres_config",),
    ),
    "owner_and_channel": Question(
        task="Who owns webhook-dispatcher, and which Slack channel do they read?",
        says=("Messaging", "#team-messaging"),
        never=("#inc-p1", "team Checkout"),
    ),
    "dependencies": Question(
        task="What does identity-service depend on?",
        says=("session-cache", "orders-db"),
    ),
    "channel_of_a_p3": Question(
        task="Which channel is used for a P3 incident?",
        says=("#inc-p3",),
        never=("#inc-p1", "#inc-p2", "#exec-incidents"),
        cites=("slack_config",),
    ),
    "setting_of_the_workflow": Question(
        task="What is ERROR_RATE_WINDOW_MINUTES in the deploy workflow?",
        says=('ERROR_RATE_WINDOW_MINUTES: "5"',),
        cites=("github_actions",),
    ),
    "size_of_a_pool": Question(
        task="What is the pool size of checkout-worker in the database config?",
        says=("size: 40",),
        cites=("postgres_config",),
    ),
    "owner_to_be_decided": Question(
        task="Who decides on the owner of legacy-checkout?",
        says=("Hannah Lindqvist decides on its owner by 2026-03-06",),
        cites=("governance_notes",),
    ),
    "ticket_by_key": Question(
        task="What is the status of OPS-256, and who is it assigned to?",
        says=("is Monitoring, assigned to Samir Khoury",),
        never=("OPS-257",),
        cites=("OPS-256",),
    ),
    "how_soon_in_other_words": Question(
        task="How soon does the head of engineering have to hear about a P1?",
        says=("+30 minutes", "must notify the head of engineering"),
        cites=("policy_v2",),
    ),
    "stand_in_of_another_rotation": Question(
        task="Who was on call for payments on 2026-03-19 at 12:00 UTC?",
        says=("primary Yuki Tanabe", "instead of Marc-André Gagnon", "secondary Leila Haddad"),
        never=("Arjun Menon",),
        cites=("oncall_rota",),
    ),
    "how_many": Question(
        task="How many open P2 incidents are there in OPS?",
        says=("5 open tickets are P2",),
        never=("OPS-253", "OPS-251"),
    ),
    "steps_in_other_words": Question(
        task="Which people are on call in the week from Monday 16 February 2026, and what should happen with a P2 that nobody owns "
        "after 25 minutes?",
        says=(
            "primary Priya Raghunathan", "secondary Olufemi Adeyemi", "+10 minutes", "+20 minutes",
            "Next for an unowned P2, at +30 minutes",
        ),
        cites=("oncall_rota", "policy_v2"),
    ),
    # Two questions in one, and questions nobody can answer from the files
    "two_questions": Question(
        task="Who is on call on 2026-02-20, and how often must the status page be updated during a P1?",
        says=("primary Priya Raghunathan", "every 30 minutes"),
        cites=("oncall_rota", "policy_v2"),
    ),
    "no_such_officer": Question(
        task="Who is the chief financial officer?",
        says=("no source",),
        never=("Stephen Oyelaran",),
        verdict="not_confirmed",
    ),
    "two_severities": Question(
        task="Compare P1 and P2: what is due when for each?",
        says=("sets out for P1: +5 minutes", "sets out for P2: +15 minutes"),
        never=("policy_v1 →",),
        cites=("policy_v2",),
    ),
    "first_line_of_an_alert": Question(
        task="P1 alert: Checkout API errors",
        context={"service": "saas-api", "start_time": "2026-02-14T10:00:00Z", "end_time": "2026-02-14T10:30:00Z"},
        says=(
            "saas-api was degraded and has recovered: error rate 0.24 % → 7.57 %, 2026-02-14 10:03–10:23 UTC",
            "Cause confirmed by its undoing", "new: none like it in the quarter of an hour before", "2026-02-14 10:15 UTC (+15 min)",
        ),
        cites=("metrics", "logs", "policy_v2"),
        verdict="confirmed",
    ),
    "order_of_movement": Question(
        task="Why did saas-api fail? Check metrics and logs from 2026-02-12T08:25:00Z to 09:25:00Z.",
        says=("In the order in which they changed: 08:31 UTC payments-service (error rate); 08:32 UTC saas-api",),
        cause="payments-service, on which saas-api depends",
        verdict="not_confirmed",
    ),
    "budget": Question(
        task="What is the budget of the incident team for 2027?",
        says=("no source",),
        never=("no service is named",),
        verdict="not_confirmed",
    ),
    "tickets_of_a_year": Question(
        task="How many P1 incidents did we have in 2024?",
        says=("Not shown: tickets that are P1",),
        never=("OPS-251",),
        verdict="not_confirmed",
    ),
    "approval": Question(
        task="Who approved the deployment v4.18.0 of saas-api?",
        says=("Approved by Hannah Lindqvist",),
        cites=("OPS-250",),
    ),
    "loosened": Question(
        task="Has the P4 acknowledgement time been loosened?",
        says=("Loosened for P4: next business day in policy_v1 → 3 business days in policy_v2",),
        cites=("policy_v1", "policy_v2"),
    ),
    "no_such_severity": Question(
        task="When does a P5 incident have to be escalated?",
        says=("P5",),
        never=("within 5 minutes", "+15 minutes"),
        verdict="not_confirmed",
    ),
}  # fmt: skip

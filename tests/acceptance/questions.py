"""What is asked of the shipped company, in words of a person; the answers expected stand in the tests."""

from tests.acceptance.asking import Question

_HALF_HOUR = {"start_time": "2026-02-14T10:00:00Z", "end_time": "2026-02-14T10:30:00Z"}


ROLLBACK = (
    "Is rollback mandatory when the error rate exceeded 2.5% for 6 minutes? Use metrics as evidence; cite policy_v2 and the "
    "github_actions config."
)


def _alert(task: str, service: str, start: str, end: str) -> Question:
    return Question(task=task, context={"service": service, "start_time": start, "end_time": end})


INCIDENTS = {
    "saturated_pool": _alert(
        "Alert: checkout-worker errors", "checkout-worker", "2026-02-11T14:10:00Z", "2026-02-11T14:50:00Z"
    ),
    "provider_outage": _alert(
        "P1 alert: payments failing", "payments-service", "2026-02-12T08:25:00Z", "2026-02-12T09:25:00Z"
    ),
    "provider_outage_from_above": _alert(
        "Alert: saas-api errors", "saas-api", "2026-02-12T08:25:00Z", "2026-02-12T09:25:00Z"
    ),
    "memory_leak": _alert(
        "Alert: catalog-service errors", "catalog-service", "2026-02-13T03:30:00Z", "2026-02-13T05:00:00Z"
    ),
    "slow_query": _alert(
        "Alert: reporting-service errors. Is rollback mandatory?",
        "reporting-service",
        "2026-02-13T11:00:00Z",
        "2026-02-13T12:20:00Z",
    ),
    "cache_stampede": _alert(
        "Alert: identity-service latency", "identity-service", "2026-02-15T18:55:00Z", "2026-02-15T19:30:00Z"
    ),
    "expired_certificate": _alert(
        "Alert: webhook-dispatcher errors", "webhook-dispatcher", "2026-02-15T23:50:00Z", "2026-02-16T01:00:00Z"
    ),
    "short_regression": _alert(
        "Alert: billing-service errors. Is rollback mandatory?",
        "billing-service",
        "2026-02-16T12:55:00Z",
        "2026-02-16T13:25:00Z",
    ),
    "traffic_surge": _alert(
        "Alert: edge-gateway latency", "edge-gateway", "2026-02-17T15:50:00Z", "2026-02-17T16:40:00Z"
    ),
    "recovered_blip": _alert(
        "Alert: search-service errors", "search-service", "2026-02-15T03:05:00Z", "2026-02-15T03:35:00Z"
    ),
}

QUESTIONS = {
    **INCIDENTS,
    "p1_example": Question(
        task="P1 alert: Checkout API latency and errors increased. Analyze metrics/logs and propose escalation with citations.",
        context={
            "service": "saas-api",
            "project_key": "OPS",
            **_HALF_HOUR,
            "severity": "P1",
            "required_citations": ["policy_v2", "oncall_rota", "slack_config"],
        },
    ),
    "p1_in_words": Question(
        task="A P1 alert fired for saas-api: check metrics and logs for 2026-02-14T10:00:00Z to 10:30:00Z, find related OPS "
        "incidents, recommend the escalation timing, cite policy_v2 and oncall_rota."
    ),
    "rollback": Question(task=ROLLBACK),
    "rollback_measured": Question(task=ROLLBACK, context={"service": "saas-api", **_HALF_HOUR}),
    "ownership": Question(
        task="Find open OPS incident tickets that mention checkout timeout, summarise the ownership gaps, propose the next "
        "communication channels from slack_config and policy_v2."
    ),
    "comparison": Question(
        task="Compare the P1 escalation obligations of policy_v1 and policy_v2; say what tightened."
    ),
    "on_call": Question(
        task="For the week that starts 2026-02-16: who is primary and secondary on call, and what are the response steps for an "
        "unowned P2 at +25 minutes?"
    ),
    "impossible_citation": Question(
        task="P1 alert: checkout errors", context={"required_citations": ["postgres_config", "no_such_source"]}
    ),
    "unknown_service": Question(
        task="P1 alert: errors increased", context={"service": "no-such-service", **_HALF_HOUR, "severity": "P1"}
    ),
    "healthy_but_noisy": Question(
        task="Alert: notification-service error rate", context={"service": "notification-service", **_HALF_HOUR}
    ),
    "off_topic": Question(task="What is the best pizza in Lisbon?"),
}

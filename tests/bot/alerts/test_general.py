"""Posts of programs that no reader knows, of people, and of programs that have other news."""

import pytest
import structlog.testing

from bot.alerts import Reason, Refusal, RefusalCount, understand
from core.alert import Alert
from core.base import JsonObject
from tests.bot.alerts.posts import attachment, blocks, edited, event, fields, header, human, section

UNKNOWN_VENDORS = [
    (attachment(username="Dynatrace", title="OPEN Problem P-123: Failure rate", color="danger"), "firing", "Failure rate"),
    (attachment(username="nagios", title="PROBLEM: db01/Disk is CRITICAL", color="danger"), "firing", "db01/Disk"),
    (attachment(username="nagios", title="RECOVERY: db01/Disk is OK", color="good"), "resolved", "db01/Disk"),
    (attachment(username="UptimeRobot", text="Monitor is DOWN: Shop ( <https://s.example> ) - Reason: 502", color="danger"), "firing", "Shop"),
    (attachment(username="UptimeRobot", text="Monitor is UP: Shop ( <https://s.example> ). It was down for 2 m", color="good"), "resolved", "Shop"),
    (attachment(username="bot", title="CRITICAL: disk/db-7", color="danger"), "firing", "disk/db-7"),
    (blocks(header("Triggered: Payment latency"), section("Threshold exceeded")), "firing", "Payment latency"),
    (blocks(header(":red_circle: Slow"), fields("*Status:*\nfiring", "*Severity:*\nP2")), "firing", "Slow"),
    (blocks(header(":large_green_circle: Slow"), fields("*Status:*\nResolved", "*Severity:*\nP2")), "resolved", "Slow"),
    (blocks(section(":red_circle: New incident: *Blog*"), text=":red_circle: New incident: Blog"), "firing", "Blog"),
    (event(username="lagbot", text=":warning: *kafka lag* is above threshold (12 &gt; 5) on `orders`"), "firing", "kafka lag"),
    (event(username="lagbot", text=":white_check_mark: *kafka lag* is back to normal"), "resolved", "kafka lag"),
    (event(username="Elastic", text="Rule *5xx* is active: count is 812.\n<https://k.example/app/observability/alerts/9|View>"), "firing", "5xx"),
    (attachment(username="elastalert", title="Login errors", text="At least 50 events occurred\n\n@timestamp: 2026-11-11T09:07:12Z", color="danger"), "firing", "Login errors"),
    (attachment(username="deploybot", text=":x: Deployment of web to production failed", color="danger"), "firing", "Deployment of web to production failed"),
]  # fmt: skip


@pytest.mark.parametrize(("post", "status", "title"), UNKNOWN_VENDORS)
def test_an_alert_of_an_unknown_format_is_understood_by_its_words(post: JsonObject, status: str, title: str) -> None:
    alert = understand(post)
    assert isinstance(alert, Alert), alert
    assert (alert.status, alert.title) == (status, title)


def test_a_constant_title_yields_to_the_field_that_names_the_alert() -> None:
    alert = understand(blocks(header("Alert firing"), section("*Policy:* Error rate\n*Severity:* P3"), text="x"))
    assert isinstance(alert, Alert)
    assert (alert.title, alert.severity) == ("Error rate", "p3")


def test_the_start_is_since_when_it_is_down_and_not_since_when_it_is_up() -> None:
    since = "is {} since 2026-11-02 23:14:31 UTC"
    down = understand(attachment(username="Pingdom", title="Shop is DOWN", text=since.format("down"), color="danger"))
    up = understand(attachment(username="Pingdom", title="Shop is UP", text=since.format("up"), color="good"))
    assert isinstance(down, Alert)
    assert isinstance(up, Alert)
    assert (down.to_json()["starts_at"], up.starts_at) == ("2026-11-02T23:14:31Z", None)


OTHER_NEWS = [
    (event(text=":rocket: *web* v1 deployed to production"), Reason.DEPLOYMENT),
    (event(text="Reminder: check open alerts.", user="USLACKBOT", bot_id=None), Reason.REMINDER),
    (attachment(pretext="Pull request opened by ann", title="#22 Lower alert threshold", color="24292f"), Reason.CODE_REVIEW),
    (event(text="*Daily alert digest* — 14 alerts fired, 13 resolved"), Reason.DIGEST),
    (event(text="Weekly alert summary: 14 alerts, 3 incidents"), Reason.DIGEST),
    (event(text="Dana commented on OPS-1: P1 outage follow up"), Reason.TICKET),
    (event(text="Priya is now on call for Payments"), Reason.ON_CALL),
    (event(text="Postmortem of the outage is published"), Reason.WRITE_UP),
    (event(text="Nightly backup completed successfully, 0 errors"), Reason.SUCCESS),
    (attachment(username="Alertmanager", title="Silence 8f1c expires in 1h", color="good"), Reason.SILENCE),
    (attachment(username="Grafana", title="[FIRING:1] TestAlert Grafana", footer="Grafana v12", color="d63232"), Reason.TEST_ALERT),
    (attachment(username="Datadog", title="[TEST] Triggered: CPU", title_link="https://app.datadoghq.com/monitors/1"), Reason.TEST_ALERT),
    (event(text="My Slack Alert (1) Testing", username="Uptime Kuma"), Reason.TEST_ALERT),
    (attachment(username="Alertmanager", title="[FIRING:1] Watchdog (none)", color="danger"), Reason.HEARTBEAT),
    (event(text="Issue #12 opened by x: Alert fires too often"), Reason.TICKET),
    (event(text="Dana added a note to <https://x.pagerduty.com/incidents/Q1|#123: DB down>"), Reason.TICKET),
    (event(text="Your trial ends in 3 days"), Reason.NO_ALERT_WORDS),
    (event(text="Terraform plan: 3 to add, 1 to destroy"), Reason.NO_ALERT_WORDS),
    (event(text="New user signed up: bob@example.com"), Reason.NO_ALERT_WORDS),
    (event(text="[FIRING:1] X", thread_ts="1794000000.0"), Reason.THREAD_REPLY),
    (event(text="[FIRING:1] X", app_id="A0US"), Reason.OWN_MESSAGE),
    (event(deleted_ts="1.5"), Reason.DELETED),
    (event(), Reason.EMPTY),
    (edited(attachment(title="[FIRING:1] X"), attachment(title="[FIRING:1] X")), Reason.UNCHANGED_EDIT),
    ({"type": "event_callback", "event": {"type": "reaction_added"}}, Reason.NOT_A_MESSAGE),
]  # fmt: skip


@pytest.mark.parametrize(("post", "reason"), OTHER_NEWS)
def test_what_is_no_alert_is_refused_with_its_reason(post: JsonObject, reason: Reason) -> None:
    assert understand(post) == Refusal(reason=reason)


@pytest.mark.parametrize(
    "text",
    [
        "did the alert fire again?",
        "the [FIRING:1] one from this morning was just the deploy",
        ":fire: :fire:",
        "P1 is over, great work",
        "do we have a P1: yes or no?",
        "we had a P1 yesterday, postmortem tomorrow",
        "I silenced PodDown until 5pm",
        "declaring victory",
    ],
)
def test_talk_about_alerts_is_talk(text: str) -> None:
    assert understand(human(text)) == Refusal(reason=Reason.HUMAN_TALK)


@pytest.mark.parametrize(
    ("text", "title", "service", "severity"),
    [
        ("we have a P1: search returns 500s", "search returns 500s", "search", "p1"),
        ("Declaring SEV-2, logins are failing, joining the bridge", "logins are failing", "logins", "sev2"),
        ("hey all, raising a sev1 incident: nobody can pay in EU", "nobody can pay in EU", None, "sev1"),
    ],
)
def test_a_person_can_declare_an_incident(text: str, title: str, service: str | None, severity: str) -> None:
    alert = understand(human(text))
    assert isinstance(alert, Alert)
    assert (alert.status, alert.title, alert.service, alert.severity) == ("firing", title, service, severity)


def test_refusals_are_logged_and_counted_by_reason() -> None:
    count = RefusalCount()
    with structlog.testing.capture_logs() as lines:
        for reason in (Reason.HUMAN_TALK, Reason.DIGEST, Reason.HUMAN_TALK):
            count.note(Refusal(reason=reason), channel="C1", message_ts="1.0")
    assert count.counts() == {"digest": 1, "human_talk": 2}
    assert lines[0] == {
        "event": "alert.refused", "log_level": "info", "reason": "human_talk", "channel": "C1", "message_ts": "1.0",
    }  # fmt: skip

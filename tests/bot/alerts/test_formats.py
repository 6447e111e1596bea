"""Each format by posts shaped as its vendor's templates write them; all names are invented here."""

from dataclasses import dataclass, field

import pytest

from bot.alerts import Refusal, understand
from core.alert import Alert
from core.base import JsonObject
from tests.bot.alerts.posts import attachment, blocks, event, fields, header, old_fields, section

AM = "https://am.example/#/alerts?receiver=team"
DD = "https://app.datadoghq.com/monitors/12?group=host%3Aweb-1"


@dataclass(frozen=True, kw_only=True)
class Case:
    post: JsonObject
    vendor: str
    status: str
    title: str
    service: str | None = None
    severity: str | None = None
    starts_at: str | None = None
    labels: dict[str, str] = field(default_factory=dict[str, str])
    count: int | None = None


CASES = {
    "alertmanager, default: no text at all": Case(
        post=attachment(title="[FIRING:3] DiskFull eu (db-1 critical)", title_link=AM, color="danger"),
        vendor="alertmanager", status="firing", title="DiskFull", severity="critical", count=3,
    ),
    "alertmanager, default resolved": Case(
        post=attachment(title="[RESOLVED] DiskFull eu (db-1 critical)", title_link=AM, color="2eb886"),
        vendor="alertmanager", status="resolved", title="DiskFull", severity="critical",
    ),
    "alertmanager without group_by: no name": Case(
        post=attachment(title="[FIRING:2]  (critical)", title_link=AM, color="danger"),
        vendor="alertmanager", status="firing", title="(critical)", severity="critical", count=2,
    ),
    "alertmanager, name in the fields of a constant title": Case(
        post=attachment(
            title="Prometheus Alert", fallback=f"[FIRING:1] X | <{AM}>", color="danger", username="Prometheus",
            fields=old_fields(alertname="QueueStuck", severity="page", service="orders"),
        ),
        vendor="alertmanager", status="firing", title="QueueStuck", service="orders", severity="page", count=1,
    ),
    "alertmanager, own title, state in the fallback": Case(
        post=attachment(
            title="The queue is stuck", fallback=f"[RESOLVED] QueueStuck eu (warning) | <{AM}>", color="good",
        ),
        vendor="alertmanager", status="resolved", title="The queue is stuck", severity="warning",
    ),
    "alertmanager, resolved with nothing but a count": Case(
        post=attachment(title="Resolved 3 - Queue lag", fallback="Queue lag", title_link=AM, color="good"),
        vendor="alertmanager", status="resolved", title="Queue lag", count=3,
    ),
    "alertmanager, state by colour alone": Case(
        post=attachment(title="QueueStuck", fallback="QueueStuck", title_link=AM, color="danger", text="*severity:* `high`"),
        vendor="alertmanager", status="firing", title="QueueStuck", severity="high",
    ),
    "alertmanager, labels that differ between alerts are left out": Case(
        post=attachment(
            title="[FIRING:2] :fire: PodDown", fallback=f"[FIRING:2] PodDown | <{AM}>", color="danger",
            text="*Details:*\n - *pod:* `a-1`\n - *team:* `x`\n*Details:*\n - *pod:* `a-2`\n - *team:* `x`",
        ),
        vendor="alertmanager", status="firing", title="PodDown", labels={"team": "x"}, count=2,
    ),
    "grafana": Case(
        post=attachment(
            title="[FIRING:1, RESOLVED:1] Slow pages Web (prod)", footer="Grafana v12.2.1", color="d63232",
            text="**Firing**\n\nValue: A=4\nLabels:\n - alertname = Slow pages\n - service = web\n - severity = high\n"
            "Annotations:\n - summary = slow\nSource: <https://g.example/alerting/grafana/abc/view?orgId=1>\n",
        ),
        vendor="grafana", status="firing", title="Slow pages", service="web", severity="high",
        labels={"alertname": "Slow pages", "service": "web", "severity": "high"}, count=1,
    ),
    "grafana up to 8": Case(
        post=attachment(title="[OK] Slow pages", footer="Grafana v8.5.0", color="#36a64f"),
        vendor="grafana", status="resolved", title="Slow pages",
    ),
    "datadog, scope in the tag": Case(
        post=attachment(title="[P1] [Triggered on {host:web-1}] CPU", title_link=DD, fields=old_fields(Tags="env:prod, service:web")),
        vendor="datadog", status="firing", title="CPU", service="web", severity="p1", labels={"env": "prod", "host": "web-1"},
    ),
    "datadog, scope after the name": Case(
        post=attachment(title="Recovered: CPU on host:web-1", title_link=DD),
        vendor="datadog", status="resolved", title="CPU", labels={"host": "web-1"},
    ),
    "datadog without data": Case(
        post=attachment(title="No data: Agent is missing on host:web-1", title_link=DD),
        vendor="datadog", status="firing", title="Agent is missing",
    ),
    "pagerduty": Case(
        post=blocks(
            section("*Acknowledged* <https://x.pagerduty.com/incidents/Q1|#7: Replica lag &gt; 5s>"),
            fields("*Service*\n<https://x.pagerduty.com/services/P1|Orders>", "*Urgency*\nHigh"),
            text="Acknowledged #7: Replica lag &gt; 5s",
        ),
        vendor="pagerduty", status="acknowledged", title="Replica lag > 5s", service="Orders", severity="high",
    ),
    "opsgenie": Case(
        post=attachment(
            title="Alert closed: #12", text='"Disk is full"', title_link="https://opsg.in/a/i/x/3c60-a1",
            fields=old_fields(Priority="P2"),
        ),
        vendor="opsgenie", status="resolved", title="Disk is full", severity="p2",
    ),
    "sentry issue": Case(
        post=blocks(
            section(":red_circle: <https://x.sentry.io/issues/12/?referrer=slack|*KeyError: 'id'*>"),
            section("environment: `prod`  release: `web@1`  "),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "Project: <https://x.sentry.io/p/|web>    Short ID: WEB-2K"}]},
            text="[web] KeyError: 'id'",
        ),
        vendor="sentry", status="firing", title="KeyError: 'id'", service="web", severity="error",
        labels={"environment": "prod", "release": "web@1"},
    ),
    "sentry metric alert: start as a date token in a nested block": Case(
        post=event(
            text="<https://x.sentry.io/alerts/rules/details/2/?alert=5&amp;referrer=metric_alert_slack|*Warning: Errors over 50*>",
            attachments=[{"blocks": [section("73 events\n<!date^1794492240^Started: {date_pretty} at {time} | Sentry>")]}],
        ),
        vendor="sentry", status="firing", title="Errors over 50", severity="warning", starts_at="2026-11-12T14:04:00Z",
    ),
    "cloudwatch card of Amazon Q": Case(
        post=attachment(
            color="2eb67d",
            blocks=[
                section(":white_check_mark: *<https://console.aws.amazon.com/x|CloudWatch Alarm | alb-5xx | eu-west-1 | Account: 1111>*"),
                fields("*Alarm state*\nOK"),
            ],
        ),
        vendor="aws_chatbot", status="resolved", title="alb-5xx", labels={"region": "eu-west-1", "Account": "1111"},
    ),
    "cloudwatch card that says what changed": Case(
        post=blocks(section("*alb-5xx* changed state to ALARM\nThreshold Crossed: 1 datapoint [3.0] was greater")),
        vendor="aws_chatbot", status="firing", title="alb-5xx",
    ),
    "cloudwatch behind SNS: the fallback says triggered": Case(
        post=attachment(
            fallback="Alarm alb-5xx triggered", color="good", text="AWS CloudWatch notification - alb-5xx",
            fields=old_fields(Alarm_Name="`alb-5xx`", Old_State="`ALARM`", Current_State="`OK`"),
        ),
        vendor="cloudwatch", status="resolved", title="alb-5xx",
    ),
    "incident.io": Case(
        post=blocks(
            header(":fire: Orders fail"),
            fields("*Reference*\n<https://app.incident.io/x/incidents/5|INC-5>", "*Severity*\nMajor", "*Status*\nFixing"),
            text="INC-5 Orders fail",
        ),
        vendor="incident_io", status="firing", title="Orders fail", severity="major",
    ),
    "new relic": Case(
        post=blocks(
            section("*<https://one.newrelic.com/issues/9f1c|High priority issue is acknowledged: Apdex low>*"),
            fields("*Impacted entities*\nweb-node, api-node"),
        ),
        vendor="newrelic", status="acknowledged", title="Apdex low", service="web-node", severity="high",
    ),
    "zabbix: no zone": Case(
        post=attachment(
            title="Problem: Swap is full", title_link="https://z.example/tr_events.php?triggerid=1&eventid=2", color="e97659",
            fields=old_fields(Host="db-1", Event_time="2026.11.08 03:17:44", Severity="Average", Event_tags="service: orders\nteam: dba"),
        ),
        vendor="zabbix", status="firing", title="Swap is full", service="orders", severity="average",
        starts_at="2026-11-08T03:17:44", labels={"team": "dba", "Host": "db-1"},
    ),
    "zabbix, acknowledged": Case(
        post=attachment(
            title="Updated problem in 4m 1s: Swap is full", title_link="https://z.example/tr_events.php?triggerid=1&eventid=2",
            fields=old_fields(Host="db-1", Severity="Average", Action="acknowledged"),
        ),
        vendor="zabbix", status="acknowledged", title="Swap is full", severity="average",
    ),
    "netdata: labels in the link": Case(
        post=attachment(
            top="db-1 is critical, `disk.space` (_/_), *disk full = 98%*", username="netdata on db-1", color="danger",
            title="disk full = 98%",
            title_link="https://app.netdata.cloud/alarms/redirect?host=db-1&chart=disk.space&family=%2F&alarm=disk_full"
            "&alarm_id=7&alarm_when=1794730462&alarm_status=CRITICAL",
        ),
        vendor="netdata", status="firing", title="disk full", severity="critical", starts_at="2026-11-15T08:14:22Z",
        labels={"host": "db-1", "chart": "disk.space", "family": "/"},
    ),
    "uptime kuma": Case(
        post=attachment(
            top="Uptime Kuma Alert\n[Shop] [🔴 Down] timeout", color="e01e5a",
            blocks=[header("Uptime Kuma Alert"), fields("*Message*\n[Shop] [🔴 Down] timeout", "*Time (UTC)*\n2026-11-04 21:14:07.512")],
        ),
        vendor="uptime_kuma", status="firing", title="Shop", starts_at="2026-11-04T21:14:07Z",
    ),
    "healthchecks": Case(
        post=attachment(title="“backup” is UP.", color="good", fields=old_fields(Last_Ping="Success, now", Total_Pings="7")),
        vendor="healthchecks", status="resolved", title="backup",
    ),
    "argo cd, failed sync": Case(
        post=attachment(
            top=":exclamation:  The sync operation of application web has failed at 2026-11-01T00:00:00Z with the following error: x",
            title="web", title_link="https://argo.example/applications/web", color="#E96D76",
            fields=old_fields(Sync_Status="OutOfSync", Repository=":arrow_heading_up: <https://git.example/web.git>"),
        ),
        vendor="argocd", status="firing", title="The sync operation of application web has failed", service="web",
        labels={"Sync Status": "OutOfSync", "Repository": "https://git.example/web.git"},
    ),
    "flux": Case(
        post=attachment(author_name="helmrelease/web.shop", text="install retries exhausted", color="danger"),
        vendor="flux", status="firing", title="install retries exhausted", service="helmrelease/web.shop",
    ),
    "github actions": Case(
        post=attachment(
            fallback="Nightly of web failed :x:", color="danger",
            fields=old_fields(Ref="refs/heads/main", Actions_URL="<https://github.com/o/web/actions/runs/1|Nightly>", Nightly="Nightly of web failed :x:"),
        ),
        vendor="github_actions", status="firing", title="Nightly of web failed", service="o/web", labels={"Ref": "refs/heads/main"},
    ),
    "gitlab alert: the text says firing of an acknowledged one": Case(
        post=attachment(
            top="Alert firing in g/web", title="Cert expires", title_link="https://gitlab.example/g/web/-/alert_management/7/details",
            color="#C95823",
            fields=old_fields(Severity="High", Events="3", Status="Acknowledged", Start_time="April 23rd, 2026  1:06AM UTC"),
        ),
        vendor="gitlab", status="acknowledged", title="Cert expires", service="g/web", severity="high",
        starts_at="2026-04-23T01:06:00Z",
    ),
    "gitlab pipeline": Case(
        post=attachment(
            fallback="web: Pipeline #77 of branch main by Jo (jo) has failed in 03:20", title="Pipeline #77 has failed in 03:20",
            title_link="https://gitlab.example/g/web/-/pipelines/77/failures", color="danger",
            fields=old_fields(Branch="<https://gitlab.example/g/web/-/commits/main|main>"),
        ),
        vendor="gitlab", status="firing", title="Pipeline #77 has failed", service="web", labels={"Branch": "main"},
    ),
    "robusta": Case(
        post=blocks(
            section(":white_check_mark: *Prometheus resolved* :large_yellow_circle: *Low*\n<https://platform.robusta.dev/i/1|*PodDown (shop/cart)*>"),
            section("*Source:* `eu`"),
            section("*Alert labels*\n● pod `cart-1`\n● namespace `shop`"),
        ),
        vendor="robusta", status="resolved", title="PodDown (shop/cart)", severity="low",
        labels={"Source": "eu", "pod": "cart-1", "namespace": "shop"},
    ),
    "jenkins": Case(
        post=attachment(text="build » web - #4 Back to normal after 3 min (<https://ci.example/4|Open>)", color="good"),
        vendor="jenkins", status="resolved", title="build » web",
    ),
    "somebody's status page": Case(
        post=attachment(
            username="Cloudy Status", title="API errors", text="*Monitoring* - A fix is out.", color="warning",
            fields=old_fields(Impact="minor"),
        ),
        vendor="statuspage", status="firing", title="API errors", service="Cloudy", severity="minor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_post_of_a_known_format_is_read(case: Case) -> None:
    alert = understand(case.post)
    assert isinstance(alert, Alert), alert
    told = alert.to_json()
    for name in ("vendor", "status", "title", "service", "severity", "starts_at", "count"):
        assert told[name] == getattr(case, name), name
    assert case.labels.items() <= alert.labels.items()


TWINS = {
    "alertmanager: the common values may change": (
        attachment(title="[FIRING:3] DiskFull eu (critical)", title_link=AM, color="danger"),
        attachment(title="[RESOLVED] DiskFull eu (db-1 critical)", title_link=AM, color="good"),
    ),
    "alertmanager: a template that says nothing on resolve": (
        attachment(title="Firing 1 - The queue is stuck", fallback=f"[FIRING:1] QueueStuck eu (x) | <{AM}>", text="*Alertname*: QueueStuck", color="danger"),
        attachment(title="Resolved 1 - The queue is stuck", fallback=f"[RESOLVED] QueueStuck eu (x) | <{AM}>", color="good"),
    ),
    "datadog": (
        attachment(title="[P2] Triggered: CPU on host:web-1", title_link=DD),
        attachment(title="[P2] Recovered: CPU on host:web-1", title_link=DD),
    ),
    "healthchecks": (
        attachment(title="“backup” is DOWN.", title_link="https://hc.example/cloaked/5b3c9f/", color="danger"),
        attachment(title="“backup” is UP.", title_link="https://hc.example/cloaked/5b3c9f/", color="good"),
    ),
    "general": (
        attachment(username="Pingdom", title="Shop is DOWN", color="danger"),
        attachment(username="Pingdom", title="Shop is UP", color="good"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fires", "is_over"), TWINS.values(), ids=TWINS.keys())
def test_firing_and_resolved_are_one_alert_in_two_states(fires: JsonObject, is_over: JsonObject) -> None:
    first, second = understand(fires), understand(is_over)
    assert isinstance(first, Alert)
    assert isinstance(second, Alert)
    assert (first.status, second.status) == ("firing", "resolved")
    assert first.group_key == second.group_key
    assert first.fingerprint != second.fingerprint


def test_groups_of_one_rule_that_differ_in_a_group_label_are_two_alerts() -> None:
    posts = [
        attachment(title=f"[FIRING:1] DiskFull {where} (x)", title_link=AM, color="danger") for where in ("eu", "us")
    ]
    first, second = (understand(post) for post in posts)
    assert isinstance(first, Alert)
    assert isinstance(second, Alert)
    assert first.group_key != second.group_key


@pytest.mark.parametrize(
    "post",
    [
        attachment(top="Application web is now running new version.", title="web", title_link="https://argo.example/applications/web", color="#18be52"),
        attachment(top="The sync operation of application web has started", title="web", title_link="https://argo.example/applications/web"),
        attachment(author_name="kustomization/web.shop", text="Reconciliation finished in 8s", color="good"),
        attachment(text="Workflow *CI* succeeded in <https://github.com/o/r/actions/runs/1|o/r>", color="good"),
        attachment(title="Pipeline #78 has passed in 03:20", title_link="https://gitlab.example/g/web/-/pipelines/78", color="good"),
    ],
)  # fmt: skip
def test_the_good_news_of_delivery_tools_is_no_alert(post: JsonObject) -> None:
    assert isinstance(understand(post), Refusal)

"""Who posts: monitoring programs by the addresses in their posts and the names they post under."""

import re

from bot.alerts.message import SlackMessage

# address → name; only products that watch things, so a match is also a sign of an alert
_BY_LINK: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"://(?:[\w-]+\.)*{pattern}", re.IGNORECASE), vendor)
    for pattern, vendor in (
        (r"pingdom\.com/", "pingdom"),
        (r"uptimerobot\.com/", "uptimerobot"),
        (r"(?:victorops\.com|splunkoncall\.com)/", "splunk_oncall"),
        (r"(?:betterstack\.com|betteruptime\.com)/", "betterstack"),
        (r"checklyhq\.com/", "checkly"),
        (r"(?:dynatrace\.com|dynatracelabs\.com)/", "dynatrace"),
        (r"(?:appdynamics\.com)/", "appdynamics"),
        (r"(?:honeycomb\.io)/", "honeycomb"),
        (r"(?:signalfx\.com|observability\.splunkcloud\.com)/", "splunk_observability"),
        (r"(?:sumologic\.com)/", "sumologic"),
        (r"(?:logz\.io)/", "logzio"),
        (r"(?:statuscake\.com)/", "statuscake"),
        (r"(?:site24x7\.com)/", "site24x7"),
        (r"(?:rollbar\.com)/", "rollbar"),
        (r"(?:bugsnag\.com)/", "bugsnag"),
        (r"(?:airbrake\.io)/", "airbrake"),
        (r"(?:honeybadger\.io)/", "honeybadger"),
        (r"(?:scoutapm\.com)/", "scout"),
        (r"(?:cronitor\.io)/", "cronitor"),
        (r"(?:deadmanssnitch\.com)/", "deadmanssnitch"),
        (r"(?:freshping\.io)/", "freshping"),
        (r"(?:updown\.io)/", "updown"),
        (r"(?:squadcast\.com)/", "squadcast"),
        (r"(?:firehydrant\.com|firehydrant\.io)/", "firehydrant"),
        (r"(?:rootly\.com)/", "rootly"),
        (r"(?:coralogix\.com)/", "coralogix"),
        (r"(?:logicmonitor\.com)/", "logicmonitor"),
        (r"(?:console\.cloud\.google\.com/monitoring)", "google_cloud"),
        (r"(?:portal\.azure\.com)/", "azure_monitor"),
        (r"(?:[\w.-]+)/app/(?:observability|management/insightsAndAlerting|monitoring)\b", "kibana"),
    )
)
_BY_NAME: tuple[tuple[str, str], ...] = (
    ("elastalert", "elastalert"), ("pingdom", "pingdom"), ("uptimerobot", "uptimerobot"), ("victorops", "splunk_oncall"),
    ("splunk on-call", "splunk_oncall"), ("better stack", "betterstack"), ("better uptime", "betterstack"), ("checkly", "checkly"),
    ("dynatrace", "dynatrace"), ("nagios", "nagios"), ("icinga", "icinga"), ("sensu", "sensu"), ("checkmk", "checkmk"),
    ("prtg", "prtg"), ("librenms", "librenms"), ("statuscake", "statuscake"), ("site24x7", "site24x7"), ("rollbar", "rollbar"),
    ("bugsnag", "bugsnag"), ("honeycomb", "honeycomb"), ("splunk", "splunk"), ("graylog", "graylog"), ("sumo logic", "sumologic"),
    ("google cloud monitoring", "google_cloud"), ("azure monitor", "azure_monitor"), ("cronitor", "cronitor"),
    ("gatus", "gatus"), ("kapacitor", "kapacitor"), ("influx", "influxdb"), ("monit", "monit"), ("kibana", "kibana"),
    ("squadcast", "squadcast"), ("firehydrant", "firehydrant"), ("rootly", "rootly"), ("elastic", "kibana"),
)  # fmt: skip
_WATCHER = re.compile(r"alert|monitor|uptime|watch|alarm|pager|incident|nagios|sensu|health", re.IGNORECASE)


def known_vendor(message: SlackMessage) -> str | None:
    """The monitoring product that posted, by its addresses or its name; None for one this table does not know."""
    for pattern, vendor in _BY_LINK:
        if message.has_link(pattern):
            return vendor
    name = message.username.casefold()
    return next((vendor for part, vendor in _BY_NAME if part in name), None)


def name_vendor(message: SlackMessage) -> str:
    """The product, or the poster's name in small letters, or `general`."""
    slug = re.sub(r"[^a-z0-9]+", "_", message.username.casefold()).strip("_")[:60]
    return known_vendor(message) or slug or "general"


def watches(message: SlackMessage) -> bool:
    """Whether the poster is one that watches things."""
    return known_vendor(message) is not None or _WATCHER.search(message.username) is not None

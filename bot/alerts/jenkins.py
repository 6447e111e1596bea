"""Jenkins: `job - #412 Failure after 31 min (Open)`.

https://github.com/jenkinsci/slack-plugin/blob/master/src/main/java/jenkins/plugins/slack/ActiveNotifier.java
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from core.alert import Alert, AlertStatus

VENDOR = "jenkins"
_BUILD = re.compile(
    r"(.{1,300}?)\s-\s#(\d{1,9})\s(Still Failing|Still Unstable|Failure|Failed|Unstable|Regression|Aborted|Back to normal|Fixed)\b",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Jenkins; None for any other post."""
    lines = (without_emoji(plain(line)) for line in message.headlines[:4])
    build = next((match for line in lines if (match := _BUILD.match(line))), None)
    if build is None:
        return None
    job, _, result = build.groups()
    is_over = result.casefold() in {"back to normal", "fixed"}
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.RESOLVED if is_over else AlertStatus.FIRING,
        title=job,
        key=(job,),
    )

import pytest

from bot.digest_teams import DigestTeam, read_teams
from bot.settings import load_settings
from core.errors import SettingsError

CHANNEL = "ORCHESTRATOR_DIGEST_CHANNEL"


@pytest.mark.parametrize(
    ("text", "teams"),
    [
        ("channel=C1", (DigestTeam(channel="C1"),)),
        (
            "team=payments; channel=#payments-oncall; cron=30 8 * * 5; tz=Europe/Berlin; services=billing, refunds",
            (
                DigestTeam(
                    team="payments",
                    channel="payments-oncall",
                    cron="30 8 * * 5",
                    tz="Europe/Berlin",
                    services=("billing", "refunds"),
                ),
            ),
        ),
        ("team=a;channel=C1 | team=b;channel=C2\nteam=c;channel=C3", tuple(
            DigestTeam(team=team, channel=channel) for team, channel in (("a", "C1"), ("b", "C2"), ("c", "C3"))
        )),
        ('[{"team": "a", "channel": "C1", "rotations": ["platform"]}]', (
            DigestTeam(team="a", channel="C1", rotations=("platform",)),
        )),
    ],
)  # fmt: skip
def test_teams_are_read_as_pairs_or_as_json(text: str, teams: tuple[DigestTeam, ...]) -> None:
    assert read_teams(text) == teams


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"ORCHESTRATOR_DIGESTS": "team=a"}, "ORCHESTRATOR_DIGESTS cannot be used: channel of team 1: Field required"),
        ({"ORCHESTRATOR_DIGESTS": "team=a;channel=C1;cron=9"}, "the cron expression '9' has 1 fields instead of 5"),
        ({"ORCHESTRATOR_DIGESTS": "team=a;channel=C1;tz=CEST"}, "the time zone 'CEST' is not known"),
        ({"ORCHESTRATOR_DIGESTS": "team=a;channel=C1|team=a;channel=C2"}, "the team a is named twice"),
        ({"ORCHESTRATOR_DIGESTS": "weekly"}, "'weekly' cannot be read: write each name once"),
        ({"ORCHESTRATOR_DIGESTS": "[{]"}, "it is no JSON"),
        ({"ORCHESTRATOR_DIGESTS": "team=a;chanel=C1"}, "chanel of team 1: Extra inputs"),
        ({"ORCHESTRATOR_DIGESTS": "channel=C1", CHANNEL: "C2"}, "are both set"),
        (
            {CHANNEL: "C1", "ORCHESTRATOR_DIGEST_CRON": "0 25 * * *"},
            "the cron expression '0 25 [*] [*] [*]' cannot be read",
        ),
        ({CHANNEL: "C1", "ORCHESTRATOR_DIGEST_TZ": "Berlin"}, "the time zone 'Berlin' is not known"),
        ({"ORCHESTRATOR_DIGEST_GRACE_H": "0"}, "ORCHESTRATOR_DIGEST_GRACE_H is '0': set it to a number of hours"),
    ],
)
def test_what_cannot_be_planned_is_told_before_the_start(
    variables: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=reason):
        load_settings(env_file=None)


def test_a_channel_alone_means_mondays_at_nine_by_the_clock_of_the_rota(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(env_file=None).digest_teams == ()
    monkeypatch.setenv(CHANNEL, "#ops-digest")
    [team] = load_settings(env_file=None).digest_teams
    assert (team.channel, team.cron, team.tz, team.key) == ("ops-digest", "0 9 * * 1", None, "digest:on-call")

"""What is asked of Brightwater Ferries, a second and smaller company; each answer was read out of its files by hand."""

from typing import Any

from tests.acceptance.asking import Question


def _window(service: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"service": service, "start_time": start, "end_time": end, **more}


QUESTIONS = {
    # Incidents: brightwater_data.py says what is planted
    "slow_shop": Question(
        task="SEV1 alarm: the ticket shop is slow. Check metrics and logs of fares-api from 2026-05-12T01:00:00Z to 01:30:00Z, find "
        "related BWI incidents, recommend the escalation timing, cite policy_v2 and oncall_rota.",
        says=(
            "2026-05-12 01:04 UTC", "2026-05-12 01:12 UTC", "2026-05-12 01:18 UTC", "2026-05-12 01:30 UTC",
            "Teodor Lindgren", "Haruka Mori", "Samuel Adjei", "15 consecutive minutes",
        ),
        cause="release 26.5.3",
        cites=("policy_v2", "oncall_rota", "metrics", "logs"),
        verdict="confirmed",
    ),
    "gates": Question(
        task="SEV2: boarding gates stay shut, why? Investigate gatekeeper and say whom to page.",
        context=_window("gatekeeper", "2026-05-13T22:05:00Z", "2026-05-13T22:40:00Z", project_key="BWI"),
        says=("duty engineer Yui Shimizu", "+15 minutes", "+30 minutes", "+60 minutes"),
        never=("duty engineer Teodor Lindgren",),
        cause="tidefeed",
        cites=("policy_v2", "oncall_rota", "logs", "metrics"),
        verdict="not_confirmed",
    ),
    "full_disk": Question(
        task="Alert: manifestd errors",
        context=_window("manifestd", "2026-05-15T05:00:00Z", "2026-05-15T05:40:00Z"),
        cause="a disk without room",
        cites=("metrics", "logs", "policy_v2"),
        verdict="not_confirmed",
    ),
    "uneven_but_well": Question(
        task="Is seatmap slow? Look at 2026-05-12 between 01:00 and 01:30 UTC.",
        says=("seatmap looks healthy",),
        never=("deployment", "changed"),
        cites=("metrics",),
        verdict="healthy",
    ),
    # Releases: policy_v2 section 4
    "revert": Question(
        task="Must we revert when p95 latency was above 950 ms for 11 minutes? Cite policy_v2 and the github_actions config.",
        says=("Yes: rollback is mandatory",),
        cites=("policy_v2", "github_actions"),
    ),
    "revert_at_the_limit": Question(
        task="Must we revert when p95 latency exceeds 950 ms for ten minutes?",
        says=("No: rollback is not mandatory",),
        never=("Yes: rollback",),
        cites=("policy_v2",),
    ),
    "revert_for_errors": Question(
        task="Error rate at 5 % for six minutes after the release: roll back?",
        says=("Not mandatory: rollback is recommended",),
        never=("Yes: rollback",),
        cites=("policy_v2",),
    ),
    "reverted_rightly": Question(
        task="Was it mandatory to roll back fares-api between 2026-05-12 01:00 and 01:30 UTC?",
        says=("15 consecutive minutes", "a rollback was mandatory"),
        never=("a rollback was not mandatory",),
        cites=("policy_v2", "metrics", "logs"),
    ),
    "reverted_or_not": Question(
        task="Did the release of fares-api have to be reverted?",
        context=_window("fares-api", "2026-05-15T08:00:00Z", "2026-05-15T08:40:00Z"),
        says=("10 consecutive minutes", "a rollback was not mandatory"),
        never=("a rollback was mandatory",),
        cites=("policy_v2", "metrics"),
    ),
    "revert_by_the_first_edition": Question(
        task="By policy_v1, did we have to revert with p95 latency above 1600 ms for 25 minutes?",
        says=("Not mandatory: rollback is recommended",),
        never=("Yes: rollback",),
        cites=("policy_v1",),
    ),
    # The duty roster, Tokyo time (UTC+9)
    "covered": Question(
        task="Who was duty engineer at 2026-05-13T22:15:00Z?",
        says=("duty engineer Yui Shimizu", "Teodor Lindgren", "backup engineer Haruka Mori"),
        never=("duty engineer Teodor Lindgren", "Mirela Popa"),
        cites=("oncall_rota",),
        verdict="confirmed",
    ),
    "a_minute_before_the_watch_changes": Question(
        task="Who is on call at 2026-05-14T00:59:00Z?",
        says=("duty engineer Yui Shimizu", "backup engineer Haruka Mori", "marine duty manager Samuel Adjei"),
        never=("Mirela Popa",),
        cites=("oncall_rota",),
    ),
    "the_watch_changes": Question(
        task="Who is on call at 2026-05-14T01:00:00Z?",
        says=("duty engineer Mirela Popa", "backup engineer Teodor Lindgren", "marine duty manager Aiko Brandsma"),
        never=("Yui Shimizu", "Samuel Adjei"),
        cites=("oncall_rota",),
    ),
    "tokyo_time": Question(
        task="Who is the backup engineer on call on 2026-05-21 at 09:30 Asia/Tokyo?",
        says=("backup engineer Teodor Lindgren",),
        never=("backup engineer Mirela Popa",),
        cites=("oncall_rota",),
    ),
    "week": Question(
        task="Who is on duty in the week that starts 2026-05-21?",
        says=("duty engineer Haruka Mori", "backup engineer Mirela Popa", "marine duty manager Samuel Adjei"),
        never=("Teodor Lindgren",),
        cites=("oncall_rota",),
    ),
    "iso_week": Question(
        task="Who has on-call duty in week 2026-W20?",  # Monday 11 to Sunday 17 May: the watch changes within it
        says=("duty engineer Teodor Lindgren", "duty engineer Mirela Popa", "Yui Shimizu"),
        never=("duty engineer Haruka Mori",),
        cites=("oncall_rota",),
    ),
    # The two editions
    "sev1_compared": Question(
        task="Compare the SEV1 escalation duties of policy_v1 and policy_v2.",
        says=(
            "15 minutes in policy_v1 → 4 minutes in policy_v2", "25 minutes in policy_v1 → 12 minutes in policy_v2",
            "45 minutes in policy_v1 → 18 minutes in policy_v2", "90 minutes in policy_v1 → 30 minutes in policy_v2",
        ),
        never=("Loosened",),
        cites=("policy_v1", "policy_v2"),
    ),
    "sev2_compared": Question(
        task="What changed for a SEV2 between the two policies?",
        says=(
            "30 minutes in policy_v1 → 15 minutes in policy_v2", "50 minutes in policy_v1 → 30 minutes in policy_v2",
            "2 hours in policy_v1 → 60 minutes in policy_v2", "Added for SEV2 in policy_v2, 60 minutes",
        ),
        never=("Loosened",),
        cites=("policy_v1", "policy_v2"),
    ),
    "releases_compared": Question(
        task="Compare what the first and the second edition of the policy say about reverting a release.",
        says=("Tightened: rollback recommended", "exceeds 1500 ms", "exceeds 900 ms", "Added in policy_v2: rollback recommended"),
        never=("acknowledges",),
        cites=("policy_v1", "policy_v2"),
    ),
    # Duties
    "sev3": Question(
        task="How long do we have to acknowledge a SEV3?",
        says=("four working hours",),
        never=("within 4 minutes", "eight working hours"),
        cites=("policy_v2",),
    ),
    "sev4": Question(
        task="SEV4 incident: when must it be acknowledged?",
        says=("SEV4",),
        never=("within 4 minutes", "four working hours"),
        cites=("policy_v2",),
        verdict="not_confirmed",
    ),
    "unowned_sev2": Question(
        task="SEV2 without an owner, T+30: which response steps should be done, and what is next?",
        says=("+12 minutes", "+28 minutes", "Next for an unowned SEV2, at +45 minutes", "appoint an owner"),
        cites=("policy_v2",),
    ),
    "unowned_sev2_in_other_words": Question(
        task="Nobody is assigned to our SEV2, it is minute 30. Which steps are due, and what is next?",
        says=("+12 minutes", "+28 minutes", "Next for an unowned SEV2, at +45 minutes"),
        cites=("policy_v2",),
    ),
    "unowned_sev1": Question(
        task="Nobody has owned the SEV1 ticket for 9 minutes. What are the next steps?",
        says=("+3 minutes", "+8 minutes", "Next for an unowned SEV1, at +14 minutes"),
        cites=("policy_v2",),
    ),
    "unowned_sev4": Question(
        task="What happens to an unowned SEV4?",
        says=("Wednesday deck meeting",),
        cites=("policy_v2",),
    ),
    # Tickets and channels
    "spinner": Question(
        task="Find open BWI incident tickets that mention price spinner, summarise the ownership gaps, propose the next communication "
        "channels from slack_config and policy_v2.",
        says=("2 open tickets", "BWI-70", "1 of 2 has no assignee: BWI-71", "#unclaimed"),
        never=("BWI-75", "BWI-76"),
        cites=("BWI-70", "BWI-71", "slack_config", "policy_v2"),
    ),
    "status_of_another_language": Question(
        task="Which BWI incident tickets have the status 保留中?",
        says=("BWI-74",),
        never=("BWI-70", "BWI-73", "BWI-61"),
        cites=("BWI-74",),
    ),
    "tickets_of_a_person": Question(
        task="Which open incidents are assigned to Yui Shimizu?",
        says=("BWI-72", "BWI-74"),
        never=("BWI-73", "BWI-70"),
        cites=("BWI-72", "BWI-74"),
    ),
    "channel_of_a_sev2": Question(
        task="Which channels do we use for a SEV2 incident?",
        says=("#sev2-deck",),
        never=("#sev1-bridge", "#small-stuff"),
        cites=("slack_config",),
    ),
    # Facts of files
    "crew": Question(
        task="Which crew owns gatekeeper, and what does it depend on?",
        says=("Harbour", "tidefeed", "manifestd"),
    ),
    "workflow_limit": Question(
        task="What is the p95 limit in the release workflow? Cite github_actions.",
        says=("900",),
        cites=("github_actions",),
    ),
    "two_questions": Question(
        task="Who is on call on 2026-05-16, and when must the fleet director be told of a SEV1?",
        says=("duty engineer Mirela Popa", "+30 minutes: Fleet director is told"),
        cites=("oncall_rota", "policy_v2"),
    ),
    "two_severities": Question(
        task="How quickly must a SEV1 and a SEV2 be acknowledged?",
        says=("sets out for SEV1: +4 minutes", "sets out for SEV2: +15 minutes"),
        cites=("policy_v2",),
    ),
    "order_of_movement": Question(
        task="gatekeeper errors on 2026-05-13 22:05 to 22:40 UTC, which service moved first?",
        says=("gatekeeper is degraded: error rate 0.4 % → 33.1 %", "22:10 UTC tidefeed (error rate); 22:13 UTC gatekeeper"),
        cause="tidefeed, on which gatekeeper depends",
        verdict="not_confirmed",
    ),
    "fuel": Question(
        task="What did the fuel of the ferries cost in April?",
        says=("no source",),
        verdict="not_confirmed",
    ),
}  # fmt: skip

"""Who is on call, week by week, and the configuration file that says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from company_details.generator.people import BY_NAME

FIRST_WEEK = date(2025, 12, 1)
LAST_WEEK = date(2026, 4, 20)
ZONE = "Europe/Lisbon"
HAND_OVER = "09:00"

ROTATIONS: dict[str, tuple[str, ...]] = {
    "platform": (
        *("Samir Khoury", "Mei-Ling Chow", "Tomasz Wieczorek", "Priya Raghunathan"),
        *("Olufemi Adeyemi", "Kwame Boateng", "Rui Tavares", "Arjun Menon"),
    ),
    "payments": ("Marc-André Gagnon", "Leila Haddad", "Yuki Tanabe"),
}
PURPOSE = {
    "platform": "every production service of the company; the first to be paged",
    "payments": "payments-service and billing-service, paged together with platform",
}


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody stands in for somebody else between two local times."""

    rotation: str
    role: str
    start: str
    end: str
    absent: str
    covers: str
    reason: str


OVERRIDES: tuple[Override, ...] = (
    Override(
        "platform",
        "primary",
        "2025-12-24 18:00",
        "2025-12-26 09:00",
        "Priya Raghunathan",
        "Arjun Menon",
        "holiday swap",
    ),
    Override(
        "platform", "secondary", "2026-01-21 09:00", "2026-01-22 09:00", "Samir Khoury", "Kwame Boateng", "travel"
    ),
    Override(
        "platform",
        "primary",
        "2026-02-12 18:00",
        "2026-02-13 10:00",
        "Tomasz Wieczorek",
        "Olufemi Adeyemi",
        "school concert, swapped for 2026-03-05",
    ),
    Override(
        "platform",
        "primary",
        "2026-03-05 18:00",
        "2026-03-06 10:00",
        "Kwame Boateng",
        "Tomasz Wieczorek",
        "evening course",
    ),
    Override(
        "payments", "primary", "2026-03-19 09:00", "2026-03-20 09:00", "Marc-André Gagnon", "Yuki Tanabe", "conference"
    ),
)


def weeks() -> list[date]:
    """Every Monday on which a shift begins."""
    count = (LAST_WEEK - FIRST_WEEK).days // 7 + 1
    return [FIRST_WEEK + timedelta(weeks=number) for number in range(count)]


def shift(rotation: str, monday: date) -> tuple[str, str]:
    """Primary and secondary of the week that starts on `monday`; the secondary of one week is primary in the next."""
    people = ROTATIONS[rotation]
    number = (monday - FIRST_WEEK).days // 7
    return people[number % len(people)], people[(number + 1) % len(people)]


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def on_call(moment: datetime, rotation: str = "platform") -> tuple[str, str]:
    """Primary and secondary at a moment, swaps counted."""
    local = moment.astimezone(ZoneInfo(ZONE))
    shifted = local - timedelta(hours=int(HAND_OVER[:2]))
    monday = shifted.date() - timedelta(days=shifted.weekday())
    primary, secondary = shift(rotation, monday)
    for swap in OVERRIDES:
        if swap.rotation == rotation and _local(swap.start) <= local < _local(swap.end):
            primary, secondary = (swap.covers, secondary) if swap.role == "primary" else (primary, swap.covers)
    return primary, secondary


def rota_yaml() -> str:
    """The text of `oncall_rota.yaml`."""
    lines = [
        "# On-call rota. The week runs from Monday to Monday; the hand-over is at the time and in the zone below.",
        "# Swaps belong in `overrides` before they start (policy_v2 section 8).",
        "version: 3",
        f"timezone: {ZONE}",
        "handover:",
        "  day: Monday",
        f'  time: "{HAND_OVER}"',
        'note: "the outgoing primary writes the hand-over note before the hand-over, in #ops-digest"',
        "",
        "pager:",
        "  number: +351 21 000 0100",
        "  repeat_every_minutes: 2",
        "",
        "escalation:",
        "  - {level: 1, who: primary}",
        "  - {level: 2, who: secondary}",
        '  - {level: 3, who: "engineering manager of the owning team"}',
        '  - {level: 4, who: "Margarida Antunes", role: "head of engineering"}',
        "",
        "rotations:",
    ]
    for rotation, people in ROTATIONS.items():
        lines += [f"  {rotation}:", f'    covers: "{PURPOSE[rotation]}"', "    participants:"]
        lines += [
            f'      - {{name: "{name}", handle: "@{BY_NAME[name].handle}", team: {BY_NAME[name].team}}}'
            for name in people
        ]
        lines.append("    shifts:")
        for monday in weeks():
            primary, secondary = shift(rotation, monday)
            lines += [f"      - week_start: {monday}", f"        primary: {primary}", f"        secondary: {secondary}"]
    lines += ["", "overrides:"]
    for swap in OVERRIDES:
        lines += [
            f"  - rotation: {swap.rotation}",
            f"    role: {swap.role}",
            f'    start: "{swap.start}"',
            f'    end: "{swap.end}"',
            f"    instead_of: {swap.absent}",
            f"    person: {swap.covers}",
            f"    reason: {swap.reason}",
        ]
    return "\n".join(lines) + "\n"

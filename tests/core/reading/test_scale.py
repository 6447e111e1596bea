"""What a company calls how bad something is: read from its policy, ranked, and found in running text."""

import pytest

from core.policy.duty_reading import read_obligations
from core.policy.obligations import ladder
from core.policy.scale_reading import read_scale
from core.reading.scale import GENERAL, Scale
from tests.core.excerpts import config, policy

COLOURS = Scale(names=("Violet", "Crimson", "Ochre"))
LETTERS = Scale(names=("Sev-A", "Sev-B", "Sev-C"))
CLASSES = Scale(names=("Class 1", "Class 2", "Class 3"))

TABLE = """
# Severities

| Severity | Meaning |
| --- | --- |
| **Violet** | nobody can trade |
| **Crimson** (serious) | one market is shut |
| **Ochre** | a nuisance |
"""
RISING = """
## How bad is it

We go from the mildest to the worst:

- **Ochre**: a nuisance.
- **Crimson**: one market is shut.
- **Violet**: nobody can trade.
"""
BY_TIMES = """
## Levels

- Ochre: a nuisance
- Violet: nobody can trade

## Duties

| Duty | Ochre | Violet |
| --- | --- | --- |
| The dealer on duty must acknowledge | within 40 minutes | within 3 minutes |
"""
PROSE = """
## Terms

There are three severities, Violet (nobody can trade), Crimson (one market is shut) and Ochre (a nuisance). Violet is the worst.
"""
HEADINGS = """
## Severity levels

### Violet

Nobody can trade.

### Crimson

One market is shut.
"""
PLAIN = """
## Severities

| Level | Meaning |
| --- | --- |
| P1 – Critical | nobody can trade |
| P2 – High | one market is shut |
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (TABLE, ("Violet", "Crimson", "Ochre")),
        (RISING, ("Violet", "Crimson", "Ochre")),
        (BY_TIMES, ("Violet", "Ochre")),
        (PROSE, ("Violet", "Crimson", "Ochre")),
        (HEADINGS, ("Violet", "Crimson")),
        (PLAIN, ()),
        ("## Severities\n\n- Critical: all\n- High: some\n- Low: none\n", ()),
        ("## Severities\n\n- Sev-A: all\n- Sev-B: some\n", ("Sev-A", "Sev-B")),
        ("## Severities\n\n- Class 1: all\n- Class 2: some\n", ("Class 1", "Class 2")),
        ("## Severities\n\n- Moderate: all\n- Minor: some\n", ("Moderate", "Minor")),
        ("## Owners\n\n- Anna: harbour\n- Bo: ships\n", ()),
    ],
)
def test_the_names_of_a_policy_are_ranked_as_it_ranks_them(text: str, names: tuple[str, ...]) -> None:
    assert read_scale(policy(text).passages).names == names


def test_the_tracker_tells_the_names_where_the_policy_does_not() -> None:
    tracker = config("severity:\n  field: customfield_1\n  values: [Violet, Crimson]\n", "jira_config")
    assert read_scale((), tracker.passages).names == ("Violet", "Crimson")


@pytest.mark.parametrize(
    ("scale", "text", "levels"),
    [
        (COLOURS, "Violet: the dealer is paged", {1}),
        (COLOURS, "a crimson incident nobody owns", {2}),
        (COLOURS, "severity: ochre", {3}),
        (COLOURS, "severities: [violet, crimson]", {1, 2}),
        (COLOURS, "Crimson and above must be told", {1, 2}),
        (COLOURS, "from Violet to Ochre", {1, 2, 3}),
        (COLOURS, "the ochre paint of the violet wall", set[int]()),
        (COLOURS, "P1", {1}),
        (LETTERS, "for Sev-A and Sev-C", {1, 3}),
        (LETTERS, "a sev B ticket", {2}),
        (LETTERS, "Severity C", {3}),
        (LETTERS, "a plan B is needed", set[int]()),
        (LETTERS, "Sev-A/B incidents", {1, 2}),
        (CLASSES, "any class 2 outage", {2}),
        (CLASSES, "2 outages of 3", set[int]()),
    ],
)
def test_its_names_are_found_in_running_text(scale: Scale, text: str, levels: set[int]) -> None:
    assert scale.levels(text) == levels


@pytest.mark.parametrize(
    ("name", "level"), [("Crimson", 2), ("crimson", 2), ("Code Crimson", 2), ("critical", 1), (None, None)]
)
def test_a_severity_is_ranked_by_its_name(name: str | None, level: int | None) -> None:
    assert COLOURS.level(name) == level


def test_duties_are_read_for_the_companys_own_severities() -> None:
    duties = read_obligations(policy(BY_TIMES), Scale(names=("Violet", "Ochre")))
    assert [rung.minutes for rung in ladder(duties, 1, unowned=False)] == [3]
    assert [rung.minutes for rung in ladder(duties, 2, unowned=False)] == [40]


def test_without_names_of_its_own_the_general_ones_are_read() -> None:
    assert GENERAL.levels("P2 and SEV-3") == {2, 3}

"""`python -m bot policies`: what a pack's policies and rota say, and what of them is left unread."""

from pathlib import Path

from bot.policies import read_policies, to_lines
from retrieval.reference_files import CompanyReferenceFiles


def pack(folder: Path) -> CompanyReferenceFiles:
    (folder / "policies").mkdir()
    (folder / "configs").mkdir()
    (folder / "policies" / "policy_v2.md").write_text(
        "# Severities\n\n- **Violet**: all is shut\n- **Ochre**: a nuisance\n\n# Duties\n\n"
        "For Violet, the pilot must answer within 7 minutes. The pilot must leave before 09:00.\n\n"
        "# Releases\n\nA release must be undone when the error rate stays above 3 % for 6 minutes.\n"
    )
    (folder / "configs" / "oncall_rota.yaml").write_text(
        "zone: Europe/Lisbon\nhandover: '06:45'\nshifts:\n  - {from: 03.07.2026, to: 10.07.2026, duty_pilot: Rui Salgado}\n"
    )
    return CompanyReferenceFiles(folder)


def test_rules_are_told_with_their_lines_and_what_is_unread_or_missing_too(tmp_path: Path) -> None:
    reading = read_policies(pack(tmp_path))
    assert reading.severities == ("Violet", "Ochre")
    assert [(line.source, line.kind, line.place) for line in reading.lines] == [
        ("policy_v1", "missing", ""),
        ("policy_v2", "duty", "policy_v2.md:8-8"),
        ("policy_v2", "rollback", "policy_v2.md:12-12"),
        ("policy_v2", "unread", "policy_v2.md:8-8"),
        ("governance_notes", "missing", ""),
        ("oncall_rota", "shift", "oncall_rota.yaml:4-4"),
    ]
    assert reading.lines[1].text == "[Violet] must, within 7 minutes: the pilot must answer within 7 minutes"


def test_the_printed_reading_begins_with_the_severities_and_ends_with_how_much_is_unread(tmp_path: Path) -> None:
    lines = list(to_lines(read_policies(pack(tmp_path))))
    assert lines[0] == "severities, worst first: Violet, Ochre"
    assert lines[-1].startswith("\n1 line with a duty and a number could not be read")

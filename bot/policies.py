"""The company's policies and rota as orch reads them, for whoever writes a pack: the rules, and the lines left unread."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ToolError
from core.evidence import ReferenceExcerpt
from core.policy.duty_reading import read_obligations
from core.policy.rota_entries import read_rota
from core.policy.scale_reading import read_scale
from core.policy.triggers import is_rollback_rule, read_rollback_rules
from core.policy.unread import read_unread
from core.reading.quantities import minutes_text
from core.reading.scale import Scale
from retrieval.reference_files import CompanyReferenceFiles

ROTA = "oncall_rota"
TRACKER = "jira_config"
_GENERAL = "P1 to P5, SEV1 to SEV5, critical to low, as everybody uses them"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was read, or not: its `kind` (`duty`, `rollback`, `shift`, `exchange`, `unread`, `missing`), its place, what it says."""

    source: str
    kind: str
    place: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The names of severities, the worst first (none: the general ones), and every line."""

    severities: tuple[str, ...]
    lines: tuple[Line, ...]


def read_policies(references: CompanyReferenceFiles) -> Reading:
    """What the pack's policies and rota say, in the order of the files; blocking. A file that is missing is a line."""
    policies = [source for source in references.sources if source.startswith("policy")]
    excerpts = {
        source: found
        for source in (*policies, "governance_notes", ROTA, TRACKER)
        if (found := _whole(references, source))
    }
    newest = next((excerpts[source] for source in sorted(policies, reverse=True) if source in excerpts), None)
    tracker = excerpts.get(TRACKER)
    scale = read_scale(newest.passages if newest else (), tracker.passages if tracker else ())
    lines: list[Line] = []
    for source in (*sorted(policies), "governance_notes"):
        lines += _policy(excerpts[source], scale) if source in excerpts else [_missing(source)]
    lines += _rota(excerpts[ROTA]) if ROTA in excerpts else [_missing(ROTA)]
    return Reading(severities=scale.names, lines=tuple(lines))


def to_lines(reading: Reading) -> Iterator[str]:
    """The reading for a terminal or a pipe: a heading a file, a line a rule, then what was left unread."""
    yield f"severities, worst first: {', '.join(reading.severities) or _GENERAL}"
    for source in dict.fromkeys(line.source for line in reading.lines):
        of = [line for line in reading.lines if line.source == source]
        unread = [line for line in of if line.kind in {"unread", "missing"}]
        yield f"\n{source}: {len(of) - len(unread)} read, {len(unread)} unread"
        for line in of:
            yield f"  {line.kind:8} {line.place:>24}  {line.text}"
    left = sum(line.kind == "unread" for line in reading.lines)
    yield (
        f"\n{left} line{'' if left == 1 else 's'} with a duty and a number could not be read as a rule: "
        "answers do not count on them. One duty a sentence, with its severity and its limit, is read best."
        if left
        else "\nEvery line with a duty and a number was read as a rule."
    )


def _whole(references: CompanyReferenceFiles, source: str) -> ReferenceExcerpt | None:
    try:
        document = references.document(source)
    except ToolError:
        return None
    return ReferenceExcerpt(source=source, path=document.path, query=None, passages=document.passages, truncated=False)


def _policy(excerpt: ReferenceExcerpt, scale: Scale) -> Iterator[Line]:
    for duty in read_obligations(excerpt, scale):
        if is_rollback_rule(duty.text):
            continue
        names = ", ".join(_named(level, scale) for level in sorted(duty.levels)) or "all"
        when = f"{'every ' if duty.recurring else 'within '}{duty.limit}"
        unowned = ", nobody owns it" if duty.unowned else ""
        yield _line(excerpt, "duty", duty.cite().locator, f"[{names}{unowned}] {duty.modality}, {when}: {duty.text}")
    for rule in read_rollback_rules(excerpt):
        within = (
            f", within {minutes_text(rule.after_deployment_minutes)} of a deployment"
            if rule.after_deployment_minutes
            else ""
        )
        yield _line(excerpt, "rollback", rule.cite().locator, f"{rule.modality} when “{rule.condition.quote}”{within}")
    for left in read_unread(excerpt, scale):
        yield _line(excerpt, "unread", left.place, left.text)


def _rota(excerpt: ReferenceExcerpt) -> Iterator[Line]:
    rota = read_rota(excerpt)
    if not rota.shifts:
        yield _line(excerpt, "unread", excerpt.path, "no entry with a first day and a person in a role")
    for shift in rota.shifts:
        people = ", ".join(f"{role.replace('_', ' ')} {name}" for role, name in shift.roles.items())
        hour = f"{shift.start} to {shift.end}, {rota.handover:%H:%M} {rota.zone or 'UTC'}"
        yield _line(excerpt, "shift", shift.cite().locator, f"[{shift.rotation}] {hour}: {people}")
    for override in rota.overrides:
        yield _line(excerpt, "exchange", override.cite().locator, override.text)


def _named(level: int, scale: Scale) -> str:
    return scale.names[level - 1] if 0 < level <= len(scale.names) else f"level {level}"


def _line(excerpt: ReferenceExcerpt, kind: str, place: str, text: str) -> Line:
    return Line(source=excerpt.source, kind=kind, place=place.rpartition("/")[2], text=" ".join(text.split()))


def _missing(source: str) -> Line:
    return Line(source=source, kind="missing", place="", text="no such file, or it cannot be read")

"""What the sections compose from: the plan, and everything the calls brought in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from core.brief import Brief
from core.evidence import (
    IssueHits,
    KnowledgeHits,
    LogLines,
    MetricsWindow,
    ReferenceExcerpt,
    SearchHit,
    TicketList,
)
from core.findings.logs import LogGroup, group_lines
from core.findings.metrics import Change, find_changes, split_at
from core.plan import Plan
from core.policy.duty_reading import read_obligations
from core.policy.obligations import Obligation
from core.policy.remembered import Remembered
from core.policy.rota import Rota
from core.policy.rota_entries import read_rota
from core.policy.triggers import RollbackRule, read_rollback_rules
from core.reading.scale import GENERAL, Scale
from core.report import Citation
from core.result import ToolResult
from core.task import Request

ROTA_SOURCE = "oncall_rota"

_obligations = Remembered(read_obligations)
_rota = Remembered(read_rota)
_rollback_rules = Remembered(read_rollback_rules)


def _read_names(policy: ReferenceExcerpt, scale: Scale) -> tuple[tuple[int, str], ...]:
    found: dict[int, str] = {}
    for item in policy.passages:
        columns = " ".join(item.data) if isinstance(item.data, dict) else ""
        for name in scale.named(f"{' '.join(item.heading)} {item.text} {columns}"):
            found.setdefault(scale.level(name) or 0, name)
    return tuple(found.items())


_names = Remembered(_read_names)


def nearest_words(excerpt: ReferenceExcerpt, level: int | None = None, scale: Scale = GENERAL) -> tuple[Citation, ...]:
    """What to cite for a source that does not say it: a passage on that severity, else its first; none of an empty source."""
    quotable = [passage for passage in excerpt.passages if passage.text.strip()]
    about = (passage for passage in quotable if level is not None and level in scale.levels(passage.text))
    found = next(about, next(iter(quotable), None))
    return () if found is None else (excerpt.cite(found),)


@dataclass(frozen=True, kw_only=True)
class Material:
    """The request, the plan and the results of its calls; `now` is when the run began."""

    request: Request
    plan: Plan
    results: tuple[ToolResult, ...]
    now: datetime

    @property
    def brief(self) -> Brief:
        return self.plan.brief

    def outputs[T](self, kind: type[T]) -> Iterator[T]:
        """Every output of that kind, in the order of the plan."""
        for result in self.results:
            if isinstance(result.output, kind):
                yield result.output

    def reference(self, source: str) -> ReferenceExcerpt | None:
        return next((item for item in self.outputs(ReferenceExcerpt) if item.source == source), None)

    @property
    def policies(self) -> tuple[ReferenceExcerpt, ...]:
        """The policy versions that were read, oldest first (their names sort by version)."""
        found = {item.source: item for item in self.outputs(ReferenceExcerpt) if item.source.startswith("policy")}
        return tuple(found[source] for source in sorted(found))

    @property
    def policy(self) -> ReferenceExcerpt | None:
        """The newest policy that was read."""
        return self.policies[-1] if self.policies else None

    @cached_property
    def obligations(self) -> tuple[Obligation, ...]:
        """The timed duties of the newest policy; read once, since several sections need them."""
        return self.obligations_of(self.policy) if self.policy else ()

    def obligations_of(self, policy: ReferenceExcerpt) -> tuple[Obligation, ...]:
        """The timed duties of a policy."""
        return _obligations(policy, self.scale)

    def rollback_rules_of(self, policy: ReferenceExcerpt) -> tuple[RollbackRule, ...]:
        """When a policy wants a rollback, most binding first."""
        return _rollback_rules(policy)

    @cached_property
    def scale(self) -> Scale:
        """What the company calls how bad something is."""
        return Scale(names=self.brief.severity_names)

    @cached_property
    def severity_names(self) -> dict[int, str]:
        """What the newest policy calls each level of severity."""
        return dict(_names(self.policy, self.scale)) if self.policy else {}

    @cached_property
    def rota(self) -> Rota | None:
        """The on-call rota, where it was brought in; read once."""
        excerpt = self.reference(ROTA_SOURCE)
        return _rota(excerpt) if excerpt else None

    def measured(self, service: str) -> tuple[MetricsWindow, MetricsWindow] | None:
        """The service's incident window and the baseline before it, where both were brought in."""
        window = self.brief.window
        if window is None:
            return None
        found = [item for item in self.outputs(MetricsWindow) if item.service == service and item.series]
        incident = next((item for item in found if item.start_time >= window.start), None)
        baseline = next((item for item in found if item.end_time <= window.start), None)
        return None if incident is None or baseline is None else (incident, baseline)

    @cached_property
    def _around(self) -> dict[str, tuple[MetricsWindow, MetricsWindow] | None]:
        return {}

    @cached_property
    def _changes(self) -> dict[str, tuple[Change, ...]]:
        return {}

    def changes(self, service: str) -> tuple[Change, ...] | None:
        """The changes of a service in question, or of one around it, in the window; None where it was not measured. Found once."""
        if service not in self._changes:
            around = self.around(service)
            if around is None:
                return None
            self._changes[service] = find_changes(*around)
        return self._changes[service]

    def around(self, service: str) -> tuple[MetricsWindow, MetricsWindow] | None:
        """The window and what was before it, of a service in question or one around it."""
        if service not in self._around:
            own, window = self.measured(service), self.brief.window
            whole = None if own is not None or window is None else self.measured_with_before(service)
            if whole is not None and window is not None:
                before, during = split_at(whole, window.start)
                own = during, before
            self._around[service] = own
        return self._around[service]

    def measured_with_before(self, service: str) -> MetricsWindow | None:
        """A dependency's metrics: one window that reaches back over the baseline."""
        window = self.brief.window
        if window is None:
            return None
        found = (item for item in self.outputs(MetricsWindow) if item.service == service and item.series)
        return next((item for item in found if item.start_time < window.start < item.end_time), None)

    def log_lines(self, service: str) -> LogLines | None:
        """Every line of the service in the window."""
        return next((item for item in self._logs_of(service) if not self._is_before(item)), None)

    def log_lines_before(self, service: str) -> LogLines | None:
        """Every line of the service shortly before the window."""
        return next((item for item in self._logs_of(service) if self._is_before(item)), None)

    def _logs_of(self, service: str) -> Iterator[LogLines]:
        return (item for item in self.outputs(LogLines) if item.service == service and item.pattern is None)

    def _is_before(self, logs: LogLines) -> bool:
        window = self.brief.window
        return window is not None and logs.end_time <= window.start

    @cached_property
    def _log_groups(self) -> dict[str, tuple[LogGroup, ...]]:
        every = (item for item in self.outputs(LogLines) if item.pattern is None and not self._is_before(item))
        return {item.service: group_lines(item) for item in every}

    def log_groups(self, service: str) -> tuple[LogGroup, ...]:
        """The error and warning lines of the service in the window by shape; grouped once."""
        return self._log_groups.get(service, ())

    def change_lines(self, service: str) -> LogLines | None:
        """The service's lines that tell of changes, from before the window too."""
        found = (item for item in self.outputs(LogLines) if item.service == service and item.pattern is not None)
        return next(found, None)

    @property
    def tickets(self) -> TicketList | None:
        return next(self.outputs(TicketList), None)

    @property
    def knowledge_hits(self) -> tuple[SearchHit, ...]:
        return tuple(hit for hits in self.outputs(KnowledgeHits) for hit in hits.hits)

    @property
    def issue_hits(self) -> tuple[SearchHit, ...]:
        return tuple(hit for hits in self.outputs(IssueHits) for hit in hits.hits)

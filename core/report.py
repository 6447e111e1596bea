"""The answer that every door shows."""

from enum import StrEnum

from pydantic import Field

from core.base import Model


class Citation(Model):
    """Where a statement comes from: the source, the place in it, and its words or figures, verbatim.

    `citation_source` is a reference source (`policy_v2`), a ticket key (`OPS-142`), `metrics`, `logs` or a document name.
    `locator` is a path with lines (`policies/policy_v2.md:40-44`), a ticket link, or a query with its window.
    """

    citation_id: str
    citation_source: str
    locator: str
    quote: str


class ClaimKind(StrEnum):
    FACT = "fact"
    INFERENCE = "inference"
    RECOMMENDATION = "recommendation"


class Claim(Model):
    """One statement. A fact or an inference cites at least one source; the verifier holds it to that."""

    text: str
    kind: ClaimKind
    citation_ids: tuple[str, ...]


class Hypothesis(Model):
    """A possible cause. `supported_by` and `contradicted_by` are citation ids; `next_check` tells it from the others."""

    cause: str
    service: str | None
    confidence: float = Field(ge=0, le=1)
    supported_by: tuple[str, ...] = ()
    contradicted_by: tuple[str, ...] = ()
    next_check: str


class Action(Model):
    """What to do next: who, by when, and under which rule (`citation_ids`)."""

    text: str
    owner: str | None = None
    due: str | None = None
    citation_ids: tuple[str, ...] = ()


class Gap(Model):
    """Something that could not be shown: a source that failed, was refused, or had nothing.

    `essential` when something the task asks for stays open because of it.
    """

    what: str
    reason: str
    next_check: str
    essential: bool = False


class Health(StrEnum):
    """What the measurements of the window say of the service."""

    DEGRADED = "degraded"
    RECOVERED = "recovered"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


class Report(Model):
    """The answer with everything that backs it."""

    version: int = 1
    answer: str
    health: Health | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    actions: tuple[Action, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def citation(self, citation_id: str) -> Citation | None:
        return next((item for item in self.citations if item.citation_id == citation_id), None)

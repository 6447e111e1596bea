"""A report in the making."""

from collections.abc import Sequence

from core.report import Action, Citation, Claim, ClaimKind, Gap, Health, Hypothesis, Report


class Draft:
    """Collects claims and what backs them. The answer is made of claims alone, so every figure in it is backed."""

    def __init__(self) -> None:
        self._answer: list[str] = []
        self._claims: dict[str, Claim] = {}
        self._citations: dict[str, Citation] = {}
        self._hypotheses: list[Hypothesis] = []
        self._in_short: dict[str, str] = {}
        self._actions: dict[str, Action] = {}
        self._gaps: dict[tuple[str, str], Gap] = {}
        self._looked_in: dict[tuple[str, str], Sequence[Citation]] = {}
        self._told: set[tuple[str, str]] = set()
        self.health: Health | None = None

    def fact(self, text: str, *citations: Citation, headline: bool = False, lead: bool = False) -> None:
        """States what a source says or what is computed from it; `headline` puts it into the answer too, `lead` at its top."""
        self._claim(text, ClaimKind.FACT, citations, headline=headline or lead, lead=lead)

    def inference(self, text: str, *citations: Citation, headline: bool = False, lead: bool = False) -> None:
        """States what follows from cited facts and could still be otherwise."""
        self._claim(text, ClaimKind.INFERENCE, citations, headline=headline or lead, lead=lead)

    def recommendation(self, text: str, *citations: Citation, headline: bool = False, lead: bool = False) -> None:
        """States what somebody should do."""
        self._claim(text, ClaimKind.RECOMMENDATION, citations, headline=headline or lead, lead=lead)

    def action(self, text: str, *citations: Citation, owner: str | None = None, due: str | None = None) -> None:
        """Adds a next step; the same text twice counts once."""
        self._actions.setdefault(text, Action(text=text, owner=owner, due=due, citation_ids=self._keep(citations)))

    def hypothesis(
        self,
        cause: str,
        *,
        service: str | None,
        confidence: float,
        supported_by: Sequence[Citation],
        contradicted_by: Sequence[Citation] = (),
        next_check: str,
        in_short: str,
    ) -> None:
        """Adds a possible cause; the report ranks them by confidence. `in_short` names it in the first line of the answer."""
        self._in_short[cause] = in_short
        self._hypotheses.append(
            Hypothesis(
                cause=cause,
                service=service,
                confidence=round(confidence, 2),
                supported_by=self._keep(supported_by),
                contradicted_by=self._keep(contradicted_by),
                next_check=next_check,
            )
        )

    def gap(
        self, what: str, reason: str, next_check: str, *citations: Citation, essential: bool = False, told: bool = False
    ) -> None:
        """Says what could not be shown; `essential` when the task asked for just that, `citations` where one looked for it.

        `told` when a line of the answer says so already.
        """
        gap = Gap(what=what, reason=reason, next_check=next_check, essential=essential)
        self._gaps.setdefault((what, reason), gap)
        self._looked_in.setdefault((what, reason), citations)
        if told:
            self._told.add((what, reason))

    def say(self, text: str) -> None:
        """Puts a sentence without figures of its own into the answer."""
        self._answer.append(text)

    def cites(self, source: str) -> bool:
        """Whether a claim or action rests on the source already."""
        return any(item.citation_source == source for item in self._citations.values())

    @property
    def open_questions(self) -> tuple[tuple[Gap, Sequence[Citation]], ...]:
        """What the task asked for and could not be shown, and where one looked for it, but for what the answer says already."""
        return tuple(
            (gap, self._looked_in[key]) for key, gap in self._gaps.items() if gap.essential and key not in self._told
        )

    @property
    def has_hypotheses(self) -> bool:
        return bool(self._hypotheses)

    @property
    def best_cause(self) -> tuple[Hypothesis, str, tuple[Citation, ...]] | None:
        """The most likely cause, its short name, and what supports it; of equals the first."""
        best = max(self._hypotheses, key=lambda item: item.confidence, default=None)
        if best is None:
            return None
        return best, self._in_short[best.cause], tuple(self._citations[name] for name in best.supported_by)

    @property
    def is_silent(self) -> bool:
        return not self._answer

    def report(self) -> Report:
        """The report as it stands."""
        return Report(
            answer="\n".join(self._answer),
            health=self.health,
            claims=tuple(self._claims.values()),
            citations=tuple(self._citations.values()),
            hypotheses=tuple(sorted(self._hypotheses, key=lambda item: -item.confidence)),
            actions=tuple(self._actions.values()),
            gaps=tuple(self._gaps.values()),
        )

    def _claim(
        self, text: str, kind: ClaimKind, citations: Sequence[Citation], *, headline: bool, lead: bool = False
    ) -> None:
        if text not in self._claims:
            self._claims[text] = Claim(text=text, kind=kind, citation_ids=self._keep(citations))
        if headline and text not in self._answer:
            self._answer.insert(0 if lead else len(self._answer), text)

    def _keep(self, citations: Sequence[Citation]) -> tuple[str, ...]:
        for citation in citations:
            self._citations.setdefault(citation.citation_id, citation)
        return tuple(dict.fromkeys(citation.citation_id for citation in citations))

"""Findings for a terminal, a pipe, or a program."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.findings import Finding, Status
from bot.terminal import plain

_MARKS = {Status.OK: ("✓", "green"), Status.WARN: ("!", "yellow"), Status.FAIL: ("✗", "red")}


def to_json(findings: Sequence[Finding]) -> str:
    """`{"ok": …, "checks": [{"name", "status", "detail", "remedy"}]}`; ok unless something fails."""
    checks = [asdict(finding) for finding in findings]
    return json.dumps({"ok": not failed(findings), "checks": checks}, indent=2, ensure_ascii=False)


def to_lines(findings: Sequence[Finding]) -> str:
    """A line each, with the remedy below, for a pipe."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.status.value:4}  {finding.name}: {_flat(finding.detail)}")
        if finding.remedy:
            lines.append(f"      → {_flat(finding.remedy)}")
    return "\n".join([*lines, summary(findings)])


def show(findings: Sequence[Finding], console: Console) -> None:
    """A table for a person."""
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.status]
        words = Text(_flat(finding.detail))
        if finding.remedy:
            words.append(f"\n→ {_flat(finding.remedy)}", style=style)
        table.add_row(Text(mark, style=f"bold {style}"), finding.name, words)
    console.print(table)
    console.print(Text(summary(findings), style="red" if failed(findings) else "green"))


def failed(findings: Sequence[Finding]) -> bool:
    """Whether something cannot work."""
    return any(finding.status is Status.FAIL for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """How many of each."""
    counts = {status: sum(finding.status is status for finding in findings) for status in Status}
    return f"{counts[Status.OK]} ok, {counts[Status.WARN]} to look at, {counts[Status.FAIL]} to mend"


def _flat(text: str) -> str:
    return " ".join(plain(text).split())

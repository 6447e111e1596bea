"""What the log lines of the window show, beside those of the quarter of an hour before."""

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import counted, shortened, span
from core.evidence.logs import LogLines
from core.findings.logs import LogGroup, group_lines, is_warning
from core.report import Citation

MAX_GROUPS = 3
MAX_MESSAGE_CHARS = 240
GREW = 2.0
"""A kind of line grew when it comes at least so many times as often, for its time, as before."""


def compose(material: Material, draft: Draft) -> None:
    """States the kinds of error line, how many, since when and whether they are new; says so when there are none."""
    for service in material.brief.services:
        logs = material.log_lines(service)
        if logs is None or not logs.lines:
            continue
        groups = [group for group in material.log_groups(service) if group.is_error]
        more = " (the source held more lines than were read)" if logs.truncated else ""
        if not groups:
            warnings = [line for line in logs.lines if is_warning(line)]
            cited = warnings[:2] or list(logs.lines[:1])
            draft.fact(
                f"{service} logged {counted(len(logs.lines), 'line')} in the window{more}, none of them an error"
                f" ({counted(len(warnings), 'warning')}).",
                *(logs.cite(line) for line in cited),
            )
        before = material.log_lines_before(service)
        for rank, group in enumerate(groups[:MAX_GROUPS]):
            last = group.lines[-1]
            compared, earlier = _compared(group, logs, before)
            draft.fact(
                f"{service} logged {len(group.lines)} × “{shortened(group.first.message, MAX_MESSAGE_CHARS)}” ({group.level}), "
                f"{span(group.first.timestamp, last.timestamp)}{more}{compared}.",
                logs.cite(group.first),
                *([logs.cite(last)] if last is not group.first else []),
                *earlier,
                headline=rank == 0,
            )


def _compared(group: LogGroup, logs: LogLines, before: LogLines | None) -> tuple[str, list[Citation]]:
    """Whether lines of that kind are new or more than before, in words, and one of those before."""
    if before is None or before.truncated:
        return "", []
    alike = next((item for item in group_lines(before) if (item.shape, item.level) == (group.shape, group.level)), None)
    if alike is None:
        return ", new: none like it in the quarter of an hour before", []
    spans = [(item.end_time - item.start_time).total_seconds() or 60.0 for item in (logs, before)]
    grew = len(group.lines) / spans[0] >= GREW * len(alike.lines) / spans[1]
    said = f", {'grown' if grew else 'no more than usual'}: {len(alike.lines)} in the quarter of an hour before"
    return said, [before.cite(alike.first)]

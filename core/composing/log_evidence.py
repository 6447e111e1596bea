"""What the log lines of the window show."""

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import counted, shortened, span
from core.findings.logs import is_warning

MAX_GROUPS = 3
MAX_MESSAGE_CHARS = 240


def compose(material: Material, draft: Draft) -> None:
    """States the kinds of error line, how many and since when; says so when there are none."""
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
        for rank, group in enumerate(groups[:MAX_GROUPS]):
            last = group.lines[-1]
            draft.fact(
                f"{service} logged {len(group.lines)} × “{shortened(group.first.message, MAX_MESSAGE_CHARS)}” ({group.level}), "
                f"{span(group.first.timestamp, last.timestamp)}{more}.",
                logs.cite(group.first),
                *([logs.cite(last)] if last is not group.first else []),
                headline=rank == 0,
            )

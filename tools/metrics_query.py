from itertools import islice

from core.evidence import MetricSeries, MetricsWindow
from core.report import Citation
from core.result import CallStatus
from tools.citing import MAX_CITATIONS, MAX_QUOTED_SAMPLES
from tools.deps import Sources
from tools.spec import TimeLimit, ToolSpec
from tools.windows import WindowInput


class Input(WindowInput):
    """The service and the window to measure it over."""


async def _run(args: Input, sources: Sources) -> MetricsWindow:
    return await sources.metrics.query_range(args.service, args.window)


def _cite(output: MetricsWindow) -> tuple[Citation, ...]:
    """Each series over the window; a long one from its start to its fortieth sample, and the citation says so."""
    return tuple(_cite_series(output, series) for series in output.series[:MAX_CITATIONS])


def _cite_series(output: MetricsWindow, series: MetricSeries) -> Citation:
    first = [at for at, _ in islice(output.samples(series), MAX_QUOTED_SAMPLES + 1)]
    end = first[MAX_QUOTED_SAMPLES - 1] if len(first) > MAX_QUOTED_SAMPLES else None
    return output.cite(series, end=end)


def _status(output: MetricsWindow) -> CallStatus:
    return CallStatus.OK if output.series else CallStatus.EMPTY


TOOL = ToolSpec(
    name="metrics_query",
    description="Every metric of a service over a window; a sample that is missing is null, not zero.",
    input_type=Input,
    output_type=MetricsWindow,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
)

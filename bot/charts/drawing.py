"""A picture as PNG, with matplotlib's object interface: no window, no global state, safe in a thread."""

# matplotlib passes styles as **kwargs without types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bot.charts.selection import Event, Panel, Picture
from core.findings.names import to_three_digits

WIDTH_IN, HEIGHT_IN, DPI = 8.0, 4.5, 300
"""1200 x 675 points of the page at twice the density: fonts of 12 still read at the width of a telephone."""
INK: Final = "#1d1c1d"
QUIET: Final = "#616061"
LINE: Final = "#1264a3"
ALARM: Final = "#c01343"
BAND: Final = "#dbe9f4"
SHADE: Final = "#fdeeee"
EVENT: Final = "#7a4b00"
GRID: Final = "#e8e8e8"
FONT: Final = "DejaVu Sans"  # ships with matplotlib
HEADROOM = 1.28
HEIGHTS = (0.62, 0.5, 0.4, 0.74)
LATE = 0.42
"""A change in the last part of the axis has its label on the left."""


def draw(picture: Picture) -> bytes:
    """The PNG: usual range as a band, what lies outside it shaded, the first change as a dot, gaps as gaps, times in UTC."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(picture.panels), 1, sharex=True, squeeze=False)
    axes: list[Axes] = [row[0] for row in grid]
    for at, (panel, axis) in enumerate(zip(picture.panels, axes, strict=True)):
        _panel(axis, panel)
        _events(axis, picture.events, picture, labelled=at == 0)
    _time_axis(axes[-1], picture)
    for axis in axes[:-1]:
        axis.tick_params(axis="x", length=0, labelbottom=False)
    figure.text(
        0.095, 0.022, "blue: the usual range of the hour before     red: outside of it", fontsize=11, color=QUIET, fontname=FONT,
        ha="left", va="bottom",
    )  # fmt: skip
    figure.subplots_adjust(left=0.095, right=0.96, top=0.885, bottom=0.125, hspace=0.42)
    written = BytesIO()
    figure.savefig(written, format="png", metadata={"Software": None, "Description": picture.alt_text})
    return written.getvalue()


def _panel(axis: Axes, panel: Panel) -> None:
    unit = f", {panel.name.unit}" if panel.name.unit else ""
    axis.set_title(f"{panel.title}{unit}", loc="left", fontsize=13, fontweight="bold", color=INK, fontname=FONT, pad=7)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color("#b0b0b0")
    axis.grid(axis="y", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(axis="both", labelsize=11.5, labelcolor=QUIET, color="#b0b0b0", left=False)
    axis.yaxis.set_major_locator(MaxNLocator(nbins=3, min_n_ticks=2))
    step = _step(panel)
    if panel.start and panel.end:
        axis.axvspan(_x(panel.start), _x(panel.end + step), color=SHADE, linewidth=0, zorder=0.5)
    axis.axhspan(panel.low, panel.high, color=BAND, linewidth=0, zorder=0.7)
    times = [_x(at) for at, _ in panel.samples]
    # NaN breaks the line: what was not measured is not joined.
    values = [float("nan") if value is None else value for _, value in panel.samples]
    axis.plot(times, values, color=LINE, linewidth=2.0, solid_capstyle="round", zorder=3)
    _lone_samples(axis, panel)
    _scale(axis, panel)
    for limit in panel.limits:
        axis.axhline(limit.value, color=ALARM, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2)
        axis.annotate(
            limit.label, xy=(0.004, limit.value), xycoords=("axes fraction", "data"), xytext=(0, 2.5), textcoords="offset points",
            fontsize=11, color=ALARM, fontname=FONT, ha="left", va="bottom", zorder=5,
        )  # fmt: skip
    _mark_change(axis, panel)


def _lone_samples(axis: Axes, panel: Panel) -> None:
    """Dots for samples with a gap on both sides, of which no line would show."""
    around = [None, *(value for _, value in panel.samples), None]
    lone = [
        (at, value)
        for (at, value), before, after in zip(panel.samples, around[:-2], around[2:], strict=True)
        if value is not None and before is None and after is None
    ]
    if lone:
        axis.plot([_x(at) for at, _ in lone], [value for _, value in lone], ".", color=LINE, markersize=5, zorder=3)


def _scale(axis: Axes, panel: Panel) -> None:
    """From zero where that does not flatten the line, with room above for the label."""
    values = [value for _, value in panel.samples if value is not None]
    highest = max((*values, panel.high, *(limit.value for limit in panel.limits)), default=1.0)
    lowest = min((*values, panel.low), default=0.0)
    bottom = 0.0 if lowest >= 0 and lowest < highest * 0.6 else lowest - (highest - lowest) * 0.15
    axis.set_ylim(bottom, bottom + (highest - bottom) * HEADROOM or 1.0)


def _mark_change(axis: Axes, panel: Panel) -> None:
    """A dot where the signal first left its usual range, and in words from what to what."""
    if panel.start is None or panel.peak is None or panel.peak_at is None:
        said = f"within its usual range ({_figure(panel, panel.usual)})"
        axis.annotate(
            said,
            xy=(0.99, 0.93),
            xycoords="axes fraction",
            fontsize=12,
            color=QUIET,
            fontname=FONT,
            ha="right",
            va="top",
        )
        return
    first = next((value for at, value in panel.samples if at == panel.start and value is not None), panel.usual)
    axis.plot(
        [_x(panel.start)],
        [first],
        "o",
        color=ALARM,
        markersize=7.5,
        markeredgecolor="white",
        markeredgewidth=1.2,
        zorder=6,
    )
    axis.plot([_x(panel.peak_at)], [panel.peak], "o", color=LINE, markersize=4.5, zorder=4)
    until = f"–{panel.end:%H:%M}" if panel.recovered and panel.end else ""
    label = f"{'' if until else 'since '}{panel.start:%H:%M}{until}: {to_three_digits(panel.usual)} → {_figure(panel, panel.peak)}"
    starts, ends = panel.samples[0][0], panel.samples[-1][0]
    late = (panel.start - starts) > (ends - starts) * LATE
    axis.annotate(
        label, xy=(_x(panel.start), first), xytext=(-14 if late else 14, _free_height(axis, panel)),
        textcoords=("offset points", "axes fraction"), fontsize=12.5, fontweight="bold", color=ALARM, fontname=FONT,
        ha="right" if late else "left", va="center", zorder=7, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        arrowprops={"arrowstyle": "-", "color": ALARM, "linewidth": 0.9, "shrinkB": 4, "relpos": (1.0 if late else 0.0, 0.5)},
    )  # fmt: skip


def _free_height(axis: Axes, panel: Panel) -> float:
    """Where, as a share of the axis, the label is farthest from the band and the limits."""
    bottom, top = axis.get_ylim()
    taken = [
        (value - bottom) / (top - bottom)
        for value in (panel.low, panel.usual, panel.high, *(limit.value for limit in panel.limits))
    ]
    return max(HEIGHTS, key=lambda height: min(abs(height - share) for share in taken))


def _events(axis: Axes, events: tuple[Event, ...], picture: Picture, *, labelled: bool) -> None:
    """Thin lines where somebody changed something, named above the first panel."""
    starts = picture.panels[0].samples[0][0] if picture.panels[0].samples else picture.window_start
    for event in events:
        if not starts <= event.at <= picture.window_end:
            continue
        axis.axvline(_x(event.at), color=EVENT, linewidth=1.3, linestyle=(0, (2, 2)), zorder=2.5)
        if labelled:
            axis.annotate(
                f"{event.kind} {event.at:%H:%M}", xy=(_x(event.at), 1.0), xycoords=("data", "axes fraction"), xytext=(3, -2),
                textcoords="offset points", fontsize=11, color=EVENT, fontname=FONT, ha="left", va="top", zorder=6,
            )  # fmt: skip


def _time_axis(axis: Axes, picture: Picture) -> None:
    locator = AutoDateLocator(tz=UTC, minticks=4, maxticks=7)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(DateFormatter("%H:%M", tz=UTC))
    samples = [at for panel in picture.panels for at, _ in panel.samples]
    if samples:
        axis.set_xlim(_x(min(samples)), _x(max(picture.window_end, *samples)))
    axis.set_xlabel(f"{picture.window_start:%Y-%m-%d}, UTC", fontsize=11.5, color=QUIET, fontname=FONT, loc="right")


def _figure(panel: Panel, value: float) -> str:
    unit = panel.name.unit
    return f"{to_three_digits(value)}{'' if unit.startswith('/') or not unit else ' '}{unit}"


def _x(moment: datetime) -> float:
    return float(date2num(moment))


def _step(panel: Panel) -> timedelta:
    return panel.samples[1][0] - panel.samples[0][0] if len(panel.samples) > 1 else timedelta(minutes=1)

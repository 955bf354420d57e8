"""The plots of where the bytes went: a waterfall from raw text to tokens, and a bar a source.

Both come wide, with names beside the bars, and narrow, for a telephone, with names above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from corpusmill.report import wording
from corpusmill.report.accounts import Row, fates
from corpusmill.report.figure import COLOURS, axes_within, drawing, text_width, to_svg

WIDE = 960
NARROW = 380
REASONS = 8  # removals of one stage that are named; the rest are one bar
NAME_LENGTH = 32  # letters of a name beside a bar


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a waterfall, from byte `start` down (or, where text was added, up) to `stop`."""

    label: str
    value: str
    colour: str
    start: int
    stop: int
    total: bool
    """Does it stand for all there is at this point, rather than for a part that goes?"""


def waterfall(stages: Sequence[Row], n_tokens: int | None, *, name: str, width: int = WIDE) -> str:
    """From raw text to tokens: a bar for what came in, one for each removal, one for what a stage kept.

    `stages` are those of `accounts.total` or of one flow; `n_tokens` is None before tokenize has run.
    """
    bars = _bars(stages, n_tokens)
    full = max(max(bar.start, bar.stop) for bar in bars) or 1
    rows = _Rows(
        labels=[bar.label for bar in bars], values=[bar.value for bar in bars], width=width, full=full
    )
    with drawing(width, rows.height) as figure:
        axes = rows.axes(axes_within(figure, **rows.margins))
        for y, bar in enumerate(bars):
            low, high = sorted((bar.start, bar.stop))
            # A removal too small to see still gets a line of its own.
            axes.barh(
                y, max(high - low, full / 600), left=low, height=rows.thickness, color=COLOURS[bar.colour]
            )
            if rows.connected and y + 1 < len(bars):
                axes.vlines(bar.stop, y, y + 1, color=COLOURS["muted"], linewidth=0.8, zorder=0)
            rows.write(axes, y, at=high, bold=bar.total)
        spoken = "; ".join(f"{bar.label} {bar.value}" for bar in bars)
        return to_svg(figure, name, f"Waterfall from raw text to tokens. {spoken}")


def source_bars(flows: Sequence[Row], *, name: str, width: int = WIDE) -> str:
    """What became of each source's raw bytes: one bar a source, stacked by kind to 100%.

    What rules added counts as raw; `flows` are those of `accounts.flows`.
    """
    raw = [wording.size(flow["stages"][0]["in"]["bytes"]) + " raw" for flow in flows]
    rows = _Rows(labels=[flow["source"] for flow in flows], values=raw, width=width, full=100)
    with drawing(width, rows.height) as figure:
        axes = rows.axes(axes_within(figure, **rows.margins))
        for y, flow in enumerate(flows):
            taken = {kind: max(n_bytes, 0) for kind, n_bytes in fates(flow["stages"]).items()}
            whole, start = sum(taken.values()) or 1, 0.0
            for kind in wording.KINDS:
                part = 100 * taken.get(kind, 0) / whole
                if part:
                    axes.barh(y, part, left=start, height=rows.thickness, color=COLOURS[kind])
                    if start:
                        edge = (y - rows.thickness / 2, y + rows.thickness / 2)
                        axes.vlines(start, *edge, color=COLOURS["paper"], linewidth=1)
                    start += part
            rows.write(axes, y, at=100, bold=False)
        return to_svg(figure, name, "What became of each source's raw bytes; the table below has the numbers")


class _Rows:
    """Horizontal bars with a label and a value each, laid out for a width."""

    def __init__(self, *, labels: Sequence[str], values: Sequence[str], width: int, full: float) -> None:
        self._labels = [
            label if len(label) <= NAME_LENGTH else f"{label[: NAME_LENGTH - 1]}…" for label in labels
        ]
        self._values = values
        self._narrow = width < 600
        self.connected = not self._narrow  # lines would run through the labels between the bars
        self._full = full
        self.thickness = 0.42 if self._narrow else 0.66
        self.height = (42 if self._narrow else 30) * len(labels) + 8
        self.margins = {"left": 1.0, "right": 1.0, "top": 4.0, "bottom": 4.0}
        if not self._narrow:
            self.margins["left"] = 10 + max(map(text_width, self._labels))
            self.margins["right"] = 10 + max(map(text_width, values))

    def axes(self, axes: Axes) -> Axes:
        """Without frame, ticks or grid: the labels beside the bars say it all."""
        first = -0.75 if self._narrow else -0.5
        axes.set(xlim=(0, self._full), ylim=(len(self._labels) - (0.75 if self._narrow else 0.5), first))
        axes.set_axis_off()
        return axes

    def write(self, axes: Axes, y: int, *, at: float, bold: bool) -> None:
        """The label and the value of the bar at `y`, which ends at `at`."""
        ink = COLOURS["ink" if bold else "muted"]
        weight = "bold" if bold else "normal"
        if self._narrow:
            places = [((0.0, y - 0.48), (0, 0), "left"), ((self._full, y - 0.48), (0, 0), "right")]
        else:
            places = [((0.0, y), (-10, 0), "right"), ((at, y), (8, 0), "left")]
        for text, (point, offset, side) in zip((self._labels[y], self._values[y]), places, strict=True):
            axes.annotate(
                text,
                point,
                xytext=offset,
                textcoords="offset points",
                ha=side,
                va="center",
                color=ink,
                weight=weight,
                annotation_clip=False,
            )


def _bars(stages: Sequence[Row], n_tokens: int | None) -> list[Bar]:
    level = stages[0]["in"]["bytes"]
    raw = level

    def total(label: str, value: str, colour: str) -> Bar:
        return Bar(label=label, value=value, colour=colour, start=0, stop=level, total=True)

    bars = [total("Raw text", wording.size(raw), "muted")]
    for stage in stages:
        removals = _named(stage)
        for label, kind, lost in removals:
            sign = wording.MINUS if lost > 0 else "+"
            value = f"{sign}{wording.size(abs(lost))} · {wording.share(abs(lost), raw)}"
            bars.append(
                Bar(label=label, value=value, colour=kind, start=level, stop=level - lost, total=False)
            )
            level -= lost
        level = stage["kept"]["bytes"]
        if removals or stage is stages[0]:
            value = f"{wording.size(level)} · {wording.share(level, raw)}"
            bars.append(total(wording.STAGE_RESULTS[stage["stage"]], value, "kept"))
    if n_tokens is not None:
        bars.append(total("Tokens", f"{wording.compact(n_tokens)} tokens", "tokens"))
    return bars


def _named(stage: Row) -> list[tuple[str, str, int]]:
    """(label, kind, bytes) of a stage's removals, most bytes first, the small ones of many as one."""
    rows = [row for row in stage["removed"] if row["bytes"]]
    if len(rows) > REASONS + 1:
        rest = {"kind": "rule", "bytes": sum(row["bytes"] for row in rows[REASONS:])}
        rows = [*rows[:REASONS], {"reason": f"{len(rows) - REASONS} other reasons", **rest}]
    return [
        (
            wording.KINDS[row["kind"]] if stage["stage"] == "dedup" else wording.plain(row["reason"]),
            row["kind"],
            row["bytes"],
        )
        for row in rows
    ]

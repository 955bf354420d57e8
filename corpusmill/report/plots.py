"""The plots of duplicates, lengths, tokens and training: numbers of `stats` in, an SVG element out."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from corpusmill.report import wording
from corpusmill.report.accounts import Row
from corpusmill.report.figure import COLOURS, FONT_SIZE, SMALL, axes_within, drawing, text_width, to_svg

HALF = 460  # two of these stand side by side
FULL = 960
_ROW, _AROUND = 30, 60  # the height of plots with a row a source


def jaccard(bins: Sequence[tuple[float, float, int]], threshold: str) -> str:
    """Near duplicates by their exact Jaccard with the document that was kept."""
    with drawing(HALF, 270) as figure:
        axes = _plain_axes(figure, x="Jaccard with the kept document", y="removed documents")
        width = (bins[-1][1] - bins[0][0]) / len(bins)
        middles, heights = [low + width / 2 for low, _, _ in bins], [n for _, _, n in bins]
        axes.bar(middles, heights, width * 0.9, color=COLOURS["near"])
        axes.set_xlim(bins[0][0] - width / 4, bins[-1][1] + width / 4)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        _format(axes.yaxis.set_major_formatter, lambda value: wording.count(round(value)))
        return to_svg(figure, "jaccard", f"Jaccard of {sum(heights)} near duplicates, from {threshold} to 1")


def s_curve(bands: Row) -> str:
    """The chance that a pair is compared at all, by its Jaccard, under the chosen bands."""
    threshold, recall = float(bands["threshold"]), bands["recall"]
    with drawing(HALF, 270) as figure:
        axes = _plain_axes(figure, x="Jaccard of a pair", y="chance of being compared")
        axes.axvspan(threshold, 1, color=COLOURS["near"], alpha=0.14, linewidth=0)
        axes.plot(*zip(*bands["curve"], strict=True), color=COLOURS["near"], linewidth=2.2)
        axes.set(xlim=(max(0, threshold - 0.45), 1), ylim=(0, 1.16), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
        axes.plot([threshold], [recall], "o", color=COLOURS["near"], markersize=6)
        label = f"{wording.percent(recall)} at {bands['threshold']}"
        offset: Row = {"xytext": (0, 13), "textcoords": "offset points"}
        axes.annotate(label, (threshold, recall), **offset, ha="right", va="center", weight="bold")
        _format(axes.yaxis.set_major_formatter, lambda value: f"{100 * value:.0f}%")
        return to_svg(figure, "s-curve", f"S-curve of {bands['bands']} bands of {bands['rows']} rows")


def lengths(rows: Sequence[Row], unit: str) -> str:
    """Documents by length in `unit` (`bytes` or `words`), a row a source, each as high as its fullest bin.

    Lengths are on a log scale; the line in a row is the median.
    """
    with drawing(HALF, _ROW * len(rows) + _AROUND) as figure:
        axes = _name_axes(
            figure, [row["source"] for row in rows], x=f"{unit} a document; the line is the median"
        )
        axes.set_xscale("log")
        axes.minorticks_off()
        for y, row in enumerate(rows):
            edges, counts = zip(*row[unit]["histogram"], strict=True)
            floor, fullest = y + 0.36, max(counts)
            heights = [floor - 0.76 * n / fullest for n in counts]
            style: Row = {"baseline": floor, "fill": True, "alpha": 0.55, "linewidth": 0}
            axes.stairs(heights, [*edges, edges[-1] * 2**0.5], color=COLOURS["length"], **style)
            axes.vlines(row[unit]["median"], floor - 0.76, floor, color=COLOURS["ink"], linewidth=1.4)
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        form = _round_size if unit == "bytes" else lambda value: wording.count(round(value))
        _format(axes.xaxis.set_major_formatter, form)
        return to_svg(figure, f"lengths-{unit}", f"Lengths of documents in {unit}, by source")


def tokens_per_byte(of_source: Mapping[str, float], overall: float) -> str:
    """Tokens per byte of each source, and how far from that of the whole corpus."""
    with drawing(HALF, _ROW * len(of_source) + _AROUND) as figure:
        axes = _name_axes(figure, list(of_source), x=f"the line is the whole corpus, {overall:.3f}")
        axes.axvline(overall, color=COLOURS["muted"], linewidth=1)
        offset: Row
        for y, value in enumerate(of_source.values()):
            axes.plot([overall, value], [y, y], color=COLOURS["tokens"], linewidth=2)
            axes.plot([value], [y], "o", color=COLOURS["tokens"], markersize=8)
            side = 1 if value >= overall else -1
            offset = {"xytext": (9 * side, 0), "textcoords": "offset points"}
            axes.annotate(
                f"{value:.3f}", (value, y), **offset, ha="left" if side > 0 else "right", va="center"
            )
        reach = max(abs(value - overall) for value in of_source.values()) or overall / 10
        axes.set_xlim(overall - 1.7 * reach, overall + 1.7 * reach)
        return to_svg(figure, "tokens-per-byte", "Tokens per byte by source")


def validation(shares: Mapping[str, tuple[float, float]]) -> str:
    """Each source's part of the training text (filled) and of the validation text (ring), in percent."""
    with drawing(HALF, _ROW * len(shares) + _AROUND) as figure:
        axes = _name_axes(figure, list(shares), x="share of the split; dot training, ring validation")
        for y, (train, valid) in enumerate(shares.values()):
            axes.plot([train, valid], [y, y], color=COLOURS["muted"], linewidth=1)
            axes.plot([train], [y], "o", color=COLOURS["training"], markersize=8)
            ring: Row = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 2}
            axes.plot([valid], [y], "o", markeredgecolor=COLOURS["validation"], **ring)
        highest = max(max(pair) for pair in shares.values())
        axes.set_xlim(-0.04 * highest, 1.06 * highest)
        _format(axes.xaxis.set_major_formatter, lambda value: f"{value:g}%")
        return to_svg(figure, "validation", "Shares of each source in the training and the validation split")


def months(row: Row, name: str) -> str:
    """Comments by the month that they are of, kept ones below those that are left out."""
    labels = [month for month, *_ in row["months"]]
    kept = [n for _, _, n, _, _ in row["months"]]
    dropped = [n - stays for _, n, stays, _, _ in row["months"]]
    with drawing(FULL, 270) as figure:
        axes = _plain_axes(figure, x="month of the comment", y="comments")
        places = range(len(labels))
        axes.bar(places, kept, 0.8, color=COLOURS["kept"], label="kept")
        axes.bar(places, dropped, 0.8, bottom=kept, color=COLOURS["rule"], label="left out")
        shown = [*places][:: max(1, -(-len(labels) // 12))]
        axes.set_xticks(shown, [labels[place] for place in shown])
        axes.set_xlim(-0.7, max(len(labels), 6) - 0.3)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        _format(axes.yaxis.set_major_formatter, lambda value: wording.count(round(value)))
        axes.legend(frameon=False, loc="upper right")
        return to_svg(figure, name, f"Comments of {row['source']} by month, kept and left out")


def threads_by(bins: Sequence[tuple[int, int]], name: str, x: str) -> str:
    """Threads by depth or by the length of their chain, on a log scale; from 32 on a bar is an octave."""
    with drawing(HALF, 270) as figure:
        axes = _plain_axes(figure, x=x, y="threads")
        places = range(len(bins))
        axes.bar(places, [n for _, n in bins], 0.8, color=COLOURS["length"])
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.5)
        axes.minorticks_off()
        shown = [*places][:: max(1, -(-len(bins) // 12))]
        labels = [f"{value}" if value < 32 else f"{value}+" for value, _ in bins]
        axes.set_xticks(shown, [labels[place] for place in shown])
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        _format(axes.yaxis.set_major_formatter, lambda value: wording.count(round(value)))
        return to_svg(figure, name, f"Threads by {x}")


def loss(training: Row) -> str:
    """The loss by step: a line for training, dots for validation."""
    with drawing(FULL, 340) as figure:
        axes = _plain_axes(figure, x="step", y="nats per token")
        axes.plot(
            *zip(*training["train"], strict=True), color=COLOURS["training"], linewidth=1.6, label="training"
        )
        if training["valid"]:
            style: Row = {"linewidth": 1.2, "markersize": 6, "label": "validation"}
            axes.plot(*zip(*training["valid"], strict=True), "o-", color=COLOURS["validation"], **style)
        _format(axes.xaxis.set_major_formatter, lambda value: wording.count(round(value)))
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.margins(x=0.01)
        axes.legend(frameon=False, loc="upper right")
        spoken = f"Loss from {training['first_loss']:.3f} to {training['last_loss']:.3f}"
        return to_svg(figure, "loss", f"{spoken} in {training['steps']} steps")


def _plain_axes(figure: Figure, *, x: str, y: str) -> Axes:
    """Axes whose labels read without turning the head: the vertical one stands above its axis."""
    axes = axes_within(figure, left=46, right=14, top=30, bottom=46)
    axes.set_xlabel(x, color=COLOURS["muted"], fontsize=SMALL)
    axes.annotate(
        y,
        (0, 1),
        xycoords=("figure fraction", "axes fraction"),
        xytext=(1, 18),
        textcoords="offset points",
        color=COLOURS["muted"],
        fontsize=SMALL,
        annotation_clip=False,
    )
    axes.grid(axis="x", visible=False)
    return axes


def _name_axes(figure: Figure, names: Sequence[str], *, x: str) -> Axes:
    """Axes with a row for each name, the first on top."""
    left = min(14 + max(text_width(name, "normal") for name in names), 0.45 * HALF)
    axes = axes_within(figure, left=left, right=18, top=10, bottom=50)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"], labelsize=FONT_SIZE)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", visible=False)
    # Centred under the figure, not the axes: the text may be longer than they are wide.
    figure.text(
        0.5, 8 / (_ROW * len(names) + _AROUND), x, ha="center", color=COLOURS["muted"], fontsize=SMALL
    )
    return axes


def _format(set_formatter: Callable[[FuncFormatter], None], form: Callable[[float], str]) -> None:
    """Write an axis' ticks by `form`."""
    set_formatter(FuncFormatter(lambda value, _: form(value)))


def _round_size(n_bytes: float) -> str:
    """A tick's bytes: 10 kB where a table says 10.0 kB."""
    number, unit = wording.size(round(n_bytes)).split("\xa0")
    return f"{float(number):g} {unit}"

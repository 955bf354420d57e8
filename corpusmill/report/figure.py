"""Figures that live inside the page: SVG that follows the page's fonts and its light or dark colours.

matplotlib draws in the light palette; in the SVG each of those colours becomes a CSS variable with the
light colour as fallback, so the page recolours the plots and an SVG copied out of it still shows. Text
stays text: it is laid out in DejaVu Sans, which is wider than the usual page fonts, so nothing overlaps.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

FONT = "DejaVu Sans"  # comes with matplotlib, so widths are the same everywhere
FONT_SIZE = 13
SMALL = 12

COLOURS = {
    "ink": "#1c1f24",
    "muted": "#5d636e",
    "line": "#dcd8cf",
    "paper": "#fdfcfa",
    "kept": "#1d6f9f",
    "trimmed": "#86a9bd",
    "exact": "#d07a06",
    "words": "#b39a1c",
    "near": "#a83a74",
    "against": "#7b5a3c",
    "filter": "#6a5acd",
    "cleaning": "#a3a8b1",
    "rule": "#6d7480",
    "reject": "#b8291f",
    "tokens": "#0e7a6d",
    "length": "#2e8b57",
    "training": "#3b6fb0",
    "validation": "#c9523f",
}
"""The light palette; the page's style sheet defines the dark one under the same names. Each of
`wording.KINDS` has a colour."""

_SETTINGS: Any = {  # Any, because matplotlib's stubs list the allowed keys one by one
    "font.family": FONT,
    "font.size": FONT_SIZE,
    "svg.fonttype": "none",
    "svg.hashsalt": "corpusmill",
    "text.parse_math": False,
    "text.color": COLOURS["ink"],
    "axes.edgecolor": COLOURS["line"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLOURS["line"],
    "grid.linewidth": 0.8,
    "xtick.color": COLOURS["line"],
    "ytick.color": COLOURS["line"],
    "xtick.labelcolor": COLOURS["muted"],
    "ytick.labelcolor": COLOURS["muted"],
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
}


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """An empty figure of so many CSS pixels, drawn with this module's settings and no user's own."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="none")


def axes_within(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with these margins, in CSS pixels."""
    width, height = figure.get_size_inches() * 72
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


@contextmanager
def _any_glyphs() -> Iterator[None]:
    """Text stays text in the SVG, so it does not matter which glyphs matplotlib's own font has."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def text_width(text: str, weight: str = "bold") -> float:
    """The width of a label at the plots' font size, in CSS pixels."""
    font = FontProperties(family=FONT, size=FONT_SIZE, weight=weight)
    with _any_glyphs():
        width: float = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return width


def to_svg(figure: Figure, name: str, title: str) -> str:
    """The figure as an SVG element for inlining: scales down, never up; `title` is read to the blind.

    `name` must be unique on the page: it prefixes the element ids.
    """
    with io.StringIO() as file:
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        with _any_glyphs():
            figure.savefig(file, format="svg", metadata=nothing, transparent=True)
        text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r"font: ([^;\"]*?px) [^;\"]*", r"font: \1 var(--sans, sans-serif)", text)
    for variable, colour in COLOURS.items():
        text = text.replace(colour, f"var(--{variable}, {colour})")
    width, height = figure.get_size_inches() * 72
    style = f"width: 100%; max-width: {width:g}px; stroke-linejoin: round"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" style="{style}">'
        f"<title>{escape(title)}</title>"
    )
    return head + text[text.index(">") + 1 :].strip()

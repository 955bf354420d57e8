"""What quality rules ask of a text's lines, paragraphs and sentences."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

import regex

SHORT_LINE = 30
"""Characters of the longest line that FineWeb counts as short."""
_PARAGRAPH_BREAK = re.compile(r"\n{2,}")
_LINE_BREAK = re.compile(r"\n+")
# A sentence ends at ., ! or ?, with closing quotation marks and brackets, before white space that a letter in
# lower case does not follow; so does the last of a line, however it ends.
_SENTENCE_END = re.compile(r"""[.!?…]["'”’)\]]*\s+(?![a-z])""")


class Lines(NamedTuple):
    """Shares between 0 and 1 of lines, paragraphs, characters; 0 where there is nothing to share."""

    bullet_lines: float
    """Lines (`str.splitlines`) that begin with • or -, after white space (Gopher)."""
    ellipsis_lines: float
    """Lines that end with ... or …, before white space (Gopher)."""
    duplicate_lines: float
    """Lines (between line breaks, none of them empty) that have stood in the text before (Gopher)."""
    duplicate_line_characters: float
    duplicate_paragraphs: float
    """Paragraphs (between empty lines) that have stood in the text before (Gopher)."""
    duplicate_paragraph_characters: float
    punctuated_lines: float
    """Lines that are not blank that end with a character of Unicode's Sentence_Terminal (FineWeb)."""
    short_lines: float
    """Lines that are not blank of at most `SHORT_LINE` characters (FineWeb)."""
    repeated_characters: float
    """Characters of lines that are not blank that have stood in the text before, of those of all lines
    (FineWeb)."""


def measure(text: str) -> Lines:
    """Look at the lines of a text."""
    paragraphs = _repeated(_PARAGRAPH_BREAK.split(text.strip()))
    lines = _repeated(_LINE_BREAK.split(text))
    split = text.splitlines()
    bullets = sum(line.lstrip().startswith(("•", "-")) for line in split)
    ellipses = sum(line.rstrip().endswith(("...", "…")) for line in split)
    filled = [line for line in text.split("\n") if line.strip()]
    stops = _sentence_terminals()
    return Lines(
        bullet_lines=_share(bullets, len(split)),
        ellipsis_lines=_share(ellipses, len(split)),
        duplicate_lines=_share(lines[0], lines[2]),
        duplicate_line_characters=_share(lines[1], len(text)),
        duplicate_paragraphs=_share(paragraphs[0], paragraphs[2]),
        duplicate_paragraph_characters=_share(paragraphs[1], len(text)),
        punctuated_lines=_share(sum(line[-1] in stops for line in filled), len(filled)),
        short_lines=_share(sum(len(line) <= SHORT_LINE for line in filled), len(filled)),
        repeated_characters=_share(_repeated(filled)[1], len(text) - text.count("\n")),
    )


def count_sentences(text: str) -> int:
    """How many sentences the lines of a text that are not blank have, as C4 wants to know."""
    filled = [line.strip() for line in text.split("\n")]
    return sum(1 + len(_SENTENCE_END.findall(line)) for line in filled if line)


def _repeated(parts: Sequence[str]) -> tuple[int, int, int]:
    """(parts that equal an earlier one, their characters, all parts)."""
    seen = set[str]()
    n = characters = 0
    for part in parts:
        if part in seen:
            n += 1
            characters += len(part)
        else:
            seen.add(part)
    return n, characters, len(parts)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


@functools.cache
def _sentence_terminals() -> frozenset[str]:
    everything = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    return frozenset(regex.findall(r"\p{Sentence_Terminal}", everything))

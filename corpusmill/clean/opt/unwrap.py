"""Paragraphs whose lines were broken to fit a width, made one line again."""

from collections.abc import Sequence
from itertools import pairwise

_SLACK = 10  # columns that a line broken by hand may be shorter than it had to be
_LEAST_WIDTH = 45  # columns; what is narrower is verse, a table or a letter's head, not prose
_MAX_WIDTH = 100


def unwrap_equal(lines: Sequence[str], limit: int) -> list[str]:
    """OPT's own test: a paragraph is joined if all its lines have one indent, none is longer than `limit`,
    and they are not all of one length. It joins verse too."""
    indents = {_indent(line) for line in lines}
    lengths = {len(line) for line in lines}
    if len(lines) < 2 or len(indents) > 1 or len(lengths) == 1 or max(lengths) > limit:
        return list(lines)
    return [" ".join(line.strip() for line in lines)]


def unwrap_prose(lines: Sequence[str], width: int) -> list[str]:
    """Join a paragraph if it goes on over its line ends: at least half of the lines begin in lower case, or
    every line is so full that the next one's first word had no room in it.

    `width` is that of the document's lines (`width_of`), which counts for paragraphs that are not indented;
    others have their own. The first line may be indented by itself. Full lines that all begin with a capital
    are verse, and left alone.
    """
    if len(lines) < 2:
        return list(lines)
    indent = _indent(lines[1])
    if any(_indent(line) != indent for line in lines[2:]) or _indent(lines[0]) < indent:
        return list(lines)
    longest = max(map(len, lines))
    full = width if indent == 0 else longest
    if min(full, longest) < _LEAST_WIDTH or max(full, longest) > _MAX_WIDTH:
        return list(lines)
    capitals = [next((char for char in line if char.isalpha()), "a").isupper() for line in lines]
    goes_on = 2 * sum(capitals[1:]) < len(lines)
    # Of two lines that are not indented, two capitals are too often chance.
    is_verse = all(capitals) and (len(lines) > 2 or indent > 0)
    if goes_on or (not is_verse and _is_full(lines, full)):
        return [" ".join(line.strip() for line in lines)]
    return list(lines)


def width_of(lines: Sequence[str]) -> int:
    """The width to which a document's prose was broken: of its lines that are followed by another and are not
    indented, a tenth are longer. 0 of a document without such lines."""
    lengths = sorted(
        len(line) for line, following in pairwise(lines) if line[:1].strip() and following.strip()
    )
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _is_full(lines: Sequence[str], width: int) -> bool:
    """Whether no line had room for the first word of the next."""
    return all(
        len(line) + 1 + len(following.split(maxsplit=1)[0]) > width - _SLACK
        for line, following in pairwise(lines)
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))

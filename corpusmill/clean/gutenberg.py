"""Project Gutenberg's header and footer, taken off a book whose line ends are LF.

Transcribers marked the text's borders in many ways over fifty years, and a text without a known marker
is left alone. The trap is the "small print": until 2002 it closes the header, in editions of 2002-03 it
stands at the very end, so that cutting behind it deletes the book. So markers count only near the start
or the end, and a header's must have a book behind it.
"""

import re

from corpusmill.clean.credits import credits_end

_SHARE = 10  # markers lie within a tenth of the text from its ends ...
_AT_LEAST = 24_000  # ... or within this many characters: the licence has 19,000, which is 11% of "Alice"
_BOOK = 500  # characters that a book has at least

# The line that opens the text; its title may run over a few lines up to the closing stars.
_START = re.compile(
    r"^[ \t]*\*{3} ?START OF (?:THE|THIS)(?: COPYRIGHTED)? PROJECT GUTENBERG"
    r"(?:[^\n]*\*{3}[ \t]*$|(?:[^\n*]+\n){1,4}?[^\n*]*\*{3}[ \t]*$|[^\n]*$)",
    re.MULTILINE | re.IGNORECASE,
)
_SMALL_PRINT_START = re.compile(
    r"^[ \t]*\*{3} ?START ?\*{0,3} ?(?:THE )?SMALL PRINT[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SMALL_PRINT_END = re.compile(
    r"^[ \t]*(?:\*{1,3} ?END ?\*{0,3} ?(?:THE )?SMALL PRINT|\[\"Small Print\" V)[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^[ \t]*(?:"
    r"\*{3} ?END OF (?:THE|THIS)(?: COPYRIGHTED)? PROJECT GUTENBERG"
    r"|End of (?:the |this )?Project Gutenberg(?:['\u2019]s)?[ ,]"
    r"|Ende dieses Project Gutenberg"
    r"|Fin de Project Gutenberg"
    r"|\*{3} ?START: FULL LICENSE"
    r")",
    re.MULTILINE | re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\s*(\S[^\n]*(?:\n[^\n]*\S[^\n]*)*)")


def strip_header(text: str) -> str:
    """`text` from behind the last header marker and the credits that follow it; unchanged without one."""
    stop = _window(text)
    if end := _END.search(text, 0, stop):
        stop = end.start()
    borders = [
        match.end() for marker in (_START, _SMALL_PRINT_END) for match in marker.finditer(text, 0, stop)
    ]
    borders = [border for border in borders if len(text) - border >= _BOOK]
    if not borders:
        return text
    border = max(borders)
    while paragraph := _PARAGRAPH.match(text, border):
        behind = credits_end(text, *paragraph.span(1))
        if behind is None:
            break
        border = behind
    return text[border:].lstrip("\n")


def strip_footer(text: str) -> str:
    """`text` up to the first footer marker; unchanged without one."""
    start = max(len(text) - _window(text), 0)
    markers = [_END.search(text, start), _closing_small_print(text, start)]
    borders = [match.start() for match in markers if match]
    return text[: min(borders)].rstrip() if borders else text


def _closing_small_print(text: str, start: int) -> re.Match[str] | None:
    """Where the small print begins that `text` ends with; a header's has the book behind it."""
    ends = [match for match in _SMALL_PRINT_END.finditer(text, start) if len(text) - match.end() < _BOOK]
    if not ends:
        return None
    return max(_SMALL_PRINT_START.finditer(text, start, ends[-1].start()), key=re.Match.start, default=None)


def _window(text: str) -> int:
    """Characters from either end of `text` in which markers count."""
    return max(len(text) // _SHARE, _AT_LEAST)

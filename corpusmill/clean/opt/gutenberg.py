"""OPT's rules for the inside of Project Gutenberg's books: prose, a line a paragraph, and no apparatus.

A paragraph becomes a line, and an empty line stands where a section ends (two or more empty lines before).
Both rules must see the book as it was: what they made, applied again, they would spoil.

The published rules have mistakes, which the faithful variant keeps (as far as a description in words tells):
chapter headings were matched by an expression whose "Chapter" may be missing, so every line of one word went;
every line with five spaces in it went, with tables and verse; verse was joined; a paragraph that names
Project Gutenberg went whatever its length, which without empty lines is the book.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from corpusmill.clean.opt.unwrap import unwrap_equal, unwrap_prose, width_of

_LIMIT = 100  # characters of a line that may have been broken
_MAX_NOTE = 2_000  # characters of a paragraph about the edition; a longer one is the book's
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_MAX_LINE = 150  # of a notice or a heading
_SECTION = 3  # line breaks
_NOTICES = ("[Illustration", "Produced by", "Copyright ")
_PROJECT = re.compile(r"Project Gutenberg|Transcriber['\u2019]s note", re.IGNORECASE)
_CAPTION = re.compile(r"\[Illustration[^\[\]]{0,2000}\]")
_END = re.compile(r"^[ \t]*End of the Project Gutenberg EBook", re.MULTILINE | re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[[0-9]{1,4}\]")
_WORD = re.compile(r"(?:(?:CHAPTER|Chapter|PART|Part|BOOK|Book) )?\S+")
_NUMBER = (
    r"(?:[0-9]{1,3}|[IVXLC]{1,8}|(?:the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|last|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty)(?:[- ](?:one|two|three|four|five|six|seven"
    r"|eight|nine))?))"
)
_LINES = re.compile(  # notices and headings
    r"\[Illustration[^\[\]]*\]?$|Produced by|Copyright,? (?:\(c\)|\u00a9|by |[0-9]{4})"
    rf"|(?:chapter|part|book|volume|canto|section|act|scene|letter)[ ]{{1,4}}{_NUMBER}[ ]*"
    r"(?:[.:—–-]|$)",
    re.IGNORECASE,
)


def opt_gutenberg_faithful(text: str) -> str:
    """As OPT did: paragraphs joined where all lines have one indent; lines that begin with [Illustration,
    Produced by or Copyright, pages of contents, footnote marks, stars, lines of one word and lines with five
    spaces deleted, and the paragraphs that name Project Gutenberg; nothing behind its end."""
    if end := _END.search(text):
        text = text[: end.start()]
    return _assembled(_kept(text, _faithful_lines, len(text)))


def opt_gutenberg(text: str) -> str:
    """The same without the mistakes: verse and tables stay, so do lines of one word that are no heading;
    a paragraph about the edition has at most 2,000 characters, an illustration's caption goes whole."""
    width = width_of(text.split("\n"))
    return _assembled(_kept(text, lambda lines: _fixed_lines(lines, width), _MAX_NOTE))


def _kept(
    text: str, clean: Callable[[Sequence[str]], Iterable[str]], max_note: int
) -> Iterator[tuple[list[str], bool]]:
    """(the lines that are left of a paragraph, whether a section ends behind it)."""
    place = 0
    while place < len(text):
        border = _EMPTY_LINES.search(text, place)
        stop, following = border.span() if border else (len(text), len(text))
        section = border is not None and border.group().count("\n") >= _SECTION
        paragraph = text[place:stop]
        about_edition = len(paragraph) <= max_note and _PROJECT.search(paragraph) is not None
        lines = [] if about_edition else [line for line in paragraph.split("\n") if line.strip()]
        yield list(clean(lines)), section
        place = following


def _assembled(paragraphs: Iterable[tuple[list[str], bool]]) -> str:
    """One line break behind a paragraph, two behind a section; none for those of which nothing is left."""
    parts: list[str] = []
    section = False
    for lines, ends in paragraphs:
        if lines:
            parts += (["\n\n" if section else "\n"] if parts else []) + ["\n".join(lines)]
            section = False
        section |= ends
    return "".join(parts)


def _faithful_lines(lines: Sequence[str]) -> Iterator[str]:
    for line in unwrap_equal(lines, _LIMIT):
        left = _FOOTNOTE.sub("", line.lstrip(" \t"))
        if not (left.startswith(_NOTICES) or _is_apparatus(left) or "     " in left or _WORD.fullmatch(left)):
            yield left.removeprefix(" ")


def _fixed_lines(lines: Sequence[str], width: int) -> Iterator[str]:
    text = " ".join(map(str.strip, lines))
    if _CAPTION.fullmatch(text):
        return
    for line in unwrap_prose(lines, width):
        left = _FOOTNOTE.sub("", line.lstrip(" \t")).lstrip(" ")
        if left and not (_is_apparatus(left) or (len(left) <= _MAX_LINE and _LINES.match(left))):
            yield left


def _is_apparatus(line: str) -> bool:
    """Whether it is a line of stars, or one of a table of contents, which ends in its page."""
    if "*" in line and not line.strip("* \t"):
        return True
    stripped = line.rstrip(" ")
    title = stripped.rstrip("0123456789")
    return len(title) < len(stripped) and title.endswith("    ")

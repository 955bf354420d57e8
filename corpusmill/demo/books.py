"""The demo's books: plain text files, most of them between markers like Project Gutenberg's.

Line ends are CRLF and lines are wrapped, as there. One book opens with a byte order mark, one is in code
page 1252, one has no markers, one has its small print in front. The terms are our own words.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpusmill.demo.plan import BOOKS, PLAIN
from corpusmill.demo.truth import Account, Origin, Plant

_WIDTH = 72
_FIRST_EBOOK = 40_001
_LAYOUTS = ("this", "the", "small print")
_TERMS = """\
This electronic text may be copied, given away and read by anyone, in all
countries, for any purpose. It comes as it is, with no promise that it is
complete or correct. Whoever passes it on changed must say so in front of it.
"""
_FOOTER = """\
Updated editions will replace this file under the same number. Corrections
are welcome; they are made once a year, and the old editions stay available.

Section 1. Passing the text on

1.A. You may give this text to anyone, printed or as a file, with this notice.

1.B. You may take money for the work of copying it, and for nothing else.

Section 2. No promises

2.A. The volunteers who typed and proofread this text did so with care, but
nobody answers for what an error in it may bring about.
"""


@dataclass(frozen=True, kw_only=True)
class Book:
    """A book: paragraphs by chapter, each with its heading ("" for none)."""

    title: str
    author: str
    chapters: Sequence[tuple[str, Sequence[str]]]


def write(
    folder: Path,
    gutenberg: Sequence[Book],
    plain: Sequence[Book],
    plants: Sequence[Plant],
    account: Account,
) -> None:
    """Write `books/` and `books-plain/` under `folder`."""
    bodies: list[tuple[str, str, str, Plant | None]] = []
    for source, books in ((BOOKS, gutenberg), (PLAIN, plain)):
        bodies += [(source, book.title, _body(book), None) for book in books]
    readers = [plant for plant in plants if plant.place in (BOOKS, PLAIN)]
    for number, reader in enumerate(readers, start=1):
        bodies.append((reader.place, f"A Reader for Evenings, Volume {number}", _wrapped(reader), reader))

    for source in (BOOKS, PLAIN):
        (folder / source).mkdir()
        mine = [body for body in bodies if body[0] == source]
        for number, (_, title, body, plant) in enumerate(mine):
            ebook = _FIRST_EBOOK + 7 * number
            path = f"{source}/pg{ebook}.txt" if source == BOOKS else f"{source}/{_slug(title)}.txt"
            framed = _framed(title, body, ebook, number) if source == BOOKS else body
            (folder / path).write_bytes(_encoded(framed, number))
            # A recipe's rule joins the lines of a book's paragraphs; plain books keep theirs.
            left = body.replace("\n", " ") if source == BOOKS else body
            account.document(Origin(source=source, path=path, record="text"), plant, left)
    (folder / PLAIN / "lost-manuscript.txt").write_bytes(b"\r\n \r\n")
    account.reject(PLAIN, "empty")


def _body(book: Book) -> str:
    parts = [book.title.upper(), f"by {book.author}"]
    for heading, paragraphs in book.chapters:
        parts += [heading] * bool(heading)
        parts += [_fill(paragraph) for paragraph in paragraphs]
    return "\n\n".join(parts)


def _fill(paragraph: str) -> str:
    """A paragraph wrapped, but for what is laid out already."""
    if "\n" in paragraph:
        return paragraph
    return textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _wrapped(plant: Plant) -> str:
    """A planted text with other line breaks and nothing else changed, so that its bytes can be counted."""
    return "\n".join(_fill(line) for line in plant.text.split("\n"))


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


def _framed(title: str, body: str, number: int, place: int) -> str:
    """A book between its header and footer; every seventh has no markers at all."""
    if place % 7 == 6:
        return body
    layout = _LAYOUTS[place % len(_LAYOUTS)]
    head = f"The Project Gutenberg EBook of {title}\n\n{_TERMS}\n\nTitle: {title}\n\n"
    head += f"Release Date: January, 2012 [EBook #{number}]\n\nLanguage: English\n\n"
    foot = f"\n\nEnd of the Project Gutenberg EBook of {title}\n\n"
    if layout == "small print":
        head += f"***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n{_TERMS}"
        head += "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n"
    else:
        head += f"*** START OF {layout.upper()} PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n"
        head += "Produced by volunteers who typed and proofread it twice\n\n"
        foot += f"*** END OF {layout.upper()} PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n"
    return f"{head}\n\n{body}{foot}{_FOOTER}"


def _encoded(text: str, number: int) -> bytes:
    """Bytes with CRLF: the second book with a byte order mark, the third in code page 1252 if it can be."""
    text = text.replace("\n", "\r\n")
    if number == 2:
        return text.encode("cp1252", "replace")
    return (b"\xef\xbb\xbf" if number == 1 else b"") + text.encode()

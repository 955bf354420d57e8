"""What stands ahead of a file's first record and is none: a mark of byte order, blank lines, a line of a log.

One odd thing at the start must not cost the file: what is blank is passed over, and anything else is one
reject, of the name `AHEAD`, behind which the first record begins.
The surprising thing: such bytes are looked for ahead of the first record only. Between records that are
framed by their lengths they mean that a length is wrong, and what follows could be a part of any record.
"""

import re
from typing import NamedTuple

from corpusmill.sources.raw import PIECE, ByteReader
from corpusmill.sources.records import HEAD, Reason, Reject

AHEAD = "0"  # the `record` of what stands ahead of the first; in an archive behind the member's name and ":"
BOM = b"\xef\xbb\xbf"
JSON_BEGINS = re.compile(
    rb'^(?:\xef\xbb\xbf)?[ \t]*(?:(?P<list>\[(?![^\[\]{}"\n]*+\][ \t]*[^\s]))|(?P<object>\{))', re.MULTILINE
)
"""The first line on which a list or an object begins; a line of a log may have its time in brackets."""
_BLANK = b" \t\r\n\f\v"
_BLANKS = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n\f\v])*+")
_LONGEST = 256  # bytes that a search for the first record can match


class Opening(NamedTuple):
    """Bytes that were passed over: the first 200 of them from the first that is not blank, how many there
    were from that one on, and whether a record begins behind them."""

    head: bytes
    bytes: int
    found: bool


def blank_length(content: bytes) -> int:
    """How many bytes of white space and marks of byte order content begins with."""
    return _BLANKS.match(content).end()  # type: ignore[union-attr]  # matches anything


def is_blank(content: bytes) -> bool:
    """Whether there is nothing but white space and marks of byte order."""
    return blank_length(content) == len(content)


def pass_blank(reader: ByteReader) -> None:
    """Go behind white space and marks of byte order."""
    while ahead := reader.peek(_LONGEST):
        left = ahead.lstrip(_BLANK).removeprefix(BOM)
        if len(left) == len(ahead):
            return
        reader.take(len(ahead) - len(left))


def pass_to(reader: ByteReader, begins: re.Pattern[bytes]) -> Opening:
    """Go to the first place where `begins` matches (at most `_LONGEST` bytes), or to the end if there is
    none; in bounded memory."""
    pass_blank(reader)
    head, size = b"", 0
    while True:
        ahead = reader.peek(PIECE)
        found = begins.search(ahead)
        is_end = len(ahead) < PIECE
        passed = reader.take(found.start() if found else len(ahead) - (0 if is_end else _LONGEST))
        head = head if len(head) == HEAD else (head + passed)[:HEAD]
        size += len(passed)
        if found or is_end:
            return Opening(head, size, found is not None)


def stray(opening: Opening, record: str, source: str) -> Reject:
    """The reject of what stands ahead of the first record, under the name `record`."""
    return Reject(
        record=record,
        source=source,
        reason=Reason.BAD_FORMAT,
        error="bytes ahead of the first record that are none",
        head=opening.head,
        bytes=opening.bytes,
    )

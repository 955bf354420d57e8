"""The containers in which lm_dataformat writes and reads documents, the Pile's among them.

Which one a file is, its name says: .jsonl, .dat, .json, .txt, a bare .gz (a document a line), each
compressed or not, by itself or in a tar or zip. Nothing is parsed here, so a record that is no JSON costs
only itself. That is why the elements of a JSON list are cut out by a scan for quotes and brackets: ijson
gives up at the first NaN, which Python writes and reads.
"""

import re
from collections.abc import Iterator

from corpusmill.sources.archives import OpenFile, open_files, without_codec
from corpusmill.sources.framing import damaged, lines_of, place, whole_of
from corpusmill.sources.openings import AHEAD, JSON_BEGINS, Opening, is_blank, stray
from corpusmill.sources.raw import PIECE, BlockFile, ByteReader, Damaged, RawFile
from corpusmill.sources.records import HEAD, Framed, RawRecord, Reason, Reject
from corpusmill.sources.streams import MAX_LINE, peeked

FILE = {"form": "file"}  # note of a record that is the whole of a text file
PART = {"form": "part"}  # note of a record that is a text in a file of several
_LENGTH = 16  # digits in front of a document of .dat
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
# The first line that begins with a length; behind it a document may begin with digits.
_LENGTH_LINE = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*(?P<length>\d{16})", re.MULTILINE)
# Ahead of anything else, or at the start of a line of JSON; a text may have a line that begins with a brace.
_OBJECT = re.compile(rb'(?:\A(?:\xef\xbb\xbf|\s)*+\{)|^(?:\xef\xbb\xbf)?[ \t]*\{[ \t]*"', re.MULTILINE)
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BORDER = re.compile(rb'["\[\]{},]')


def container_records(name: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """The documents of a file or archive as raw records, of at most `limit` bytes: JSON has no note, text
    has `FILE` or `PART`. `record` is the number of the line or document, in an archive behind the member's
    name and ":"; of a text file that name by itself, or "text"."""
    for file in open_files(name, raw):
        inside = without_codec(file.name)
        if inside.endswith(".dat"):
            yield from dat_records(file, source, limit)
        elif inside.endswith((".txt", "_data")):
            yield from whole_of(file, source, limit, FILE)
        elif inside.endswith(".json"):
            yield from json_records(file, source, limit)
        elif inside.endswith((".jsonl", ".ndjson")) or (file.member and ".jsonl" in name.lower()):
            yield from lines_of(file, source, limit)
        elif file.member:
            yield from whole_of(file, source, limit, FILE)
        elif name.lower().endswith((".gz", ".gzip")):
            head, blocks = peeked(file.blocks)
            note = None if _OBJECT.search(head) else PART
            yield from lines_of(file._replace(blocks=blocks), source, limit, note)
        else:
            yield from lines_of(file, source, limit)


def dat_records(file: OpenFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """The documents of a .dat: 16 decimal digits that say how many bytes of UTF-8 follow, and again."""
    start, blocks = peeked(file.blocks, PIECE)
    begins = _LENGTH_LINE.search(start)
    file, ahead = _split(file._replace(blocks=blocks), start, begins.start("length") if begins else 0, source)
    yield from ahead
    reader = ByteReader(BlockFile(file.blocks))
    head, size, number = b"", 0, 0
    try:
        while reader.peek(1):
            head, size, number = b"", 0, number + 1
            at = reader.offset
            digits = reader.take(_LENGTH)
            if not (digits.isdigit() and len(digits) == _LENGTH):
                size, head = len(digits), digits
                raise Damaged(f"no length of a document at byte {at}: {digits!r}")
            length = int(digits)
            content = reader.take(length if length <= limit else HEAD)
            head, size = content[:HEAD], len(content)
            if length > limit:
                size += reader.skip(length - size)
            if size < length:
                raise Damaged(f"truncated: {size} of the {length} bytes of the document at byte {at}")
            if length > limit:
                yield _too_long(file, number, source, head, size, limit)
            else:
                yield RawRecord(f"{place(file)}{number}", content, PART)
    except Damaged as damage:
        damage.head, damage.bytes = head, size
        damage.scope = file.member if damage.scope is None else damage.scope
        yield damaged(damage, source)


def json_records(file: OpenFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """The elements of the list that a .json is, or its lines: many a .json is a .jsonl. Lines ahead of a
    list are a reject."""
    head, blocks = peeked(file.blocks, PIECE)
    begins = JSON_BEGINS.search(head)
    file = file._replace(blocks=blocks)
    if begins is None or begins["list"] is None:
        yield from lines_of(file, source, limit)
        return
    file, ahead = _split(file, head, begins.start("list"), source)
    yield from ahead
    yield from list_records(file, source, limit)


def _split(file: OpenFile, head: bytes, at: int, source: str) -> tuple[OpenFile, list[Reject]]:
    """The file from byte `at` of its `head` on, and the reject of what stands ahead of that, if it is more
    than blank."""

    def behind() -> Iterator[bytes]:
        left = at
        for block in file.blocks:
            yield block[left:]
            left = max(0, left - len(block))

    opening = Opening(head[:at][:HEAD], at, found=True)
    rejects = [] if is_blank(head[:at]) else [stray(opening, f"{place(file)}{AHEAD}", source)]
    return file._replace(blocks=behind()), rejects


def list_records(file: OpenFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """The elements of a file that is one JSON list, as they stand there; memory holds one of them.

    An element ends at a comma or bracket of the list's own level; what is in it is not looked at, but
    for strings and brackets. A file that ends before the list does, or goes on behind it, is damaged.
    """
    elements = _Elements(limit)
    number = 0
    try:
        for block in file.blocks:
            for content, size in elements.cut(block):
                number += 1
                if size > limit:
                    yield _too_long(file, number, source, content[:HEAD], size, limit)
                else:
                    yield RawRecord(f"{place(file)}{number}", content)
        elements.end()
    except Damaged as damage:
        damage.head, damage.bytes = elements.unended()
        damage.scope = file.member if damage.scope is None else damage.scope
        yield damaged(damage, source)


class _Elements:
    """The elements of a JSON list that arrives in blocks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()  # of the element that has not ended, as far as it is needed
        self._at = 0  # bytes of it that have been scanned
        self._dropped = 0  # bytes of an element beyond the limit that are not held
        self._depth = 0  # of brackets; 0 before and behind the list, 1 between its elements
        self._in_string = False
        self._ended = False
        self._any = False  # whether an element or a comma has come

    def cut(self, block: bytes) -> Iterator[tuple[bytes, int]]:
        """(content, its bytes) of the elements that end in the block; beyond the limit a part of content."""
        self._held += block
        if self._depth == 0 and not self._ended:
            self._open()
        while self._depth and self._scan():
            yield from self._element()
        if self._ended and self._held.strip(_BLANK):
            raise Damaged("data behind the end of the JSON list")
        if self._ended:
            self._held.clear()
        if self._at > max(self._limit, HEAD):
            self._dropped += self._at - HEAD
            del self._held[HEAD : self._at]
            self._at = HEAD

    def _open(self) -> None:
        bare = self._held.removeprefix(_BOM).lstrip(_BLANK)
        if bare:  # the caller has seen that it begins with the bracket
            self._held = bare[1:]
            self._depth = 1

    def _scan(self) -> bool:
        """Go on to the border at which an element ends; False if it is not at hand yet."""
        held = self._held
        while True:
            if self._in_string:
                self._at = _STRING.match(held, self._at).end()  # type: ignore[union-attr]  # matches anything
                if held[self._at : self._at + 1] != b'"':
                    return False  # at the end, or at a backslash that is the last byte
                self._in_string = False
                self._at += 1
            border = _BORDER.search(held, self._at)
            if border is None:
                self._at = len(held)
                return False
            self._at = border.end()
            mark = border.group()
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                self._depth += 1
            elif mark in b"]}":
                self._depth -= 1
                if self._depth == 0:
                    return True
            elif self._depth == 1:
                return True

    def _element(self) -> Iterator[tuple[bytes, int]]:
        content = bytes(memoryview(self._held)[: self._at - 1]).strip(_BLANK)
        last = self._depth == 0
        size = len(content) + self._dropped
        del self._held[: self._at]
        self._at = self._dropped = 0
        self._ended = last
        if content or self._any or not last:
            yield content, size
        self._any = True

    def end(self) -> None:
        if not self._ended:
            raise Damaged("truncated: the file ends inside a JSON list")

    def unended(self) -> tuple[bytes, int]:
        """The head and length of what is left behind the last element that ended."""
        rest = bytes(self._held[:HEAD]).lstrip(_BLANK) if self._ended or self._depth else b""
        return rest, len(self._held) + self._dropped


def _too_long(file: OpenFile, number: int, source: str, head: bytes, size: int, limit: int) -> Reject:
    return Reject(
        record=f"{place(file)}{number}",
        source=source,
        reason=Reason.DOCUMENT_TOO_LONG,
        error=f"a document of {size} bytes; the limit is {limit}",
        head=head,
        bytes=size,
    )

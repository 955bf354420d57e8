r"""Documents re-made out of lines: where blank lines end them, or where nothing does and size must.

A document's `record` is the number of its first line, its content the lines with b"\n" between them as
in the file: put together again the documents are the file. Borders are a function of the lines alone,
and memory is bounded by one document. A damaged file gives its complete documents and then one reject
that describes the cut one.
The surprising thing: the lines that end documents are no records and have no rows. Where the ledger counts
`blank`, a line is a record; here a document is, and a separator belongs to none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from corpusmill.sources.archives import open_files
from corpusmill.sources.framing import damaged, place, too_long
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import (
    BLANK,
    HEAD,
    Framed,
    RawRecord,
    Reason,
    Reject,
    Removal,
    Unusable,
    rejected,
)
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines
from corpusmill.sources.texts import decode_part

_Lines = Iterable[tuple[int, bytes | LineTooLong]]


def separated_records(
    name: str, raw: RawFile, source: str, blank_lines: int, limit: int = MAX_LINE
) -> Iterator[Framed]:
    """The documents of a file, or of every member of an archive, between which there are `blank_lines` or
    more blank lines; fewer belong to the text. A document of more than `limit` bytes is a reject."""
    for file in open_files(name, raw):
        try:
            yield from _separated(place(file), lines(file.blocks, limit), source, blank_lines, limit)
        except Damaged as damage:
            yield damaged(damage, source)


def block_records(
    name: str, raw: RawFile, source: str, block_bytes: int, limit: int = MAX_LINE
) -> Iterator[Framed]:
    """The documents of `joined` out of the lines of a file without borders, or of every member of an archive,
    none of which goes on in the next. `limit` bytes, more than `block_bytes`, is the longest document that a
    long line can make; such a line is a reject."""
    longest = limit - block_bytes
    for file in open_files(name, raw):
        rows = _line_records(place(file), lines(file.blocks, longest), source, longest)
        try:
            yield from joined(rows, source, block_bytes)
        except Damaged as damage:
            yield damaged(damage, source)


def joined(rows: Iterable[Framed], source: str, block_bytes: int) -> Iterator[Framed]:
    """Lines, or rows that are lines, as documents that end with the first line end at or after
    `block_bytes` bytes; the last is what is left.

    A row that is no text is a reject by itself and in no document; it and what else is no raw record come
    ahead of the document around them. A document without anything on its lines is removed as `blank`.
    """
    block = _Document()
    try:
        for row in rows:
            if not isinstance(row, RawRecord):
                if isinstance(row, Reject) and row.record is None:
                    yield replace(row, head=block.cut(row.head), bytes=block.cut_bytes(row.bytes))
                    return
                yield row
            elif reject := _no_text(row, source):
                yield reject
            else:
                block.add(row.record, row.content)
                if block.size >= block_bytes:
                    yield block.ended(source)
                    block = _Document()
    except Damaged as damage:
        damage.head, damage.bytes = block.cut(damage.head), block.cut_bytes(damage.bytes)
        raise
    if block.first:
        yield block.ended(source)


@dataclass(kw_only=True, slots=True)
class _Document:
    """The lines of a document that has not ended yet, held up to `limit` bytes and only counted beyond."""

    limit: int = MAX_LINE
    first: str = ""  # the record of its first line
    held: bytearray = field(default_factory=bytearray)
    size: int = 0

    def add(self, record: str, line: bytes, size: int | None = None) -> None:
        """Go on with a line under `record`; of one too long with its first bytes and its `size`."""
        if self.first:
            self.held += b"\n"
            self.size += 1
        else:
            self.first = record
        self.held += line
        self.size += len(line) if size is None else size
        if self.size > self.limit:
            del self.held[HEAD:]

    def go_on(self, blank: list[bytes]) -> None:
        """Take in blank lines that turned out to be inside."""
        for line in blank:
            self.add("", line)
        blank.clear()

    def ended(self, source: str) -> Framed:
        if self.size > self.limit:
            return Reject(
                record=self.first,
                source=source,
                reason=Reason.DOCUMENT_TOO_LONG,
                error=f"a document of {self.size} bytes; the limit is {self.limit}",
                head=bytes(self.held[:HEAD]),
                bytes=self.size,
            )
        if not self.held or self.held.isspace():
            return Removal(source=source, reason=BLANK, bytes=self.size)
        return RawRecord(self.first, bytes(self.held))

    def cut(self, line: bytes) -> bytes:
        """The first bytes of the document that `line` would have gone on with."""
        return bytes(self.held[:HEAD] + b"\n" * bool(self.first) + line)[:HEAD]

    def cut_bytes(self, line: int) -> int:
        return self.size + bool(self.first) + line


def _separated(prefix: str, numbered: _Lines, source: str, blank_lines: int, limit: int) -> Iterator[Framed]:
    document = _Document(limit=limit)
    blank: list[bytes] = []  # lines behind which the document may go on
    try:
        for number, line in numbered:
            if isinstance(line, LineTooLong):
                document.go_on(blank)
                document.add(f"{prefix}{number}", line.head, line.bytes)
            elif line and not line.isspace():
                document.go_on(blank)
                document.add(f"{prefix}{number}", line)
            elif document.first:
                blank.append(line)
                if len(blank) == blank_lines:
                    yield document.ended(source)
                    document = _Document(limit=limit)
                    blank.clear()
    except Damaged as damage:
        document.go_on(blank)
        damage.head, damage.bytes = document.cut(damage.head), document.cut_bytes(damage.bytes)
        raise
    if document.first:
        yield document.ended(source)


def _line_records(prefix: str, numbered: _Lines, source: str, limit: int) -> Iterator[Framed]:
    for number, line in numbered:
        if isinstance(line, LineTooLong):
            yield too_long(f"{prefix}{number}", line, source, limit)
        else:
            yield RawRecord(f"{prefix}{number}", line)


def _no_text(row: RawRecord, source: str) -> Reject | None:
    """The reject of a line that is no text, None of most."""
    if row.content.isascii() and b"\0" not in row.content:
        return None
    try:
        decode_part(row.content)
    except Unusable as error:
        return rejected(row, source, error.reason, str(error))
    return None

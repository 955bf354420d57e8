"""How a file becomes raw records: the first half of every source, cheap and in the order of the file.

Nothing here looks into a record. One process can frame a huge file while others read what it has cut out.
A framing never raises for bad data: a damaged file gives every complete record and then its one reject.
"""

from collections.abc import Iterator

from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import BLANK, HEAD, Framed, RawRecord, Reason, Reject, Removal
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines, open_blocks

WHOLE = "text"  # the `record` of what is all that its file holds


def line_records(name: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """Every line of a file as a raw record under its number; a blank line is a removal, one of more than
    `limit` bytes a reject, both under `source`."""
    try:
        for number, line in lines(open_blocks(name, raw), limit):
            if isinstance(line, LineTooLong):
                yield Reject(
                    record=str(number),
                    source=source,
                    reason=Reason.LINE_TOO_LONG,
                    error=f"a line of {line.bytes} bytes; the limit is {limit}",
                    head=line.head,
                    bytes=line.bytes,
                )
            elif not line or line.isspace():
                yield Removal(source=source, reason=BLANK, bytes=len(line))
            else:
                yield RawRecord(str(number), line)
    except Damaged as damage:
        yield damaged(damage, source)


def file_records(name: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """The content of a file, of at most `limit` bytes, as its one raw record."""
    blocks: list[bytes] = []
    size = 0
    try:
        for block in open_blocks(name, raw):
            size += len(block)
            if size <= limit:
                blocks.append(block)
    except Damaged as damage:
        damage.head, damage.bytes = b"".join(blocks)[:HEAD], size
        yield damaged(damage, source)
        return
    content = b"".join(blocks)
    if size <= limit:
        yield RawRecord(WHOLE, content)
        return
    yield Reject(
        record=WHOLE,
        source=source,
        reason=Reason.FILE_TOO_LONG,
        error=f"a file of {size} bytes; the limit is {limit}",
        head=content[:HEAD],
        bytes=size,
    )


def damaged(damage: Damaged, source: str) -> Reject:
    """The one reject of a damaged file."""
    return Reject(
        record=None,
        source=source,
        reason=Reason.DAMAGED,
        error=str(damage),
        head=damage.head,
        bytes=damage.bytes,
    )

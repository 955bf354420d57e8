"""How a file becomes raw records: the first half of every source, cheap and in the order of the file.

Nothing here looks into a record. One process can frame a huge file while others read what it has cut out.
A framing never raises for bad data: a damaged file gives every complete record and then its one reject.
An archive is framed member by member; a member that alone is damaged has a reject of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpusmill.sources.archives import OpenFile, open_files
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import BLANK, HEAD, WHOLE, Framed, RawRecord, Reason, Reject, Removal
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines


def line_records(name: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """Every line of a file, or of every member of an archive, as a raw record under its number (in a member
    "member:17"); a blank line is a removal, one of more than `limit` bytes a reject, both under `source`."""
    for file in open_files(name, raw):
        yield from lines_of(file, source, limit)


def file_records(
    name: str, raw: RawFile, source: str, limit: int = MAX_LINE, as_is: tuple[str, ...] = ()
) -> Iterator[Framed]:
    """The content of a file, or of every member of an archive, as one raw record of at most `limit` bytes,
    under "text" or the member's name; `as_is` as in `open_files`."""
    for file in open_files(name, raw, as_is):
        yield from whole_of(file, source, limit)


def lines_of(
    file: OpenFile, source: str, limit: int = MAX_LINE, note: Mapping[str, Any] | None = None
) -> Iterator[Framed]:
    """The lines of one file, as `line_records`; raw records get the `note`."""
    prefix = place(file)
    try:
        for number, line in lines(file.blocks, limit):
            if isinstance(line, LineTooLong):
                yield too_long(f"{prefix}{number}", line, source, limit)
            elif not line or line.isspace():
                yield Removal(source=source, reason=BLANK, bytes=len(line))
            else:
                yield RawRecord(f"{prefix}{number}", line, note)
    except Damaged as damage:
        yield damaged(damage, source)


def too_long(record: str, line: LineTooLong, source: str, limit: int) -> Reject:
    """The reject of a line of more than `limit` bytes."""
    return Reject(
        record=record,
        source=source,
        reason=Reason.LINE_TOO_LONG,
        error=f"a line of {line.bytes} bytes; the limit is {limit}",
        head=line.head,
        bytes=line.bytes,
    )


def whole_of(
    file: OpenFile, source: str, limit: int = MAX_LINE, note: Mapping[str, Any] | None = None
) -> Iterator[Framed]:
    """The content of one file, as `file_records`; the raw record gets the `note`."""
    record = file.member or WHOLE
    blocks: list[bytes] = []
    size = 0
    try:
        for block in file.blocks:
            size += len(block)
            if size <= limit:
                blocks.append(block)
    except Damaged as damage:
        damage.head, damage.bytes = b"".join(blocks[:HEAD])[:HEAD], size
        yield damaged(damage, source)
        return
    content = b"".join(blocks) if size <= limit else b"".join(blocks[:HEAD])[:HEAD]
    blocks.clear()
    if size <= limit:
        yield RawRecord(record, content, note)
        return
    yield Reject(
        record=record,
        source=source,
        reason=Reason.FILE_TOO_LONG,
        error=f"a file of {size} bytes; the limit is {limit}",
        head=content,
        bytes=size,
    )


def place(file: OpenFile) -> str:
    """What stands in the `record` of a part of the file ahead of the part's number."""
    return f"{file.member}:" if file.member else ""


def damaged(damage: Damaged, source: str) -> Reject:
    """The one reject of a damaged file, or of a member of an archive that alone is."""
    return Reject(
        record=damage.scope or None,
        source=source,
        reason=damage.reason,
        error=str(damage),
        head=damage.head,
        bytes=damage.bytes,
    )

r"""WARC files as records: cut at their own lengths, so that nothing that was cut or damaged passes.

Archives are read in silence by the libraries for them: a truncated file gives a short last page and no
error. Here the bytes come from this package's own decompressors, each record must have as many bytes as
its header says, with line ends, the next record or the end of the file behind them, and in a gzip file it
counts as complete only once the checksum behind it has been seen to hold, or the next record has begun
before that. What stands behind damage is given up, also where a later gzip member could be found again;
blank lines, and whatever stands ahead of the first record, are none.
The surprising thing: two bytes more than a record's length says are taken as its own where a record's
line ends follow them. Crawls were written so (CC-MAIN-2018-34, and two of warcio's test files).
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastwarc.warc import HeaderMap

from corpusmill.sources.framing import damaged
from corpusmill.sources.members import gzip_blocks
from corpusmill.sources.openings import AHEAD, Opening, pass_blank, pass_to, stray
from corpusmill.sources.raw import ByteReader, Damaged, RawFile
from corpusmill.sources.records import HEAD, Framed, RawRecord, Reason, Reject, Removal, rejected
from corpusmill.sources.streams import MAX_LINE, open_blocks

HTML, TEXT = "html", "text"  # what a raw record's note says under "kind"
HTTP_STATUS = "http_status"  # reason of the removal of a response whose status is not 200
NOT_HTML = "not_html"  # reason of the removal of a response that is no HTML page, or not HTTP
# Reasons of the removal of records of other types, which have no page in them.
OTHER_TYPES = {
    "warcinfo": "warc_warcinfo",
    "request": "warc_request",
    "metadata": "warc_metadata",
    "revisit": "warc_revisit",
    "resource": "warc_resource",
    "continuation": "warc_continuation",
    "conversion": "warc_conversion",
}
UNKNOWN_TYPE = "warc_unknown"

_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_MAGIC = b"WARC/"
_ARC = b"filedesc:"
_FIRST = re.compile(
    rb"WARC/\d\.\d{1,3}[ \t]*\r?\n(?=[\w-]{1,60}[ \t]*:)"
)  # with a field of the header behind it
_NOT_WARC = re.compile(rb"(?!)")  # nowhere
_MAX_HEADER = 32 << 10  # bytes, as in fastwarc
_MAX_EXTRA = 2  # bytes between a record's length and its line ends
_LINE_ENDS = b"\r\n\r\n"
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_EVERYTHING = 1 << 62


def warc_records(
    name: str, raw: RawFile, source: str, *, text: bool = False, limit: int = MAX_LINE
) -> Iterator[Framed]:
    """Every HTML page that a server answered with status 200, as a raw record under its number among all
    records of the file (from 1); with `text` also the plain texts of WET files (`conversion`).

    `content` is the HTTP body as the server sent it (see `payloads`). `note` has "kind" (`html` or `text`),
    "url", "date" (WARC-Date), and of a page "type", "charset", "transfer", "encoding", "length" (headers
    of HTTP; null if there is none) and "truncated" (WARC-Truncated). All other records are removals of
    the bytes of their content. A record of more than `limit` bytes is a reject, and so are bytes ahead of the
    first record, as `openings.AHEAD`.
    """
    content = _Content(name, raw)
    reader = ByteReader(content)
    pass_blank(reader)
    start = reader.peek(HEAD)
    if not start.startswith(_MAGIC[: len(start)]):
        opening = pass_to(reader, _NOT_WARC if start.startswith(_ARC) else _FIRST)
        if not opening.found:
            yield _not_warc(opening, source)
            return
        yield stray(opening, AHEAD, source)
    number = place = 0
    try:
        while reader.peek(1):
            number, place = number + 1, reader.offset
            yield _framed(_next(content, reader, limit), str(number), source, text, limit)
            pass_blank(reader)
        if content.damage:
            yield damaged(content.damage, source)
    except _NotWholeError as cut:
        reader.skip(_EVERYTHING)
        yield Reject(
            record=None,
            source=source,
            reason=Reason.DAMAGED,
            error=f"record {number} (at byte {place} of the content) is not whole: {cut}"
            + (f"; {content.damage}" if content.damage else ""),
            head=cut.head[:HEAD],
            bytes=reader.offset - place,
        )


class _Content:
    """The decompressed content of a file, as a file that ends where the damage begins."""

    def __init__(self, name: str, raw: RawFile) -> None:
        self._blocks = _blocks(name, raw)
        self._given = 0
        self._checked = 0
        self.damage: Damaged | None = None

    def read(self, size: int = -1, /) -> bytes:
        while self.damage is None:
            try:
                piece = next(self._blocks, None)
            except Damaged as damage:
                self.damage = damage
                break
            if piece is None:
                break
            block, checked = piece
            self._given += len(block)
            if checked:
                self._checked = self._given
            if block:
                return block
        return b""

    def holds(self, end: int) -> bool:
        """Whether the content up to `end` is known to be right."""
        return end <= self._checked

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("content is read forward")

    def tell(self) -> int:
        return self._given


def _blocks(name: str, raw: RawFile) -> Iterator[tuple[bytes, bool]]:
    """(block of content, whether all up to its end is known to be right)."""
    reader = ByteReader(raw)
    if name.lower().endswith((".gz", ".gzip")) and reader.peek(2) == b"\x1f\x8b":
        while reader.peek(1):
            for block in gzip_blocks(reader):
                yield block, False
            yield b"", True
            reader.skip_padding()
        return
    reader.seek(0)
    for block in open_blocks(name, raw):
        yield block, True


@dataclass(kw_only=True, slots=True)
class _Record:
    head: bytes
    fields: HeaderMap
    size: int  # bytes of the block, which is not held if they are more than the limit
    block: bytes


class _NotWholeError(Exception):
    """A record is cut or not one at all; `head` is how it begins."""

    def __init__(self, message: str, head: bytes) -> None:
        super().__init__(message)
        self.head = head


def _next(content: _Content, reader: ByteReader, limit: int) -> _Record:
    """The record that `reader` stands at."""
    ahead = reader.peek(_MAX_HEADER)
    end = _HEADER_END.search(ahead)
    if not ahead.startswith(_MAGIC[: len(ahead)]) or (end is None and len(ahead) == _MAX_HEADER):
        raise _NotWholeError("it has no WARC header", ahead)
    if end is None:
        raise _NotWholeError("the header ends early", ahead)
    head = reader.take(end.end())
    fields = _fields(head)
    length = fields.get("Content-Length") or ""
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise _NotWholeError(f"its Content-Length is {length!r:.40}", head)
    size = int(length)
    block = reader.take(size) if size <= limit else b""
    passed = len(block) if size <= limit else reader.skip(size)
    head += block[:HEAD]
    if passed < size:
        raise _NotWholeError(f"{passed} of {size} bytes are there", head)
    extra = _extra(reader)
    place = reader.offset
    ends = _skip_line_ends(reader)
    follows = reader.peek(len(_MAGIC))
    if follows and follows != _MAGIC and not ends:
        raise _NotWholeError(f"no line end follows its {size} bytes", head)
    if not content.holds(place + min(ends, len(_LINE_ENDS))) and follows != _MAGIC:
        raise _NotWholeError("the checksum behind it is missing or wrong", head)
    return _Record(head=head, fields=fields, size=size + len(extra), block=block + extra)


def _extra(reader: ByteReader) -> bytes:
    ahead = reader.peek(_MAX_EXTRA + len(_LINE_ENDS))
    for extra in range(1, _MAX_EXTRA + 1):
        if ahead[extra:].startswith(_LINE_ENDS) and not ahead.startswith(_LINE_ENDS):
            return reader.take(extra)
    return b""


def _skip_line_ends(reader: ByteReader) -> int:
    """How many bytes of line ends were passed over, in bounded memory."""
    start = reader.offset
    while ahead := reader.peek(len(_LINE_ENDS)):
        ends = len(ahead) - len(ahead.lstrip(b"\r\n"))
        reader.take(ends)
        if ends < len(ahead):
            break
    return reader.offset - start


def _not_warc(opening: Opening, source: str) -> Reject:
    error = f"no WARC record but {opening.head[:16]!r}"
    if opening.head.startswith(_ARC):
        error = (
            "an ARC file, which is older than WARC; convert it (`warcio recompress IN.arc.gz OUT.warc.gz`)"
        )
    return Reject(
        record=None,
        source=source,
        reason=Reason.BAD_FORMAT,
        error=error,
        head=opening.head,
        bytes=opening.bytes,
    )


def _fields(head: bytes) -> HeaderMap:
    """The fields of a header that ends with its empty line; the lines may end in either way. None of them
    if the header is too long."""
    fields = HeaderMap()
    try:
        fields.parse(io.BytesIO(re.sub(rb"\r?\n", b"\r\n", head)))
    except OSError:
        return HeaderMap()
    return fields


def _framed(record: _Record, number: str, source: str, text: bool, limit: int) -> Framed:
    if record.size > limit:
        return Reject(
            record=number,
            source=source,
            reason=Reason.BEYOND_LIMIT,
            error=f"a record of {record.size} bytes; the limit is {limit}",
            head=record.head[:HEAD],
            bytes=record.size,
        )
    kind = (record.fields.get("WARC-Type") or "").lower()
    note = {
        "url": (record.fields.get("WARC-Target-URI") or "").strip("<>") or None,
        "date": record.fields.get("WARC-Date"),
    }
    if kind == "conversion" and text:
        return RawRecord(number, record.block, {"kind": TEXT, **note})
    if kind != "response":
        reason = OTHER_TYPES.get(kind, UNKNOWN_TYPE)
        return Removal(source=source, reason=reason, bytes=len(record.block))
    note["truncated"] = record.fields.get("WARC-Truncated")
    note["type"] = record.fields.get("WARC-Identified-Payload-Type")
    return _response(record.block, number, source, note)


def _response(block: bytes, number: str, source: str, note: dict[str, str | None]) -> Framed:
    end = _HEADER_END.search(block, 0, _MAX_HEADER)
    if not block.startswith(b"HTTP/"):
        return Removal(source=source, reason=NOT_HTML, bytes=len(block))
    if end is None:
        error = f"the HTTP header does not end within {_MAX_HEADER} bytes"
        return rejected(RawRecord(number, block), source, Reason.BAD_PAYLOAD, error)
    fields = _fields(block[: end.end()])
    if fields.status_code != 200:
        return Removal(source=source, reason=HTTP_STATUS, bytes=len(block))
    content_type = fields.get("Content-Type") or note["type"] or ""
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() not in _HTML_TYPES:
        return Removal(source=source, reason=NOT_HTML, bytes=len(block))
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    return RawRecord(
        number,
        block[end.end() :],
        {
            **note,
            "kind": HTML,
            "type": media_type.strip().lower(),
            "charset": charset and charset[1],
            "transfer": fields.get("Transfer-Encoding"),
            "encoding": fields.get("Content-Encoding"),
            "length": fields.get("Content-Length"),
        },
    )

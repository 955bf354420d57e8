"""From the raw bytes of an input file to its lines, whatever it is compressed with and wherever it breaks.

Everything before damage is handed out and then `Damaged` is raised, so a caller uses every complete
record and learns of the rest. Both hold for any sizes in which bytes arrive, and memory stays bounded:
by a block of output, the decoder's window (2 GiB in PushShift's zstd frames) and one line.
The surprising thing: lines end at b"\\n" only. Text may hold U+2028 and others that `str.splitlines` cuts at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from corpusmill.sources.members import bz2_blocks, gzip_blocks, xz_blocks
from corpusmill.sources.raw import PIECE, ByteReader, Damaged, HashingFile, RawFile
from corpusmill.sources.records import HEAD
from corpusmill.sources.zstd_frames import MAGIC, is_skippable, zstd_blocks, zstd_window

__all__ = [
    "MAX_LINE",
    "Damaged",
    "HashingFile",
    "LineTooLong",
    "RawFile",
    "lines",
    "open_blocks",
    "zstd_window",
]

MAX_LINE = 512 << 20  # bytes
_BOM = b"\xef\xbb\xbf"
_SNIFF = 512  # bytes that show what a file is; a tar says so at byte 257

_READERS: dict[str, Callable[[ByteReader], Iterator[bytes]]] = {
    "zstd": zstd_blocks,
    "bz2": bz2_blocks,
    "xz": xz_blocks,
    "gzip": gzip_blocks,
}
_SUFFIXES = {
    ".zst": "zstd",
    ".zstd": "zstd",
    ".bz2": "bz2",
    ".xz": "xz",
    ".gz": "gzip",
    ".gzip": "gzip",
    ".zst_blocks": "zst_blocks",
    ".zip": "zip",
    ".tar": "tar",
}


def _named(name: str) -> str:
    return next((kind for suffix, kind in _SUFFIXES.items() if name.lower().endswith(suffix)), "plain")


def _content(head: bytes) -> str:
    """What kind of data begins with `head`."""
    if head[:4] == MAGIC or is_skippable(head[:4]):
        return "zstd"
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return "bz2"
    if head[:6] == b"\xfd7zXZ\0":
        return "xz"
    if head[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if head[:4] == b"PK\x03\x04":
        return "zip"
    return "tar" if head[257:262] == b"ustar" else "plain"


def open_blocks(name: str, raw: RawFile) -> Iterator[bytes]:
    """The decompressed bytes of a file that stands at its start, in blocks of any size.

    `name` says what the file should be (.zst, .zstd, .bz2, .xz, .gz, or plain) and its first bytes must
    agree. Concatenated members are read as one, and padding with NUL bytes behind them is passed over.
    Raises `Damaged` behind the last byte before truncation, corruption, or anything that is no member;
    also for an empty compressed file, and for archives, which must be unpacked first.
    """
    reader = ByteReader(raw)
    head = reader.peek(_SNIFF)
    named, content = _named(name), _content(head)
    if named in ("zst_blocks", "zip", "tar") or content in ("zip", "tar"):
        kind = content if named == "plain" else named
        raise Damaged(f"a {kind} container; unpack it and give the files in it")
    if named != "plain" and not head:
        raise Damaged(f"empty file: {named} data would have a header")
    if named != content:
        described = f"plain data, beginning with {head[:16]!r}" if content == "plain" else f"{content} data"
        raise Damaged(f"named as {named} data, but it is {described}; rename it")
    if content == "plain":
        while block := reader.take(PIECE):
            yield block
        return
    while head:
        if _content(head) != content:
            raise Damaged(f"bytes that are no {content} data at byte {reader.offset}: {head[:16]!r}")
        yield from _READERS[content](reader)
        reader.skip_padding()
        head = reader.peek(_SNIFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTooLong:
    """A line beyond the limit: its first 200 bytes, and its length in bytes without the line end."""

    head: bytes
    bytes: int


@dataclass(kw_only=True, slots=True)
class _Growing:
    """A line that has not ended yet, held up to `limit` bytes and only counted beyond."""

    limit: int
    bom: bool
    size: int = 0
    parts: list[bytes] = field(default_factory=list)

    def add(self, part: bytes) -> None:
        self.size += len(part)
        self.parts.append(part)
        if self.size > self.limit + len(_BOM) and self.size > HEAD + len(_BOM):
            self.parts = [b"".join(self.parts)[: HEAD + len(_BOM)]]

    def text(self) -> tuple[bytes, int]:
        """What is held of the line, and the length of all of it, both without a mark of byte order."""
        held = b"".join(self.parts)
        mark = len(_BOM) if self.bom and held.startswith(_BOM) else 0
        return held[mark:] if mark else held, self.size - mark

    def ended(self) -> bytes | LineTooLong:
        held, size = self.text()
        return held if size <= self.limit else LineTooLong(head=held[:HEAD], bytes=size)


def lines(blocks: Iterable[bytes], limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | LineTooLong]]:
    r"""(number from 1, line without its b"\n") of each line; a file that ends without one still has its
    last line. A carriage return is part of the line; a UTF-8 mark of byte order before the first is not.

    A line of more than `limit` bytes is passed over in bounded memory and comes as a `LineTooLong`.
    Where `blocks` raises `Damaged`, all lines that ended before have been yielded and the exception's
    `head` and `bytes` are the first 200 bytes and the length of the one that did not.
    """
    number = 1
    line = _Growing(limit=limit, bom=True)
    try:
        for block in blocks:
            first, *others = block.split(b"\n")
            line.add(first)
            if not others:
                continue
            yield number, line.ended()
            number += 1
            last = others.pop()
            for whole in others:
                yield (
                    number,
                    whole if len(whole) <= limit else LineTooLong(head=whole[:HEAD], bytes=len(whole)),
                )
                number += 1
            line = _Growing(limit=limit, bom=False)
            line.add(last)
    except Damaged as damage:
        held, damage.bytes = line.text()
        damage.head = held[:HEAD]
        raise
    if line.text()[1]:
        yield number, line.ended()

"""From the raw bytes of an input file to its lines, whatever it is compressed with and wherever it breaks.

Everything before damage is handed out and then `Damaged` is raised, so a caller uses every complete
record and learns of the rest. Both hold for any sizes in which bytes arrive, and memory stays bounded:
by a block of output, the decoder's window (2 GiB in PushShift's zstd frames) and one line.
The surprising thing: lines end at b"\\n" only. Text may hold U+2028 and others that `str.splitlines` cuts at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from corpusmill.sources.members import bz2_blocks, gzip_blocks, xz_blocks
from corpusmill.sources.raw import ByteReader, Damaged, HashingFile, RawFile
from corpusmill.sources.records import HEAD, Reason
from corpusmill.sources.tars import is_tar
from corpusmill.sources.zstd_frames import MAGIC, is_skippable, zstd_blocks, zstd_window

__all__ = [
    "EXPANSION_FREE",
    "MAX_EXPANSION",
    "MAX_LINE",
    "SNIFF",
    "Damaged",
    "Expansion",
    "HashingFile",
    "LineTooLong",
    "RawFile",
    "decoded",
    "kind_of",
    "lines",
    "named",
    "open_blocks",
    "peeked",
    "zstd_window",
]

MAX_LINE = 512 << 20  # bytes
SNIFF = 512  # bytes that show what a file is; a tar's first header
EXPANSION_FREE = 1 << 30  # bytes that compressed data may give out whatever its size
MAX_EXPANSION = 1000  # bytes that a compressed byte may give out beyond that; text packs to a tenth
_BOM = b"\xef\xbb\xbf"

_READERS: dict[str, Callable[[ByteReader], Iterator[bytes]]] = {
    "zstd": zstd_blocks,
    "bz2": bz2_blocks,
    "xz": xz_blocks,
    "gzip": gzip_blocks,
}
_SUFFIXES = {
    ".zst": "zstd",
    ".zstd": "zstd",
    ".tzst": "zstd",
    ".bz2": "bz2",
    ".tbz": "bz2",
    ".tbz2": "bz2",
    ".xz": "xz",
    ".txz": "xz",
    ".gz": "gzip",
    ".gzip": "gzip",
    ".tgz": "gzip",
    ".zst_blocks": "zst_blocks",
    ".zip": "zip",
    ".tar": "tar",
}


def named(name: str) -> str:
    """What kind of data the name of a file says that it is."""
    return next((kind for suffix, kind in _SUFFIXES.items() if name.lower().endswith(suffix)), "plain")


def kind_of(head: bytes) -> str:
    """What kind of data begins with `head`."""
    if head[:4] == MAGIC or is_skippable(head[:4]):
        return "zstd"
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return "bz2"
    if head[:6] == b"\xfd7zXZ\0":
        return "xz"
    if head[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if head[:4] in (b"PK\3\4", b"PK\5\6"):  # with members, without
        return "zip"
    return "tar" if is_tar(head) else "plain"


def open_blocks(name: str, raw: RawFile) -> Iterator[bytes]:
    """The decompressed bytes of a file that stands at its start and is no archive, in blocks of any size.

    As `decoded`; raises `Damaged` at once for archives (see `archives.open_files`), compressed ones too.
    """
    head, blocks = peeked(decoded(name, ByteReader(raw)))
    if named(name) == "tar" or is_tar(head):
        raise Damaged("a tar container; unpack it and give the files in it")
    yield from blocks


def decoded(name: str, reader: ByteReader) -> Iterator[bytes]:
    """The decompressed bytes of a file, in blocks of any size.

    `name` says what the file should be (.zst, .zstd, .bz2, .xz, .gz, or plain) and its first bytes must
    agree. Concatenated members are read as one, and padding with NUL bytes behind them is passed over.
    Raises `Damaged` behind the last byte before truncation, corruption, or anything that is no member;
    also for an empty compressed file, and where so little gives so much that it is no text (`Expansion`).
    A tar is handed out as it is, a zip refused.
    """
    head = reader.sniff(SNIFF)
    says, content = named(name), kind_of(head)
    if problem := _mismatch(says, content, head):
        raise reader.damage or problem
    if content in _READERS:
        yield from Expansion(lambda: reader.offset).counted(_members(content, reader))
        return
    while block := reader.take_some():
        yield block


def _mismatch(says: str, content: str, head: bytes) -> Damaged | None:
    """Why data are not read that should be of the kind `says` and begin with `head`, which is `content`."""
    if says == "zst_blocks" or says == content == "zip":
        return Damaged(f"a {says} container; unpack it and give the files in it", Reason.BAD_FORMAT)
    if says != "plain" and not head:
        return Damaged(f"empty file: {says} data would have a header")
    if says != content and not {says, content} <= {"plain", "tar"}:
        described = f"plain data, beginning with {head[:16]!r}" if content == "plain" else f"{content} data"
        return Damaged(f"named as {says} data, but it is {described}; rename it")
    return None


def _members(content: str, reader: ByteReader) -> Iterator[bytes]:
    while head := reader.peek(SNIFF):
        if kind_of(head) != content:
            raise Damaged(f"bytes that are no {content} data at byte {reader.offset}: {head[:16]!r}")
        yield from _READERS[content](reader)
        reader.skip_padding()


class Expansion:
    """What has been given out, against what `read` says has been read for it. Beyond 1 GiB, more than a
    thousandfold of that is refused: a file made to fill a disk."""

    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read
        self._given = 0

    def counted(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks; `Damaged` in place of the one that would be too much."""
        for block in blocks:
            self._given += len(block)
            if self._given > EXPANSION_FREE and self._given > MAX_EXPANSION * self._read():
                raise Damaged(
                    f"{self._read()} bytes that expand to more than {MAX_EXPANSION} times as many; beyond"
                    f" {EXPANSION_FREE} bytes this is refused"
                )
            yield block


def peeked(blocks: Iterator[bytes], size: int = SNIFF) -> tuple[bytes, Iterator[bytes]]:
    """The first `size` bytes, fewer where damage or the end comes first, and all blocks from the start."""
    first = b""
    for_later: list[Damaged] = []
    try:
        while len(first) < size and (block := next(blocks, None)) is not None:
            first += block
    except Damaged as damage:
        for_later.append(damage)

    def again() -> Iterator[bytes]:
        if first:
            yield first
        for damage in for_later:
            raise damage
        yield from blocks

    return first[:size], again()


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

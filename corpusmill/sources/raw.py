"""Raw bytes of an input file: hashed while they are read, and handed out in exact lengths.

`read()` of a file may return fewer bytes than were asked for, as sockets and object stores do. Nothing
above this module sees that: `ByteReader.take(n)` is short only at the end of the file, which is what
makes the outputs of all readers independent of the sizes in which bytes arrive.
"""

import hashlib
import io
from collections.abc import Iterator
from typing import Protocol

from corpusmill.sources.records import Reason

PIECE = 64 << 10  # bytes asked for at a time; small, because a decompressor's output is bounded by its input
_HASHED = 1 << 20  # bytes read at a time where they are only hashed


class RawFile(Protocol):
    """The part of a binary file that readers use; any seekable `BinaryIO` has it."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class Damaged(Exception):  # noqa: N818  (the state of a file, and the word that rejects use)
    """The rest of a file cannot be decoded. Raised after everything before the damage has been handed
    out; `head` (at most 200 bytes) and `bytes` describe the cut record, see `streams.lines`.

    `scope` is the member of an archive that alone is lost, "" if it is all the rest of the file, and None
    before `archives` has set it (the rest of the file, too).
    """

    def __init__(self, message: str, reason: Reason = Reason.DAMAGED) -> None:
        super().__init__(message)
        self.reason = reason
        self.head = b""
        self.bytes = 0
        self.scope: str | None = None


class HashingFile:
    """A raw file that hashes every byte once, in file order, however often and in whatever order it is
    read: going ahead reads, and hashes, what lies between."""

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._digest = hashlib.sha256()
        self._position = 0
        self.size = 0
        """Bytes hashed so far; after `finish` the size of the file."""

    def read(self, size: int = -1, /) -> bytes:
        data = self._raw.read(size)
        self._position += len(data)
        new = self._position - self.size
        if new > 0:
            self._digest.update(data if new == len(data) else memoryview(data)[-new:])
            self.size = self._position
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to an offset from the start (`whence` 0), from here (1) or from the end (2) of the file, or to
        its end where it is shorter; ValueError for a place before its start."""
        if whence == 2:
            self._read_on(None)
            offset += self.size
        elif whence == 1:
            offset += self._position
        if offset < 0 or whence not in (0, 1, 2):
            raise ValueError(f"no place in a file: offset {offset}, whence {whence}")
        if offset > self.size:
            self._read_on(offset)
        if self._position != min(offset, self.size):
            self._position = self._raw.seek(min(offset, self.size))
        return self._position

    def _read_on(self, end: int | None) -> None:
        """Hash on to byte `end`, or to the end of the file."""
        if self._position != self.size:
            self._position = self._raw.seek(self.size)
        while end is None or self.size < end:
            if not self.read(_HASHED if end is None else min(_HASHED, end - self.size)):
                return

    def tell(self) -> int:
        return self._position

    def finish(self) -> str:
        """Read what is left, and return the sha256 of the whole file in hex."""
        self._read_on(None)
        return self._digest.hexdigest()


class BlockFile:
    """Blocks of bytes as a raw file that only goes forward. A read gives the next block whole, also where it
    is longer than what was asked for; `ByteReader` does not mind."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        for block in self._blocks:
            if block:
                self._position += len(block)
                return block
        return b""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("blocks come once")

    def tell(self) -> int:
        return self._position


class ByteReader:
    """Exact lengths out of a raw file that is read from its start."""

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._buffer = bytearray()
        self._used = 0  # bytes of the buffer that have been taken
        self.damage: Damaged | None = None
        """What stands behind the bytes at hand, if `sniff` has met it."""
        self.goes_back = not isinstance(raw, BlockFile)
        """Whether `seek` is possible."""
        self.offset = 0
        """Place in the file of the next byte that `take` gives."""

    def _fill(self, n: int) -> None:
        missing = n - (len(self._buffer) - self._used)
        if missing > 0 and self.damage:
            raise self.damage
        if missing > 0:
            del self._buffer[: self._used]
            self._used = 0
        while missing > 0 and (piece := self._raw.read(max(missing, PIECE))):
            self._buffer += piece
            missing -= len(piece)

    def peek(self, n: int) -> bytes:
        """The next `n` bytes, fewer at the end of the file, which the next `take` gives again."""
        self._fill(n)
        return bytes(self._buffer[self._used : self._used + n])

    def sniff(self, n: int) -> bytes:
        """The next `n` bytes as `peek` gives them, fewer also where damage comes first."""
        try:
            self._fill(n)
        except Damaged as damage:
            self.damage = damage
        return bytes(self._buffer[self._used : self._used + n])

    def take(self, n: int) -> bytes:
        """The next `n` bytes, fewer only at the end of the file."""
        data = self.peek(n)
        self._used += len(data)
        self.offset += len(data)
        return data

    def take_some(self, most: int = PIECE) -> bytes:
        """The next bytes, at most as many as are at hand, so that damage behind them costs none; b"" only at
        the end of the file."""
        self._fill(1)
        return self.take(min(most, len(self._buffer) - self._used))

    def untake(self, n: int) -> None:
        """Give back the last `n` bytes of the last `take`."""
        self._used -= n
        self.offset -= n

    def skip(self, n: int) -> int:
        """Pass over `n` bytes in bounded memory; returns how many there were."""
        left = n
        while left and (data := self.take(min(left, PIECE))):
            left -= len(data)
        return n - left

    def skip_padding(self) -> None:
        """Pass over NUL bytes."""
        while ahead := self.peek(PIECE):
            padding = len(ahead) - len(ahead.lstrip(b"\0"))
            self.take(padding)
            if padding < len(ahead):
                return

    def seek(self, offset: int) -> None:
        """Go back to `offset`."""
        self._raw.seek(offset)
        self._buffer.clear()
        self._used = 0
        self.offset = offset

"""tar archives as streams, with every truncation and every damaged header noticed.

The standard library's reader takes a header that is zeros, cut or wrong for the end of the archive, and
says nothing (its errors depend on whether the member is the first). Here an archive ends at two blocks of
zeros with nothing but zeros behind them, and every other end is damage. The content of members has no
checksum in a tar; only what compresses it notices when that is changed.
"""

import tarfile
from collections.abc import Iterator
from typing import NamedTuple

from corpusmill.sources.raw import PIECE, ByteReader, Damaged
from corpusmill.sources.records import Reason

BLOCK = 512  # bytes; headers are one, content is padded to whole ones
_MAX_EXTENSION = 1 << 20  # bytes of a long name or of pax headers
_EMPTY = bytes(BLOCK)
_LONG_NAMES = {tarfile.GNUTYPE_LONGNAME: "path", tarfile.GNUTYPE_LONGLINK: "linkpath"}
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_WITHOUT_CONTENT = {  # whatever size their header gives
    tarfile.DIRTYPE: "a directory",
    tarfile.LNKTYPE: "a hard link",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


class Member(NamedTuple):
    """A member of an archive: its name, and its content, to be read before the next member is asked for, or
    why it has none that could be read."""

    name: str
    content: Iterator[bytes] | Damaged


def no_file(what: str) -> Damaged:
    """Why a member that is no file cannot be read."""
    return Damaged(f"{what}, no file, in an archive", Reason.BAD_FORMAT)


def is_tar(head: bytes) -> bool:
    """Whether the first 512 bytes of a file are a tar header, sound or damaged."""
    try:
        tarfile.TarInfo.frombuf(head[:BLOCK], "utf-8", "backslashreplace")
    except tarfile.HeaderError:
        return head[257:262] == b"ustar" and b"\0" in head[:257]
    return True


def tar_members(reader: ByteReader) -> Iterator[Member]:
    """The members of the archive that `reader` stands at the start of; directories are left out.

    Names are as in the archive, bytes that are no UTF-8 as \\xNN. Raises `Damaged`, or the blocks of a member
    do; after that there are no more members.
    """
    everywhere: dict[str, str] = {}  # pax headers for all that follows
    extended: dict[str, str] = {}  # and for the next member
    while True:
        at = reader.offset
        header = reader.take(BLOCK)
        if len(header) < BLOCK:
            raise Damaged(f"truncated: a tar archive without its end, at byte {reader.offset}")
        if header == _EMPTY:
            _end(reader, at)
            return
        info = _parsed(header, at)
        if info.type in _LONG_NAMES or info.type in _PAX:
            extension = _extension(reader, info, at)
            (everywhere if info.type == tarfile.XGLTYPE else extended).update(extension)
            continue
        headers = everywhere | extended
        extended = {}
        content = _Content(reader, _size(info, headers, at))
        sparse = info.type == tarfile.GNUTYPE_SPARSE
        if sparse and header[482]:
            _skip_sparse_headers(reader)
        if info.type != tarfile.DIRTYPE:
            refusal = _refusal(info, headers, sparse)
            yield Member(headers.get("path", info.name), no_file(refusal) if refusal else content.blocks())
        if content.broken:
            return
        content.skip()


class _Content:
    """The content of the member whose header has just been read."""

    def __init__(self, reader: ByteReader, size: int) -> None:
        self._reader = reader
        self._left = size
        self._padding = -size % BLOCK
        self.broken = False
        """Whether the blocks raised, so that the reader has heard of the damage."""

    def blocks(self) -> Iterator[bytes]:
        try:
            while self._left:
                data = self._reader.take_some(min(self._left, PIECE))
                if not data:
                    raise _cut(self._reader)
                self._left -= len(data)
                yield data
        except Damaged:
            self.broken = True
            raise

    def skip(self) -> None:
        rest = self._left + self._padding
        if self._reader.skip(rest) < rest:
            raise _cut(self._reader)


def _cut(reader: ByteReader) -> Damaged:
    return Damaged(f"truncated: the file ends inside a member of a tar archive, at byte {reader.offset}")


def _parsed(header: bytes, at: int) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "backslashreplace")
    except tarfile.HeaderError as error:
        raise Damaged(f"corrupt tar header at byte {at}") from error
    if info.size < 0:
        raise Damaged(f"corrupt tar header at byte {at}: a size of {info.size}")
    return info


def _end(reader: ByteReader, at: int) -> None:
    if len(second := reader.take(BLOCK)) < BLOCK:
        raise Damaged(f"truncated: the end mark of a tar archive is cut, at byte {reader.offset}")
    reader.skip_padding()
    if second != _EMPTY or reader.peek(1):
        raise Damaged(
            f"zeros where a tar header would be, at byte {at}, and data behind them: damage, or archives"
            " that were joined; give each as a file of its own"
        )


def _extension(reader: ByteReader, info: tarfile.TarInfo, at: int) -> dict[str, str]:
    """What a header that goes ahead of a member's own says of it."""
    if info.size > _MAX_EXTENSION:
        raise Damaged(f"a tar header of {info.size} bytes at byte {at}; the most is {_MAX_EXTENSION}")
    data = reader.take(info.size)
    padding = -info.size % BLOCK
    if len(data) < info.size or reader.skip(padding) < padding:
        raise _cut(reader)
    if info.type in _LONG_NAMES:
        return {_LONG_NAMES[info.type]: _text(data.partition(b"\0")[0])}
    return _pax(data, at)


def _pax(data: bytes, at: int) -> dict[str, str]:
    """Records of POSIX.1-2001: a decimal length of all of it, a space, key=value, a line end."""
    headers = {}
    while data.rstrip(b"\0"):
        digits = data[:20].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = data[len(digits) + 1 : length]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        if len(data) < length or not equals or not record.endswith(b"\n"):
            raise Damaged(f"corrupt pax header at byte {at}")
        headers[_text(key)] = _text(value)
        data = data[length:]
    return headers


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _size(info: tarfile.TarInfo, headers: dict[str, str], at: int) -> int:
    """Bytes of content that stand behind the header."""
    if info.type in _WITHOUT_CONTENT:
        return 0
    size = headers.get("size", str(info.size))
    if not (size.isascii() and size.isdigit() and len(size) < 20):
        raise Damaged(f"corrupt pax header at byte {at}: a size of {size!r:.50}")
    return int(size)


def _refusal(info: tarfile.TarInfo, headers: dict[str, str], sparse: bool) -> str:
    if sparse or any(key.startswith("GNU.sparse.") for key in headers):
        return "a sparse file"
    if info.type in _FILES:
        return ""
    return _WITHOUT_CONTENT.get(info.type, f"a member of type {info.type!r}")


def _skip_sparse_headers(reader: ByteReader) -> None:
    """Pass over the blocks that go on with the map of a GNU sparse file; byte 504 says if one follows."""
    while True:
        block = reader.take(BLOCK)
        if len(block) < BLOCK:
            raise _cut(reader)
        if not block[504]:
            return

"""zip archives, whose members are found through the directory at the end and are independent of each other.

So a damaged member costs only itself. Where the directory is lost, as in a truncated file, nothing says what
the archive holds any more; then the members are found one behind the other, from the start, as far as that
goes. A member's checksum comes at its end: what was damaged has been handed out when it is noticed.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from corpusmill.sources.raw import PIECE, ByteReader, Damaged, RawFile
from corpusmill.sources.records import Reason
from corpusmill.sources.tars import Member, no_file

_LOCAL = struct.Struct("<4s5H3I2H")  # the header in front of a member
_ENCRYPTED = 1
_SIZES_FOLLOW = 8  # the header gives none; they stand behind the content
_UTF8 = 1 << 11
_END_SEARCHED = 22 + (1 << 16)  # bytes at the end of an archive: a record, and a comment behind it
_MOST = 64 << 20  # bytes of a member that is read without a directory, because it is held whole


class _Seekable(io.RawIOBase):
    """A raw file as the standard library wants it."""

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()


def zip_members(raw: RawFile) -> Iterator[Member]:
    """The members of an archive in its order; directories are left out. The blocks of a member raise
    `Damaged` for what is wrong with it; the iterator does, at its end, if the archive is damaged.

    Memory grows with the archive's directory, some 500 bytes a member.
    """
    try:
        archive = zipfile.ZipFile(io.BufferedReader(_Seekable(raw), PIECE))
    except Exception as error:  # whatever zipfile runs into in bytes that it does not check
        raw.seek(0)
        yield from _without_directory(ByteReader(raw))
        raise Damaged("a zip archive without a sound directory: truncated, or damaged at its end") from error
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if not info.filename.endswith("/"):
            yield Member(info.filename, _refusal(info) or _blocks(archive, info))
    if (found := len(archive.infolist())) & 0xFFFF != (said := _said(raw)) and said != 0xFFFF:
        raise Damaged(f"a zip archive whose directory lists {found} members and should list {said}")


def _said(raw: RawFile) -> int:
    """How many members the directory should have, modulo 2**16; 0xFFFF if its end does not say."""
    size = raw.seek(0, 2)
    raw.seek(max(0, size - _END_SEARCHED))
    end = ByteReader(raw).take(_END_SEARCHED)
    at = end.rindex(b"PK\5\6")  # zipfile has found it in the same bytes
    return int.from_bytes(end[at + 10 : at + 12], "little")


def _refusal(info: zipfile.ZipInfo) -> Damaged | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return no_file("a symbolic link")
    if info.flag_bits & _ENCRYPTED:
        return Damaged("an encrypted member of an archive", Reason.ENCRYPTED)
    return None


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    size = 0
    try:
        with archive.open(info) as file:
            while block := file.read(PIECE):
                size += len(block)
                yield block
    except Exception as error:  # as above
        raise Damaged(f"damaged in its zip archive: {what_is_wrong(error)}") from error
    if size != info.file_size:
        raise Damaged(f"damaged in its zip archive: {size} bytes of {info.file_size}")


def what_is_wrong(error: Exception) -> str:
    """With a member of an archive, from what the standard library has run into."""
    match error:
        case EOFError():
            return "it ends early"
        case NotImplementedError():
            return "its compression is none that is read"
        case zipfile.BadZipFile() if "CRC" in str(error):
            return "its checksum is wrong"
        case zipfile.BadZipFile():
            return "its header is no member's, or another's"
        case _:
            return "its content cannot be decompressed"


def _without_directory(reader: ByteReader) -> Iterator[Member]:
    """The members from the start up to the first that is not whole, encrypted, too long to be held, or
    neither stored nor deflated."""
    while len(header := reader.take(_LOCAL.size)) == _LOCAL.size:
        magic, _, flags, method, _, _, crc, packed, size, name_size, extra = _LOCAL.unpack(header)
        name = reader.take(name_size)
        sound = magic == b"PK\3\4" and len(name) == name_size and reader.skip(extra) == extra
        follow = bool(flags & _SIZES_FOLLOW)
        if not sound or flags & _ENCRYPTED or method not in (0, 8):
            return
        if follow:
            content = _inflated(reader, sizes_follow=True) if method else None
        elif max(packed, size) > _MOST:
            return
        else:
            content = reader.take(packed)
            content = _inflated(ByteReader(io.BytesIO(content))) if method else content
        if content is None or not (follow or (zlib.crc32(content), len(content)) == (crc, size)):
            return
        if not name.endswith(b"/"):
            encoding = "utf-8" if flags & _UTF8 else "cp437"
            yield Member(name.decode(encoding, "backslashreplace"), iter((content,)))


def _inflated(reader: ByteReader, sizes_follow: bool = False) -> bytes | None:
    """What a deflated stream holds, if it is whole; with `sizes_follow` also if what stands behind it, its
    checksum and both its lengths (of 4 bytes, or 8 each), says the same."""
    start = reader.offset
    decoder = zlib.decompressobj(-15)
    content = bytearray()
    while not decoder.eof:
        piece = reader.take(PIECE)
        try:
            content += decoder.decompress(piece, _MOST)
        except zlib.error:
            return None
        if not piece or len(content) > _MOST or decoder.unconsumed_tail:
            return None
    reader.untake(len(decoder.unused_data))
    if sizes_follow:
        lengths = (reader.offset - start, len(content))
        mark = reader.peek(4) == b"PK\7\x08"
        reader.take(4 * mark)
        said = reader.take(4)
        wide = reader.peek(16) == struct.pack("<2Q", *lengths)
        said += reader.take(16 if wide else 8)
        if said != struct.pack("<I2Q" if wide else "<3I", zlib.crc32(content), *lengths):
            return None
    return bytes(content)

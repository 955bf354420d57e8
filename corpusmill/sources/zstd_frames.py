"""Zstandard, fed to the decoder block by block, so that damage costs exactly the damaged block.

A decoder that fails forgets what the same call had decoded before, and one that is given a whole piece
of input may put out gigabytes. The frame format (RFC 8878) says in plain bytes where each block of at
most 128 KiB of output ends, so this module reads those lengths and gives the decoder one block a call:
everything before the damage comes out, memory stays bounded, nothing is decoded twice, and truncation,
of which python-zstandard says nothing, is seen here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

from corpusmill.sources.raw import ByteReader, Damaged

MAGIC = b"\x28\xb5\x2f\xfd"
MAX_WINDOW = 1 << 31  # what PushShift's frames declare, and the most that libzstd decodes
_RLE_BLOCK = 1  # one byte of content, whatever length it stands for


def is_skippable(magic: bytes) -> bool:
    """Whether four bytes open a frame that holds no content, as pzstd writes first."""
    return len(magic) == 4 and magic[0] & 0xF0 == 0x50 and magic[1:] == b"\x2a\x4d\x18"


@dataclass(frozen=True, kw_only=True)
class _Header:
    length: int  # bytes, the magic included
    window: int  # bytes
    checksum: bool


def _header_length(descriptor: int) -> int:
    single_segment = bool(descriptor & 0x20)
    content_size = (int(single_segment), 2, 4, 8)[descriptor >> 6]
    return 5 + (not single_segment) + (0, 1, 2, 4)[descriptor & 3] + content_size


def _parse(header: bytes) -> _Header:
    """The header of a frame, of which all bytes are at hand."""
    descriptor = header[4]
    checksum = bool(descriptor & 4)
    length = _header_length(descriptor)
    if descriptor & 0x20:  # single segment: the content is the window
        size = header[5 + (0, 1, 2, 4)[descriptor & 3] : length]
        content = int.from_bytes(size, "little") + (256 if len(size) == 2 else 0)
        return _Header(length=length, window=content, checksum=checksum)
    base = 1 << (10 + (header[5] >> 3))
    return _Header(length=length, window=base + (base >> 3) * (header[5] & 7), checksum=checksum)


def zstd_window(head: bytes) -> int:
    """Bytes of window that the first frame in `head` declares, which a reader may come to hold in memory.

    0 where `head` does not show one: no zstd, too short, or skippable frames longer than `head`.
    """
    while is_skippable(head[:4]):
        head = head[8 + int.from_bytes(head[4:8], "little") :]
    if head[:4] != MAGIC or len(head) < 5 or len(head) < _header_length(head[4]):
        return 0
    return _parse(head).window


def zstd_blocks(reader: ByteReader) -> Iterator[bytes]:
    """The content of the frame that `reader` stands at, in blocks of at most 128 KiB. `Damaged` after
    everything that could be decoded; at the end `reader` stands behind the frame."""
    magic = reader.peek(4)
    if not is_skippable(magic):
        yield from _content(reader)
        return
    size = reader.take(8)[4:]
    if len(size) < 4 or reader.skip(length := int.from_bytes(size, "little")) < length:
        raise Damaged("truncated: a skippable zstd frame ends too early")


def _content(reader: ByteReader) -> Iterator[bytes]:
    start = reader.peek(5)
    header = reader.take(_header_length(start[4])) if len(start) == 5 else start
    if len(start) < 5 or len(header) < _header_length(start[4]):
        raise Damaged("truncated: the file ends inside a zstd frame header")
    frame = _parse(header)
    if frame.window > MAX_WINDOW:
        raise Damaged(f"a zstd frame declares a window of {frame.window} bytes; the most is {MAX_WINDOW}")
    decoder = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
    _decode(decoder, header)
    last = False
    while not last:
        block, whole, last = _next_block(reader)
        if content := _decode(decoder, block):
            yield content
        if not whole:
            raise Damaged(f"truncated: the file ends inside a zstd frame, at byte {reader.offset}")
    if frame.checksum:
        checksum = reader.take(4)
        _decode(decoder, checksum)
        if len(checksum) < 4:
            raise Damaged("truncated: the file ends before the checksum of a zstd frame")
    if not decoder.eof:
        raise Damaged("corrupt zstd frame: its last block does not end it")


def _next_block(reader: ByteReader) -> tuple[bytes, bool, bool]:
    """The bytes of the next block, whether it is whole, and whether it is the frame's last."""
    header = reader.take(3)
    if len(header) < 3:
        return header, False, True
    fields = int.from_bytes(header, "little")
    size = 1 if fields >> 1 & 3 == _RLE_BLOCK else fields >> 3
    content = reader.take(size)
    return header + content, len(content) == size, bool(fields & 1)


def _decode(decoder: "zstandard.ZstdDecompressionObj", data: bytes) -> bytes:
    try:
        return decoder.decompress(data)
    except zstandard.ZstdError as error:
        raise Damaged(f"corrupt zstd frame: {' '.join(str(error).split()).rpartition(': ')[2]}") from error

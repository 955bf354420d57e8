"""bz2, xz and gzip, each fed so that the member's damage costs no byte that was decodable before it.

The standard library's decoders also forget what a failing call had decoded. xz says where its chunks
end, so it is fed a chunk a call. bz2 does not: it is fed 256 bytes a call, what a call put out is handed
on only when its block's checksum has been seen to hold, and the failing 256 bytes are decoded again,
byte by byte, from the member's start (where a stream cannot go back, by a second decoder, which is always
a piece behind: half the speed). A gzip decoder can be copied, so its copy decodes them again.
Only gzip, which has no checksum before its end, may hand out garbage just before damage is noticed.
"""

import bz2
import lzma
import zlib
from collections.abc import Iterator

from corpusmill.sources.raw import PIECE, ByteReader, Damaged

_BZ2_PIECE = 256  # at most a few blocks of 900 kB end in so little input
_MAX_OUTPUT = 1 << 20  # bytes a decoder puts out at a time
_XZ_MEMORY = 1 << 31  # more than the largest preset needs, less than a header can ask for
_XZ_CHECK_SIZES = (0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64)  # bytes, by the id of the check


def what_is_wrong(error: zlib.error) -> str:
    """With deflated data, to go behind a mention of them."""
    return ": its checksum is wrong" if "data check" in str(error) else ""


def bz2_blocks(reader: ByteReader) -> Iterator[bytes]:
    """The content of the bz2 stream that `reader` stands at; `Damaged` after all whole blocks before the
    damage. Afterwards `reader` stands behind the stream."""
    start = reader.offset
    decoder = bz2.BZ2Decompressor()
    behind = None if reader.goes_back else bz2.BZ2Decompressor()
    while not decoder.eof:
        here = reader.offset
        piece = reader.take(_BZ2_PIECE)
        if not piece:
            raise Damaged(f"truncated: the file ends inside a bz2 stream, at byte {here}")
        try:
            yield from _checked(decoder, piece)
        except OSError as error:
            yield from _salvage_bz2(behind or _decoded_again(reader, start, here), piece)
            raise Damaged(f"corrupt bz2 stream near byte {here}") from error
        if behind:
            _checked(behind, piece)
    reader.untake(len(decoder.unused_data))


def _checked(decoder: bz2.BZ2Decompressor, piece: bytes) -> list[bytes]:
    """All that the decoder can put out after `piece`. It checks a block when it has put it out whole, so
    nothing is handed on before a last call has given nothing and raised nothing."""
    out = [decoder.decompress(piece, _MAX_OUTPUT)]
    while not decoder.eof and (more := decoder.decompress(b"", _MAX_OUTPUT)):
        out.append(more)
    return [block for block in out if block]


def _decoded_again(reader: ByteReader, start: int, end: int) -> bz2.BZ2Decompressor:
    """A decoder that has seen the stream from `start` up to `end`."""
    reader.seek(start)
    decoder = bz2.BZ2Decompressor()
    while reader.offset < end:
        _checked(decoder, reader.take(_BZ2_PIECE))
    return decoder


def _salvage_bz2(decoder: bz2.BZ2Decompressor, piece: bytes) -> Iterator[bytes]:
    """What the decoder can put out of the next piece, up to the byte that is damaged."""
    for byte in piece:
        try:
            yield from _checked(decoder, bytes([byte]))
        except OSError:
            return


def gzip_blocks(reader: ByteReader) -> Iterator[bytes]:
    """The content of the gzip member that `reader` stands at; `Damaged` after all that could be decoded.
    Afterwards `reader` stands behind the member."""
    decoder = zlib.decompressobj(wbits=31)
    while not decoder.eof:
        here = reader.offset
        piece = reader.take(PIECE)
        if not piece:
            yield decoder.decompress(b"")
            raise Damaged(f"truncated: the file ends inside a gzip member, at byte {here}")
        while piece and not decoder.eof:
            before = decoder.copy()
            try:
                out = decoder.decompress(piece, _MAX_OUTPUT)
            except zlib.error as error:
                yield from _salvage_gzip(before, piece)
                raise Damaged(f"corrupt gzip member near byte {here}{what_is_wrong(error)}") from error
            piece = decoder.unconsumed_tail
            if out:
                yield out
    reader.untake(len(decoder.unused_data))


def _salvage_gzip(decoder: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    for byte in piece:
        rest = bytes([byte])
        while rest:
            try:
                out = decoder.decompress(rest, _MAX_OUTPUT)
            except zlib.error:
                return
            rest = decoder.unconsumed_tail
            if out:
                yield out


def xz_blocks(reader: ByteReader) -> Iterator[bytes]:
    """The content of the xz stream that `reader` stands at; `Damaged` after all whole chunks (at most
    2 MiB each) before the damage. Afterwards `reader` stands behind the stream."""
    decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    for unit in _xz_units(reader):
        try:
            out = decoder.decompress(unit)
        except lzma.LZMAError as error:
            what = "corrupt xz stream"
            if "emory" in str(error):
                what = f"xz stream that asks for more than {_XZ_MEMORY} bytes of memory,"
            raise Damaged(f"{what} near byte {reader.offset}") from error
        if out:
            yield out
        if decoder.eof:
            break
    if not decoder.eof:
        raise Damaged(f"truncated: the file ends inside an xz stream, at byte {reader.offset}")
    reader.untake(len(decoder.unused_data))


def _xz_units(reader: ByteReader) -> Iterator[bytes]:
    """The bytes of an xz stream, cut behind each LZMA2 chunk. What is cut wrongly because it is damaged
    reaches the decoder all the same, which is the one to judge it."""
    header = reader.take(12)
    yield header
    check = _XZ_CHECK_SIZES[header[7] & 15] if len(header) == 12 else 0
    while (size := reader.peek(1)) and size != b"\0":  # a zero opens the index, behind the last block
        start = reader.offset
        yield reader.take((size[0] + 1) * 4)
        while (control := reader.peek(1)) and control != b"\0":
            yield _xz_chunk(reader, control[0])
        yield reader.take(1 + -(reader.offset + 1 - start) % 4 + check)
    while rest := reader.take(PIECE):
        yield rest


def _xz_chunk(reader: ByteReader, control: int) -> bytes:
    """One LZMA2 chunk, header included."""
    if control < 0x80:
        header = reader.take(3)
        return header + reader.take(int.from_bytes(header[1:], "big") + 1)
    header = reader.take(6 if control >= 0xC0 else 5)
    return header + reader.take(int.from_bytes(header[3:5], "big") + 1)

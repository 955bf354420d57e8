"""The body of an HTTP response as its server sent it to the bytes of the page.

A body that is not whole is never passed as if it were, unless the crawler says that it cut it.
The surprising thing: headers are believed only where the body agrees. Crawlers store bodies decoded and
leave the headers that said how, so a body that already is what it should become stays as it is.
"""

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import brotli

from corpusmill.sources.members import gzip_blocks, what_is_wrong
from corpusmill.sources.raw import ByteReader, Damaged
from corpusmill.sources.records import Reason, Unusable

_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")


def payload(body: bytes, note: Mapping[str, Any], limit: int) -> bytes:
    """The page in the `body` of a raw record of `warc_records`; `Unusable` if it is not whole or cannot be
    decoded (`bad_payload`), or has more than `limit` bytes (`beyond_limit`)."""
    may_be_cut = bool(note["truncated"])
    chunked = "chunked" in (note["transfer"] or "").lower()
    encodings = [name.strip() for name in (note["encoding"] or "").lower().split(",")]
    length = note["length"] or ""
    if not chunked and length.isascii() and length.isdigit() and len(body) < int(length[:16]):
        _not_whole(may_be_cut, f"{len(body)} of {length} bytes")
    if chunked:
        body = _unchunked(body.lstrip(b"\r\n"), may_be_cut)
    for encoding in reversed(encodings):
        body = _decoded(body, encoding, may_be_cut, limit)
    if len(body) > limit:
        raise Unusable(Reason.BEYOND_LIMIT, f"a page of {len(body)} bytes; the limit is {limit}")
    return body


def _not_whole(may_be_cut: bool, what: str) -> None:
    if not may_be_cut:
        raise Unusable(Reason.BAD_PAYLOAD, f"the page is not whole: {what}")


def _unchunked(body: bytes, may_be_cut: bool) -> bytes:
    if not _CHUNK.match(body):
        return body
    parts: list[bytes] = []
    place = 0
    while head := _CHUNK.match(body, place):
        size = int(head[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[head.end() : head.end() + size])
        if len(parts[-1]) < size:
            break
        place = head.end() + size
        place += len(body[place : place + 2]) - len(body[place : place + 2].lstrip(b"\r\n"))
    _not_whole(may_be_cut, f"its chunks end after {sum(map(len, parts))} bytes")
    return b"".join(parts)


def _decoded(body: bytes, encoding: str, may_be_cut: bool, limit: int) -> bytes:
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if encoding in ("", "identity") or start in (b"", b"<"):
        return body
    parts: list[bytes] = []
    size = 0
    try:
        for part in _decoders(body.lstrip(b"\r\n"), encoding):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise Unusable(Reason.BEYOND_LIMIT, f"a page of more than {limit} bytes, once decoded")
    except Damaged as damage:
        _not_whole(may_be_cut, str(damage))
    return b"".join(parts)


def _decoders(body: bytes, encoding: str) -> Iterator[bytes]:
    if encoding in ("gzip", "x-gzip"):
        return gzip_blocks(ByteReader(io.BytesIO(body))) if body[:2] == b"\x1f\x8b" else iter((body,))
    if encoding == "deflate":
        return _inflated(body)
    if encoding == "br":
        return _unbrotlied(body)
    raise Unusable(Reason.BAD_PAYLOAD, f"the content encoding {encoding!r:.40} is not one that is read")


def _inflated(body: bytes) -> Iterator[bytes]:
    """zlib's format, or deflate without it, which some servers mean by the same name."""
    wrapped = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    decoder = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    try:
        while not decoder.eof:
            part = decoder.decompress(body, 1 << 20)
            body = decoder.unconsumed_tail
            if not part and not decoder.eof:
                raise Damaged("truncated deflate data")
            yield part
    except zlib.error as error:
        raise Damaged(f"corrupt deflate data{what_is_wrong(error)}") from error


def _unbrotlied(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        while not decoder.is_finished():
            part = decoder.process(body, output_buffer_limit=1 << 20)
            body = b""
            if not part and not decoder.is_finished():
                raise Damaged("truncated brotli data")
            yield part
    except brotli.error as error:
        raise Damaged("corrupt brotli data") from error

"""Compressed inputs: whole, cut at any byte, and flipped at any byte, against decoders fed byte by byte."""

import bz2
import gzip
import io
import lzma
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources import streams
from corpusmill.sources.raw import BlockFile, ByteReader, RawFile
from corpusmill.sources.streams import Damaged, HashingFile, decoded, open_blocks, zstd_window
from corpusmill.sources.zstd_frames import zstd_blocks

Trickling = Callable[[bytes, Sequence[int]], RawFile]

# Letters of a small alphabet: every format packs it into about half, in several blocks or chunks.
CONTENT = "".join(random.Random(7).choices("abcdefghijklmnop\n", k=400_000)).encode()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(data)


PACKED = {
    "zst": zstd(CONTENT),
    "bz2": bz2.compress(CONTENT, 1),
    "xz": lzma.compress(CONTENT, preset=0),
    "gz": gzip.compress(CONTENT, 1, mtime=0),
}


def read(suffix: str, raw: RawFile) -> tuple[bytes, str]:
    """(everything handed out, the message of the damage or "")."""
    out = []
    try:
        for block in open_blocks(f"x.{suffix}", raw):
            out.append(block)
    except Damaged as damage:
        return b"".join(out), str(damage)
    return b"".join(out), ""


def read_bytes(suffix: str, packed: bytes) -> tuple[bytes, str]:
    return read(suffix, io.BytesIO(packed))


def byte_by_byte(suffix: str, packed: bytes) -> bytes:
    """What the format's own decoder can put out before it fails or runs dry."""
    decoders: dict[str, Callable[[], Any]] = {
        "zst": lambda: zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj(write_size=1 << 17),
        "bz2": bz2.BZ2Decompressor,
        "xz": lzma.LZMADecompressor,
        "gz": lambda: zlib.decompressobj(wbits=31),
    }
    decoder = decoders[suffix]()
    out = []
    for byte in packed:
        if decoder.eof:
            break
        try:
            out.append(decoder.decompress(bytes([byte])))
            while suffix == "bz2" and not decoder.eof and (more := decoder.decompress(b"")):
                out.append(more)
        except (zstandard.ZstdError, OSError, lzma.LZMAError, zlib.error):
            break
    return b"".join(out)


def flipped(packed: bytes, at: int) -> bytes:
    return packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :]


@pytest.mark.parametrize("suffix", PACKED)
def test_whole_file_reads_back_whatever_sizes_its_reads_return(trickle: Trickling, suffix: str) -> None:
    for sizes in ([1 << 20], [1, 2, 7000], [65_537], [255, 257]):
        assert read(suffix, trickle(PACKED[suffix], sizes)) == (CONTENT, "")


@pytest.mark.parametrize("suffix", PACKED)
@settings(max_examples=12, deadline=None)
@given(share=st.floats(0, 0.9999), size=st.integers(1, 100_000))
def test_truncation_is_detected_after_every_decodable_byte(
    trickle: Trickling, suffix: str, share: float, size: int
) -> None:
    packed = PACKED[suffix][: int(share * len(PACKED[suffix]))]
    out, message = read(suffix, trickle(packed, [size + 1000]))
    assert out == byte_by_byte(suffix, packed)
    assert CONTENT.startswith(out)
    assert message.startswith(("truncated", "empty file", "named as"))


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0.0001, 0.9999), size=st.integers(1, 100_000))
def test_zstd_damage_costs_only_the_damaged_block(trickle: Trickling, share: float, size: int) -> None:
    packed = flipped(PACKED["zst"], int(share * len(PACKED["zst"])))
    out, message = read("zst", trickle(packed, [size + 1000]))
    assert out == byte_by_byte("zst", packed)
    assert message


def bz2_block_starts(packed: bytes) -> list[int]:
    """Byte offsets of the blocks' 48-bit marks, which stand at any bit."""
    bits = bin(int.from_bytes(b"\1" + packed, "big"))[3:]
    mark = bin(0x1_314159265359)[3:]
    starts = []
    at = bits.find(mark)
    while at >= 0:
        starts.append(at // 8)
        at = bits.find(mark, at + 1)
    return starts


@pytest.mark.parametrize("block", [1, 2, 3, 4])
def test_bz2_damage_costs_only_the_damaged_block(trickle: Trickling, block: int) -> None:
    packed = PACKED["bz2"]
    starts = bz2_block_starts(packed)
    assert len(starts) == 5
    before = byte_by_byte("bz2", packed[: starts[block] + 1])
    assert len(before) > 99_900 * block
    for offset in (1, 2, 6, 12, 30, 1000, 20_000):  # the mark, the checksum, the tables, the data
        if block == 4 and offset > 20:
            break  # the last block is a short one
        damaged = flipped(packed, starts[block] + offset)
        for size in (1 << 20, 999):
            out, message = read("bz2", trickle(damaged, [size]))
            assert out == before, offset
            assert message.startswith("corrupt bz2")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.77, 0.95])
def test_xz_damage_costs_only_the_damaged_chunk_and_gives_no_garbage(
    trickle: Trickling, share: float
) -> None:
    packed = PACKED["xz"]
    at = int(share * len(packed))
    out, message = read("xz", trickle(flipped(packed, at), [4321]))
    assert message.startswith("corrupt xz")
    assert CONTENT.startswith(out)
    assert len(out) > len(byte_by_byte("xz", packed[:at])) - 140_000  # a chunk packs at most 64 KiB


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.77, 0.95])
def test_gzip_damage_is_noticed_after_every_byte_before_it(trickle: Trickling, share: float) -> None:
    packed = PACKED["gz"]
    at = int(share * len(packed))
    out, message = read("gz", trickle(flipped(packed, at), [4321]))
    assert message.startswith("corrupt gzip")
    assert out.startswith(byte_by_byte("gz", packed[:at]))
    assert out == byte_by_byte("gz", flipped(packed, at))


@pytest.mark.parametrize(("suffix", "trailer"), [("zst", 4), ("gz", 8), ("xz", 30)])
def test_bad_checksum_is_damage_after_the_whole_content(suffix: str, trailer: int) -> None:
    out, message = read_bytes(suffix, flipped(PACKED[suffix], len(PACKED[suffix]) - trailer))
    assert out == CONTENT
    assert message.startswith("corrupt")


def test_bz2_block_whose_checksum_fails_is_not_handed_out() -> None:
    packed = PACKED["bz2"]
    out, message = read_bytes("bz2", flipped(packed, bz2_block_starts(packed)[0] + 8))
    assert out == b""
    assert message.startswith("corrupt bz2")


@pytest.mark.parametrize("suffix", PACKED)
def test_concatenated_members_read_as_one(trickle: Trickling, suffix: str) -> None:
    pieces = [CONTENT[:1000], b"", CONTENT[1000:200_000], CONTENT[200_000:]]
    pack = {"zst": zstd, "bz2": bz2.compress, "xz": lzma.compress, "gz": gzip.compress}[suffix]
    packed = b"".join(pack(piece) for piece in pieces)
    assert read(suffix, trickle(packed, [3, 50_000])) == (CONTENT, "")
    assert read_bytes(suffix, packed + bytes(70_000)) == (CONTENT, "")


@pytest.mark.parametrize("suffix", PACKED)
def test_bytes_that_are_no_member_are_damage_after_the_content(suffix: str) -> None:
    out, message = read_bytes(suffix, PACKED[suffix] + b"\0\0junk")
    assert out == CONTENT
    assert message.endswith("b'junk'")


@pytest.mark.parametrize("suffix", PACKED)
def test_damage_in_a_later_member_keeps_the_earlier_ones(suffix: str) -> None:
    packed = PACKED[suffix] + PACKED[suffix][:1000]
    out, message = read_bytes(suffix, packed)
    assert out.startswith(CONTENT)
    assert message.startswith("truncated")


def test_truncation_of_a_frame_without_a_checksum_is_seen() -> None:
    packed = zstandard.ZstdCompressor(level=1, write_checksum=False).compress(CONTENT)
    assert read_bytes("zst", packed) == (CONTENT, "")
    for cut in (1, 5, 1000):
        out, message = read_bytes("zst", packed[:-cut])
        assert out == byte_by_byte("zst", packed[:-cut])
        assert message.startswith("truncated")


def test_skippable_frames_are_passed_over_and_their_truncation_is_seen() -> None:
    skippable = struct.pack("<II", 0x184D2A5F, 100_000) + bytes(100_000)
    assert read_bytes("zst", skippable + PACKED["zst"] + skippable) == (CONTENT, "")
    out, message = read_bytes("zst", PACKED["zst"] + skippable[:-1])
    assert out == CONTENT
    assert message.startswith("truncated")


def test_no_block_of_a_zstd_bomb_is_longer_than_128_kib() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(50_000_000))
    assert len(bomb) < 64 << 10
    sizes = [len(block) for block in zstd_blocks(ByteReader(io.BytesIO(bomb)))]
    assert sum(sizes) == 50_000_000
    assert max(sizes) <= 128 << 10


def frame_with_window(log: int) -> bytes:
    """A frame of one empty raw block that declares a window of 2**log bytes, as `zstd --long` writes it."""
    return b"\x28\xb5\x2f\xfd" + bytes([0x00, (log - 10) << 3]) + b"\1\0\0"


def test_windows_of_2_gib_are_read_and_larger_ones_are_damage() -> None:
    assert read_bytes("zst", frame_with_window(31)) == (b"", "")
    assert "window of 4294967296 bytes" in read_bytes("zst", frame_with_window(32))[1]


def test_zstd_window_is_what_the_first_frame_declares() -> None:
    skippable = struct.pack("<II", 0x184D2A50, 3) + b"abc"
    assert zstd_window(frame_with_window(31)) == 2**31
    assert zstd_window(skippable + frame_with_window(21)) == 2**21
    for data in (b"x" * 10, b"x" * 300, b"x" * 70_000):
        packed = zstd(data)
        assert zstd_window(packed) == zstandard.get_frame_parameters(packed).window_size
    compressor = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=23)
    )
    stream = compressor.compressobj().compress(b"") + compressor.compressobj().flush()
    assert zstd_window(stream) == zstandard.get_frame_parameters(stream).window_size
    assert zstd_window(b"plain text") == zstd_window(b"") == zstd_window(packed[:4]) == 0


@pytest.mark.parametrize("suffix", PACKED)
def test_empty_compressed_file_is_damage_and_empty_content_is_not(suffix: str) -> None:
    pack = {"zst": zstd, "bz2": bz2.compress, "xz": lzma.compress, "gz": gzip.compress}[suffix]
    assert read_bytes(suffix, b"")[1].startswith("empty file")
    assert read_bytes(suffix, pack(b"")) == (b"", "")


def test_empty_plain_file_is_no_damage() -> None:
    assert read_bytes("jsonl", b"") == (b"", "")


@pytest.mark.parametrize("suffix", PACKED)
def test_name_and_content_must_agree_and_the_message_says_what_the_file_is(suffix: str) -> None:
    kinds = {"zst": "zstd", "bz2": "bz2", "xz": "xz", "gz": "gzip"}
    for name in {"zst", "bz2", "xz", "gz", "jsonl"} - {suffix}:
        out, message = read_bytes(name, PACKED[suffix])
        assert out == b""
        assert f"it is {kinds[suffix]} data" in message
    assert 'it is plain data, beginning with b\'{"text"' in read_bytes(suffix, b'{"text": "a"}\n')[1]


def test_arctic_shifts_other_container_is_refused_by_name() -> None:
    with pytest.raises(Damaged, match="zst_blocks container"):
        list(open_blocks("RC_2020-01.zst_blocks", io.BytesIO(PACKED["zst"])))


def test_readers_of_one_file_refuse_archives_compressed_ones_too() -> None:
    tar = bytes(257) + b"ustar" + bytes(300)
    assert "a tar container" in read_bytes("txt", tar)[1]
    assert "a tar container" in read_bytes("tar", tar)[1]
    assert "a tar container" in read_bytes("xz", lzma.compress(tar))[1]
    assert "a zip container" in read_bytes("zip", b"PK\3\4...")[1]
    assert "it is zip data; rename it" in read_bytes("txt", b"PK\3\4...")[1]


def bombs() -> dict[str, bytes]:
    """3 MB of zeros in little, and with bytes behind that are never reached."""
    zeros = bytes(3_000_000)
    packed = {
        "zst": zstd(zeros),
        "bz2": bz2.compress(zeros),
        "xz": lzma.compress(zeros),
        "gz": gzip.compress(zeros),
    }
    return {suffix: bomb + bytes(1000) + b"junk" for suffix, bomb in packed.items()}


@pytest.mark.parametrize("suffix", PACKED)
def test_what_expands_beyond_the_cap_is_damage_that_names_the_cap(
    monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(streams, "EXPANSION_FREE", 100_000)
    monkeypatch.setattr(streams, "MAX_EXPANSION", 10)
    out, message = read_bytes(suffix, bombs()[suffix])
    assert len(out) <= max(100_000, 10 * len(bombs()[suffix]))
    assert "more than 10 times as many; beyond 100000 bytes this is refused" in message
    assert read_bytes(suffix, PACKED[suffix]) == (CONTENT, "")  # expands, but not so much


@pytest.mark.parametrize("suffix", PACKED)
def test_no_bomb_is_held_in_memory(suffix: str) -> None:
    blocks = [len(block) for block in open_blocks(f"x.{suffix}", io.BytesIO(bombs()[suffix][:-4]))]
    assert sum(blocks) == 3_000_000
    assert max(blocks) <= 2 << 20


@pytest.mark.parametrize("suffix", PACKED)
@settings(max_examples=4, deadline=None)
@given(share=st.floats(0.0001, 0.9999), size=st.integers(1, 100_000))
def test_stream_that_cannot_go_back_gives_the_same_as_a_file(suffix: str, share: float, size: int) -> None:
    for packed in (PACKED[suffix], flipped(PACKED[suffix], int(share * len(PACKED[suffix])))):
        pieces = (packed[at : at + size + 1000] for at in range(0, len(packed), size + 1000))
        out: list[bytes] = []
        message = ""
        try:
            for block in decoded(f"x.{suffix}", ByteReader(BlockFile(pieces))):
                out.append(block)
        except Damaged as damage:
            message = str(damage)
        assert (b"".join(out), message) == read_bytes(suffix, packed)


@pytest.mark.parametrize("suffix", PACKED)
def test_hash_is_of_the_whole_file_after_damage_too(suffix: str) -> None:
    damaged = flipped(PACKED[suffix], len(PACKED[suffix]) // 2) + bytes(200_000)
    whole, raw = HashingFile(io.BytesIO(damaged)), HashingFile(io.BytesIO(damaged))
    assert read(suffix, raw)[1]
    assert raw.finish() == whole.finish()
    assert raw.size == len(damaged)

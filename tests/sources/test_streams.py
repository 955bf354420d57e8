from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.sources.streams import Damaged, LineTooLong, lines

BOM = b"\xef\xbb\xbf"
pieces = st.sampled_from(
    [b"\n", b"\r\n", b"ab", b"\xe2\x80\xa8", b"\x85", b"\x0b\x0c\x1c", b"", b" ", BOM, b"x" * 30]
)
files = st.lists(pieces, max_size=25).map(b"".join)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def expected(data: bytes) -> list[bytes]:
    split = data.removeprefix(BOM).split(b"\n")
    return split if split[-1] else split[:-1]


@given(data=files, sizes=st.lists(st.integers(0, 20), max_size=8))
def test_lines_are_cut_at_newlines_only_whatever_the_blocks(data: bytes, sizes: list[int]) -> None:
    assert list(lines(cut(data, sizes))) == list(enumerate(expected(data), 1))


@given(data=files, sizes=st.lists(st.integers(0, 20), max_size=8), limit=st.integers(0, 40))
def test_lines_beyond_the_limit_come_as_their_head_and_length(
    data: bytes, sizes: list[int], limit: int
) -> None:
    want = [
        line if len(line) <= limit else LineTooLong(head=line[:200], bytes=len(line))
        for line in expected(data)
    ]
    assert [line for _, line in lines(cut(data, sizes), limit)] == want


def test_a_line_beyond_the_limit_is_not_held_in_memory() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"short\n" + b"y" * 1000
        for _ in range(2000):
            yield b"x" * 100_000
        yield b"\nlast"

    want = LineTooLong(head=b"y" * 200, bytes=200_001_000)
    assert [line for _, line in lines(blocks(), limit=1000)] == [b"short", want, b"last"]


@given(data=files, sizes=st.lists(st.integers(0, 20), max_size=8), limit=st.sampled_from([3, 1000]))
def test_damage_comes_after_all_complete_lines_and_describes_the_cut_one(
    data: bytes, sizes: list[int], limit: int
) -> None:
    def broken() -> Iterator[bytes]:
        yield from cut(data, sizes)
        raise Damaged("cut")

    seen = []
    try:
        for _, line in lines(broken(), limit):
            seen.append(line)
        pytest.fail("the damage was not raised")
    except Damaged as damage:
        head, length = damage.head, damage.bytes
    *complete, rest = data.removeprefix(BOM).split(b"\n")
    assert len(seen) == len(complete)
    assert (head, length) == (rest[:200], len(rest))

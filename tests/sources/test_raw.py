import hashlib
import io
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.sources.raw import ByteReader, HashingFile, RawFile

Trickling = Callable[[bytes, Sequence[int]], RawFile]


@given(data=st.binary(max_size=300), sizes=st.lists(st.integers(0, 120), max_size=5))
def test_hash_covers_the_whole_file_however_little_was_read(data: bytes, sizes: list[int]) -> None:
    file = HashingFile(io.BytesIO(data))
    for size in sizes:
        file.read(size)
    assert file.finish() == hashlib.sha256(data).hexdigest()
    assert file.size == len(data)


@given(first=st.integers(0, 12), back=st.integers(0, 12), again=st.integers(0, 12))
def test_bytes_that_are_read_again_are_hashed_once(first: int, back: int, again: int) -> None:
    data = b"abcdefghij"
    file = HashingFile(io.BytesIO(data))
    file.read(first)
    back = min(back, file.tell())
    file.seek(back)
    assert file.read(again) == data[back : back + again]
    assert file.finish() == hashlib.sha256(data).hexdigest()
    assert file.size == len(data)


steps = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 120)),
    st.tuples(st.just("start"), st.integers(0, 400)),
    st.tuples(st.just("here"), st.integers(-50, 50)),
    st.tuples(st.just("end"), st.integers(-300, 0)),
)


@given(
    data=st.binary(max_size=300),
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    steps=st.lists(steps, max_size=8),
)
def test_a_file_read_in_any_order_gives_its_bytes_and_hashes_them_once(
    trickle: Trickling, data: bytes, sizes: list[int], steps: list[tuple[str, int]]
) -> None:
    file = HashingFile(trickle(data, sizes))
    place = 0
    for step, number in steps:
        if step == "read":
            got = file.read(number)
            assert got == data[place : place + len(got)]
            place += len(got)
            continue
        whence = ("start", "here", "end").index(step)
        goal = number + (0, place, len(data))[whence]
        if goal < 0:
            with pytest.raises(ValueError, match="no place"):
                file.seek(number, whence)
            file.seek(place)
        else:
            place = min(goal, len(data))
            assert file.seek(number, whence) == place
        assert file.tell() == place
    assert file.finish() == hashlib.sha256(data).hexdigest()
    assert file.size == len(data)


@given(
    data=st.binary(max_size=300),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    takes=st.lists(st.integers(0, 90), max_size=12),
)
def test_take_is_short_only_at_the_end_of_the_file(
    trickle: Trickling, data: bytes, sizes: list[int], takes: list[int]
) -> None:
    reader = ByteReader(trickle(data, sizes))
    at = 0
    for n in takes:
        assert reader.peek(n) == data[at : at + n]
        assert reader.take(n) == data[at : at + n]
        at = min(at + n, len(data))
        assert reader.offset == at


def test_what_is_given_back_comes_again() -> None:
    reader = ByteReader(io.BytesIO(b"abcdef"))
    assert reader.take(4) == b"abcd"
    reader.untake(2)
    assert (reader.offset, reader.take(9)) == (2, b"cdef")


def test_padding_is_passed_over_up_to_the_first_other_byte() -> None:
    reader = ByteReader(io.BytesIO(bytes(200_000) + b"x\0"))
    reader.skip_padding()
    assert (reader.offset, reader.take(5)) == (200_000, b"x\0")

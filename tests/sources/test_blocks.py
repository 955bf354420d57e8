"""Documents re-made out of lines, against a naive reading of the whole file at once."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.blocks import block_records, joined, separated_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import RawRecord, Reason, Reject, Removal

Trickling = Callable[[bytes, Sequence[int]], RawFile]

LINES = st.lists(
    st.sampled_from(["", " ", "\r", "a", "bc d\r", "é” x", "longer than the others"]), max_size=30
)


def separated(content: bytes, blank_lines: int = 1, name: str = "a.txt", **options: int) -> list[Any]:
    return list(separated_records(name, io.BytesIO(content), "s", blank_lines, **options))


def blocks(content: bytes, block_bytes: int, name: str = "a.txt", limit: int = 1 << 20) -> list[Any]:
    return list(block_records(name, io.BytesIO(content), "s", block_bytes, limit))


def naive(lines: list[str], blank_lines: int) -> Iterator[tuple[int, str]]:
    """(number of its first line, text) of each document."""
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = next(
            (
                at
                for at in range(start, len(lines))
                if len(lines[at : at + blank_lines]) == blank_lines
                and not "".join(lines[at : at + blank_lines]).strip()
            ),
            len(lines),
        )
        text = lines[start:end]
        while not text[-1].strip():
            text.pop()
        yield start + 1, "\n".join(text)
        start = end


@settings(max_examples=150)
@given(lines=LINES, blank_lines=st.integers(1, 5), last=st.sampled_from(["", "\n"]))
def test_blank_lines_end_a_document_and_fewer_belong_to_it(
    lines: list[str], blank_lines: int, last: str
) -> None:
    found = separated(("\n".join(lines) + last).encode(), blank_lines)
    assert found == [RawRecord(str(number), text.encode()) for number, text in naive(lines, blank_lines)]


@settings(max_examples=150)
@given(lines=LINES, block_bytes=st.integers(1, 40), last=st.sampled_from(["", "\n"]))
def test_blocks_put_together_again_are_the_lines_of_the_file(
    lines: list[str], block_bytes: int, last: str
) -> None:
    content = ("\n".join(lines) + last).encode()
    expected = content.split(b"\n")[: None if content and not content.endswith(b"\n") else -1]
    place = 0
    for item in blocks(content, block_bytes):
        size = len(item.content) if isinstance(item, RawRecord) else item.bytes
        inside = [expected[place]]
        while len(b"\n".join(inside)) < size:
            inside.append(expected[place + len(inside)])
        if isinstance(item, RawRecord):
            assert item == RawRecord(str(place + 1), b"\n".join(inside))
        else:
            assert item == Removal(source="s", reason="blank", bytes=size)
            assert not b"".join(inside).strip()
        place += len(inside)
        if place < len(expected):
            assert size >= block_bytes > len(b"\n".join(inside[:-1])) - (len(inside) == 1)
    assert b"".join(expected[place:]) == b""


@settings(max_examples=60)
@given(lines=LINES, sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_borders_do_not_depend_on_the_sizes_of_reads(
    trickle: Trickling, lines: list[str], sizes: list[int]
) -> None:
    content = "\n".join(lines).encode()
    for given_sizes in ([1], sizes):
        raw = trickle(content, given_sizes)
        assert list(separated_records("a.txt", raw, "s", 2)) == separated(content, 2)
        raw = trickle(content, given_sizes)
        assert list(block_records("a.txt", raw, "s", 20, 1 << 20)) == blocks(content, 20)


def test_record_is_the_first_line_and_a_byte_order_mark_and_blank_lines_around_are_left_out() -> None:
    content = b"\xef\xbb\xbf\r\n\r\nOne\r\ntwo\r\n\r\n\t\r\nThree\r\n\r\n"
    assert separated(content) == [RawRecord("3", b"One\r\ntwo\r"), RawRecord("7", b"Three\r")]
    assert blocks(content, 12) == [
        RawRecord("1", b"\r\n\r\nOne\r\ntwo\r"),
        RawRecord("5", b"\r\n\t\r\nThree\r\n\r"),
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\n \n\r\n\n\n\n\t"])
def test_file_without_text_has_no_document(content: bytes) -> None:
    assert separated(content) == separated(content, 5) == []
    assert all(isinstance(item, Removal) for item in blocks(content, 1))
    assert len(blocks(content, 1 << 16)) == (content.strip(b"\xef\xbb\xbf") != b"")


def test_damage_costs_the_cut_document_which_is_the_one_reject() -> None:
    text = b"one\n\ntwo\ntwo\n\nthree\nthre"
    damaged = gzip.compress(text)[:-6]
    *documents, reject = separated(damaged, name="a.gz")
    assert documents == [RawRecord("1", b"one"), RawRecord("3", b"two\ntwo")]
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)
    assert (reject.head, reject.bytes) == (b"three\nthre", 10)
    [first, reject] = blocks(damaged, 10, name="a.gz")
    assert first == RawRecord("1", b"one\n\ntwo\ntwo")
    assert (reject.record, reject.head, reject.bytes) == (None, b"\nthree\nthre", 11)
    [reject] = separated(damaged, 5, name="a.gz")
    assert (reject.head, reject.bytes) == (text, len(text))


@pytest.mark.parametrize("cut", range(1, 25))
def test_damage_anywhere_leaves_whole_documents_of_the_whole_file(cut: int) -> None:
    text = b"one\n\ntwo\ntwo\n\nthree\nthree"
    for framing, whole in ((separated, separated(text)), (lambda c, **o: blocks(c, 6, **o), blocks(text, 6))):
        *documents, reject = framing(gzip.compress(text[:cut], 0)[:-3], name="a.gz")
        assert documents == whole[: len(documents)]
        assert reject.record is None
        assert sum(len(each.content) for each in documents) + reject.bytes <= cut


def test_document_beyond_the_limit_is_one_reject_and_the_next_is_used() -> None:
    content = b"ab\n" * 100 + b"\nshort\n\n" + b"x" * 301 + b"\ny\n\nz"
    first, short, second, last = separated(content, limit=298)
    assert (first.record, first.reason, first.bytes) == ("1", Reason.DOCUMENT_TOO_LONG, 299)
    assert first.head == (b"ab\n" * 67)[:200]
    assert (short, last) == (RawRecord("102", b"short"), RawRecord("107", b"z"))
    assert (second.record, second.bytes, second.head) == ("104", 303, b"x" * 200)
    assert separated(b"ab\n" * 100, limit=299) == [RawRecord("1", (b"ab\n" * 100)[:-1])]


def test_line_that_is_no_text_or_too_long_is_a_reject_and_in_no_block() -> None:
    content = b"good\nb\xe9d\n" + b"x" * 41 + b"\nu\0t\0\nfine\nlast"
    bad, long, binary, block = blocks(content, 60, limit=100)
    assert [(item.record, item.reason) for item in (bad, long, binary)] == [
        ("2", Reason.INVALID_UTF8),
        ("3", Reason.LINE_TOO_LONG),
        ("4", Reason.BINARY),
    ]
    assert (bad.head, long.bytes, block) == (b"b\xe9d", 41, RawRecord("1", b"good\nfine\nlast"))


def test_rows_are_joined_to_blocks_and_what_is_no_row_is_handed_on() -> None:
    null = Reject(record="2", source="s", reason=Reason.NULL_FIELD, error="null", head=b"", bytes=0)
    cut = Reject(record=None, source="s", reason=Reason.DAMAGED, error="truncated", head=b"", bytes=0)
    rows = [RawRecord("1", b"a b ."), null, RawRecord("3", b"c d ."), RawRecord("4", b"e .")]
    assert list(joined(rows, "s", 8)) == [null, RawRecord("1", b"a b .\nc d ."), RawRecord("4", b"e .")]
    *items, reject = joined([*rows, cut], "s", 8)
    assert items == [null, RawRecord("1", b"a b .\nc d .")]
    assert (reject.record, reject.error, reject.head, reject.bytes) == (None, "truncated", b"e .\n", 4)


def test_members_of_an_archive_are_files_and_no_document_goes_on_in_the_next() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "one\n\ntwo\ntwo\n")
        archive.writestr("b.txt", "three\n")
    assert separated(file.getvalue(), name="x.zip") == [
        RawRecord("a.txt:1", b"one"),
        RawRecord("a.txt:3", b"two\ntwo"),
        RawRecord("b.txt:1", b"three"),
    ]
    assert blocks(file.getvalue(), 1000, name="x.zip") == [
        RawRecord("a.txt:1", b"one\n\ntwo\ntwo"),
        RawRecord("b.txt:1", b"three"),
    ]


def test_damaged_member_of_an_archive_is_a_reject_and_the_others_are_used() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt.gz", gzip.compress(b"one\n\ntwo\n\nthree\n", 0)[:-12])
        archive.writestr("b.txt", "three\n")
    for framing, whole in ((separated, 2), (lambda c, **o: blocks(c, 1000, **o), 0)):
        *documents, cut, last = framing(file.getvalue(), name="x.zip")
        assert [each.record for each in documents] == ["a.txt.gz:1", "a.txt.gz:3"][:whole]
        assert (cut.record, cut.reason) == ("a.txt.gz", Reason.DAMAGED)
        assert last == RawRecord("b.txt:1", b"three")

import bz2
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import entries, sources
from corpusmill.clean import RULES
from corpusmill.sources import BooksSource, PileSource, PushshiftSource, Reason, Record, source_of

PLAIN = entries.Books(family="books", name="books", layout="plain", files=["*"])
GUTENBERG = entries.Books(family="books", name="pg", layout="gutenberg", files=["*"])


def read(content: bytes, name: str = "a.txt", source: BooksSource | None = None) -> Any:
    [item] = sources.read(source or BooksSource(PLAIN), name, io.BytesIO(content))
    return item


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        (b"plain\r\n", "plain\r\n", "utf-8"),
        ("\ufeffnaïve “so”".encode(), "naïve “so”", "utf-8"),
        ("naïve “so”".encode("cp1252"), "naïve “so”", "cp1252"),
    ],
)
def test_encoding_is_utf8_or_else_code_page_1252_and_is_recorded(
    content: bytes, text: str, encoding: str
) -> None:
    assert read(content) == Record(record="text", source="books", text=text, meta={"encoding": encoding})


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"ab\x9d", "byte 2 is not UTF-8, and byte 2 is not code page 1252"),
        (b"a\xe9b\x81", "byte 1 is not UTF-8, and byte 3 is not code page 1252"),
        (b"\xef\xbb\xbfa\xe9b", "byte 4 is not UTF-8"),
    ],
)
def test_other_encodings_are_rejects_that_name_the_byte(content: bytes, error: str) -> None:
    reject = read(content)
    assert (reject.record, reject.reason, reject.error) == ("text", Reason.INVALID_UTF8, error)


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_file_without_text_is_an_empty_reject(content: bytes) -> None:
    assert read(content).reason is Reason.EMPTY


def test_file_with_nul_bytes_is_a_reject() -> None:
    reject = read("book".encode("utf-16"))
    assert (reject.reason, reject.error) == (Reason.BINARY, "a NUL at byte 3, so not text")


def test_compressed_book_is_one_record_and_a_damaged_one_is_one_reject() -> None:
    packed = bz2.compress(b"A book.\n" * 1000)
    assert read(packed, "a.txt.bz2").text == "A book.\n" * 1000
    reject = read(packed[:-3], "a.txt.bz2")
    assert (reject.record, reject.reason, reject.bytes) == (None, Reason.DAMAGED, 8000)
    assert reject.head == b"A book.\n" * 25


def test_book_beyond_the_limit_is_a_reject() -> None:
    class Small(BooksSource):
        limit = 10

    reject = read(b"0123456789a", source=Small(PLAIN))
    assert (reject.reason, reject.bytes) == (Reason.FILE_TOO_LONG, 11)


def test_every_source_names_rules_that_exist() -> None:
    pile = entries.Pile(family="pile", name="pile", files=["*"])
    pushshift = entries.Pushshift(family="pushshift", name="reddit", files=["*"])
    readers = [source_of(entry) for entry in (PLAIN, GUTENBERG, pile, pushshift)]
    assert [type(source) for source in readers] == [BooksSource, BooksSource, PileSource, PushshiftSource]
    for source in readers:
        assert set(source.rules) <= set(RULES)
    assert [rule for rule in readers[1].rules if rule not in readers[0].rules] == [
        "gutenberg_header",
        "gutenberg_footer",
        "opt_gutenberg",
    ]


def read_all(content: bytes, layout: Any, name: str = "a.txt", block_bytes: int = 1024) -> list[Any]:
    entry = entries.Books(family="books", name="books", layout=layout, files=["*"], block_bytes=block_bytes)
    return list(sources.read(BooksSource(entry), name, io.BytesIO(content)))


def book(record: str, text: str) -> Record:
    return Record(record=record, source="books", text=text, meta={})


def test_books1_file_is_a_book_with_its_front_matter() -> None:
    content = b"\n\n\nTitle\n\nCopyright (c)\n\n### Chapter 1\n\nText.\n"
    [found] = read_all(content, "epubtxt", "books1/epubtxt/title.epub.txt")
    assert found.text == content.decode()


def test_sentences_without_borders_are_remade_into_blocks_of_whole_lines() -> None:
    lines = [f"sentence {n} , he said . \n" for n in range(200)]
    items = read_all("".join(lines).encode(), "sentences", "books_large_p1.txt")
    assert "\n".join(item.text for item in items) == "".join(lines).rstrip("\n")
    sizes = [len(item.text) for item in items]
    assert all(1024 <= size < 1024 + 30 for size in sizes[:-1])
    assert [item.record for item in items][:2] == ["1", str(items[0].text.count("\n") + 2)]


def test_blank_lines_or_five_of_them_are_between_books() -> None:
    content = b"a\nb\n\nc\n\n\n\n\nd\n\n\n\n\n\ne\n"
    assert read_all(content, "blank_line") == [
        book("1", "a\nb"),
        book("4", "c"),
        book("9", "d"),
        book("15", "e"),
    ]
    assert read_all(content, "five_blank_lines") == [book("1", "a\nb\n\nc\n\n\n\n\nd"), book("15", "e")]


def test_book_between_blank_lines_must_be_utf8_and_is_a_reject_by_itself() -> None:
    good, bad = read_all(b"good\n\ncaf\xe9\n", "blank_line")
    assert good == book("1", "good")
    assert (bad.record, bad.reason) == ("3", Reason.INVALID_UTF8)


def test_parquet_rows_are_sentences_and_are_remade_into_the_same_blocks_as_lines() -> None:
    sentences = [f"sentence {n} , he said ." for n in range(200)]
    file = io.BytesIO()
    pq.write_table(pa.table({"text": [*sentences, None]}), file, row_group_size=7)
    *blocks, null, last = read_all(file.getvalue(), "parquet", "train.parquet")
    assert [*blocks, last] == read_all("\n".join(sentences).encode(), "sentences", "books_large_p1.txt")
    assert (null.record, null.reason) == ("201", Reason.NULL_FIELD)


def test_cut_parquet_file_is_one_reject() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a sentence ."] * 100}), file)
    [reject] = read_all(file.getvalue()[:-20], "parquet", "train.parquet")
    assert reject.record is None


def test_epub_is_a_book() -> None:
    [reject] = read_all(b"no zip", "epub", "a.epub")
    assert reject.reason is Reason.BAD_FORMAT

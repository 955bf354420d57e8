import bz2
import io
from typing import Any

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
    ]

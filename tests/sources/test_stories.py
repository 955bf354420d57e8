import gzip
import io
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import entries, sources
from corpusmill.clean import RULES
from corpusmill.sources import Reason, Record, Removal, StoriesSource


def source(layout: Literal["lines", "blank_line", "parquet"]) -> StoriesSource:
    return StoriesSource(entries.Stories(family="stories", name="stories", layout=layout, files=["*"]))


def read(content: bytes, layout: Any, name: str = "stories_1.txt") -> list[Any]:
    return list(sources.read(source(layout), name, io.BytesIO(content)))


def story(record: str, text: str) -> Record:
    return Record(record=record, source="stories", text=text, meta={})


def test_line_is_a_document_and_a_blank_one_is_removed() -> None:
    items = read("\ufeffOne day.\n\n Sue\u2028ran.\r\nb".encode(), "lines")
    assert items == [
        story("1", "One day."),
        Removal(source="stories", reason="blank", bytes=0),
        story("3", " Sue\u2028ran.\r"),
        story("4", "b"),
    ]


def test_documents_between_blank_lines_keep_their_lines() -> None:
    assert read(b"One\nday.\n\n\nSue.\n", "blank_line") == [story("1", "One\nday."), story("5", "Sue.")]


@pytest.mark.parametrize("layout", ["lines", "blank_line"])
def test_document_that_is_no_utf8_is_a_reject_and_the_others_are_used(layout: str) -> None:
    first, *rejects, last = read(b"a\n\ncaf\xe9\n\nb\0\0\n\nlast", layout)[:: 2 if layout == "lines" else 1]
    assert (first, last) == (story("1", "a"), story("7", "last"))
    assert [(item.record, item.reason) for item in rejects] == [
        ("3", Reason.INVALID_UTF8),
        ("5", Reason.BINARY),
    ]


def test_damaged_file_is_its_whole_documents_and_one_reject() -> None:
    packed = gzip.compress(b"one\n\ntwo\n\nthree", 0)
    *stories, reject = read(packed[:-10], "blank_line", "s.txt.gz")
    assert stories == [story("1", "one"), story("3", "two")]
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)


def test_parquet_row_is_a_document() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["One\n\nday.", None, "Sue."]}), file)
    first, null, last = read(file.getvalue(), "parquet", "train.parquet")
    assert (first, last) == (story("1", "One\n\nday."), story("3", "Sue."))
    assert (null.record, null.reason) == ("2", Reason.NULL_FIELD)


def test_rules_exist() -> None:
    assert set(source("lines").rules) <= set(RULES)

import io
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.clean import RULES
from corpusmill.sources import Reason, Record, Removal, TextSource


def read(content: bytes, layout: Any = "file", name: str = "a.txt") -> list[Any]:
    entry = entries.Text(family="text", name="mine", layout=layout, files=["*"])
    source = TextSource(entry)
    assert set(source.rules) <= set(RULES)
    return list(sources.read(source, name, io.BytesIO(content)))


def test_file_is_a_document_in_utf8_or_code_page_1252() -> None:
    assert read("caf\u00e9\n\nx\n".encode()) == [
        Record(record="text", source="mine", text="café\n\nx\n", meta={"encoding": "utf-8"})
    ]
    assert read("café".encode("cp1252")) == [
        Record(record="text", source="mine", text="café", meta={"encoding": "cp1252"})
    ]
    [reject] = read(b"\n")
    assert reject.reason is Reason.EMPTY


def test_line_is_a_document_and_must_be_utf8() -> None:
    first, blank, second = read(b"one\n \ncaf\xe9", "lines")
    assert first == Record(record="1", source="mine", text="one", meta={})
    assert blank == Removal(source="mine", reason="blank", bytes=1)
    assert (second.record, second.reason, second.error) == ("3", Reason.INVALID_UTF8, "byte 3 is not UTF-8")


def test_documents_between_blank_lines() -> None:
    assert [(item.record, item.text) for item in read(b"\n\na\r\nb\r\n\r\nc\n", "blank_line")] == [
        ("3", "a\r\nb\r"),
        ("6", "c"),
    ]


@pytest.mark.parametrize("layout", ["lines", "blank_line"])
def test_empty_file_has_no_document(layout: str) -> None:
    assert read(b"", layout) == []

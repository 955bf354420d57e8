import io
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.clean import RULES
from corpusmill.sources import Reason, Record, Removal, TextSource


def read(content: bytes, layout: Any = "file", name: str = "a.txt", extractor: Any = None) -> list[Any]:
    entry = entries.Text(family="text", name="mine", layout=layout, files=["*"], extractor=extractor)
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


PAGE = (
    "<!-- saved --><!DOCTYPE html>\n<html><head><title>The mill</title></head><body><nav>Home</nav><article>"
    f"<p>{'The mill stood by the river for a hundred years. ' * 5}</p></article></body></html>"
)


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
@pytest.mark.parametrize("begins", ["", "\ufeff", "<?xml version='1.0'?>\n", "\n <!-- a -->\n<!-- b -->"])
def test_a_page_is_read_by_the_extractor_and_other_files_as_they_are(extractor: str, begins: str) -> None:
    [page] = read((begins + PAGE).encode(), extractor=extractor, name="a.html")
    assert page.text.startswith("The mill stood by the river")
    assert "<" not in page.text
    assert page.meta == {"title": "The mill"}
    [plain] = read(b"No page: <html> is a tag.", extractor=extractor)
    assert plain.text == "No page: <html> is a tag."
    [empty] = read(b"<html><body></body></html>", extractor=extractor)
    assert empty == Removal(source="mine", reason="no_article", bytes=26)


def test_a_page_is_refused_unless_its_tags_are_wanted() -> None:
    [refused] = read(PAGE.encode())
    assert (refused.record, refused.reason) == ("text", Reason.BAD_FORMAT)
    assert "`extractor`" in refused.error
    [kept] = read(PAGE.encode(), extractor="none")
    assert kept.text == PAGE


def test_looking_for_a_page_takes_no_time_that_grows_with_what_is_no_page() -> None:
    for start in (b"<!--" * 100_000, b"<?xml" * 100_000, b"<!---->" * 100_000, b" " * 1_000_000):
        assert len(read(start + b"x")) == 1


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

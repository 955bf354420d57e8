"""EPUB files made on the fly: whole, odd, hostile, and damaged at every place."""

import io
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.epub import epub_document, epub_records
from corpusmill.sources.records import RawRecord, Reason, Record, Reject

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="{version}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>
<manifest>{manifest}</manifest><spine toc="ncx">{spine}</spine></package>"""
METADATA = (
    "<dc:title>A &amp;\n B</dc:title><dc:title>Sub</dc:title><dc:creator>Ann</dc:creator>"
    "<dc:creator>Bob</dc:creator><dc:language>en-GB</dc:language>"
)
META = {"title": "A & B", "creator": ["Ann", "Bob"], "language": "en-GB"}
CHAPTER = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head><body><p>{}</p></body></html>'
)


def packed(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def members(
    chapters: Mapping[str, str], version: str = "3.0", folder: str = "OEBPS/", **items: str
) -> dict[str, str | bytes]:
    """An EPUB of chapters by path; `items` are more attributes of a chapter, by "i" and its number."""
    manifest = "".join(
        f'<item id="i{n}" href="{path}" media-type="application/xhtml+xml" {items.get(f"i{n}", "")}/>'
        for n, path in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}" {items.get(f"r{n}", "")}/>' for n in range(len(chapters)))
    package = PACKAGE.format(version=version, metadata=METADATA, manifest=manifest, spine=spine)
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER.format(f"{folder}content.opf"),
        f"{folder}content.opf": package,
        **{folder + path: CHAPTER.format(text) for path, text in chapters.items()},
    }


def document(content: bytes) -> Any:
    [record] = epub_records("a.epub", io.BytesIO(content), "s", 1 << 26)
    assert record == RawRecord("text", content)
    assert isinstance(record, RawRecord)
    return epub_document(record, "s")


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("folder", ["", "OEBPS/"])
def test_book_is_its_chapters_in_reading_order_with_title_creator_and_language(
    version: str, folder: str
) -> None:
    book = members({"z.xhtml": "One.", "text/a.xhtml": "Two."}, version, folder)
    assert document(packed(book)) == Record(record="text", source="s", text="One.\n\nTwo.", meta=META)


def test_table_of_contents_what_is_not_linear_and_pictures_are_left_out_and_nothing_comes_twice() -> None:
    book = members(
        {"nav.xhtml": "Toc", "a.xhtml": "One.", "notes.xhtml": "Note", "b.svg": "x", "c.xhtml": "Two."},
        i0='properties="nav"',
        r2='linear="no"',
    )
    package = str(book["OEBPS/content.opf"]).replace(
        'b.svg" media-type="application/xhtml+xml"', 'b.svg" media-type="image/svg+xml"'
    )
    book["OEBPS/content.opf"] = package.replace("</spine>", '<itemref idref="i1"/></spine>')
    assert document(packed(book)).text == "One.\n\nTwo."


def test_chapters_are_found_by_names_that_are_escaped_and_relative() -> None:
    book = members({"../te%20xt/%C3%A9.xhtml#x": "One."}, folder="OEBPS/deep/")
    book["OEBPS/te xt/é.xhtml"] = CHAPTER.format("Found.")
    assert document(packed(book)).text == "Found."


def test_chapter_that_is_no_xml_is_read_as_html() -> None:
    book = members({"a.xhtml": "One &nbsp;<br>two &unknown; <b>", "b.xhtml": "Two"})
    assert document(packed(book)).text == "One \xa0\ntwo &unknown;\n\nTwo"


def test_missing_chapters_are_named_and_a_book_without_any_is_empty() -> None:
    book = members({"a.xhtml": "One.", "b.xhtml": "Two."})
    book["OEBPS/content.opf"] = str(book["OEBPS/content.opf"]).replace(
        "</spine>", '<itemref idref="q"/></spine>'
    )
    del book["OEBPS/b.xhtml"]
    found = document(packed(book))
    assert (found.text, found.meta) == ("One.", META | {"missing": ["OEBPS/b.xhtml", "#q"]})
    del book["OEBPS/a.xhtml"]
    assert document(packed(book)).reason is Reason.EMPTY
    assert document(packed(members({"a.xhtml": " "}))).reason is Reason.EMPTY
    assert document(b"").reason is Reason.EMPTY


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("META-INF/container.xml", None),
        ("META-INF/container.xml", ""),
        ("META-INF/container.xml", "<container/>"),
        ("META-INF/container.xml", "\0\xff junk"),
        ("OEBPS/content.opf", None),
        ("OEBPS/content.opf", "<package"),
        ("OEBPS/content.opf", "<package><spine/></package>"),
    ],
)
def test_archive_without_a_container_or_package_is_no_epub(name: str, content: str | None) -> None:
    book = members({"a.xhtml": "One."})
    if content is None:
        del book[name]
    else:
        book[name] = content
    reject = document(packed(book))
    assert (reject.record, reject.reason) == ("text", Reason.BAD_FORMAT)
    assert "no EPUB" in reject.error


def test_other_formats_are_no_epub() -> None:
    reject = document(b"%PDF-1.4 ...")
    assert (reject.record, reject.reason, reject.head) == ("text", Reason.BAD_FORMAT, b"%PDF-1.4 ...")


ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/>
<enc:CipherData><enc:CipherReference URI="OEBPS/x"/></enc:CipherData></enc:EncryptedData></encryption>"""


def test_book_under_rights_management_is_a_reject_and_obfuscated_fonts_are_none_of_it() -> None:
    book = members({"a.xhtml": "One."})
    book["META-INF/encryption.xml"] = ENCRYPTION.format("http://www.idpf.org/2008/embedding")
    assert document(packed(book)).text == "One."
    book["META-INF/encryption.xml"] = ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    assert document(packed(book)).reason is Reason.ENCRYPTED
    book["META-INF/encryption.xml"] = "<encryption><EncryptedData/></encryption>"
    assert document(packed(book)).reason is Reason.ENCRYPTED


def test_archive_that_expands_a_thousandfold_is_a_reject_before_it_is_expanded() -> None:
    book = members({"a.xhtml": "One."})
    book["cover"] = bytes(20_000_000)
    reject = document(packed(book))
    assert (reject.reason, reject.record) == (Reason.FILE_TOO_LONG, "text")
    assert "expand to 20" in reject.error


def test_size_that_an_archive_lies_about_bounds_what_is_read() -> None:
    book = members({"a.xhtml": "One."})
    content = packed(book | {"OEBPS/a.xhtml": CHAPTER.format("x" * 20_000_000)})
    declared = (20_000_000 + len(CHAPTER) - 2).to_bytes(4, "little")
    assert content.count(declared) == 2
    tracemalloc.start()
    reject = document(content.replace(declared, (100).to_bytes(4, "little")))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)


def test_file_beyond_the_limit_is_a_reject() -> None:
    content = packed(members({"a.xhtml": "One."}))
    [reject] = list(epub_records("a.epub", io.BytesIO(content), "s", 100))
    assert isinstance(reject, Reject)
    assert (reject.record, reject.reason, reject.bytes) == ("text", Reason.FILE_TOO_LONG, len(content))


def test_truncated_book_is_the_one_reject_of_a_damaged_file() -> None:
    content = packed(members({"a.xhtml": "One."}))
    for cut in range(2, len(content) - 1, 7):
        reject = document(content[:cut])
        assert (reject.record, reject.reason, reject.bytes) == (None, Reason.DAMAGED, cut)
        assert reject.head == content[: min(cut, 200)]


BOOK = packed(members({"a.xhtml": "One &eacute; <i>two</i>.", "b.xhtml": "Two.<br>"}))
PLAIN = io.BytesIO()
with zipfile.ZipFile(PLAIN, "w", zipfile.ZIP_STORED) as stored:
    for member in zipfile.ZipFile(io.BytesIO(BOOK)).infolist():
        stored.writestr(member.filename, zipfile.ZipFile(io.BytesIO(BOOK)).read(member))


@settings(max_examples=300)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4),
    content=st.sampled_from([BOOK, PLAIN.getvalue()]),
)
def test_flipped_bytes_never_raise_and_end_as_one_document_or_reject(
    flips: list[tuple[int, int]], content: bytes
) -> None:
    damaged = bytearray(content)
    for at, mask in flips:
        damaged[at % len(damaged)] ^= mask
    outcome = document(bytes(damaged))
    if isinstance(outcome, Record):
        assert outcome.text.encode()


@settings(max_examples=200)
@given(data=st.data())
def test_markup_of_any_bytes_never_raises(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["META-INF/container.xml", "OEBPS/content.opf", "OEBPS/a.xhtml"]))
    book = members({"a.xhtml": "One.", "b.xhtml": "Two."})
    content = bytearray(str(book[name]).encode())
    at = data.draw(st.integers(0, len(content)))
    content[at : at + data.draw(st.integers(0, 20))] = data.draw(
        st.binary(max_size=8)
        | st.sampled_from([b"&nbsp;", b"&#xD800;", b"<![CDATA[", b"<!--", b"<a:b:c>", b"\xff"])
    )
    outcome = document(packed(book | {name: bytes(content)}))
    if isinstance(outcome, Record):
        assert outcome.text.encode()
        assert str(outcome.meta).encode()


@pytest.mark.parametrize("ahead", [b"\xef\xbb\xbf", b"\r\n\r\n", b" \n\xef\xbb\xbf"])
def test_blanks_ahead_of_a_book_are_passed_over(ahead: bytes) -> None:
    assert document(ahead + BOOK) == document(BOOK)


def test_books_in_an_archive_are_read_one_by_one() -> None:
    tar, packed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive, zipfile.ZipFile(packed, "w") as in_zip:
        for name, content in (("d/a.epub", BOOK), ("b.EPUB", BOOK[:-40]), ("c.epub", BOOK)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
            in_zip.writestr(name, content)
    for path, raw in (("books.tar.gz", tar), ("books.zip", packed)):
        records = list(epub_records(path, io.BytesIO(raw.getvalue()), "s", 1 << 20))
        items = [epub_document(each, "s") for each in records if isinstance(each, RawRecord)]
        assert [each.record for each in items] == ["d/a.epub", "b.EPUB", "c.epub"]
        assert [getattr(each, "reason", None) for each in items] == [None, Reason.DAMAGED, None]

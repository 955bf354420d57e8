import bz2
import io
import lzma
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.mediawiki import Page, page, page_records, url
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import RawRecord, Reason, Reject, Unusable

HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="bg">\n'
    "  <siteinfo>\n    <dbname>bgwiki</dbname>\n    <base>https://bg.wikipedia.org/wiki/A_%26_b</base>\n"
    '    <namespaces>\n      <namespace key="0" case="first-letter" />\n'
    '      <namespace key="6" case="first-letter">Файл</namespace>\n    </namespaces>\n  </siteinfo>\n'
).encode()
FOOT = b"</mediawiki>\n"
NOTE = {"base": "https://bg.wikipedia.org/wiki/A_%26_b", "namespaces": {"Файл": 6}}


def xml(
    number: int, text: str = "Text &lt;page> &amp;amp;", ns: str = "<ns>0</ns>", title: str = ""
) -> bytes:
    return (
        f"<page>\n<title>{title or f'Page {number}'}</title>{ns}<id>{number}</id><revision><id>{number}1</id>"
        "<timestamp>2020-01-01T00:00:00Z</timestamp><contributor><ip>::1</ip></contributor>"
        f'<model>wikitext</model><text xml:space="preserve">{text}</text></revision>\n</page>'
    ).encode()


PAGES = [xml(number) for number in range(1, 5)]
DUMP = HEAD + b"".join(b"  " + page + b"\n" for page in PAGES) + FOOT
STREAMS = [HEAD, b"".join(b"  " + page + b"\n" for page in PAGES[:2])]
MULTISTREAM = b"".join(map(bz2.compress, [*STREAMS, DUMP[len(b"".join(STREAMS)) : -len(FOOT)], FOOT]))
STREAM_ENDS = [len(b"".join(map(bz2.compress, STREAMS))), len(MULTISTREAM) - len(bz2.compress(FOOT))]


def framed(data: bytes, path: str = "a.xml", **limit: int) -> list[Any]:
    return list(page_records(path, io.BytesIO(data), "wiki", **limit))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.xml", DUMP),
        ("a.xml", b"\xef\xbb\xbf<?xml version='1.0'?>\n" + DUMP),
        ("a.xml.bz2", MULTISTREAM),
        ("p1p41242.bz2", bz2.compress(DUMP)),
        ("a.xml.xz", lzma.compress(DUMP)),
        ("a.xml.zst", zstandard.compress(DUMP)),
        ("a.xml", DUMP.decode().encode("utf-16")),
    ],
)
def test_pages_of_a_dump_are_its_bytes_in_any_compression(path: str, data: bytes) -> None:
    assert framed(data, path) == [RawRecord(str(n), page, NOTE) for n, page in enumerate(PAGES, 1)]


@settings(max_examples=150)
@given(st.integers(0, len(DUMP) - 2), st.lists(st.integers(1, 400), min_size=1, max_size=4))
def test_cut_dump_gives_every_complete_page_and_one_reject(
    trickle: Callable[[bytes, Sequence[int]], RawFile], cut: int, sizes: list[int]
) -> None:
    *pages, reject = page_records("a.xml", trickle(DUMP[:cut], sizes), "wiki")
    assert [each.content for each in pages] == [page for page in PAGES if DUMP.index(page) + len(page) <= cut]
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)
    if pages and cut > DUMP.index(pages[-1].content) + len(pages[-1].content) + 3 and len(pages) < 4:
        assert reject.head.startswith(b"<")
        assert reject.bytes > 0


@settings(max_examples=60)
@given(st.integers(0, len(MULTISTREAM) - 1))
def test_cut_multistream_dump_gives_every_complete_page_and_one_reject(cut: int) -> None:
    *pages, reject = framed(MULTISTREAM[:cut], "a.xml.bz2")
    assert pages == [RawRecord(str(n), page, NOTE) for n, page in enumerate(PAGES, 1)][: len(pages)]
    assert len(pages) >= 2 * sum(cut >= end for end in STREAM_ENDS)
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_read_sizes_decide_nothing(
    trickle: Callable[[bytes, Sequence[int]], RawFile], sizes: list[int]
) -> None:
    data = HEAD + PAGES[0] + b"junk" + PAGES[1] + FOOT + b" more"
    assert list(page_records("a.xml", trickle(data, sizes), "wiki")) == framed(data)


@pytest.mark.parametrize(
    "data", [b"plain text", b"<html>" + DUMP[:100] * 0, b"x" * 1000, HEAD + FOOT, PAGES[0], b"<feed>" * 200]
)
def test_what_is_no_dump_or_has_no_pages_is_one_reject(data: bytes) -> None:
    [reject] = framed(data)
    assert (reject.record, reject.reason) == (None, Reason.BAD_FORMAT)


def test_empty_file_is_a_damaged_dump() -> None:
    assert [each.reason for each in framed(b"")] == [Reason.DAMAGED]


def test_bytes_that_are_no_page_are_never_lost_in_silence() -> None:
    one, junk, two, tail = framed(HEAD + PAGES[0] + b" <pag> " + PAGES[1] + FOOT + b"tail\n")
    assert (one.record, two.record) == ("1", "3")
    assert (junk.record, junk.reason, junk.head, junk.bytes) == ("2", Reason.BAD_FORMAT, b"<pag> ", 7)
    assert (tail.record, tail.reason, tail.head) == ("4", Reason.BAD_FORMAT, b"tail\n")


def test_dumps_behind_each_other_are_all_read() -> None:
    assert [each.record for each in framed(DUMP + DUMP)] == list("12345678")
    *pages, reject = framed(DUMP + DUMP[:100])
    assert (len(pages), reject.reason) == (4, Reason.DAMAGED)


@pytest.mark.parametrize(
    "ahead",
    [
        b"\n" * 2000,
        b"\xef\xbb\xbf\r\n<?xml version='1.0' encoding='utf-8'?>\n\n",
        b"<!-- made by <mediawiki> today" + b" and again" * 100 + b" -->\n<?xml-stylesheet href='a'?>",
        b"<!-- " + b"x" * 70_000 + b" -->\n",
        b"<!DOCTYPE mediawiki [<!ENTITY a 'b'>]>\n",
    ],
)
def test_what_xml_lets_stand_ahead_of_a_dump_is_passed_over(ahead: bytes) -> None:
    pages = [RawRecord(str(n), page, NOTE) for n, page in enumerate(PAGES, 1)]
    assert framed(ahead + DUMP) == framed(bz2.compress(ahead + DUMP), "a.xml.bz2") == pages
    assert [each.record for each in framed(DUMP + ahead + DUMP)] == list("12345678")


@pytest.mark.parametrize("ahead", [b"Saving to: dump.xml\n", b"\0\0", b"log\n" * 20_000, b"</html>"])
def test_what_else_stands_ahead_of_a_dump_is_one_reject_and_the_pages_are_read(ahead: bytes) -> None:
    for mark in (b"", b"\xef\xbb\xbf", b"<?xml version='1.0'?>\n"):
        reject, *pages = framed(mark + ahead + DUMP)
        assert isinstance(reject, Reject)
        assert (reject.record, reject.reason, reject.bytes) == ("0", Reason.BAD_FORMAT, len(mark + ahead))
        assert pages == [RawRecord(str(n), page, NOTE) for n, page in enumerate(PAGES, 1)]


def test_page_beyond_the_limit_is_a_reject_of_its_length() -> None:
    one, long, two = framed(HEAD + PAGES[0] + xml(7, "x" * 200_000) + PAGES[1] + FOOT, limit=1000)
    assert isinstance(long, Reject)
    assert (long.record, long.reason, long.bytes) == (
        "2",
        Reason.DOCUMENT_TOO_LONG,
        len(xml(7, "x" * 200_000)),
    )
    assert (one.record, two.record) == ("1", "3")


def test_page_is_parsed_with_its_last_revision() -> None:
    new = b"<revision><id>9</id><model>css</model><text>b</text></revision>\n</page>"
    old = xml(1, "a").replace(b"</page>", new)
    assert page(xml(1, "a &lt;"), NOTE) == Page("1", "Page 1", 0, False, "11", "wikitext", "a <")
    assert page(old, NOTE) == Page("1", "Page 1", 0, False, "9", "css", "b")
    assert page(xml(1).replace(b"<revision>", b'<redirect title="B" /><revision>'), NOTE).redirect
    assert page(xml(1, ""), NOTE).text is None


def test_namespace_of_an_old_dump_is_told_by_the_title() -> None:
    assert page(xml(1, ns="", title="Файл:A.jpg"), NOTE).namespace == 6
    assert page(xml(1, ns="", title="A: b"), NOTE).namespace == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<page></page>", Reason.BAD_FORMAT),
        (b"<page><title>a</title><ns>x</ns></page>", Reason.BAD_FORMAT),
        (b"<page><page></page>", Reason.BAD_FORMAT),
        (b"<page><title>a</page>", Reason.BAD_FORMAT),
        (b"<page></mediawiki><page></page>", Reason.BAD_FORMAT),
        (b"<page>&bomb;</page>", Reason.BAD_FORMAT),
        (xml(1, "&#1;"), Reason.BAD_FORMAT),
        (xml(1) + xml(2), Reason.BAD_FORMAT),
        (b"<page>" + b"<a>" * 100_000 + b"</page>", Reason.BAD_FORMAT),
        (b"<page>\xff</page>", Reason.INVALID_UTF8),
    ],
)
def test_what_is_no_page_is_unusable(content: bytes, reason: Reason) -> None:
    with pytest.raises(Unusable) as error:
        page(content, NOTE)
    assert error.value.reason == reason


def test_url_is_where_the_wiki_has_the_article() -> None:
    assert url("A B/c?", NOTE) == "https://bg.wikipedia.org/wiki/A_B/c%3F"
    assert url("A", {"base": ""}) is None

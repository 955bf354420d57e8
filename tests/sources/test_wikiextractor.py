import bz2
import io
import json
import tarfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import RawRecord, Reason, Removal, Unusable
from corpusmill.sources.wikiextractor import Article, article, article_records, without_title

FOX = b'<doc id="12" url="https://x.org/?curid=12" title="A "red" fox">\nA "red" fox\n\nIt is.\n\n</doc>'
OWL = b'<doc id="13" revid="7" url="" title="R&amp;D">\nR&amp;D\n\na &lt; b &amp;amp; c\n</doc>'
FILE = FOX + b"\n\n" + OWL + b"\n\n"


def framed(data: bytes, path: str = "wiki_00", **limit: int) -> list[Any]:
    return list(article_records(path, io.BytesIO(data), "wiki", **limit))


def test_doc_elements_are_records_under_the_number_of_their_first_line() -> None:
    assert framed(FILE) == framed(bz2.compress(FILE), "wiki_00.bz2")
    assert framed(FILE) == [RawRecord("1", FOX), RawRecord("8", OWL)]


def test_json_lines_are_records_under_their_number() -> None:
    assert framed(b'{"id": 1}\n{}\n') == [RawRecord("1", b'{"id": 1}'), RawRecord("2", b"{}")]
    assert framed(b"") == []


def test_files_in_an_archive_have_each_their_own_form() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in (("AA/wiki_00", FILE), ("AA/wiki_01", b"{}"), ("AA/wiki_02", b"<html>")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    *good, bad = framed(file.getvalue(), "AA.tar.gz")
    assert [each.record for each in good] == ["AA/wiki_00:1", "AA/wiki_00:8", "AA/wiki_01:1"]
    assert (bad.record, bad.reason) == ("AA/wiki_02", Reason.BAD_FORMAT)


def test_article_has_its_title_apart_in_both_forms() -> None:
    meta = {"id": "12", "url": "https://x.org/?curid=12", "title": 'A "red" fox'}
    assert article(FOX) == Article('A "red" fox', "It is.", meta)
    assert article(OWL) == Article("R&D", "a < b &amp; c", {"id": "13", "revid": "7", "title": "R&D"})
    line = json.dumps({**meta, "id": 12, "text": "It &lt; is.\n\n", "revid": None}).encode()
    assert article(line) == Article('A "red" fox', "It < is.", meta)
    assert without_title("Fox\nis", "Fox") == "is"
    assert without_title("Fox is", "Fox") == "Fox is"


def test_redirect_is_a_title_without_a_body() -> None:
    assert article(b'<doc id="1" url="u" title="T">\nT\n\n</doc>').body == ""
    assert article(b'<doc id="1" url="u" title="T">\n</doc>').body == ""
    assert article(b'{"title": "T", "text": ""}').body == ""


@settings(max_examples=150)
@given(st.integers(1, len(FILE) - 1), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_cut_file_gives_every_complete_article_and_one_reject(
    trickle: Callable[[bytes, Sequence[int]], RawFile], cut: int, sizes: list[int]
) -> None:
    items = list(article_records("wiki_00", trickle(FILE[:cut], sizes), "wiki"))
    whole = [each for each in framed(FILE) if FILE.index(each.content) + len(each.content) <= cut]
    assert items[: len(whole)] == whole
    start = FILE.index(OWL) if whole else 0
    if len(whole) < 2 and FILE[start:cut].strip():
        [reject] = items[len(whole) :]
        assert reject.head.strip() == FILE[start:cut].strip()
        assert reject.reason in (Reason.DAMAGED, Reason.BAD_FORMAT)
    else:
        assert items == whole


def test_cut_compressed_file_has_its_reject_with_what_there_was_of_the_article() -> None:
    first = bz2.compress(FOX + b"\n" + OWL[:30])
    one, reject = framed(first + bz2.compress(OWL[30:])[:20], "wiki_00.bz2")
    assert one.record == "1"
    assert (reject.record, reject.reason) == (None, Reason.DAMAGED)
    assert (reject.head, reject.bytes) == (OWL[:30], 30)


def test_lines_of_no_article_are_never_lost_in_silence() -> None:
    cut = FOX[:-7]
    items = framed(b"\n".join([cut, OWL, b"stray", b"lines", FOX, b"end"]))
    assert [(each.record, getattr(each, "error", "")[:11]) for each in items] == [
        ("1", "a <doc> tha"),
        ("6", ""),
        ("11", "lines outsi"),
        ("13", ""),
        ("19", "lines outsi"),
    ]
    assert (items[2].head, items[2].bytes) == (b"stray\nlines", 11)


@pytest.mark.parametrize(
    "ahead",
    [
        b"INFO: Starting page extraction\n",
        b'<?xml version="1.0"?>\n<docs>\n',
        b"\0" * 64 + b"\n",
        b"one line\n\nand another\n" * 100,
        b"WARNING: a title <docs> {}\n",
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\r\n\n" * 400])
@pytest.mark.parametrize("path", ["wiki_00", "wiki_00.bz2"])
def test_lines_ahead_of_the_first_article_are_one_reject_and_the_rest_is_read(
    ahead: bytes, mark: bytes, path: str
) -> None:
    pack = bz2.compress if path.endswith("bz2") else bytes
    lines = (mark + ahead).count(b"\n")
    reject, *articles = framed(pack(mark + ahead + FILE), path)
    assert (reject.reason, reject.bytes, reject.head) == (Reason.BAD_FORMAT, len(ahead) - 1, ahead[:-1][:200])
    assert reject.record == str(mark.count(b"\n") + 1)
    assert articles == [RawRecord(str(lines + 1), FOX), RawRecord(str(lines + 8), OWL)]
    reject, *articles = (
        each for each in framed(pack(mark + ahead + b"{}\nx\n"), path) if not isinstance(each, Removal)
    )
    assert (reject.reason, reject.bytes) == (Reason.BAD_FORMAT, len(ahead) - 1)
    assert articles == [RawRecord(str(lines + 1), b"{}"), RawRecord(str(lines + 2), b"x")]


@pytest.mark.parametrize("ahead", [b"\xef\xbb\xbf", b"\n\xef\xbb\xbf", b"  ", b"\n\n\t", b" \n" * 1000])
def test_blanks_and_marks_of_byte_order_ahead_of_an_article_are_passed_over(ahead: bytes) -> None:
    for file, contents in ((FILE, [FOX, OWL]), (b"{}\n{}", [b"{}", b"{}"])):
        items = [
            each for each in framed(ahead + file + b"\n" + ahead + file) if not isinstance(each, Removal)
        ]
        assert [article_of.content.lstrip(b"\xef\xbb\xbf \t") for article_of in items] == contents * 2


def test_blank_lines_ahead_of_json_lines_are_counted_like_all_others() -> None:
    items = framed(b"\n \n{}\n\n")
    assert [each.bytes if isinstance(each, Removal) else each for each in items] == [
        0,
        1,
        RawRecord("3", b"{}"),
        0,
    ]


def test_what_stands_ahead_of_an_article_in_its_line_is_a_reject_of_its_own() -> None:
    items = framed(b"\0\0" + FOX + b"\nlog: " + OWL)
    assert [each.record for each in items] == ["1:0", "1", "7:0", "7"]
    assert [each.content for each in items[1::2]] == [FOX, OWL]
    assert [each.head for each in items[::2]] == [b"\0\0", b"log: "]


def test_a_line_of_json_ahead_of_doc_elements_costs_only_itself() -> None:
    log = b'{"level": "info", "msg": "at <doc 3"}'
    assert framed(log + b"\n" + FILE) == [RawRecord("1", log), RawRecord("2", FOX), RawRecord("9", OWL)]


def test_damage_ahead_of_any_article_is_one_reject() -> None:
    [reject] = framed(bz2.compress(b"a log\nand") + bz2.compress(FOX)[:20], "wiki_00.bz2")
    assert (reject.record, reject.reason, reject.head) == (None, Reason.DAMAGED, b"a log\nand")
    [reject] = framed(b"a log\nand more")
    assert (reject.record, reject.reason, reject.bytes) == (None, Reason.BAD_FORMAT, 14)


def test_article_beyond_the_limit_is_a_reject_of_its_length() -> None:
    long = FOX.replace(b"It is.", b"It is.\n" * 100)
    longer = FOX.replace(b"It is.", b"It is." * 100)
    items = framed(b"\n".join([long, longer, FOX]), limit=200)
    assert [each.record for each in items] == ["1", "107", "113"]
    for item, content in zip(items, (long, longer), strict=False):
        assert (item.reason, item.bytes) == (Reason.DOCUMENT_TOO_LONG, len(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<doc x>\na\n</doc>", Reason.BAD_FORMAT),
        (b'<doc id="1" title="' + b'a="' * 100_000 + b"\na\n</doc>", Reason.BAD_FORMAT),
        (b'<doc id="1" url="u" title="t">\n\xff\n</doc>', Reason.INVALID_UTF8),
        (b'<doc id="1" url="u" title="t">\n\0\n</doc>', Reason.BINARY),
        (b"{", Reason.BAD_JSON),
        (b"[]", Reason.NOT_AN_OBJECT),
        (b"{}", Reason.MISSING_FIELD),
        (b'{"text": null}', Reason.NULL_FIELD),
        (b'{"text": 1}', Reason.WRONG_TYPE),
    ],
)
def test_what_is_no_article_is_unusable(content: bytes, reason: Reason) -> None:
    with pytest.raises(Unusable) as error:
        article(content)
    assert error.value.reason == reason


def test_a_line_of_json_may_speak_of_doc_elements() -> None:
    lines = [b'{"text": "a <doc id=1> in it"}', b'"no object but a <doc >"', b"{}"]
    assert framed(b"\n".join(lines)) == [RawRecord(str(n), line) for n, line in enumerate(lines, 1)]

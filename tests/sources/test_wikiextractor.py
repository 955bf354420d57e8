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
from corpusmill.sources.records import RawRecord, Reason, Unusable
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

"""CC-News: the crawl window, and articles of news-please."""

import datetime
import io
import json
from typing import Any

import pytest
from archives_of_pages import members, record, response

from corpusmill import entries, sources
from corpusmill.sources import NewsSource, Record, Reject, Removal

SENTENCE = b"The council met on Tuesday to talk about the bridge, and nothing was decided. "
ARTICLE = b"<html><head><title>The bridge</title></head><body><article><p>%b</p></article></body></html>" % (
    SENTENCE * 6
)
JSON = {
    "maintext": "Nothing was decided.",
    "title": "The bridge",
    "url": "http://example.com/",
    "authors": ["A"],
}


def read(content: bytes, name: str, **fields: Any) -> list[Any]:
    entry = entries.News.model_validate({"family": "news", "name": "n", "files": ["*"], **fields})
    return list(sources.read(NewsSource(entry), name, io.BytesIO(content)))


def articles(*values: Any, **fields: Any) -> list[Any]:
    lines = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    return read(lines, "a.jsonl", layout="newsplease", **fields)


def test_pages_of_a_warc_are_documents() -> None:
    [page] = read(members([response(ARTICLE)]), "a.warc.gz", layout="warc")
    assert isinstance(page, Record)
    assert page.text.split() == (SENTENCE * 6).decode().split()
    assert page.meta == {"url": "http://example.com/", "date": "2020-01-02T03:04:05Z", "title": "The bridge"}


def test_texts_of_wet_files_are_no_news() -> None:
    [removal] = read(members([record("conversion", b"text")]), "a.warc.gz", layout="warc")
    assert removal == Removal(source="n", reason="warc_conversion", bytes=4)


DATES = ["2016-08-31T23:59:59Z", "2016-09-01T00:00:00Z", "2021-09-28T23:59:59Z", "2021-09-29T00:00:00Z"]


def test_the_window_has_its_first_and_its_last_day() -> None:
    pages = [response(ARTICLE, date=date) for date in DATES]
    items = read(members(pages), "a.warc.gz", layout="warc", since="2016-09-01")
    outside = Removal(source="n", reason="outside_window", bytes=len(ARTICLE))
    assert [items[0], items[3]] == [outside] * 2
    assert [item.record for item in items[1:3]] == ["2", "3"]

    items = articles(
        *({**JSON, "date_download": date[:19].replace("T", " ")} for date in DATES), since="2016-09-01"
    )
    outside = Removal(source="n", reason="outside_window", bytes=len(JSON["maintext"]))
    assert [items[0], items[3]] == [outside] * 2
    assert [item.record for item in items[1:3]] == ["2", "3"]


def test_the_window_ends_where_that_of_opt_does() -> None:
    assert [
        isinstance(item, Record) for item in articles(*({**JSON, "date_download": date} for date in DATES))
    ] == [
        *[True] * 3,
        False,
    ]
    [item] = articles({**JSON, "date_download": "2026-01-01"}, until=None)
    assert isinstance(item, Record)


def test_what_says_no_date_is_kept() -> None:
    late = datetime.date(2021, 9, 29).isoformat()
    assert isinstance(
        read(members([response(ARTICLE, date="2008-10-294T05")]), "a.warc.gz", layout="warc")[0], Record
    )
    kept = articles(
        JSON, {**JSON, "date_download": None}, {**JSON, "date_download": "then", "date_publish": 5}
    )
    assert all(isinstance(item, Record) for item in kept)
    [removed] = articles({**JSON, "date_download": None, "date_publish": late})
    assert isinstance(removed, Removal)
    [crawled_before] = articles({**JSON, "date_download": "2021-01-01", "date_publish": late})
    assert isinstance(crawled_before, Record)


def test_an_article_is_its_main_text_and_the_title_is_carried() -> None:
    [item] = articles({**JSON, "date_publish": None, "language": "en", "description": "x"})
    assert item == Record(
        record="1",
        source="n",
        text="Nothing was decided.",
        meta={"url": "http://example.com/", "title": "The bridge", "language": "en"},
    )


def test_a_json_file_is_one_article_however_it_is_laid_out() -> None:
    for name, content in (("a.json", json.dumps(JSON, indent=4)), ("a.json", json.dumps(JSON))):
        [item] = read(content.encode(), name, layout="newsplease")
        assert isinstance(item, Record)
    [reject] = read(
        json.dumps(JSON).encode() + b"\n" + json.dumps(JSON).encode(), "a.json", layout="newsplease"
    )
    assert reject.reason == "bad_json"
    assert ".jsonl" in reject.error


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n\r\n"])
@pytest.mark.parametrize("ahead", [b"", b"fetched in 3 s\n", b"[12:00] fetched\n"])
def test_lines_ahead_of_an_article_are_a_reject_and_the_article_is_read(mark: bytes, ahead: bytes) -> None:
    content = json.dumps(JSON, indent=4).encode()
    *rejects, item = read(mark + ahead + content, "a.json", layout="newsplease")
    assert isinstance(item, Record)
    assert [(each.record, each.reason) for each in rejects] == [("text:0", "bad_format")] * bool(ahead)
    *rejects, item = read(ahead + mark + content.replace(b"\n", b""), "a.jsonl", layout="newsplease")
    assert isinstance(item, Record)
    assert [each.reason for each in rejects if isinstance(each, Reject)] == ["bad_json"] * bool(ahead)
    [reject] = read(json.dumps([JSON], indent=4).encode(), "a.json", layout="newsplease")
    assert reject.reason == "not_an_object"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"maintext": None}, "null_field"),
        ({"maintext": " \n"}, "empty"),
        ({"title": "x"}, "missing_field"),
        ({"maintext": ["x"]}, "wrong_type"),
        ([JSON], "not_an_object"),
        (None, "not_an_object"),
    ],
)
def test_an_article_without_text_is_a_reject(value: Any, reason: str) -> None:
    [reject, good] = articles(value, JSON)
    assert isinstance(reject, Reject)
    assert (reject.record, reject.reason) == ("1", reason)
    assert isinstance(good, Record)

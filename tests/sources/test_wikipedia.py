import bz2
import collections
import io
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import entries, sources
from corpusmill.sources import Reason, Record, Removal, WikipediaSource

TITLE = "<title>{}</title><ns>{}</ns><id>1</id>"
REVISION = "<revision><id>2</id><model>{}</model><text>{}</text></revision>"


def read(layout: str, data: bytes, path: str = "a") -> list[Any]:
    entry = entries.Wikipedia.model_validate(
        {"family": "wikipedia", "name": "wiki", "files": ["*"], "layout": layout}
    )
    return list(sources.read(WikipediaSource(entry), path, io.BytesIO(data)))


def dump(*pages: str) -> bytes:
    base = "<siteinfo><base>https://en.wikipedia.org/wiki/Main_Page</base></siteinfo>"
    return f'<mediawiki version="0.11">{base}<page>{"</page><page>".join(pages)}</page></mediawiki>'.encode()


def test_article_of_a_dump_is_its_title_and_its_running_text() -> None:
    page = TITLE.format("Red fox", 0) + REVISION.format("wikitext", "A [[fox]].{{stub}}")
    assert read("xml", bz2.compress(dump(page)), "a.xml.bz2") == [
        Record(
            record="1",
            source="wiki",
            text="Red fox\n\nA fox.",
            meta={
                "id": "1",
                "title": "Red fox",
                "revid": "2",
                "url": "https://en.wikipedia.org/wiki/Red_fox",
            },
        )
    ]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (TITLE.format("T", 0) + "<redirect title='U'/>" + REVISION.format("wikitext", "x"), "redirect"),
        (TITLE.format("T", 0) + REVISION.format("wikitext", "#Redirect [[U]]"), "redirect"),
        (TITLE.format("Talk:T", 1) + REVISION.format("wikitext", "x"), "not_an_article"),
        (TITLE.format("T", 0) + REVISION.format("json", "{}"), "not_wikitext"),
        (TITLE.format("T", 0) + REVISION.format("wikitext", "{{x}}"), "title_only"),
        (TITLE.format("T", 0) + REVISION.format("wikitext", " "), Reason.EMPTY),
        (TITLE.format("T", 0), Reason.EMPTY),
        (TITLE.format("T", "x") + REVISION.format("wikitext", "x"), Reason.BAD_FORMAT),
    ],
)
def test_page_that_is_no_article_goes_under_its_reason(page: str, reason: str) -> None:
    [item] = read("xml", dump(page))
    assert item.reason == reason
    assert item.bytes == len(f"<page>{page}</page>")
    assert isinstance(item, Removal) == (not isinstance(reason, Reason))


def test_article_of_wikiextractor_is_the_same_in_both_forms() -> None:
    doc = b'<doc id="1" url="u" title="Fox">\nFox\n\nA fox.\n</doc>\n'
    doc += b'<doc id="2" url="u" title="Owl">\nOwl\n</doc>'
    line = b'{"id": "1", "url": "u", "title": "Fox", "text": "A fox."}\n{"title": "Owl", "text": ""}'
    for data in (doc, line):
        one, two = read("wikiextractor", data)
        assert (one.text, one.meta) == ("Fox\n\nA fox.", {"id": "1", "url": "u", "title": "Fox"})
        assert two.reason == "title_only"


def test_row_is_an_article_with_its_title_once() -> None:
    file = io.BytesIO()
    columns = {
        "id": ["1", "2", "3", "4"],
        "url": ["u"] * 4,
        "title": ["Fox", "Owl", None, "Elk"],
        "text": ["Fox is it.", "Owl\n\nIt is.", "Text.", " "],
    }
    pq.write_table(pa.table(columns), file)
    fox, owl, untitled, empty = read("parquet", file.getvalue(), "a.parquet")
    assert (fox.text, fox.meta) == ("Fox\n\nFox is it.", {"id": "1", "url": "u", "title": "Fox"})
    assert (owl.text, untitled.text) == ("Owl\n\nIt is.", "Text.")
    assert empty.reason in ("title_only", Reason.EMPTY)


def of_sample(samples: Path, name: str) -> list[Any]:
    [path] = (samples / "wiki").glob(name)
    return read("xml", path.read_bytes(), path.name)


def test_real_slice_of_the_dump_gives_every_article(samples: Path) -> None:
    items = of_sample(samples, "enwiki-latest*")
    counts = collections.Counter(getattr(item, "reason", "article") for item in items)
    assert counts == {"article": 106, "redirect": 99, "not_an_article": 1}
    assert sum(len(of_sample(samples, name)) for name in ("bgwiki*", "enwiki-table*")) == 8


MARKUP = re.compile(
    r"\[\[|\]\]|\{\{|\}\}|\{\||''|==|<ref|</|<br|thumb\||colspan|rowspan|style=|__[A-Z]|&[a-z]+;|^[*#:;|!]"
    r"|\( *[;,]|\( +\)|\n\n\n|\u00a0",
    re.MULTILINE,
)


def test_real_articles_have_no_markup_left_in_them(samples: Path) -> None:
    articles = [
        item
        for name in ("enwiki-latest*", "enwiki-table*", "bgwiki*")
        for item in of_sample(samples, name)
        if isinstance(item, Record)
    ]
    assert len(articles) == 112
    assert [
        (each.meta["title"], MARKUP.findall(each.text)) for each in articles if MARKUP.search(each.text)
    ] == []

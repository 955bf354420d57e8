"""WARC of one's own: the text of its HTML pages, and the plain text of WET files.

A page in which the extractor finds no text is a valid record left out, as `no_article`.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from corpusmill.entries import Extractor, Warc
from corpusmill.sources import html
from corpusmill.sources.payloads import payload
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import (
    Framed,
    RawRecord,
    Reason,
    Record,
    Reject,
    Removal,
    Unusable,
    rejected,
)
from corpusmill.sources.texts import decode
from corpusmill.sources.warc_records import TEXT, warc_records

NO_ARTICLE = "no_article"  # reason of the removal of a page without text that is an article's


class WarcSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Warc) -> None:
        self.name = entry.name
        self._extractor = entry.extractor

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every HTML page and every text of a WET file."""
        return warc_records(path, raw, self.name, text=True)

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """The document of a page or text; never raises for bad data."""
        return page_document(record, self.name, self._extractor)


def page_document(record: RawRecord, source: str, extractor: Extractor) -> Record | Reject | Removal:
    """The document of a raw record of `warc_records`. `meta` has what is known of "url", "date" (of the
    crawl, as in the archive), "title", and "truncated" (why the crawler cut the page)."""
    note = record.note or {}
    meta: dict[str, Any] = {key: note.get(key) for key in ("url", "date", "truncated")}
    try:
        if note["kind"] == TEXT:
            text, _ = decode(record.content)
        else:
            page = html.decode(payload(record.content, note, html.MAX_PAGE), note["charset"])
            text = html.extract(page, extractor)
            meta["title"] = html.title(page)
    except Unusable as error:
        return rejected(record, source, error.reason, str(error))
    return _article(record, source, text, meta)


def html_document(record: RawRecord, source: str, extractor: Extractor) -> Record | Reject | Removal:
    """The document of an HTML page that is a file by itself. `meta` has its "title", if it has one."""
    try:
        if len(record.content) > html.MAX_PAGE:
            error = f"a page of {len(record.content)} bytes; the limit is {html.MAX_PAGE}"
            raise Unusable(Reason.BEYOND_LIMIT, error)
        page = html.decode(record.content, None)
        text = html.extract(page, extractor)
    except Unusable as error:
        return rejected(record, source, error.reason, str(error))
    return _article(record, source, text, {"title": html.title(page)})


def _article(record: RawRecord, source: str, text: str, meta: dict[str, Any]) -> Record | Removal:
    if not text.strip():
        return Removal(source=source, reason=NO_ARTICLE, bytes=len(record.content))
    known = {key: value for key, value in meta.items() if value is not None}
    return Record(record=record.record, source=source, text=text, meta=known)

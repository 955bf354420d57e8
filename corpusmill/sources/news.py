"""CC-News: pages of Common Crawl's news crawl, or articles that news-please has extracted from them.

Only what was crawled within the recipe's window is taken; what does not say when it was is taken too.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from corpusmill.entries import News
from corpusmill.sources.newsplease import article, article_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject, Removal, Unusable, rejected
from corpusmill.sources.warc import page_document
from corpusmill.sources.warc_records import warc_records

OUTSIDE_WINDOW = "outside_window"  # reason of the removal of a page crawled before or after the window


class NewsSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: News) -> None:
        self.name = entry.name
        self._layout = entry.layout
        self._extractor = entry.extractor
        self._since = entry.since or date.min
        self._until = entry.until or date.max

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every page or article of a file."""
        if self._layout == "newsplease":
            yield from article_records(path, raw, self.name)
            return
        for each in warc_records(path, raw, self.name):
            if isinstance(each, RawRecord) and self._outside((each.note or {}).get("date")):
                yield Removal(source=self.name, reason=OUTSIDE_WINDOW, bytes=len(each.content))
            else:
                yield each

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """The document of a page or article; never raises for bad data."""
        if self._layout == "warc":
            return page_document(record, self.name, self._extractor)
        try:
            text, meta = article(record.content)
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))
        if self._outside(meta.get("date_download") or meta.get("date_publish")):
            return Removal(source=self.name, reason=OUTSIDE_WINDOW, bytes=len(text.encode()))
        return Record(record=record.record, source=self.name, text=text, meta=meta)

    def _outside(self, day: str | None) -> bool:
        """Whether a date that begins with year, month and day (UTC, ISO 8601) is outside the window."""
        try:
            return day is not None and not self._since <= date.fromisoformat(day[:10]) <= self._until
        except ValueError:
            return False

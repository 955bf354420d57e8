"""One module a corpus family, over safe stream readers: a dump's bytes in, records and rejects out.

A source frames a file into raw records and makes a document of each; the two halves may run in different
processes. It names the cleaning rules of its texts and knows nothing of how they work; `pipeline` applies
them.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from corpusmill import entries
from corpusmill.sources.books import BooksSource
from corpusmill.sources.jsonl import JsonlSource
from corpusmill.sources.news import NewsSource
from corpusmill.sources.openwebtext import OpenWebTextSource
from corpusmill.sources.parquet import ParquetSource
from corpusmill.sources.pile import PileSource
from corpusmill.sources.pushshift import PushshiftSource
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import (
    Comment,
    Framed,
    Outcome,
    RawRecord,
    Reason,
    Record,
    Reject,
    Removal,
    Submission,
)
from corpusmill.sources.stories import StoriesSource
from corpusmill.sources.text import TextSource
from corpusmill.sources.warc import WarcSource
from corpusmill.sources.wikipedia import WikipediaSource

__all__ = [
    "BooksSource",
    "Comment",
    "JsonlSource",
    "NewsSource",
    "OpenWebTextSource",
    "ParquetSource",
    "PileSource",
    "PushshiftSource",
    "RawRecord",
    "Reason",
    "Record",
    "Reject",
    "Removal",
    "Source",
    "StoriesSource",
    "Submission",
    "TextSource",
    "WarcSource",
    "WikipediaSource",
    "read",
    "rules_of",
    "source_of",
]


class Source(Protocol):
    """What every family's class is."""

    name: str
    """Of the recipe entry."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the cleaning rules, in order."""
        ...

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The raw records of a file in its order, rejects and removals among them; never raises for bad
        data. Where the file is damaged its one reject comes last."""
        ...

    def document(self, record: RawRecord) -> Outcome:
        """What becomes of a raw record; never raises for bad data."""
        ...


_SOURCES: dict[type[entries.Entry], Callable[[Any], Source]] = {
    entries.Books: BooksSource,
    entries.Stories: StoriesSource,
    entries.News: NewsSource,
    entries.OpenWebText: OpenWebTextSource,
    entries.Wikipedia: WikipediaSource,
    entries.Pile: PileSource,
    entries.Pushshift: PushshiftSource,
    entries.Text: TextSource,
    entries.Jsonl: JsonlSource,
    entries.Parquet: ParquetSource,
    entries.Warc: WarcSource,
}


def source_of(entry: entries.Entry) -> Source:
    """The reader of a recipe's entry."""
    return _SOURCES[type(entry)](entry)


def rules_of(source: Source, name: str) -> tuple[str, ...]:
    """The cleaning rules of the documents that `source` names `name`."""
    if isinstance(source, PileSource):
        return source.rules_of_sets.get(name, source.rules)
    return source.rules


def read(source: Source, path: str, raw: RawFile) -> Iterator[Outcome]:
    """What becomes of every record of a file, in its order."""
    for each in source.records(path, raw):
        yield source.document(each) if isinstance(each, RawRecord) else each

"""Book texts: Project Gutenberg, BookCorpus, and other books."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Books
from corpusmill.sources.framing import file_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject, Unusable, rejected
from corpusmill.sources.streams import MAX_LINE
from corpusmill.sources.texts import decode

_RULES = ("newlines", "ftfy", "whitespace")
_GUTENBERG = ("newlines", "gutenberg_header", "gutenberg_footer", "ftfy", "whitespace")


class BooksSource:
    """Books of one recipe entry. `rules` clean a book."""

    limit: ClassVar[int] = MAX_LINE
    """Bytes of the longest book."""

    def __init__(self, entry: Books) -> None:
        self.name = entry.name
        self.rules = _GUTENBERG if entry.layout == "gutenberg" else _RULES

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The one record of a file."""
        return file_records(path, raw, self.name, self.limit)

    def document(self, record: RawRecord) -> Record | Reject:
        """A book; never raises for bad data."""
        try:
            text, encoding = decode(record.content)
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))
        return Record(record=record.record, source=self.name, text=text, meta={"encoding": encoding})

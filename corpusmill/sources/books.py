"""Book texts: Project Gutenberg, BookCorpus in all its forms, and other books.

The surprising thing: a row or line of BookCorpus is a sentence, never a document. Where the books' borders
are lost, sentences are re-made into documents of a chosen size, which may begin in one book and end in
the next.
"""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Books, Fields
from corpusmill.sources.blocks import block_records, joined, separated_records
from corpusmill.sources.epub import epub_document, epub_records
from corpusmill.sources.framing import file_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject
from corpusmill.sources.rows import row_records
from corpusmill.sources.streams import MAX_LINE
from corpusmill.sources.texts import file_document, part_document

_RULES = ("newlines", "ftfy", "whitespace")
_EPUBTXT = (*_RULES, "opt_bookcorpus", "whitespace")
_GUTENBERG = ("newlines", "gutenberg_header", "gutenberg_footer", "ftfy", "opt_gutenberg", "whitespace")


class BooksSource:
    """Books of one recipe entry. `rules` clean a book."""

    limit: ClassVar[int] = MAX_LINE
    """Bytes of the longest book."""

    def __init__(self, entry: Books) -> None:
        self.name = entry.name
        self.rules = {"gutenberg": _GUTENBERG, "epubtxt": _EPUBTXT}.get(entry.layout, _RULES)
        self._layout = entry.layout
        self._block_bytes = entry.block_bytes

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The books of a file, or the documents re-made out of its sentences."""
        match self._layout:
            case "plain" | "gutenberg" | "epubtxt":
                return file_records(path, raw, self.name, self.limit)
            case "epub":
                return epub_records(path, raw, self.name, self.limit)
            case "blank_line":
                return separated_records(path, raw, self.name, 1, self.limit)
            case "five_blank_lines":
                return separated_records(path, raw, self.name, 5, self.limit)
            case "sentences":
                return block_records(path, raw, self.name, self._block_bytes, self.limit)
            case "parquet":
                return joined(row_records(path, raw, self.name, Fields()), self.name, self._block_bytes)

    def document(self, record: RawRecord) -> Record | Reject:
        """A book; never raises for bad data."""
        match self._layout:
            case "plain" | "gutenberg" | "epubtxt":
                return file_document(record, self.name)
            case "epub":
                return epub_document(record, self.name)
            case _:
                return part_document(record, self.name)

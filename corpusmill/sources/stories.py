"""CC-Stories, of which the original's form is lost: a document a line, a row, or between blank lines."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Fields, Stories
from corpusmill.sources.blocks import separated_records
from corpusmill.sources.framing import line_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject
from corpusmill.sources.rows import row_records
from corpusmill.sources.texts import part_document


class StoriesSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Stories) -> None:
        self.name = entry.name
        self._layout = entry.layout

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The documents of a file."""
        match self._layout:
            case "lines":
                return line_records(path, raw, self.name)
            case "blank_line":
                return separated_records(path, raw, self.name, blank_lines=1)
            case "parquet":
                return row_records(path, raw, self.name, Fields())

    def document(self, record: RawRecord) -> Record | Reject:
        """A document; never raises for bad data."""
        return part_document(record, self.name)

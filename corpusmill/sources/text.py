"""Plain text of one's own. A file may be in code page 1252; lines and parts of files must be UTF-8."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Text
from corpusmill.sources.blocks import separated_records
from corpusmill.sources.framing import file_records, line_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject
from corpusmill.sources.texts import file_document, part_document


class TextSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Text) -> None:
        self.name = entry.name
        self._layout = entry.layout

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The documents of a file."""
        match self._layout:
            case "file":
                return file_records(path, raw, self.name)
            case "lines":
                return line_records(path, raw, self.name)
            case "blank_line":
                return separated_records(path, raw, self.name, blank_lines=1)

    def document(self, record: RawRecord) -> Record | Reject:
        """A document; never raises for bad data."""
        made = file_document if self._layout == "file" else part_document
        return made(record, self.name)

"""Plain text of one's own. A file may be in code page 1252; lines and parts of files must be UTF-8."""

import re
from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Text
from corpusmill.sources.blocks import separated_records
from corpusmill.sources.framing import file_records, line_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Reason, Record, Reject, Removal, rejected
from corpusmill.sources.texts import file_document, part_document
from corpusmill.sources.warc import html_document

# What a page begins with: its doctype or first tag, behind a mark of byte order, comments and an XML prolog.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<!--(?:(?!-->)[\s\S])*+-->\s*+|<\?xml[^>]*+>\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
_HEAD = 4096  # bytes of a file in which that must stand


class TextSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Text) -> None:
        self.name = entry.name
        self._layout = entry.layout
        self._extractor = entry.extractor

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The documents of a file."""
        match self._layout:
            case "file":
                return file_records(path, raw, self.name)
            case "lines":
                return line_records(path, raw, self.name)
            case "blank_line":
                return separated_records(path, raw, self.name, blank_lines=1)

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """A document; never raises for bad data. A file that is an HTML page is a reject unless the recipe
        says what is to become of its tags; pages without an article are left out."""
        if self._layout != "file":
            return part_document(record, self.name)
        if self._extractor == "none" or not _PAGE.match(record.content, 0, _HEAD):
            return file_document(record, self.name)
        if self._extractor is None:
            error = "an HTML page; the recipe's entry does not say by which `extractor` it is to be read"
            return rejected(record, self.name, Reason.BAD_FORMAT, error)
        return html_document(record, self.name, self._extractor)

"""JSON lines of one's own: a document a line, from the fields that the recipe maps."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Jsonl
from corpusmill.sources import fields
from corpusmill.sources.framing import line_records
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Reason, Record, Reject, Unusable, rejected


class JsonlSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Jsonl) -> None:
        self.name = entry.name
        self._fields = entry.fields

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every line of a file, or of the files in an archive."""
        return line_records(path, raw, self.name)

    def document(self, record: RawRecord) -> Record | Reject:
        """The document of a line; never raises for bad data."""
        try:
            value = parse(record.content)
            if not isinstance(value, dict):
                raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(value)}, not an object")
            text = fields.text(value, self._fields)
            meta = fields.meta(value, self._fields.meta)
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))
        return Record(record=record.record, source=self.name, text=text, meta=meta)

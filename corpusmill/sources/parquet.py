"""Parquet of one's own: a document a row, from the columns that the recipe maps."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Parquet
from corpusmill.sources import fields
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Reason, Record, Reject, rejected
from corpusmill.sources.rows import META, row_records


class ParquetSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Parquet) -> None:
        self.name = entry.name
        self._fields = entry.fields

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every row of a file."""
        return row_records(path, raw, self.name, self._fields)

    def document(self, record: RawRecord) -> Record | Reject:
        """The document of a row, the same as of a JSON line with the same fields. NUL characters are left to
        the cleaning rules, as there."""
        if not record.content:
            return rejected(record, self.name, Reason.EMPTY, fields.empty(self._fields))
        meta = dict((record.note or {}).get(META, {}))
        return Record(record=record.record, source=self.name, text=record.content.decode(), meta=meta)

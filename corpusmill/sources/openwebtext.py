"""OpenWebText and OpenWebText2: a document a page.

The surprising thing: pages can have NULs in them. Those behind the end of a text are padding that leaked
from an archive; they are left out and counted in `meta`. NULs anywhere else mean that the rest is no text.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from corpusmill.entries import Fields, OpenWebText
from corpusmill.sources import fields
from corpusmill.sources.archives import OpenFile, open_files, without_codec
from corpusmill.sources.framing import damaged, file_records, line_records, whole_of
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.raw import Damaged, RawFile
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
from corpusmill.sources.rows import META, row_records

NOT_A_PAGE = "not_a_page"  # reason of the removal of a member of an archive that is no .txt, as `.xz.lock`
NUL_PADDING = "nul_padding"  # in a document's meta: how many NULs behind its text were left out
_FIELDS = Fields(text=["text"], meta=["meta"])  # of OpenWebText2; OpenWebText has the text only


class OpenWebTextSource:
    """Pages of one recipe entry. `rules` clean a page."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: OpenWebText) -> None:
        self.name = entry.name
        self._layout = entry.layout

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """Every page of a file: the members *.txt of an archive, the file itself, its lines or its rows."""
        match self._layout:
            case "tar":
                return self._members(path, raw)
            case "text":
                return file_records(path, raw, self.name)
            case "jsonl":
                return line_records(path, raw, self.name)
            case "parquet":
                return row_records(path, raw, self.name, _FIELDS)

    def document(self, record: RawRecord) -> Record | Reject:
        """A page; never raises for bad data. `meta` is what OpenWebText2 has under that name, and
        `nul_padding` if NULs were left out."""
        try:
            text, meta = _from_json(record.content) if self._layout == "jsonl" else _from_text(record)
            page = text.rstrip("\0")
            if len(page) < len(text):
                meta[NUL_PADDING] = len(text) - len(page)
            if not page.strip():
                raise Unusable(Reason.EMPTY, "no text in the page")
            if (nul := page.find("\0")) >= 0:
                raise Unusable(Reason.BINARY, f"a NUL at character {nul}, so not text")
        except Unusable as error:
            return rejected(record, self.name, error.reason, str(error))
        return Record(record=record.record, source=self.name, text=page, meta=meta)

    def _members(self, path: str, raw: RawFile) -> Iterator[Framed]:
        for file in open_files(path, raw):
            if without_codec(file.name).endswith(".txt"):
                yield from whole_of(file, self.name)
            else:
                yield self._no_page(file)

    def _no_page(self, file: OpenFile) -> Reject | Removal:
        size = 0
        try:
            for block in file.blocks:
                size += len(block)
        except Damaged as damage:
            damage.bytes = size
            return damaged(damage, self.name)
        if file.member:
            return Removal(source=self.name, reason=NOT_A_PAGE, bytes=size)
        error = "no archive, and no page named .txt"
        return damaged(Damaged(error, Reason.BAD_FORMAT), self.name)


def _from_text(record: RawRecord) -> tuple[str, dict[str, Any]]:
    """The text and meta of a page, or of a row; pages are UTF-8, all of them."""
    try:
        text = record.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8") from error
    return text, _meta((record.note or {}).get(META, {}))


def _from_json(line: bytes) -> tuple[str, dict[str, Any]]:
    value = parse(line)
    if not isinstance(value, dict):
        raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(value)}, not an object")
    return fields.text(value, _FIELDS), _meta(fields.meta(value, _FIELDS.meta))


def _meta(carried: dict[str, Any]) -> dict[str, Any]:
    """OpenWebText2's own object as it is; of another shape, what it is under its name."""
    own = carried.get("meta")
    return dict(own) if isinstance(own, dict) else dict(carried)

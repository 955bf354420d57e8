"""Bytes of text to text: UTF-8, and for whole files the Windows code page 1252 that older ones have.

The surprising thing: every other encoding is a reject, not a guess. Code page 1252 is tried only where
the bytes hold nothing that it leaves undefined and no mark says that they are UTF-8; and only for a whole
file, because a line or a row is too little to tell an old encoding from damage.
"""

from corpusmill.sources.records import RawRecord, Reason, Record, Reject, Unusable, rejected

_BOM = b"\xef\xbb\xbf"


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding) of the bytes of a text file, a mark of byte order left out; `Unusable` if they are
    no text in an encoding that can be told, or none at all."""
    if not content.removeprefix(_BOM).strip():
        raise Unusable(Reason.EMPTY, "no text in the file")
    _refuse_nul(content)
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as not_utf8:
        error = f"byte {not_utf8.start + len(_BOM) * content.startswith(_BOM)} is not UTF-8"
        if content.startswith(_BOM):
            raise Unusable(Reason.INVALID_UTF8, error) from not_utf8
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as not_cp1252:
        error += f", and byte {not_cp1252.start} is not code page 1252"
        raise Unusable(Reason.INVALID_UTF8, error) from not_cp1252


def decode_part(content: bytes) -> str:
    """The text of a line, a row, or another part of a file, which must be UTF-8; `Unusable` if it is not,
    or if it has NUL bytes (as UTF-16 has)."""
    _refuse_nul(content)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8") from error


def _refuse_nul(content: bytes) -> None:
    if (nul := content.find(b"\0")) >= 0:
        raise Unusable(Reason.BINARY, f"a NUL at byte {nul}, so not text")


def file_document(record: RawRecord, source: str) -> Record | Reject:
    """What becomes of a text file; `meta` has its `encoding`."""
    try:
        text, encoding = decode(record.content)
    except Unusable as error:
        return rejected(record, source, error.reason, str(error))
    return Record(record=record.record, source=source, text=text, meta={"encoding": encoding})


def part_document(record: RawRecord, source: str) -> Record | Reject:
    """What becomes of a part of a file: a line, a row, or several."""
    try:
        if not record.content.strip():
            raise Unusable(Reason.EMPTY, "no text in it")
        text = decode_part(record.content)
    except Unusable as error:
        return rejected(record, source, error.reason, str(error))
    return Record(record=record.record, source=source, text=text, meta={})

"""What passes between a source's two halves, and what it yields in the end.

Framing gives raw records, cheaply and in the order of the file; each of them, apart from the others, then
ends as exactly one document, comment, reject or removal, so the ledger can add them up. Reasons of rejects
are a fixed vocabulary: people group and filter the rejects table by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

HEAD = 200  # bytes of an unusable record that a reject shows
WHOLE = "text"  # the `record` of what is all that its file holds


class Reason(StrEnum):
    """Why a record cannot be used."""

    DAMAGED = "damaged"
    """The file is truncated or corrupt from here on; all complete records before the damage were used."""
    INVALID_UTF8 = "invalid_utf8"
    BAD_JSON = "bad_json"
    NOT_AN_OBJECT = "not_an_object"
    """JSON, but not of a shape that a record can have."""
    MISSING_FIELD = "missing_field"
    NULL_FIELD = "null_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_SET = "unknown_set"
    """A Pile record whose set is named by no one, or is none of the 22."""
    LINE_TOO_LONG = "line_too_long"
    FILE_TOO_LONG = "file_too_long"
    DOCUMENT_TOO_LONG = "document_too_long"
    """A text of many lines between two borders."""
    BAD_FORMAT = "bad_format"
    """Not of the format that the recipe says: no WARC record, no EPUB, no XML, no Parquet."""
    BINARY = "binary"
    """A text file with NUL bytes in it."""
    ENCRYPTED = "encrypted"
    """A book under digital rights management, or a member of an archive under a password."""
    BAD_PAYLOAD = "bad_payload"
    """A web page of which bytes are missing, or that cannot be decoded or read."""
    BEYOND_LIMIT = "beyond_limit"
    """A record of an archive of the web, a page in it, or a zip in an archive, larger than is read."""
    EMPTY = "empty"


BLANK = "blank"  # reason of the removal of a line without anything on it
SET_NOT_CHOSEN = "set_not_chosen"  # reason of the removal of a Pile record whose set the recipe leaves out


class RawRecord(NamedTuple):
    """A record as its file holds it, cut out and not yet looked into. `record` is its line number (from 1),
    member name or role in the file, unique there; `note` is JSON that framing knows of it, None if nothing.
    (Not a dataclass: one is made for every line of a dump.)"""

    record: str
    content: bytes
    note: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A usable record that is a document by itself. `record` is as in `RawRecord`; `text` is as in the dump,
    not cleaned; `meta` is plain JSON."""

    record: str
    source: str
    text: str
    meta: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """A usable PushShift comment. Ids are base 36; `id` has no prefix, `link_id` and `parent_id` have
    theirs ("t3_" a submission, "t1_" a comment). `created_utc` is in seconds."""

    record: str
    id: str
    link_id: str
    parent_id: str
    body: str
    author: str | None
    score: int | None
    created_utc: int | None
    subreddit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A usable PushShift submission. `link_id` is "t3_" and its id, as in its comments."""

    record: str
    link_id: str
    title: str
    selftext: str
    author: str | None
    created_utc: int | None
    subreddit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """An unusable record. `record` is None where the file is damaged, otherwise as in `Record`; `head` is
    the first 200 bytes of the raw record and `bytes` its length, both without the line end. Of a damaged
    file they describe the cut record: what could be decoded after the last complete line."""

    record: str | None
    source: str
    reason: Reason
    error: str
    head: bytes
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A valid record that a rule leaves out: `blank` (`bytes` of the raw line, without its end) or
    `set_not_chosen` (`bytes` of UTF-8 text)."""

    source: str
    reason: str
    bytes: int


Framed = RawRecord | Reject | Removal
Outcome = Record | Comment | Submission | Reject | Removal


class Unusable(Exception):  # noqa: N818  (the state of a record)
    """A record that cannot be used; `reason` is why, in the rejects' vocabulary, the message says more."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason


def is_harmless(reason: str) -> bool:
    """Is this removal one of what stands between records in every good file?"""
    return reason == BLANK or reason.startswith("warc_")


def where(path: str, record: str | None) -> str:
    """Where a record is, in words; a file that is one record, or damaged, stands for itself."""
    return path if record in (None, WHOLE) else f"{path}, record {record}".removeprefix(", ")


def rejected(record: RawRecord, source: str, reason: Reason, error: str) -> Reject:
    """The reject of a raw record."""
    raw = record.content
    return Reject(
        record=record.record, source=source, reason=reason, error=error, head=raw[:HEAD], bytes=len(raw)
    )

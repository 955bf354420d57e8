"""Parquet files to raw records: each row's text, and what the recipe carries into `meta` as the note.

Only the columns that are needed are read, a few rows at a time, on one core and without Arrow's threads;
memory is bounded by those rows, not by row groups or files. A damaged file gives every row before the
damage, as exactly as its pages can be decoded, and then its one reject.
The surprising thing: damage inside a page that is neither compressed nor has a checksum cannot be seen
(many writers write no checksums), and damage in columns that are not asked for is not looked for.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from corpusmill import entries
from corpusmill.sources import fields as mapping
from corpusmill.sources.cells import is_bytes, is_list, is_string, values
from corpusmill.sources.framing import damaged
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import Framed, RawRecord, Reason, Reject, Unusable, rejected
from corpusmill.sources.streams import EXPANSION_FREE, MAX_EXPANSION, MAX_LINE

META = "meta"  # key of the note under which a row's meta stands
_MAX_BATCH = 1 << 29  # bytes of rows that are decoded at a time, unless a single row has more
_MAX_BATCH_ROWS = 64  # more are no faster: a batch costs 5 µs
_READ = 1 << 20  # bytes of a column that are read at a time
_MAGIC = b"PAR1"
_ERRORS = (pa.ArrowException, OSError, ValueError)  # what pyarrow raises for bad data
_EXCEPTION = re.compile(r"\w*Exception: *")  # of a library below Arrow
_SHOWN = 300  # characters that a message shows of a list of columns, or of a message of Arrow's


def row_records(
    path: str, raw: RawFile, source: str, fields: entries.Fields, limit: int = MAX_LINE
) -> Iterator[Framed]:
    """Every row of a Parquet file as a raw record: `record` is its number from 1, `content` its text in
    UTF-8 (empty if blank), `note` {"meta": {...}}, or None if there is nothing to carry.

    Columns are mapped as `sources.fields` maps an object's fields, with values as `sources.cells` has them.
    A row whose text is null, not UTF-8 or of more than `limit` bytes is a reject. So is the file, as one
    reject without a record, if it is no Parquet or has no columns of text by those names; `path` decides
    nothing. `raw` must be seekable, from its end too.
    """
    file = _Input(raw)
    number = given = 0
    try:
        for row in _rows(file, fields):
            number += 1
            framed = _framed(str(number), row, source, fields, limit)
            given += len(framed.content) if isinstance(framed, RawRecord) else framed.bytes
            if given > EXPANSION_FREE and given > MAX_EXPANSION * file.size:
                raise Damaged(f"{file.size} bytes that expand to {given} by row {number}; this is refused")
            yield framed
    except Damaged as damage:
        yield damaged(damage, source)
    except Unusable as error:
        yield damaged(Damaged(str(error), error.reason), source)


def column_names(raw: RawFile) -> list[str]:
    """The columns of a Parquet file, those inside structs by their paths; none of what is no Parquet."""
    file = _Input(raw)
    try:
        _must_be_parquet(file)
        with file.decoding("corrupt footer of Parquet data"):
            schema = pq.read_schema(pa.PythonFile(file, mode="r"))
    except (Damaged, Unusable):
        return []
    return [name for column in schema for name in _paths(column)]


def _paths(column: pa.Field) -> list[str]:
    if not types.is_struct(column.type):
        return [column.name]
    return [f"{column.name}.{name}" for inner in column.type for name in _paths(inner)]


def _framed(
    number: str, row: Mapping[str, Any], source: str, fields: entries.Fields, limit: int
) -> RawRecord | Reject:
    try:
        content = mapping.text(row, fields).encode()
        if len(content) > limit:
            raise Unusable(Reason.DOCUMENT_TOO_LONG, f"a text of {len(content)} bytes; the limit is {limit}")
        meta = mapping.meta(row, fields.meta)
    except Unusable as error:
        if error.reason is not Reason.EMPTY:
            return rejected(RawRecord(number, _held(row, fields)), source, error.reason, str(error))
        content, meta = b"", {}
    return RawRecord(number, content, {META: meta} if meta else None)


def _held(row: Mapping[str, Any], fields: entries.Fields) -> bytes:
    """What an unusable row has for text."""
    found = [value for _, value in mapping.found(row, fields.text)]
    parts = [part for value in found for part in (value if isinstance(value, list) else [value])]
    return b"\n\n".join(
        part.encode() if isinstance(part, str) else part for part in parts if isinstance(part, str | bytes)
    )


def _rows(file: "_Input", fields: entries.Fields) -> Iterator[dict[str, Any]]:
    """The rows of a file in its order, the columns that are needed; raises `Damaged` and `Unusable`."""
    _must_be_parquet(file)
    with file.decoding("corrupt footer of Parquet data"):
        parquet = pq.ParquetFile(
            pa.PythonFile(file, mode="r"),
            pre_buffer=False,
            buffer_size=_READ,
            page_checksum_verification=True,
            arrow_extensions_enabled=False,
        )
        columns = _needed(parquet.schema_arrow, fields)
    for group in range(parquet.num_row_groups):
        yield from _group(file, parquet, group, columns)


def _must_be_parquet(file: "_Input") -> None:
    head = file.read(16)
    file.size = file.seek(0, 2)
    file.seek(-min(file.size, len(_MAGIC)), 2)
    if not head:
        raise Damaged("empty file: Parquet data would have a footer")
    if head[:4] == b"PARE":
        raise Unusable(Reason.ENCRYPTED, "Parquet with an encrypted footer")
    if head[:4] != _MAGIC:
        error = f"no Parquet data, which begins with {_MAGIC!r}, but {head!r}"
        raise Unusable(Reason.BAD_FORMAT, f"{error}; what is packed as a whole must be unpacked")
    if file.read(4) != _MAGIC:
        raise Damaged("truncated Parquet data: it has no footer, without which nothing can be read")


def _group(
    file: "_Input", parquet: pq.ParquetFile, group: int, columns: list[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a row group. Where some cannot be decoded they are tried again one by one, so that every
    row before the damage is given."""
    with file.decoding("corrupt footer of Parquet data"):
        # Not of its columns: there a corrupt footer makes pyarrow 25 end the process.
        about = parquet.metadata.row_group(group)
        at_a_time, expected = _rows_at_a_time(about.total_byte_size), about.num_rows
    given = 0
    try:
        for rows in _decoded(parquet, group, columns, at_a_time):
            yield from rows
            given += len(rows)
    except _ERRORS:
        file.must_have_worked()
        with file.decoding(f"corrupt Parquet data in row group {group}"):
            for row in itertools.islice(
                itertools.chain.from_iterable(_decoded(parquet, group, columns, 1)), given, None
            ):
                yield row
                given += 1
    if given != expected:
        raise Damaged(f"row group {group} of Parquet data has {given} of its {expected} rows")


def _decoded(
    parquet: pq.ParquetFile, group: int, columns: list[str], at_a_time: int
) -> Iterator[list[dict[str, Any]]]:
    for batch in parquet.iter_batches(at_a_time, [group], columns, use_threads=False):
        names = batch.schema.names
        cells = zip(*(values(column) for column in batch.columns), strict=True)
        yield [dict(zip(names, row, strict=True)) for row in cells]


def _rows_at_a_time(group_bytes: int) -> int:
    """Rows that have at most `_MAX_BATCH` bytes together: none is larger than all pages of its group, but
    many may refer to the same large entry of a dictionary."""
    return max(1, min(_MAX_BATCH_ROWS, _MAX_BATCH // max(1, group_bytes)))


class _Column(NamedTuple):
    """What a path leads to: the name of what must be read for it, and its type."""

    name: str
    kind: pa.DataType


def _needed(schema: pa.Schema, fields: entries.Fields) -> list[str]:
    """The columns to read, named as pyarrow names them. Raises `Unusable` if there is no text in them."""
    found = {path: column for path in fields.text if (column := _column(schema, path))}
    missing = [path for path in fields.text if path not in found and path not in fields.optional]
    if missing or not found:
        what = " and ".join(missing) or " or ".join(fields.text)
        error = f"no column {what}; the columns are {', '.join(schema.names):.{_SHOWN}}"
        raise Unusable(Reason.MISSING_FIELD, error)
    texts = list(found.items())
    for path, column in texts:
        if not _is_text(column.kind):
            error = f"the column {path} is of type {column.kind!s:.{_SHOWN}}, not string or list of strings"
            raise Unusable(Reason.WRONG_TYPE, error)
    metas = [column for path in fields.meta if (column := _column(schema, path))]
    return list(dict.fromkeys(column.name for column in [*(column for _, column in texts), *metas]))


def _column(schema: pa.Schema | pa.StructType, path: str) -> _Column | None:
    """The column at a path; None if there is none or more than one."""
    if (place := schema.get_field_index(path)) >= 0:
        return _Column(path, _storage(schema.field(place).type))
    name, _, rest = path.partition(".")
    place = schema.get_field_index(name)
    kind = _storage(schema.field(place).type) if place >= 0 else None
    if kind is None or not rest:
        return None
    if types.is_map(kind):
        return _Column(name, _storage(kind.item_type))
    inner = _column(kind, rest) if types.is_struct(kind) else None
    return _Column(f"{name}.{inner.name}", inner.kind) if inner else None


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _is_text(kind: pa.DataType) -> bool:
    """Can values of a type be text, if they are not null?"""
    kind = _storage(kind)
    if types.is_dictionary(kind) or is_list(kind):
        kind = _storage(kind.value_type)
    return is_string(kind) or is_bytes(kind) or bool(types.is_null(kind))


class _Input:
    """A raw file as pyarrow wants one. Reads are short at the end of the file only, and what the raw file
    itself raises is no damage of the data."""

    closed = False

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._failure: Exception | None = None
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        left = size
        with self._noting_failures():
            while left and (part := self._raw.read(left)):
                parts.append(part)
                left -= len(part) if size >= 0 else 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset < 0 and whence == 0:
            raise ValueError(f"byte {offset} of a file")  # as corrupt data has it
        with self._noting_failures():
            return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        """Whoever opened the raw file closes it."""

    @contextmanager
    def _noting_failures(self) -> Iterator[None]:
        try:
            yield
        except Exception as failure:
            self._failure = failure
            raise

    @contextmanager
    def decoding(self, what: str) -> Iterator[None]:
        """Where an error of pyarrow's is damage, which `what` describes."""
        try:
            yield
        except _ERRORS as error:
            self.must_have_worked()
            said = (
                str(error) if isinstance(error, pa.ArrowException | OSError) else ""
            )  # Arrow's, not Python's
            said = _EXCEPTION.sub("", said.partition("\n")[0])
            raise Damaged(f"{what}: {said:.{_SHOWN}}" if said else what) from error

    def must_have_worked(self) -> None:
        """Raises what the raw file has raised."""
        if self._failure is not None:
            raise self._failure

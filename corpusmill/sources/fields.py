"""A record's fields to a document's text and meta, as the recipe maps them.

The one reading of the mapping, for JSON objects and for the rows of Parquet, so the same data gives the
same documents in either. What goes into `meta` is plain JSON that every reader of the tables can load.
The surprising thing: a field whose own name has dots in it comes before the nested one of that path.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpusmill.entries import Fields
from corpusmill.sources.jsonlines import json_type
from corpusmill.sources.records import Reason, Unusable

MAX_META_DEPTH = 64  # levels of arrays and objects
_SHOWN = 200  # characters of the names of fields
_NESTED = 3  # levels of objects whose fields are named
_ABSENT = object()


def text(record: Mapping[str, Any], fields: Fields) -> str:
    """The text in a record's fields: each a string, or a list of strings, joined by an empty line; in place
    of strings they may be bytes of UTF-8, as Parquet has them.

    Each of `fields.text` must be there, not null and not blank, but for the optional ones, of which those
    that are not so are left out; at least one field must be left. Raises `Unusable`.
    """
    parts = []
    lacking: Unusable | None = None
    for path in fields.text:
        value = _lookup(record, path)
        part = "" if value is _ABSENT or value is None else _string(value, path)
        if part.strip():
            parts.append(part)
            continue
        if path not in fields.optional:
            raise _lacking(record, path, value, fields)
        lacking = lacking or _lacking(record, path, value, fields)
    if not parts:
        assert lacking is not None
        raise lacking
    return fields.join.join(parts)


def _lacking(record: Mapping[str, Any], path: str, value: Any, fields: Fields) -> Unusable:
    if value is _ABSENT:
        there = " ".join(", ".join(sorted(paths(record))).split())[:_SHOWN].strip()
        others = f"there are: {there}" if there else "there are no others"
        return Unusable(Reason.MISSING_FIELD, f"{path} is missing; {others}")
    if value is None:
        return Unusable(Reason.NULL_FIELD, f"{path} is null")
    return Unusable(Reason.EMPTY, empty(fields))


def empty(fields: Fields) -> str:
    """What is said of a record of which a field is blank. It names no one field, because raw records of
    Parquet only say that one is."""
    return f"{' or '.join(fields.text)} is empty"


def paths(record: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[str]:
    """The paths of a record's fields, those of nested objects down to three levels."""
    for name, value in record.items():
        if isinstance(value, dict) and value and depth < _NESTED:
            yield from paths(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}"


def meta(record: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """The values at `paths` under those names, as plain JSON; not those that are absent or null. Raises
    `Unusable`."""
    try:
        return {path: storable(value) for path, value in found(record, paths) if value is not None}
    except ValueError as error:
        raise Unusable(Reason.BAD_JSON, f"a field for meta is {error}") from error


def found(record: Mapping[str, Any], paths: Sequence[str]) -> list[tuple[str, Any]]:
    """(path, value) of those of `paths` that a record has."""
    return [(path, value) for path in paths if (value := _lookup(record, path)) is not _ABSENT]


def storable(value: Any, depth: int = 1) -> Any:
    """A copy of a value in plain JSON: integers beyond 64 bits become floats, numbers that JSON lacks
    None, tuples lists, bytes text, or hex where they are not UTF-8; keys that are no strings are left out,
    and other values None.

    ValueError if it is nested deeper than `MAX_META_DEPTH`; `depth` is the level that it stands on.
    """
    if depth > MAX_META_DEPTH:
        raise ValueError(f"nested deeper than {MAX_META_DEPTH} levels")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        value = float(value) if abs(value) < 2**1023 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, bytes):
        return _text_or_hex(value)
    if isinstance(value, list | tuple):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: storable(item, depth + 1) for key, item in value.items() if isinstance(key, str)}
    return None


def _lookup(record: Mapping[str, Any], path: str) -> Any:
    if path in record:
        return record[path]
    name, _, rest = path.partition(".")
    inner = record.get(name) if rest else None
    return _lookup(inner, rest) if isinstance(inner, dict) else _ABSENT


def _string(value: Any, path: str) -> str:
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str | bytes) for part in parts):
        error = f"{path} is of type {json_type(value)}, not string or array of strings"
        raise Unusable(Reason.WRONG_TYPE, error)
    try:
        return "\n\n".join([part.decode() if isinstance(part, bytes) else part for part in parts])
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"{path}: byte {error.start} is not UTF-8") from error


def _text_or_hex(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()

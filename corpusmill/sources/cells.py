"""Values of Arrow arrays as JSON has them, whatever types the columns have.

Nothing is raised for any value: times beyond Python's calendar and strings that are not UTF-8 included,
for which Arrow's own conversion fails. What JSON has no type for:
- timestamps in ISO 8601, in UTC with a Z if the column has a time zone; dates and times of day likewise;
  durations as a count of their unit; a time that no calendar has as "<value out of range: its number>";
- decimals as strings, so no digit is lost;
- maps as objects, whose keys are strings.
"""

from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types


def values(array: pa.Array) -> list[Any]:
    """The values of an array, null as None. Bytes stay bytes, and so do strings that are not UTF-8."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return values(array.storage)
    if types.is_dictionary(kind):
        return values(array.dictionary_decode())
    if is_string(kind):
        return _strings(array)
    if types.is_struct(kind):
        return _structs(array)
    if types.is_map(kind):
        entries = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
        return [_object(pairs) for pairs in values(array.cast(pa.list_(entries)))]
    if is_list(kind):
        inner = iter(values(array.flatten()))
        lengths = pc.list_value_length(array).to_pylist()
        return [None if length is None else list(islice(inner, length)) for length in lengths]
    if types.is_temporal(kind):
        return _times(array)
    if types.is_decimal(kind):
        return [None if value is None else str(value) for value in array.to_pylist()]
    return list(array.to_pylist())


def is_string(kind: pa.DataType) -> bool:
    """Is it one of Arrow's types of strings?"""
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def is_bytes(kind: pa.DataType) -> bool:
    """Is it one of Arrow's types of bytes of any length?"""
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))


def is_list(kind: pa.DataType) -> bool:
    """Is it one of Arrow's types of lists?"""
    tests = (
        types.is_list,
        types.is_large_list,
        types.is_list_view,
        types.is_large_list_view,
        types.is_fixed_size_list,
    )
    return any(test(kind) for test in tests)


def _strings(array: pa.Array) -> list[Any]:
    try:
        return list(array.to_pylist())
    except UnicodeDecodeError:
        return [_text(content) for content in array.cast(pa.large_binary()).to_pylist()]


def _text(content: bytes | None) -> str | bytes | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return content


def _structs(array: pa.Array) -> list[Any]:
    names = [field.name for field in array.type]
    columns = [values(pc.struct_field(array, [place])) for place in range(len(names))]
    rows = zip(*columns, strict=True) if columns else ((),) * len(array)
    valid = array.is_valid().to_pylist()
    return [
        dict(zip(names, row, strict=True)) if is_there else None
        for is_there, row in zip(valid, rows, strict=True)
    ]


def _object(pairs: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    return None if pairs is None else {str(pair["key"]): pair["value"] for pair in pairs}


def _times(array: pa.Array) -> list[Any]:
    kind = array.type
    if types.is_duration(kind):
        return list(array.cast(pa.int64()).to_pylist())
    if not types.is_timestamp(kind):
        return list(array.cast(pa.string()).to_pylist())
    # Without its zone a timestamp is its wall clock in UTC, and no database of time zones is asked.
    clock = array.cast(pa.timestamp(kind.unit)).cast(pa.string()).to_pylist()
    zone = "Z" if kind.tz else ""
    return [time if time is None or time[0] == "<" else time.replace(" ", "T", 1) + zone for time in clock]

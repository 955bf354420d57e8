"""One JSON value a line, read by a fast parser and, where that refuses, by the standard library's.

The result is that of `json.loads` with lone surrogates replaced by U+FFFD, with two exceptions:
integers beyond 64 bits may come as floats, and nesting beyond a fixed depth is an error. Recursion
limits depend on who calls, and the same line must not be usable in one run and a reject in another.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import BLANK, Reason, Reject, Removal, unusable
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines, open_blocks

MAX_DEPTH = 200  # levels of arrays and objects, in a line that only the standard library accepts
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


class LineError(Exception):
    """A line that cannot be used; `reason` is why, in the rejects' vocabulary."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason


class JsonLine(NamedTuple):
    """A line that holds a JSON value. `record` is its number, `raw` its bytes. (Not a dataclass: one is
    made for every line of a dump.)"""

    record: str
    raw: bytes
    value: Any


def parse(line: bytes) -> Any:
    """The value of a line; raises `LineError`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass  # the standard library decides, and its message is the one that is the same everywhere
    try:
        return replace_surrogates(json.loads(line.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise LineError(Reason.INVALID_UTF8, f"byte {error.start}: {error.reason}") from error
    except RecursionError as error:
        raise LineError(Reason.BAD_JSON, _TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise LineError(Reason.BAD_JSON, str(error)) from error
    except ValueError as error:
        raise LineError(Reason.BAD_JSON, "an integer of more digits than Python reads") from error


def replace_surrogates(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value whose texts can be encoded: surrogate pairs joined, lone surrogates U+FFFD.

    Raises `LineError` for a value nested deeper than `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        raise LineError(Reason.BAD_JSON, _TOO_DEEP)
    if isinstance(value, str):
        if not _SURROGATE.search(value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [replace_surrogates(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key): replace_surrogates(item, depth + 1) for key, item in value.items()}
    return value


def json_type(value: Any) -> str:
    """What JSON calls the type of `value`, for messages."""
    return _TYPES.get(type(value), "value")


def read_values(
    name: str, raw: RawFile, source: str, limit: int = MAX_LINE
) -> Iterator[JsonLine | Reject | Removal]:
    """Every line of a file of JSON lines as a value, a reject or a blank line's removal, the latter two
    under `source`; where the file is damaged its one reject comes last."""
    try:
        for number, line in lines(open_blocks(name, raw), limit):
            if isinstance(line, LineTooLong):
                error = f"a line of {line.bytes} bytes; the limit is {limit}"
                yield Reject(
                    record=str(number),
                    source=source,
                    reason=Reason.LINE_TOO_LONG,
                    error=error,
                    head=line.head,
                    bytes=line.bytes,
                )
            else:
                yield _value(str(number), line, source)
    except Damaged as damage:
        yield damaged(damage, source)


def _value(record: str, line: bytes, source: str) -> JsonLine | Reject | Removal:
    try:
        return JsonLine(record, line, parse(line))
    except LineError as error:
        if not line.strip():
            return Removal(source=source, reason=BLANK, bytes=len(line))
        return unusable(record, source, error.reason, str(error), line)


def damaged(damage: Damaged, source: str) -> Reject:
    """The one reject of a damaged file."""
    return Reject(
        record=None,
        source=source,
        reason=Reason.DAMAGED,
        error=str(damage),
        head=damage.head,
        bytes=damage.bytes,
    )

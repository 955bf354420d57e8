"""JSON, read by a fast parser and, where that refuses, by the standard library's.

The result is that of `json.loads` with lone surrogates replaced by U+FFFD, with three exceptions:
a mark of byte order is passed over, as joined files have one on any line, integers beyond 64 bits may come
as floats, and nesting beyond a fixed depth is an error. Recursion limits depend on who calls, and the same
line must not be usable in one run and a reject in another.
"""

import json
import re
from typing import Any

import orjson

from corpusmill.sources.records import Reason, Unusable

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
_BOM = "\ufeff"
_MOST_DIGITS = 4300  # of an integer: what the standard library reads
_SHOWN = 20  # characters from where the JSON goes wrong
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(line: bytes) -> Any:
    """The value of a line; raises `Unusable`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass  # the standard library decides
    try:
        return replace_surrogates(json.loads(line.decode("utf-8").removeprefix(_BOM)))
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise Unusable(Reason.BAD_JSON, _TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise Unusable(Reason.BAD_JSON, _where(error)) from error
    except ValueError as error:
        raise Unusable(Reason.BAD_JSON, f"an integer of more than {_MOST_DIGITS} digits") from error


def _where(error: json.JSONDecodeError) -> str:
    """Where a text stops being JSON; the parser's own words speak of Python's ways to read it."""
    if error.pos >= len(error.doc.rstrip()):
        return "no JSON, or cut: it ends before its value does"
    if error.msg.startswith("Extra"):
        return f"no JSON: its value ends before character {error.pos + 1}, and more follows"
    if error.msg.startswith("Unterminated"):
        return f"no JSON, or cut: the string from character {error.pos + 1} on does not end"
    place = f"character {error.pos + 1}" + (f" (line {error.lineno})" if error.lineno > 1 else "")
    return f"no JSON from {place} on: {error.doc[error.pos : error.pos + _SHOWN]!r}"


def replace_surrogates(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value whose texts can be encoded: surrogate pairs joined, lone surrogates U+FFFD.

    Raises `Unusable` for a value nested deeper than `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        raise Unusable(Reason.BAD_JSON, _TOO_DEEP)
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

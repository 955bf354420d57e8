"""JSON, read by a fast parser and, where that refuses, by the standard library's.

The result is that of `json.loads` with lone surrogates replaced by U+FFFD, with two exceptions:
integers beyond 64 bits may come as floats, and nesting beyond a fixed depth is an error. Recursion
limits depend on who calls, and the same line must not be usable in one run and a reject in another.
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
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(line: bytes) -> Any:
    """The value of a line; raises `Unusable`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass  # the standard library decides, and its message is the one that is the same everywhere
    try:
        return replace_surrogates(json.loads(line.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"byte {error.start}: {error.reason}") from error
    except RecursionError as error:
        raise Unusable(Reason.BAD_JSON, _TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise Unusable(Reason.BAD_JSON, str(error)) from error
    except ValueError as error:
        raise Unusable(Reason.BAD_JSON, "an integer of more digits than Python reads") from error


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

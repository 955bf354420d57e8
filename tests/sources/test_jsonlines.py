import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpusmill.sources.jsonlines import MAX_DEPTH, parse
from corpusmill.sources.records import Reason, Unusable

texts = st.text(st.characters(codec=None, categories=None), max_size=8)  # surrogates too
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def repaired(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [repaired(item) for item in value]
    if isinstance(value, dict):
        return {repaired(key): repaired(item) for key, item in value.items()}
    return value


@given(values)
@example({"a": "lone \ud83d", "b": "\ude00\ud83d"})
@example([math.nan, math.inf])
def test_value_is_that_of_the_standard_library_with_surrogates_repaired(value: Any) -> None:
    line = json.dumps(value)
    assert repr(parse(line.encode())) == repr(repaired(json.loads(line)))


@given(st.binary(max_size=30) | st.text('[]{}",:0123456789.eE-+ntrufalse\\ \t', max_size=12).map(str.encode))
def test_a_line_is_unusable_exactly_where_it_is_to_the_standard_library(line: bytes) -> None:
    try:
        want = repr(repaired(json.loads(line.decode("utf-8"))))
    except ValueError:  # that of invalid UTF-8 is one
        with pytest.raises(Unusable):
            parse(line)
    else:
        got = parse(line)
        assert repr(got) == want or (isinstance(got, float) and float(want) == got)


@pytest.mark.parametrize(
    ("line", "reason", "error"),
    [
        (b'"a\xff"', Reason.INVALID_UTF8, "byte 2"),
        (b'{"a": 1', Reason.BAD_JSON, "it ends before its value does"),
        (b'{"a": "b', Reason.BAD_JSON, "the string from character 7 on"),
        (b"[1,\n 2 x]", Reason.BAD_JSON, r"character 8 \(line 2\) on: 'x\]'"),
        (b'{"a": 1}{"b": 2}', Reason.BAD_JSON, "its value ends before character 9"),
        (b"\0" * 64, Reason.BAD_JSON, "from character 1 on"),
        (b"9" * 5000, Reason.BAD_JSON, "digits"),
        (b"[" * 20_000, Reason.BAD_JSON, "nested deeper"),
        (b"[" * 300 + b"NaN" + b"]" * 300, Reason.BAD_JSON, "nested deeper"),
    ],
)
def test_error_says_what_is_wrong_and_where(line: bytes, reason: Reason, error: str) -> None:
    with pytest.raises(Unusable, match=error) as caught:
        parse(line)
    assert caught.value.reason is reason


def test_depth_that_is_read_does_not_depend_on_the_caller() -> None:
    line = b"[" * MAX_DEPTH + b"NaN" + b"]" * MAX_DEPTH

    def deep(levels: int) -> Any:
        return parse(line) if levels == 0 else deep(levels - 1)

    assert repr(deep(0)) == repr(deep(300))


def test_a_mark_of_byte_order_ahead_of_a_value_is_passed_over() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}

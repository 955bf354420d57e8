from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.sources.cells import values

STRINGS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
LISTS = [pa.list_, pa.large_list, pa.list_view, pa.large_list_view]


@pytest.mark.parametrize("kind", STRINGS)
@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
@settings(max_examples=25)
def test_strings_of_every_type_are_strings(kind: pa.DataType, strings: list[str | None]) -> None:
    assert values(pa.array(["", *strings, None], kind)[1:]) == [*strings, None]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(2)])
def test_bytes_stay_bytes(kind: pa.DataType) -> None:
    assert values(pa.array([b"ab", None, b"\xff\0"], kind)) == [b"ab", None, b"\xff\0"]


def test_strings_that_are_not_utf8_are_bytes_and_the_others_strings() -> None:
    offsets = pa.py_buffer(pa.array([0, 2, 3, 4], pa.int32()).buffers()[1])
    array = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"\xc3\xa4\xffa")])
    assert values(array) == ["ä", b"\xff", "a"]
    assert values(pa.ListArray.from_arrays([0, 2, 3], array)) == [["ä", b"\xff"], ["a"]]


@pytest.mark.parametrize("make", LISTS)
def test_lists_of_every_type_are_lists(make: Any) -> None:
    rows = [["a", None], None, [], ["b"], ["c", "d"]]
    assert values(pa.array(rows, make(pa.string()))[1:]) == rows[1:]
    nested = [[["a"], None], None, [[]]]
    assert values(pa.array(nested, make(make(pa.string())))) == nested
    assert values(pa.array([["a", "b"], None], pa.list_(pa.string(), 2))) == [["a", "b"], None]


def test_structs_and_maps_are_objects() -> None:
    kind = pa.struct([("x", pa.int8()), ("y", pa.list_(pa.string()))])
    rows = [{"x": 1, "y": None}, None, {"x": None, "y": ["a"]}]
    assert values(pa.array(rows, kind)[1:]) == rows[1:]
    assert values(pa.array([{}, None], pa.struct([]))) == [{}, None]
    maps = pa.array([[("a", 1)], None, [], [("b", None)]], pa.map_(pa.string(), pa.int8()))
    assert values(maps[1:]) == [None, {}, {"b": None}]
    assert values(pa.array([[(7, "x")]], pa.map_(pa.int8(), pa.string()))) == [{"7": "x"}]


@pytest.mark.parametrize(
    ("kind", "number", "want"),
    [
        (pa.timestamp("ns"), 1, "1970-01-01T00:00:00.000000001"),
        (pa.timestamp("us", "Europe/Berlin"), -1, "1969-12-31T23:59:59.999999Z"),
        (pa.timestamp("s", "Nowhere/Land"), 0, "1970-01-01T00:00:00Z"),
        (pa.timestamp("s"), 2**62, "<value out of range: 4611686018427387904>"),
        (pa.date32(), 19000, "2022-01-08"),
        (pa.time64("us"), 1, "00:00:00.000001"),
        (pa.duration("ms"), 1500, 1500),
    ],
)
def test_times_are_iso_8601_beyond_pythons_calendar_too(kind: pa.DataType, number: int, want: Any) -> None:
    storage = pa.int32() if kind.bit_width == 32 else pa.int64()
    assert values(pa.array([number, None], storage).cast(kind)) == [want, None]


def test_numbers_are_numbers_and_decimals_strings() -> None:
    assert values(pa.array([1.5, None], pa.float16())) == [1.5, None]
    assert values(pa.array([2**64 - 1], pa.uint64())) == [2**64 - 1]
    assert values(pa.array([True, None])) == [True, None]
    assert values(pa.array(["1.50", None]).cast(pa.decimal128(30, 2))) == ["1.50", None]
    assert values(pa.nulls(2)) == [None, None]


def test_extension_types_are_what_they_store() -> None:
    assert values(pa.array(['{"a": 1}'], pa.json_())) == ['{"a": 1}']

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.entries import Fields
from corpusmill.sources import fields
from corpusmill.sources.records import Reason, Unusable


@pytest.mark.parametrize(
    ("record", "paths", "want"),
    [
        ({"text": " a\n"}, ["text"], " a\n"),
        ({"text": ["a", "b", ""]}, ["text"], "a\n\nb\n\n"),
        ({"body": "b", "title": "t"}, ["title", "body"], "t\n\nb"),
        ({"a": {"b": {"c": "x"}}}, ["a.b.c"], "x"),
        ({"a.b": "its own name", "a": {"b": "nested"}}, ["a.b"], "its own name"),
        ({"a": {"b.c": "x"}}, ["a.b.c"], "x"),
        ({"text": "ä".encode()}, ["text"], "ä"),
    ],
)
def test_text_is_that_of_the_fields_that_are_there_with_an_empty_line_between(
    record: dict[str, Any], paths: list[str], want: str
) -> None:
    assert fields.text(record, Fields(text=paths)) == want


def test_optional_fields_may_be_missing_null_or_blank_and_the_recipe_says_how_fields_are_joined() -> None:
    mapping = Fields(text=["title", "lead", "body", "end"], optional=["title", "lead", "end"], join=" | ")
    assert fields.text({"title": None, "body": "b", "end": " "}, mapping) == "b"
    assert fields.text({"title": "null", "body": "b", "end": "e"}, mapping) == "null | b | e"
    with pytest.raises(Unusable, match=r"body is missing; there are: end, lead, title") as refused:
        fields.text({"title": None, "lead": "l", "end": "e"}, mapping)
    assert refused.value.reason is Reason.MISSING_FIELD


@pytest.mark.parametrize(
    ("record", "reason", "message"),
    [
        ({"subject": "x"}, Reason.MISSING_FIELD, "body.text is missing; there are: subject"),
        ({"subject": "x", "body": {"html": "y"}}, Reason.MISSING_FIELD, "there are: body.html, subject"),
        ({"subject": "x", "body": None}, Reason.MISSING_FIELD, "body.text is missing; there are: body, subj"),
        ({"subject": "x", "body": {"text": None}}, Reason.NULL_FIELD, "body.text is null"),
        ({"subject": "x", "body": {"text": "\n"}}, Reason.EMPTY, "body.text is empty"),
        ({"body": {"text": "x"}, "subject": None}, Reason.NULL_FIELD, "subject is null"),
    ],
)
def test_a_record_that_lacks_one_of_its_fields_is_no_document_of_the_others(
    record: dict[str, Any], reason: Reason, message: str
) -> None:
    with pytest.raises(Unusable, match=message) as refused:
        fields.text(record, Fields(text=["subject", "body.text"]))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, Reason.MISSING_FIELD),
        ({"text": "t", "a": "b"}, Reason.MISSING_FIELD),
        ({"a": {"b": None}}, Reason.NULL_FIELD),
        ({"a": {"b": None}, "c": ""}, Reason.NULL_FIELD),
        ({"a": {"b": []}}, Reason.EMPTY),
        ({"a": {"b": " \n\u2028"}}, Reason.EMPTY),
        ({"a": {"b": 1}, "c": "text"}, Reason.WRONG_TYPE),
        ({"a": {"b": {}}}, Reason.WRONG_TYPE),
        ({"a": {"b": ["x", None]}}, Reason.WRONG_TYPE),
        ({"a": {"b": b"\xff"}}, Reason.INVALID_UTF8),
    ],
)
def test_record_without_usable_text_is_refused_and_the_fields_named(
    record: dict[str, Any], reason: Reason
) -> None:
    with pytest.raises(Unusable, match=r"a\.b") as refused:
        fields.text(record, Fields(text=["a.b", "c"], optional=["a.b", "c"]))
    assert refused.value.reason is reason


def test_meta_stands_under_the_names_that_the_recipe_gives_where_it_is_there() -> None:
    record = {"a": {"b": [1, {"x": None}]}, "n": None, "other": 1}
    assert fields.meta(record, ["a.b", "n", "gone", "a.gone"]) == {"a.b": [1, {"x": None}]}


def test_meta_nested_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(fields.MAX_META_DEPTH):
        deep = [deep]
    with pytest.raises(Unusable, match="nested deeper"):
        fields.meta({"a": deep}, ["a"])
    assert fields.meta({"a": deep[0]}, ["a"]) == {"a": deep[0]}


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (2**64 - 1, 2**64 - 1),
        (2**64, float(2**64)),
        (-(10**400), None),
        ([float("nan"), float("inf"), 0.5], [None, None, 0.5]),
        ((1, True), [1, True]),
        ({"a": {1: 2}, "b": {3}}, {"a": {}, "b": None}),
        ([b"text", b"\xff\x00"], ["text", "ff00"]),
    ],
)
def test_what_json_lacks_becomes_what_it_has(value: Any, want: Any) -> None:
    assert fields.storable(value) == want


_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner), max_leaves=10
)


@given(_values)
@settings(max_examples=100)
def test_what_is_storable_is_plain_json_and_stays_as_it_is(value: Any) -> None:
    stored = fields.storable(value)
    assert json.loads(json.dumps(stored, allow_nan=False)) == stored == fields.storable(stored)

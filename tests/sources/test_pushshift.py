import io
import json
import re
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.sources import Comment, PushshiftSource, Reason, Submission

SOURCE = PushshiftSource(entries.Pushshift(family="pushshift", name="reddit", files=["RC_*"]))
# A comment of 2005-12, with the fields of that month.
FIELDS: dict[str, Any] = {
    "id": "c13",
    "link_id": "t3_17863",
    "parent_id": "t1_c12",
    "body": "A look at Vietnam",
    "author": "frjo",
    "score": 2,
    "created_utc": 1134365188,
    "subreddit": "reddit.com",
    "subreddit_id": "t5_6",
    "edited": False,
    "controversiality": 0,
}
COMMENT = {name: FIELDS[name] for name in Comment.__slots__ if name != "record"}


def read(*lines: bytes) -> list[Any]:
    return list(sources.read(SOURCE, "RC_2005-12.jsonl", io.BytesIO(b"\n".join(lines))))


def one(**changes: Any) -> Any:
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not ...}
    [item] = read(json.dumps(fields).encode())
    return item


def test_comment_has_its_ids_as_the_dump_has_them_and_its_line_number() -> None:
    assert read(json.dumps(FIELDS).encode()) == [Comment(record="1", **COMMENT)]


@pytest.mark.parametrize("field", ["id", "link_id", "parent_id", "body"])
def test_unusable_required_field_is_a_reject_that_names_it(field: str) -> None:
    null = [] if field == "parent_id" else [(None, Reason.NULL_FIELD)]
    for value, reason in [(..., Reason.MISSING_FIELD), *null, (["a"], Reason.WRONG_TYPE)]:
        reject = one(**{field: value})
        assert (reject.record, reject.source, reject.reason) == ("1", "reddit", reason)
        assert reject.error.startswith(f"{field} is ")
    assert one(body=17863).error == "body is of type number, not string"


@pytest.mark.parametrize("field", ["id", "link_id", "parent_id"])
@pytest.mark.parametrize("value", [True, False, -1, 12.5, 1e30, 2**63, 2**70, float("nan"), float("inf"), {}])
def test_what_can_be_no_id_is_a_reject_in_plain_words(field: str, value: Any) -> None:
    reject = one(**{field: value})
    assert reject.reason is Reason.WRONG_TYPE
    assert re.fullmatch(
        rf"{field} is (of type \w+, not string or number|\S+, a number that is no id)", reject.error
    )


@pytest.mark.parametrize(("field", "value"), [("id", ""), ("id", "t1_"), ("link_id", ""), ("link_id", "t3_")])
def test_empty_id_is_a_reject(field: str, value: str) -> None:
    reject = one(**{field: value})
    assert (reject.reason, reject.error) == (Reason.EMPTY, f"{field} is empty")


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_parent_that_is_null_or_empty_makes_a_root(nothing: str | None) -> None:
    assert one(parent_id=nothing).parent_id == FIELDS["link_id"]
    assert one(parent_id=nothing, link_id=17863).parent_id == "t3_ds7"


@pytest.mark.parametrize(
    ("value", "in_base_36"),
    [
        (20_215_378, "c1aaa"),
        (20_215_378.0, "c1aaa"),
        (0, "0"),
        (35, "z"),
        (36, "10"),
        (2**63 - 1, "1y2p0ij32e8e7"),
    ],
)
def test_a_number_is_an_id_in_base_10(value: float, in_base_36: str) -> None:
    assert int(in_base_36, 36) == value
    assert one(id=value).id == in_base_36
    assert one(link_id=value).link_id == f"t3_{in_base_36}"
    assert one(parent_id=value).parent_id == f"t1_{in_base_36}"
    assert one(body=..., title="Ask", id=value).link_id == f"t3_{in_base_36}"


def test_a_string_is_an_id_in_base_36_also_if_it_has_digits_only() -> None:
    digits = one(id="17863", link_id="17863", parent_id="20215378")
    assert (digits.id, digits.link_id, digits.parent_id) == ("17863", "t3_17863", "t1_20215378")


def test_ids_may_have_their_prefix_or_not() -> None:
    bare = one(id="c13", link_id="17863", parent_id="c12")
    assert bare == one(id="t1_c13", link_id="t3_17863", parent_id="t1_c12") == Comment(record="1", **COMMENT)
    assert one(parent_id="t3_17863").parent_id == "t3_17863"
    assert one(body=..., title="Ask", id="t3_ab").link_id == one(body=..., title="Ask", id="ab").link_id


@pytest.mark.parametrize("body", ["", "[deleted]", "[removed]", "nul \0 inside", "a\r\nb\u2028c\x85d"])
def test_body_of_any_text_is_a_comment(body: str) -> None:
    assert one(body=body).body == body


def test_lone_surrogate_in_a_body_is_replaced() -> None:
    [comment] = read(json.dumps({**FIELDS, "body": "lone \ud83d"}).encode())
    assert comment.body == "lone \ufffd"


@pytest.mark.parametrize("field", ["created_utc", "score"])
def test_numbers_are_read_in_every_form_that_months_wrote(field: str) -> None:
    for value, want in [
        (1134365188, 1134365188),
        (-3, -3),
        ("1134365188", 1134365188),
        ("-3", -3),
        (1134365188.0, 1134365188),
        (..., None),
        (None, None),
        ("abc", None),
        ("", None),
        ("\u0661\u0662", None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ([1], None),
        (2**63, None),
        (10**30, None),
        (str(2**63), None),
        ("9" * 5000, None),
    ]:
        assert getattr(one(**{field: value}), field) == want, value


@pytest.mark.parametrize("field", ["author", "subreddit"])
def test_optional_text_that_is_absent_or_no_text_is_none(field: str) -> None:
    assert [getattr(one(**{field: value}), field) for value in (..., None, 3, "x")] == [None, None, None, "x"]


def test_record_with_a_title_and_no_body_is_a_submission() -> None:
    assert one(body=..., title="Ask", selftext="me", link_id=..., parent_id=..., id="ab") == Submission(
        record="1",
        link_id="t3_ab",
        title="Ask",
        selftext="me",
        author=FIELDS["author"],
        created_utc=1134365188,
        subreddit=FIELDS["subreddit"],
    )


def test_lines_that_are_no_objects_are_rejects_in_their_places() -> None:
    items = read(b"[1]", b"", b'"x"', b"null", b"not json", b'{"id": "\xff"}', json.dumps(FIELDS).encode())
    assert [getattr(item, "reason", None) for item in items] == [
        "not_an_object",
        "blank",
        "not_an_object",
        "not_an_object",
        "bad_json",
        "invalid_utf8",
        None,
    ]
    assert items[-1].record == "7"

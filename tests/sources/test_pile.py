import io
import json
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.sources import PileSource, Reason, Record, Removal


def source(**options: Any) -> PileSource:
    return PileSource(entries.Pile(family="pile", name="pile", files=["*"], **options))


def read(value: Any, **options: Any) -> Any:
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    [item] = sources.read(source(**options), "00.jsonl", io.BytesIO(line))
    return item


def test_document_stands_under_the_set_that_it_names_and_keeps_the_rest_of_its_meta() -> None:
    meta = {"pile_set_name": "Pile-CC", "url": "u", "n": {"a": [1, None, 0.5]}}
    assert read({"text": "t", "meta": meta, "other": 1}) == Record(
        record="1", source="Pile-CC", text="t", meta={"url": "u", "n": {"a": [1, None, 0.5]}}
    )


@pytest.mark.parametrize(
    "meta",
    [
        {"pile_set_name": "ArXiv", "k": 1},
        '{"pile_set_name": "ArXiv", "k": 1}',
        "{'pile_set_name': 'ArXiv', 'k': 1}",
    ],
)
def test_meta_is_read_as_an_object_as_json_text_and_as_python_prints_it(meta: Any) -> None:
    item = read({"text": "t", "meta": meta})
    assert (item.source, item.meta) == ("ArXiv", {"k": 1})


@pytest.mark.parametrize(
    "meta", [..., None, {}, "", "file.txt", "[1]", "{'a': ", 7, "(" * 5000, "-" * 100_000]
)
def test_record_without_a_set_name_goes_to_the_default_set_or_is_a_reject(meta: Any) -> None:
    fields = {"text": "t"} if meta is ... else {"text": "t", "meta": meta}
    reject = read(fields)
    assert (reject.source, reject.reason) == ("pile", Reason.UNKNOWN_SET)
    assert read(fields, default_set="FreeLaw") == Record(record="1", source="FreeLaw", text="t", meta={})


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("CommonCrawl", "Pile-CC"),
        ("Bibliotik", "Books3"),
        ("USPTO", "USPTO Backgrounds"),
        ("BookCorpus", "BookCorpus2"),
    ],
)
def test_pre_release_name_of_a_set_is_its_alias(alias: str, name: str) -> None:
    assert read({"text": "t", "meta": {"pile_set_name": alias}}).source == name


@pytest.mark.parametrize("name", entries.PILE_SETS)
def test_every_released_set_is_known(name: str) -> None:
    assert read({"text": "t", "meta": {"pile_set_name": name}}).source == name


@pytest.mark.parametrize("name", ["Not A Set", "pile-cc", 3, ["ArXiv"]])
def test_unknown_set_is_a_reject_that_names_it_even_with_a_default(name: str) -> None:
    reject = read({"text": "t", "meta": {"pile_set_name": name}}, default_set="ArXiv")
    assert (reject.source, reject.reason) == ("pile", Reason.UNKNOWN_SET)
    assert repr(name) in reject.error


def test_document_of_a_set_not_chosen_is_a_removal_of_its_text() -> None:
    removal = read({"text": "tä", "meta": {"pile_set_name": "Github"}}, sets=["ArXiv"])
    assert removal == Removal(source="Github", reason="set_not_chosen", bytes=3)


@pytest.mark.parametrize(
    ("text", "want"),
    [("a\u2028\n b ", "a\u2028\n b "), (["a", "b", ""], "a\n\nb\n\n"), ("lone \ud83d", "lone \ufffd")],
)
def test_text_is_taken_as_it_is_and_lists_are_joined_by_an_empty_line(text: str, want: Any) -> None:
    assert read({"text": text}, default_set="ArXiv").text == want


def test_bare_string_line_is_a_text_without_meta() -> None:
    assert read('a "text"', default_set="ArXiv") == Record(
        record="1", source="ArXiv", text='a "text"', meta={}
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, Reason.MISSING_FIELD),
        ({"text": None}, Reason.NULL_FIELD),
        ({"text": 1}, Reason.WRONG_TYPE),
        ({"text": ["a", None]}, Reason.WRONG_TYPE),
        ({"text": ""}, Reason.EMPTY),
        ({"text": []}, Reason.EMPTY),
        ({"text": " \n\u2028"}, Reason.EMPTY),
    ],
)
def test_unusable_text_is_a_reject_under_its_set(fields: dict[str, Any], reason: Reason) -> None:
    reject = read({**fields, "meta": {"pile_set_name": "ArXiv"}})
    assert (reject.source, reject.reason) == ("ArXiv", reason)
    assert "text" in reject.error


@pytest.mark.parametrize("line", [b"[1]", b"7", b"null", b"{", b'{"text": "\xff"}'])
def test_line_that_is_no_record_is_a_reject_under_the_entry(line: bytes) -> None:
    reject = read(line)
    assert (reject.source, reject.record, reject.head, reject.bytes) == ("pile", "1", line, len(line))


def test_blank_line_is_a_removal_under_the_entry() -> None:
    assert read(b" \r\n") == Removal(source="pile", reason="blank", bytes=2)


def test_meta_is_always_plain_json() -> None:
    line = b'{"text": "t", "meta": {"pile_set_name": "ArXiv", "a": NaN, "b": [1e999], "c": 1%s}}' % (
        b"0" * 30
    )
    assert read(line).meta == {"a": None, "b": [None], "c": 1e30}
    literal = "{'pile_set_name': 'ArXiv', 'a': (1, 2), 'b': b'x', 'c': {3}, 4: 5, 'd': '\\ud83d'}"
    assert read({"text": "t", "meta": literal}).meta == {"a": [1, 2], "b": "x", "c": None, "d": "\ufffd"}
    deep = b'{"text": "t", "meta": {"pile_set_name": "ArXiv", "a": %s}}' % (b"[" * 500 + b"]" * 500)
    assert read(deep).reason is Reason.BAD_JSON


@pytest.mark.parametrize("text", ["What is 1 + 1?\n2\n", "a\n\nb", "5"])
def test_newline_behind_every_character_of_dm_mathematics_is_undone(text: str) -> None:
    meta = {"meta": {"pile_set_name": "DM Mathematics"}}
    spaced = "".join(character + "\n" for character in text)
    assert read({"text": spaced, **meta}).text == (text if len(text) > 1 else "5\n")
    assert read({"text": spaced[:-1], **meta}).text == text
    assert read({"text": text, **meta}).text == text
    assert read({"text": spaced, "meta": {"pile_set_name": "ArXiv"}}).text == spaced

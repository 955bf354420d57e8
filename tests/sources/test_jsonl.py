import io
import json
import tarfile
from typing import Any

import pytest

from corpusmill import entries, sources
from corpusmill.sources import JsonlSource, Reason, Record, Removal


def source(**fields: Any) -> JsonlSource:
    entry = entries.Jsonl(family="jsonl", name="own", files=["*"], fields=entries.Fields(**fields))
    return JsonlSource(entry)


def read(data: bytes, path: str = "a.jsonl", **fields: Any) -> list[Any]:
    return list(sources.read(source(**fields), path, io.BytesIO(data)))


def test_line_is_a_document_of_the_fields_that_the_recipe_maps() -> None:
    line = json.dumps({"title": "t", "body": {"text": "b"}, "url": "u", "n": 1}).encode()
    assert read(line + b"\n\n" + line, text=["title", "body.text"], meta=["url"]) == [
        Record(record="1", source="own", text="t\n\nb", meta={"url": "u"}),
        Removal(source="own", reason="blank", bytes=0),
        Record(record="3", source="own", text="t\n\nb", meta={"url": "u"}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", Reason.BAD_JSON),
        (b'{"text": "\xff"}', Reason.INVALID_UTF8),
        (b'["text"]', Reason.NOT_AN_OBJECT),
        (b'"text"', Reason.NOT_AN_OBJECT),
        (b"{}", Reason.MISSING_FIELD),
        (b'{"text": null}', Reason.NULL_FIELD),
        (b'{"text": 1}', Reason.WRONG_TYPE),
        (b'{"text": " "}', Reason.EMPTY),
        (b'{"text": "t", "m": ' + b"[" * 150 + b"]" * 150 + b"}", Reason.BAD_JSON),
    ],
)
def test_line_that_is_no_document_is_a_reject(line: bytes, reason: Reason) -> None:
    bad, good = read(line + b'\n{"text": "t"}', meta=["m"])
    assert (bad.record, bad.source, bad.reason) == ("1", "own", reason)
    assert (bad.head, bad.bytes) == (line[:200], len(line))
    assert good == Record(record="2", source="own", text="t", meta={})


def test_text_can_always_be_encoded() -> None:
    [item] = read(rb'{"text": "a\ud83d", "m": "\udc00", "n": 1e999}', meta=["m", "n"])
    assert (item.text, item.meta) == ("a\ufffd", {"m": "\ufffd", "n": None})


def test_lines_in_archives_are_documents_too() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name in ("a.jsonl", "b/c.jsonl"):
            info = tarfile.TarInfo(name)
            info.size = len(b'{"text": "t"}\n{}\n')
            tar.addfile(info, io.BytesIO(b'{"text": "t"}\n{}\n'))
    items = read(file.getvalue(), "a.tar.gz")
    assert [item.record for item in items] == ["a.jsonl:1", "a.jsonl:2", "b/c.jsonl:1", "b/c.jsonl:2"]
    assert [isinstance(item, Record) for item in items] == [True, False] * 2

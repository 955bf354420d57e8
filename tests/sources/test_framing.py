import gzip
import io
from typing import Any

from corpusmill.sources.framing import file_records, line_records
from corpusmill.sources.records import RawRecord, Removal


def test_every_line_is_a_record_a_reject_or_blank() -> None:
    file = b'\xef\xbb\xbf{"a": 1}\r\n\n \t\r\n[1,]\n"a\xff"\n' + b'"' + b"x" * 300 + b'"\n7'
    items: list[Any] = list(line_records("x.jsonl", io.BytesIO(file), "s", limit=300))
    assert items[0] == RawRecord("1", b'{"a": 1}\r')
    assert items[1:3] == [
        Removal(source="s", reason="blank", bytes=0),
        Removal(source="s", reason="blank", bytes=3),
    ]
    assert items[3:5] == [RawRecord("4", b"[1,]"), RawRecord("5", b'"a\xff"')]
    assert (items[5].record, items[5].reason, items[5].head, items[5].bytes) == (
        "6",
        "line_too_long",
        b'"' + b"x" * 199,
        302,
    )
    assert items[6] == RawRecord("7", b"7")


def test_damaged_file_is_one_reject_after_all_complete_records() -> None:
    packed = gzip.compress(b'{"a": 1}\n{"a": 2}\n{"a": 3')
    items: list[Any] = list(line_records("x.gz", io.BytesIO(packed[:-5]), "s"))
    *records, reject = items
    assert [item.content for item in records] == [b'{"a": 1}', b'{"a": 2}']
    assert (reject.record, reject.reason, reject.head, reject.bytes) == (None, "damaged", b'{"a": 3', 7)
    assert reject.error.startswith("truncated")


def test_file_records_beyond_the_limit_is_a_reject() -> None:
    assert list(file_records("x.txt", io.BytesIO(b"abc"), "s", limit=3)) == [RawRecord("text", b"abc")]
    [reject] = list(file_records("x.txt", io.BytesIO(b"abcd"), "s", limit=3))
    assert (reject.reason, reject.bytes) == ("file_too_long", 4)  # type: ignore[union-attr]

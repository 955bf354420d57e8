import gzip
import io
import tarfile
from collections.abc import Iterable
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


def test_records_of_an_archive_have_their_members_name_and_damage_costs_what_it_must() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in (
            ("a", b"1\n2"),
            ("b.gz", gzip.compress(b"3\n4\n5", mtime=0)[:-8]),
            ("c", b"6\n"),
            ("d", b"7"),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    packed = out.getvalue()
    cut = packed[: packed.rindex(b"7") + 1]

    def shown(items: Iterable[Any]) -> list[Any]:
        return [
            (item.record, getattr(item, "content", None) or (str(item.reason), item.head)) for item in items
        ]

    assert shown(line_records("x.tar", io.BytesIO(cut), "s")) == [
        ("a:1", b"1"),
        ("a:2", b"2"),
        ("b.gz:1", b"3"),
        ("b.gz:2", b"4"),
        ("b.gz", ("damaged", b"5")),
        ("c:1", b"6"),
        ("d:1", b"7"),
        (None, ("damaged", b"")),
    ]
    assert shown(file_records("x.tar", io.BytesIO(cut), "s")) == [
        ("a", b"1\n2"),
        ("b.gz", ("damaged", b"3\n4\n5")),
        ("c", b"6\n"),
        ("d", b"7"),
        (None, ("damaged", b"")),
    ]

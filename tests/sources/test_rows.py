import hashlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill import entries
from corpusmill.sources import rows
from corpusmill.sources.raw import HashingFile, RawFile
from corpusmill.sources.records import RawRecord, Reason, Reject
from corpusmill.sources.rows import row_records


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def read(
    data: bytes | RawFile, text: Any = "text", meta: Sequence[str] = (), optional: Any = (), **options: Any
) -> list[Any]:
    raw = io.BytesIO(data) if isinstance(data, bytes) else data
    fields = entries.Fields(text=text, optional=optional, meta=list(meta))
    return list(row_records("x.parquet", raw, "s", fields, **options))


def the_file(items: list[Any]) -> Reject:
    """The one reject of a file, behind its rows."""
    *records, reject = items
    assert all(isinstance(item, RawRecord) for item in records)
    assert isinstance(reject, Reject)
    assert (reject.record, reject.source) == (None, "s")
    return reject


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KINDS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.dictionary(pa.int32(), pa.string()),
]


@given(
    texts=st.lists(st.none() | TEXT, max_size=150),
    kind=st.sampled_from(KINDS),
    compression=st.sampled_from(["none", "snappy", "zstd", "gzip"]),
    group=st.integers(1, 200),
    page=st.integers(1, 1000),
    dictionary=st.booleans(),
)
@settings(max_examples=60)
def test_rows_that_were_written_are_read_whatever_their_type_and_encoding(
    texts: list[str | None], kind: pa.DataType, compression: str, group: int, page: int, dictionary: bool
) -> None:
    columns = {"id": pa.array(range(len(texts))), "text": pa.array(texts, kind)}
    data = parquet(
        columns,
        compression=compression,
        row_group_size=group,
        data_page_size=page,
        use_dictionary=dictionary,
        write_page_checksum=True,
    )
    items = read(data, meta=["id", "gone"])
    assert [item.record for item in items] == [str(number) for number in range(1, len(texts) + 1)]
    for place, (text, item) in enumerate(zip(texts, items, strict=True)):
        if text is None:
            assert (item.reason, item.head, item.bytes) == (Reason.NULL_FIELD, b"", 0)
        elif text.strip():
            assert item == RawRecord(str(place + 1), text.encode(), {"meta": {"id": place}})
        else:
            assert item == RawRecord(str(place + 1), b"", None)


def test_text_is_joined_from_lists_and_columns_and_found_inside_structs() -> None:
    page = pa.array([{"title": "t", "body": {"parts": ["a", "b"]}}, {"title": None, "body": None}])
    data = parquet({"page": page, "other": ["x", "y"], "dotted.name": ["d", "e"]})
    assert [item.content for item in read(data, ["page.title", "page.body.parts"])[:1]] == [b"t\n\na\n\nb"]
    assert read(data, "page.body.parts")[1].reason is Reason.MISSING_FIELD
    several = read(data, ["other", "gone", "dotted.name"], optional=["gone"])
    assert [item.content for item in several] == [b"x\n\nd", b"y\n\ne"]
    whole = the_file(read(data, ["other", "gone", "dotted.name"]))
    assert whole.error == "no column gone; the columns are page, other, dotted.name"
    first = read(data, "other", ["page", "dotted.name", "page.title"])[0]
    meta = {"page": {"title": "t", "body": {"parts": ["a", "b"]}}, "dotted.name": "d", "page.title": "t"}
    assert first.note == {"meta": meta}


def test_text_and_meta_are_found_inside_maps() -> None:
    kind = pa.map_(pa.string(), pa.string())
    data = parquet({"m": pa.array([[("text", "t"), ("u", "v")], []], kind)})
    found, missing = read(data, "m.text", ["m.u"])
    assert found == RawRecord("1", b"t", {"meta": {"m.u": "v"}})
    assert missing.reason is Reason.MISSING_FIELD


def test_meta_is_plain_json() -> None:
    columns = {
        "text": ["t"],
        "time": pa.array([0]).cast(pa.timestamp("s", "UTC")),
        "hash": [b"\xff\x00"],
        "n": [[float("nan")]],
        "price": pa.array(["1.50"]).cast(pa.decimal128(5, 2)),
    }
    [item] = read(parquet(columns), meta=["time", "hash", "n", "price"])
    meta = {"time": "1970-01-01T00:00:00.000Z", "hash": "ff00", "n": [None], "price": "1.50"}
    assert item.note == {"meta": meta}


def test_row_that_is_not_utf8_is_a_reject_and_the_others_are_used() -> None:
    good = parquet({"text": ["a", "marker", "b"]}, compression="none", use_dictionary=False)
    items = read(good.replace(b"marker", b"mark\xffr"))
    assert [item.record for item in items] == ["1", "2", "3"]
    assert (items[1].reason, items[1].head, items[1].bytes) == (Reason.INVALID_UTF8, b"mark\xffr", 6)
    assert [items[0].content, items[2].content] == [b"a", b"b"]


def test_row_beyond_the_limit_is_a_reject() -> None:
    items = read(parquet({"text": ["abc", "äöü" * 100]}), limit=100)
    assert items[0].content == b"abc"
    assert (items[1].reason, items[1].bytes) == (Reason.DOCUMENT_TOO_LONG, 600)
    assert items[1].head == ("äöü" * 100).encode()[:200]


@pytest.mark.parametrize(
    ("columns", "reason", "message"),
    [
        ({"content": ["a"], "url": ["u"]}, Reason.MISSING_FIELD, "content, url"),
        ({}, Reason.MISSING_FIELD, "no column text"),
        ({"text": [1]}, Reason.WRONG_TYPE, "int64"),
        ({"text": [[["a"]]]}, Reason.WRONG_TYPE, "list"),
        ({"text": [{"a": "b"}]}, Reason.WRONG_TYPE, "struct"),
    ],
)
def test_file_without_a_column_of_text_is_one_reject_that_says_what_is_there(
    columns: dict[str, Any], reason: Reason, message: str
) -> None:
    [reject] = read(parquet(columns))
    assert (reject.record, reject.reason) == (None, reason)
    assert message in reject.error


def test_text_column_of_nulls_has_rows_without_text() -> None:
    assert [item.reason for item in read(parquet({"text": pa.nulls(2)}))] == [Reason.NULL_FIELD] * 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.DAMAGED),
        (b"PAR1", Reason.DAMAGED),
        (b"PAR1PAR1", Reason.DAMAGED),
        (b"PAR1\xff\xff\xff\x7fPAR1", Reason.DAMAGED),
        (b"PARE" + b"\0" * 20 + b"PARE", Reason.ENCRYPTED),
        (b'{"text": "a"}\n', Reason.BAD_FORMAT),
        (b"\x1f\x8b\x08" + b"\0" * 20, Reason.BAD_FORMAT),
    ],
)
def test_what_is_no_parquet_is_one_reject(data: bytes, reason: Reason) -> None:
    assert the_file(read(data)).reason is reason


SMALL = parquet(
    {"text": [f"text {number} " * 20 for number in range(300)], "n": range(300)},
    row_group_size=100,
    data_page_size=500,
    write_batch_size=10,
    write_statistics=False,
    use_dictionary=False,
    write_page_checksum=True,
    compression="zstd",
)
ALL = read(SMALL)


@pytest.mark.parametrize("kept", [1, 4, 11, len(SMALL) // 2, len(SMALL) - 1])
def test_truncated_file_cannot_be_read(kept: int) -> None:
    assert [the_file(read(SMALL[:kept])).reason] == [Reason.DAMAGED if kept > 3 else Reason.BAD_FORMAT]


def test_damaged_page_ends_the_file_behind_every_row_before_it() -> None:
    about = pq.read_metadata(io.BytesIO(SMALL))
    column = about.row_group(1).column(0)
    lengths = []
    for part in (0, 0.5, 0.9):
        place = column.data_page_offset + int(part * column.total_compressed_size) + 40
        data = bytearray(SMALL)
        data[place] ^= 0xFF
        items = read(bytes(data))
        assert items[:-1] == ALL[: len(items) - 1]
        reject = the_file(items)
        assert reject.reason is Reason.DAMAGED
        assert "row group 1" in reject.error
        lengths.append(len(items) - 1)
    assert lengths[0] == 100
    assert 100 < lengths[1] < lengths[2] < 200


@given(place=st.integers(0, len(SMALL) - 1), bit=st.integers(0, 7))
@settings(max_examples=150)
def test_damage_anywhere_raises_nothing_and_is_one_reject_at_the_end(place: int, bit: int) -> None:
    data = bytearray(SMALL)
    data[place] ^= 1 << bit
    items = read(bytes(data), meta=["n"])
    assert all(item.record is not None for item in items[:-1])


def test_rows_do_not_depend_on_the_sizes_of_reads(trickle: Callable[..., RawFile]) -> None:
    assert read(trickle(SMALL, [1, 7, 100])) == ALL


def test_file_is_hashed_once_while_it_is_read() -> None:
    file = HashingFile(io.BytesIO(SMALL))
    assert read(file) == ALL
    assert file.finish() == hashlib.sha256(SMALL).hexdigest()


def test_what_the_raw_file_raises_is_no_damage() -> None:
    class Failing(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 4:
                raise OSError("the network is gone")
            return super().read(size)

    with pytest.raises(OSError, match="the network is gone"):
        read(Failing(SMALL))


def test_memory_is_bounded_by_rows_not_by_row_groups() -> None:
    page = "".join(chr(97 + number % 23) for number in range(4096))
    texts = [*[page] * 10_000, page * 7_500, *[page] * 10_000]
    data = parquet({"text": texts}, use_dictionary=False, compression="lz4", row_group_size=1 << 20)
    del texts
    before, peak, lengths = pa.total_allocated_bytes(), 0, []
    for item in row_records("x", io.BytesIO(data), "s", entries.Fields()):
        peak = max(peak, pa.total_allocated_bytes() - before)
        lengths.append(len(item.content))
    assert (len(lengths), max(lengths), sum(lengths)) == (20_001, 7_500 * 4096, 27_500 * 4096)
    assert peak < 80 << 20


def test_dictionary_that_expands_enormously_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "EXPANSION_FREE", 1 << 24)
    items = read(parquet({"text": ["a" * (1 << 18)] * 100}, compression="zstd"))
    assert len(items) == 65
    assert "this is refused" in the_file(items).error

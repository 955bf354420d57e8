import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill import entries, sources
from corpusmill.sources import JsonlSource, ParquetSource, Reason, Record

MAPPING = entries.Fields(text=["text", "parts"], optional=["text", "parts"], meta=["meta.url", "meta", "n"])


def parquet_source(fields: entries.Fields) -> ParquetSource:
    return ParquetSource(entries.Parquet(family="parquet", name="own", files=["*"], fields=fields))


def written(rows: list[dict[str, Any]], schema: pa.Schema) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), file)
    file.seek(0)
    return file


def outcome(item: Any) -> Any:
    return item if isinstance(item, Record) else (item.record, item.reason, item.error)


_texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
_SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("parts", pa.list_(pa.string())),
        ("meta", pa.struct([("url", pa.string()), ("score", pa.float64())])),
        ("n", pa.int64()),
    ]
)
_meta = st.none() | st.fixed_dictionaries({"url": _texts, "score": st.none() | st.floats(width=64)})
_rows = st.fixed_dictionaries(
    {
        "text": _texts,
        "parts": st.none() | st.lists(_texts, max_size=3),
        "meta": _meta,
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
    }
)


@given(st.lists(_rows, min_size=1, max_size=10))
@settings(max_examples=60)
def test_rows_give_the_documents_that_json_lines_of_the_same_fields_give(rows: list[dict[str, Any]]) -> None:
    lines = io.BytesIO("\n".join(json.dumps(row) for row in rows).encode())
    jsonl = JsonlSource(entries.Jsonl(family="jsonl", name="own", files=["*"], fields=MAPPING))
    wanted = [outcome(item) for item in sources.read(jsonl, "x.jsonl", lines)]
    found = sources.read(parquet_source(MAPPING), "x.parquet", written(rows, _SCHEMA))
    assert [outcome(item) for item in found] == wanted


def test_row_without_text_is_a_reject_and_the_file_goes_on() -> None:
    rows = [{"text": " "}, {"text": None}, {"text": "t"}]
    file = written(rows, pa.schema([("text", pa.string())]))
    items: list[Any] = list(sources.read(parquet_source(entries.Fields()), "x.parquet", file))
    assert [item.reason for item in items[:2]] == [Reason.EMPTY, Reason.NULL_FIELD]
    assert items[2:] == [Record(record="3", source="own", text="t", meta={})]

"""The documents table: its schema, the ids of its rows, and the Parquet shards that hold it.

Two ids name a document. `doc_id` is a hash of where it came from (source, path, record), so it is the
same wherever the inputs lie. Inside a run `(shard << 32) | row` is an int64 that sorts like the table;
it is only meaningful together with the hashes of the shards in ingest's manifest.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SHARD_BYTES = 256 << 20  # of Parquet, a file
ROW_GROUP_BYTES = 16 << 20  # of text: what a reader holds in memory at a time
ID_BYTES = 16

ORIGIN = pa.struct([pa.field("path", pa.string(), nullable=False), pa.field("record", pa.string())])
# Quality measures: null where the recipe does not ask for them. `clean.signals` says what each one is. The
# last two: words that are in n-grams of evaluation sets (before spans were removed), and those sets' names.
SIGNALS = pa.struct(
    [
        pa.field("n_lines", pa.int64(), nullable=False),
        pa.field("text_words", pa.int64()),
        pa.field("mean_word_length", pa.float64()),
        pa.field("hash_ratio", pa.float64()),
        pa.field("ellipsis_ratio", pa.float64()),
        pa.field("bullet_line_ratio", pa.float64()),
        pa.field("ellipsis_line_ratio", pa.float64()),
        pa.field("alphabetic_word_ratio", pa.float64()),
        pa.field("stop_words", pa.int64()),
        pa.field("duplicate_line_ratio", pa.float64()),
        pa.field("duplicate_line_character_ratio", pa.float64()),
        pa.field("duplicate_paragraph_ratio", pa.float64()),
        pa.field("duplicate_paragraph_character_ratio", pa.float64()),
        *(pa.field(f"top_{n}_gram_ratio", pa.float64()) for n in (2, 3, 4)),
        *(pa.field(f"duplicate_{n}_gram_ratio", pa.float64()) for n in (5, 6, 7, 8, 9, 10)),
        pa.field("sentences", pa.int64()),
        pa.field("curly_brackets", pa.int64()),
        pa.field("lorem_ipsum", pa.int64()),
        pa.field("punctuated_line_ratio", pa.float64()),
        pa.field("short_line_ratio", pa.float64()),
        pa.field("repeated_line_character_ratio", pa.float64()),
        pa.field("line_break_ratio", pa.float64()),
        pa.field("language", pa.string()),
        pa.field("language_score", pa.float64()),
        pa.field("emails", pa.int64()),
        pa.field("ip_addresses", pa.int64()),
        pa.field("phone_numbers", pa.int64()),
        pa.field("url", pa.string()),
        pa.field("contaminated_words", pa.int64()),
        pa.field("contaminated_by", pa.list_(pa.string())),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("doc_id", pa.binary(ID_BYTES), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("origin", ORIGIN, nullable=False),
        pa.field("meta", pa.string(), nullable=False),
        pa.field("content_hash", pa.binary(ID_BYTES), nullable=False),
        pa.field("text_hash", pa.binary(ID_BYTES), nullable=False),
        pa.field("n_words", pa.int64(), nullable=False),
        pa.field("n_bytes", pa.int64(), nullable=False),
        pa.field("signals", SIGNALS, nullable=False),
    ]
)
REJECTS_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("origin", ORIGIN, nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("error", pa.string(), nullable=False),
        pa.field("head", pa.binary(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
    ]
)


def doc_id(source: str, path: str, record: str) -> bytes:
    """The 16-byte id of the document made of `record` of the file `path` (relative to the inputs)."""
    digest = hashlib.blake2b(digest_size=ID_BYTES)
    for part in (source, path, record):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.digest()


def text_hash(encoded: bytes) -> bytes:
    """The 16-byte hash of a text's UTF-8: equal iff the texts are (2⁻¹²⁸ aside), where equal content hashes
    only say that the words are."""
    return hashlib.blake2b(encoded, digest_size=ID_BYTES).digest()


def shard_name(index: int, suffix: str = "parquet") -> str:
    """The file name of shard `index` of any table of a run."""
    return f"part-{index:05d}.{suffix}"


def numbers(shard: int, n_rows: int) -> np.ndarray:
    """int64[n_rows]: the in-run numbers `(shard << 32) | row` of a shard's documents."""
    return np.arange(n_rows, dtype=np.int64) + (np.int64(shard) << np.int64(32))


def shard_of(documents: np.ndarray) -> np.ndarray:
    """int64[n]: the shards of in-run numbers."""
    return documents >> np.int64(32)


def row_of(documents: np.ndarray) -> np.ndarray:
    """int64[n]: the rows, within their shards, of in-run numbers."""
    return documents & np.int64(0xFFFFFFFF)


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the settings all tables of a run share; equal rows give equal bytes."""
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, write_page_index=False)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a small table as one Parquet file."""
    with open_writer(path, table.schema) as writer:
        writer.write_table(table)


def read_columns(path: Path, columns: list[str]) -> pa.Table:
    """Some columns of one shard, all rows."""
    return pq.read_table(path, columns=columns)


def iter_groups(path: Path, columns: list[str]) -> Iterator[tuple[int, pa.Table]]:
    """(first row, table) of each row group of a shard, so that a reader's memory is one group's."""
    with pq.ParquetFile(path) as file:
        first = 0
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=columns)
            yield first, table
            first += table.num_rows


def fixed_bytes(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """uint8[n, 16]: the values of a null-free fixed_size_binary(16) column."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # pyarrow leaves an empty chunked array chunked
        return np.empty((0, ID_BYTES), np.uint8)
    raw = np.frombuffer(array.buffers()[1], np.uint8) if len(array) else np.empty(0, np.uint8)
    start = array.offset * ID_BYTES
    return raw[start : start + len(array) * ID_BYTES].reshape(-1, ID_BYTES)


def as_void(ids: np.ndarray) -> np.ndarray:
    """V16[n]: `ids` (uint8[n, 16]) as values that can be compared whole."""
    return np.ascontiguousarray(ids).reshape(-1).view(f"V{ID_BYTES}")

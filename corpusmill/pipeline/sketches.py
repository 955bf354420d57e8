"""Dedup's first step: the band keys of every document, one file a documents shard.

The file (`RUN/signatures/`) is an Arrow IPC file of one record batch: row i is row i of the shard,
`shingles` the size of its set, `band_K` its key in band K; both are 0 if the filter has left it out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill import documents
from corpusmill.dedup import shingles, signatures, words
from corpusmill.dedup.bands import Bands
from corpusmill.ledger import Tally
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.judging import stays
from corpusmill.recipe import Dedup


@dataclass(frozen=True, kw_only=True)
class Shard:
    """A documents shard as its manifest names it; its index is the upper half of its documents' numbers."""

    index: int
    path: Path
    sha256: str
    rows: int
    bytes: int
    filtered: Path
    """The part of RUN/filtered that says which of its documents are out."""

    def stays(self) -> np.ndarray:
        """bool[rows]: which documents the filter left in."""
        ids = documents.read_columns(self.path, ["doc_id"]).column("doc_id")
        return stays(documents.fixed_bytes(ids), self.filtered)


@dataclass(frozen=True, kw_only=True)
class ShardItem(Item):
    """One documents shard."""

    shard: Shard


def schema(n_bands: int) -> pa.Schema:
    """Of a signatures file with `n_bands` bands."""
    return pa.schema([("shingles", pa.int64()), *((f"band_{band}", pa.uint64()) for band in range(n_bands))])


def empty(n_bands: int) -> pa.RecordBatch:
    """The signatures of no documents."""
    return pa.record_batch([pa.array([], field.type) for field in schema(n_bands)], schema=schema(n_bands))


def write(batch: pa.RecordBatch, path: Path) -> None:
    """Write the signatures of one shard."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def sizes(path: Path) -> np.ndarray:
    """int64[rows]: the sizes of the shingle sets of a shard's documents (a view of the file)."""
    return _column(path, "shingles")


def keys(path: Path, band: int) -> np.ndarray:
    """uint64[rows]: the keys of one band (a view of the file)."""
    return _column(path, f"band_{band}")


def _column(path: Path, name: str) -> np.ndarray:
    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    return np.asarray(batch.column(name).to_numpy(zero_copy_only=True))


def sketch(options: Dedup, cut: Bands, item: ShardItem, outbox: Outbox) -> Done:
    """Work: the band keys of one shard; the ledger's `in` of the stage."""
    how = signatures.permutations(options.permutations, options.seed)
    columns: list[list[np.ndarray]] = [[] for _ in range(1 + cut.bands)]
    tally = Tally()
    left = item.shard.stays()
    for first, table in documents.iter_groups(item.shard.path, ["source", "text", "n_bytes"]):
        here = left[first : first + len(table)]
        table = table.filter(pa.array(here))
        for source, n_bytes in zip(
            table.column("source").to_pylist(), table.column("n_bytes").to_pylist(), strict=True
        ):
            tally.enter(source, 1, n_bytes)
        sets = shingles.shingles(words.normalize(table.column("text").to_pylist()))
        by_band = signatures.band_keys(signatures.signatures(sets, how), cut.bands, cut.rows)
        for column, values in zip(columns, [sets.sizes, *by_band], strict=True):
            of_all = np.zeros(len(here), values.dtype)
            of_all[here] = values
            column.append(of_all)
    joined = [np.concatenate(column) if column else np.empty(0, np.uint64) for column in columns]
    arrays = [pa.array(values, field.type) for values, field in zip(joined, schema(cut.bands), strict=True)]
    path = outbox.new()
    write(pa.record_batch(arrays, schema=schema(cut.bands)), path)
    outbox.add(path, "signatures", "arrow", item.shard.rows)
    return Done(ledger=tally.entries())

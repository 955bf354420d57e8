"""Token shards: Arrow IPC files whose token ids are one flat array, read without a copy.

A shard holds one uncompressed record batch, a row a document. The values buffer of the column `tokens`
is therefore a contiguous uint16 stream in the file: memory-mapped, any window of it is a view. The
offsets are the document borders and the other columns say where each document came from.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import missing, require_manifest

SCHEMA = pa.schema(
    [
        pa.field("doc_id", pa.binary(16), nullable=False),
        pa.field("source", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("doc_shard", pa.int32(), nullable=False),
        pa.field("doc_row", pa.int64(), nullable=False),
        pa.field("tokens", pa.large_list(pa.field("item", pa.uint16(), nullable=False)), nullable=False),
    ]
)


def write_shard(batch: pa.RecordBatch, metadata: dict[str, str], path: Path) -> None:
    """Write one shard; `metadata` (tokenizer, its sha256, EOS id, split, seed, ...) goes into the schema."""
    schema = SCHEMA.with_metadata(metadata)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(pa.record_batch(batch.columns, schema=schema))


class TokenShard:
    """One open shard: `tokens` is a read-only uint16[n] view of the file, `offsets` int64[rows + 1]."""

    def __init__(self, path: Path) -> None:
        try:
            reader = pa.ipc.open_file(pa.memory_map(str(path)))
        except (OSError, pa.ArrowInvalid) as error:
            raise CorpusmillError(f"{path}: not a token shard: {error}") from error
        if reader.num_record_batches != 1:
            raise CorpusmillError(
                f"{path}: a token shard has one record batch, not {reader.num_record_batches}"
            )
        self.path = path
        self.batch: pa.RecordBatch = reader.get_batch(0)
        self.metadata: dict[str, str] = {
            key.decode(): value.decode() for key, value in (self.batch.schema.metadata or {}).items()
        }
        column = self.batch.column("tokens")
        self.offsets: np.ndarray = column.offsets.to_numpy()
        self.tokens: np.ndarray = column.values.to_numpy(zero_copy_only=True)[
            int(self.offsets[0]) : int(self.offsets[-1])
        ]


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a token came from: its document's row in the documents table, and its source."""

    doc_id: bytes
    source: str
    doc_shard: int
    doc_row: int


class TokenStream:
    """The shards of a split as one long sequence of token ids, in shard order."""

    def __init__(self, shards: Sequence[TokenShard]) -> None:
        self._shards = list(shards)
        self._starts = [0]
        for shard in self._shards:
            self._starts.append(self._starts[-1] + len(shard.tokens))

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def metadata(self) -> dict[str, str]:
        """The schema metadata, which is the same in every shard of a split."""
        return self._shards[0].metadata

    def read(self, start: int, stop: int) -> np.ndarray:
        """uint16[stop - start]: a read-only view where the window lies in one shard, else a copy."""
        if not 0 <= start <= stop <= len(self):
            raise IndexError(f"tokens {start} to {stop} of {len(self)}")
        pieces = []
        index = bisect.bisect_right(self._starts, start) - 1
        while start < stop:
            end = min(stop, self._starts[index + 1])
            begin = self._starts[index]
            pieces.append(self._shards[index].tokens[start - begin : end - begin])
            start, index = end, index + 1
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty(0, np.uint16)

    def provenance(self, position: int) -> Provenance:
        """The document that the token at `position` belongs to."""
        if not 0 <= position < len(self):
            raise IndexError(f"token {position} of {len(self)}")
        index = bisect.bisect_right(self._starts, position) - 1
        shard = self._shards[index]
        within = position - self._starts[index] + int(shard.offsets[0])
        row = int(np.searchsorted(shard.offsets, within, side="right")) - 1
        fields: dict[str, Any] = shard.batch.slice(row, 1).drop_columns(["tokens"]).to_pylist()[0]
        return Provenance(**fields)


def open_split(run: Path, split: str) -> TokenStream:
    """The token stream of `split` (`train` or `valid`) of a run whose tokenize stage is finished.

    `CorpusmillError` if it is not, or if a shard is gone or has changed its size.
    """
    manifest = require_manifest(run, "tokenize")
    outputs = manifest.of_kind(split)
    problems = missing(run, outputs)
    if problems:
        raise CorpusmillError(f"{run}: {problems[0]}; run `corpusmill tokenize` again")
    return TokenStream([TokenShard(run / output.path) for output in outputs])

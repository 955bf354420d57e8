"""Kept documents to token ids: the first two steps of tokenize."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill import documents
from corpusmill.errors import CorpusmillError
from corpusmill.ledger import Tally
from corpusmill.pipeline import exchange
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.judging import stays
from corpusmill.recipe import Tokenize
from corpusmill.tokenize import split, vocabulary
from corpusmill.tokenize.encoder import Encoder, flatten

SPLITS = ("train", "valid")
_SAMPLE_EVERY = 256  # documents; these are encoded by the reference too

EXCHANGE = pa.schema(
    [
        ("key", pa.uint64()),
        ("doc_id", pa.binary(documents.ID_BYTES)),
        ("source", pa.string()),
        ("doc_shard", pa.int32()),
        ("doc_row", pa.int64()),
        ("tokens", pa.large_list(pa.field("item", pa.uint16(), nullable=False))),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A documents shard and which of its rows go: those of the part of RUN/filtered at `filtered`, and the
    `count` rows of the duplicates table from `first`."""

    shard: int
    path: Path
    rows: int
    filtered: Path
    first: int
    count: int
    duplicates: tuple[Path, ...]

    def mask(self, doc_ids: np.ndarray) -> np.ndarray:
        """bool[rows]: who stays. `CorpusmillError` if a removed document is not in this shard."""
        removed = pq.read_table(list(self.duplicates), columns=["removed"]).column("removed")
        gone = documents.fixed_bytes(removed.slice(self.first, self.count))
        duplicate = np.isin(documents.as_void(doc_ids), documents.as_void(gone))
        if len(doc_ids) != self.rows or int(duplicate.sum()) != self.count:
            raise CorpusmillError(
                f"{self.path}: does not hold the documents that dedup removed; run dedup again"
            )
        return stays(doc_ids, self.filtered) & ~duplicate


@dataclass(frozen=True, kw_only=True)
class KeptItem(Item):
    """One documents shard."""

    kept: Kept


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many shards each split has, and what goes into their metadata."""

    options: Tokenize
    inputs: str
    counts: tuple[int, int]
    identity: str

    def encoder(self) -> Encoder:
        """The encoder of the plan's vocabulary."""
        return encoder_of(self.options, self.inputs)


def encoder_of(options: Tokenize, inputs: str) -> Encoder:
    """The encoder of the recipe's vocabulary, made once a process: it takes a second."""
    return _encoder(options.vocabulary, options.end_of_text, inputs)


@functools.lru_cache(maxsize=1)
def _encoder(name: str, end_of_text: str, inputs: str) -> Encoder:
    return Encoder(vocabulary.load(name, end_of_text, inputs))


def find_cutoffs(
    kept: Sequence[Kept], quota: dict[str, float], seed: int, item: Item, outbox: Outbox
) -> Done:
    """Work: the largest split key that validates, of each source."""
    cutoffs = split.Cutoffs(quota)
    for each in kept:
        table = documents.read_columns(each.path, ["doc_id", "source", "n_bytes"])
        doc_ids = documents.fixed_bytes(table.column("doc_id"))
        kept_rows = each.mask(doc_ids)
        keys = split.split_keys(doc_ids, seed)[kept_rows]
        sources = table.column("source").to_numpy()[kept_rows]
        n_bytes = table.column("n_bytes").to_numpy()[kept_rows]
        for source in sorted(set(sources.tolist())):
            of_source = sources == source
            cutoffs.add(source, keys[of_source], n_bytes[of_source])
    return Done(facts={"cutoffs": cutoffs.result()})


def encode(plan: Plan, cutoffs: dict[str, int], item: KeptItem, outbox: Outbox) -> Done:
    """Work: the token ids of a shard's kept documents, sent to the shards they will stand in."""
    encoder = plan.encoder()
    writer = exchange.ExchangeWriter(outbox, EXCHANGE, sum(plan.counts), compression=None)
    kept = item.kept
    tally = Tally()
    all_ids = documents.fixed_bytes(documents.read_columns(kept.path, ["doc_id"]).column("doc_id"))
    kept_rows = kept.mask(all_ids)
    seed = plan.options.seed
    for first, table in documents.iter_groups(kept.path, ["source", "text", "n_bytes"]):
        rows = first + np.flatnonzero(kept_rows[first : first + len(table)])
        table = table.take(rows - first)
        sources, texts = table.column("source").to_pylist(), table.column("text").to_pylist()
        encoded = [encoder.encode(text) for text in texts]
        for row, text, tokens in zip(rows.tolist(), texts, encoded, strict=True):
            if row % _SAMPLE_EVERY == 0:
                encoder.check(text, tokens, f"row {row} of {kept.path.name}")
        for source, text, n_bytes in zip(sources, texts, table.column("n_bytes").to_pylist(), strict=True):
            tally.enter(source, 1, n_bytes)
            if trailing := n_bytes - len(text.rstrip().encode()):
                tally.remove(source, "rstrip", 0, trailing)
        keys = split.shuffle_keys(all_ids[rows], seed)
        cutoff = np.array([cutoffs[source] for source in sources], np.uint64)
        validates = split.split_keys(all_ids[rows], seed) <= cutoff
        flat, offsets = flatten(encoded)
        sent = pa.table(
            [
                pa.array(keys),
                pa.array([each.tobytes() for each in all_ids[rows]], EXCHANGE.field("doc_id").type),
                pa.array(sources, pa.string()),
                pa.array(np.full(len(rows), kept.shard), pa.int32()),
                pa.array(rows, pa.int64()),
                pa.LargeListArray.from_arrays(offsets, flat, type=EXCHANGE.field("tokens").type),
            ],
            schema=EXCHANGE,
        )
        writer.add(sent, _places(keys, validates, plan.counts))
    writer.close()
    return Done(ledger=tally.entries())


def _places(keys: np.ndarray, validates: np.ndarray, counts: tuple[int, int]) -> np.ndarray:
    """int64[n]: the partition of each document: equal ranges of the keys, training shards first."""
    n = np.where(validates, counts[1], counts[0]).astype(np.uint64)
    place = (keys >> np.uint64(32)) * n >> np.uint64(32)
    return place.astype(np.int64) + np.where(validates, counts[0], 0)

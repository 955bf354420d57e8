"""Dedup's last step: from true pairs and documents of the same words to the duplicates table.

`how` says what a document is to its witness: the same text (`exact`), the same words in the same order
(`words`), or `near`. It is near if its class went with a representative that a pair removed: at that
representative's Jaccard, as the shingles of equal words are equal.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill import documents
from corpusmill.dedup import resolve as greedy
from corpusmill.ledger import Tally
from corpusmill.pipeline.buckets import load_all, order_keys
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.sketches import Shard
from corpusmill.pipeline.verification import BANDS, FIRST, FIRST_SIZE, OVERLAP, SECOND, SECOND_SIZE

SCHEMA = pa.schema(
    [
        pa.field("removed", pa.binary(documents.ID_BYTES), nullable=False),
        pa.field("kept", pa.binary(documents.ID_BYTES), nullable=False),
        pa.field("jaccard", pa.float64(), nullable=False),
        pa.field("how", pa.string(), nullable=False),
        pa.field("bands", pa.int32(), nullable=False),
        pa.field("removed_source", pa.string(), nullable=False),
        pa.field("kept_source", pa.string(), nullable=False),
        pa.field("kept_run", pa.string()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Removals:
    """Who goes, by which kept witness; sorted by `removed`. All arrays have one entry a removed document."""

    removed: np.ndarray  # int64: in-run numbers
    kept: np.ndarray  # int64
    jaccard: np.ndarray  # float64
    same_words: np.ndarray  # bool: as the kept witness
    bands: np.ndarray  # int32


def resolve(
    shards: Sequence[Shard],
    priority: dict[str, int],
    classes: Path,
    verified: Sequence[Path],
    item: Item,
    outbox: Outbox,
) -> Done:
    """Work: the duplicates table, and the ledger's `kept` and `removed` of the stage."""
    pairs = load_all(verified, 6)
    removals = decide(pairs, _order(shards, np.unique(pairs[:, :2]), priority), np.load(classes))
    rows = np.unique(np.concatenate([removals.removed, removals.kept]))
    how = hows(removals, rows, _text_hashes(shards, rows))
    ids = np.empty((len(rows), documents.ID_BYTES), np.uint8)
    sources = np.empty(len(rows), object)
    tally = Tally()
    removed_of_shard = []
    for shard in shards:
        start, stop = np.searchsorted(removals.removed, [shard.index << 32, (shard.index + 1) << 32])
        removed_of_shard.append(int(stop - start))
        table = documents.read_columns(shard.path, ["doc_id", "source", "n_bytes"])
        named = _slice(rows, shard.index)
        ids[named] = documents.fixed_bytes(table.column("doc_id"))[documents.row_of(rows[named])]
        sources[named] = table.column("source").to_numpy()[documents.row_of(rows[named])]
        _count(tally, table, shard.stays(), removals.removed, how, slice(int(start), int(stop)))
    _write(outbox, removals, how, rows, ids, sources)
    return Done(
        ledger=tally.entries(),
        facts={
            "shards": [
                {"sha256": shard.sha256, "rows": shard.rows, "removed": removed}
                for shard, removed in zip(shards, removed_of_shard, strict=True)
            ]
        },
    )


def decide(pairs: np.ndarray, place: dict[int, int], classes: np.ndarray) -> Removals:
    """The greedy answer. `pairs` are verified pairs of representatives, `place` their places in the total
    order, `classes` int64[m, 2] (document, representative of its content).

    If a representative goes, all documents of its content go with it, by its witness and at its Jaccard,
    which is theirs too: same words, same shingles.
    """
    numbers = np.array(sorted(place), np.int64)
    places = np.array([place[number] for number in numbers.tolist()], np.int64)
    ends = places[np.searchsorted(numbers, pairs[:, [FIRST, SECOND]])].reshape(-1, 2)
    witness = greedy.witnesses(len(numbers), np.sort(ends, axis=1))
    in_order = np.empty(len(numbers), np.int64)
    in_order[places] = numbers

    removed = np.flatnonzero(witness != greedy.KEPT)
    by = pairs[witness[removed]]
    union = by[:, FIRST_SIZE] + by[:, SECOND_SIZE] - by[:, OVERLAP]
    gone = in_order[removed]
    near = Removals(
        removed=gone,
        kept=np.where(by[:, FIRST] == gone, by[:, SECOND], by[:, FIRST]),
        jaccard=by[:, OVERLAP] / union,
        same_words=np.zeros(len(gone), bool),
        bands=by[:, BANDS].astype(np.int32),
    )
    return _with_copies(near, classes)


def _with_copies(near: Removals, classes: np.ndarray) -> Removals:
    by = np.argsort(near.removed)
    gone = near.removed[by]
    at = np.searchsorted(gone, classes[:, 1])
    follows = at < len(gone)
    follows[follows] = gone[at[follows]] == classes[follows, 1]
    model = by[at[follows]]
    stays = ~follows
    columns = {
        "removed": [near.removed, classes[follows, 0], classes[stays, 0]],
        "kept": [near.kept, near.kept[model], classes[stays, 1]],
        "jaccard": [near.jaccard, near.jaccard[model], np.ones(stays.sum())],
        "same_words": [near.same_words, near.same_words[model], np.ones(stays.sum(), bool)],
        "bands": [near.bands, near.bands[model], np.zeros(stays.sum(), np.int32)],
    }
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    order = np.argsort(joined["removed"])
    return Removals(**{name: values[order] for name, values in joined.items()})


def hows(removals: Removals, rows: np.ndarray, text_hashes: np.ndarray) -> np.ndarray:
    """U5[n]: how each removed document is a duplicate of its witness.

    `rows` is int64[m], the in-run numbers of all documents of `removals`, ascending, and `text_hashes`
    uint8[m, 16] theirs.
    """
    removed, kept = np.searchsorted(rows, removals.removed), np.searchsorted(rows, removals.kept)
    same_text = (text_hashes[removed] == text_hashes[kept]).all(axis=1)
    return np.where(removals.same_words, np.where(same_text, "exact", "words"), "near")


def _text_hashes(shards: Sequence[Shard], rows: np.ndarray) -> np.ndarray:
    """uint8[m, 16]: those of the documents `rows`, int64[m], ascending."""
    hashes = np.empty((len(rows), documents.ID_BYTES), np.uint8)
    for shard in shards:
        named = _slice(rows, shard.index)
        if named.start < named.stop:
            column = documents.read_columns(shard.path, ["text_hash"]).column("text_hash")
            hashes[named] = documents.fixed_bytes(column)[documents.row_of(rows[named])]
    return hashes


def _order(shards: Sequence[Shard], numbers: np.ndarray, priority: dict[str, int]) -> dict[int, int]:
    """{in-run number: place in the total order} of the given documents."""
    keys: list[list[np.ndarray]] = [[], [], [], []]
    for shard in shards:
        rows = documents.row_of(numbers[_slice(numbers, shard.index)])
        if not len(rows):
            continue
        table = documents.read_columns(shard.path, ["doc_id", "source", "n_bytes"]).take(rows)
        for column, values in zip(keys, order_keys(table, priority), strict=True):
            column.append(values)
    if not keys[0]:
        return {}
    by = np.lexsort([np.concatenate(column) for column in reversed(keys)])
    return {number: place for place, number in enumerate(numbers[by].tolist())}


def _slice(numbers: np.ndarray, shard: int) -> slice:
    start, stop = np.searchsorted(numbers, [shard << 32, (shard + 1) << 32])
    return slice(int(start), int(stop))


def _count(
    tally: Tally, table: pa.Table, stays: np.ndarray, removed: np.ndarray, how: np.ndarray, here: slice
) -> None:
    reason = np.full(len(table), "", how.dtype)
    reason[documents.row_of(removed[here])] = how[here]
    columns = (table.column("source").to_pylist(), reason.tolist(), table.column("n_bytes").to_pylist())
    for source, why, n_bytes in itertools.compress(zip(*columns, strict=True), stays.tolist()):
        if why:
            tally.remove(source, why, 1, n_bytes)
        else:
            tally.keep(source, 1, n_bytes)


def _write(
    outbox: Outbox,
    removals: Removals,
    how: np.ndarray,
    rows: np.ndarray,
    ids: np.ndarray,
    sources: np.ndarray,
) -> None:
    if not len(removals.removed):
        return
    removed, kept = np.searchsorted(rows, removals.removed), np.searchsorted(rows, removals.kept)
    table = pa.table(
        [
            pa.array([each.tobytes() for each in ids[removed]], SCHEMA.field("removed").type),
            pa.array([each.tobytes() for each in ids[kept]], SCHEMA.field("kept").type),
            pa.array(removals.jaccard),
            pa.array(how, pa.string()),
            pa.array(removals.bands, pa.int32()),
            pa.array(sources[removed].tolist(), pa.string()),
            pa.array(sources[kept].tolist(), pa.string()),
            pa.nulls(len(removed), pa.string()),
        ],
        schema=SCHEMA,
    )
    path = outbox.new()
    documents.write_table(table, path)
    outbox.add(path, "duplicates", "parquet", table.num_rows)

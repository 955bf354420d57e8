"""The tokenize stage: kept documents to globally shuffled token shards.

Three steps: which documents validate; token ids of every documents shard, sent by the hash of their ids
to the shards they will stand in; and the shards, each sorted by that hash. So reading the shards in order
is reading the documents in random order, and the order does not depend on how many shards there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill import documents
from corpusmill.errors import CorpusmillError
from corpusmill.ledger import Tally
from corpusmill.manifest import Manifest, Receipt, identity, require_manifest
from corpusmill.pipeline import exchange
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.stage import Job, Stage, Table
from corpusmill.recipe import Tokenize
from corpusmill.tokenize import split, vocabulary
from corpusmill.tokenize.encoder import Encoder, flatten
from corpusmill.tokenize.shards import SCHEMA, write_shard
from corpusmill.tokenize.vocabulary import Vocabulary

VERSION = 1  # raise it when the same documents, duplicates and recipe give other bytes
SPLITS = ("train", "valid")
_TOKEN_BYTES_A_BYTE = 0.5  # of English text: about 4 bytes a token, 2 bytes an id; sizes the shards only
_SAMPLE_EVERY = 256  # documents; these are encoded by the reference too

_EXCHANGE = pa.schema(
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
    """A documents shard and which of its rows go: the `count` rows of the duplicates table from `first`."""

    shard: int
    path: Path
    rows: int
    first: int
    count: int
    duplicates: tuple[Path, ...]

    def mask(self, doc_ids: np.ndarray) -> np.ndarray:
        """bool[rows]: who stays. `CorpusmillError` if a removed document is not in this shard."""
        removed = pq.read_table(list(self.duplicates), columns=["removed"]).column("removed")
        gone = documents.fixed_bytes(removed.slice(self.first, self.count))
        stays = ~np.isin(_as_void(doc_ids), _as_void(gone))
        if len(doc_ids) != self.rows or int((~stays).sum()) != self.count:
            raise CorpusmillError(
                f"{self.path}: does not hold the documents that dedup removed; run dedup again"
            )
        return stays


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


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    ingested = require_manifest(job.run / "documents", "ingest")
    deduped = require_manifest(job.run / "duplicates", "dedup")
    options = job.recipe.tokenize
    words = vocabulary.load(options.vocabulary, options.end_of_text, job.inputs)
    parameters = {"version": VERSION, "tokenize": options.model_dump(mode="json"), "sha256": words.sha256}
    upstream = [[output.sha256 for output in each.outputs] for each in (ingested, deduped)]
    stage = Stage(job, "tokenize", identity({"parameters": parameters, "upstream": upstream}), parameters)
    if (manifest := stage.finished()) is not None:
        return manifest
    Encoder(words)  # compares the two engines before anything is done
    stage.begin()
    receipts = _steps(job, stage, _kept(job.run, ingested, deduped), deduped)
    shards = receipts["shards"]
    return stage.finish(
        receipts,
        [Table(kind=each, folder=f"tokens/{each}", suffix="arrow") for each in SPLITS],
        facts={
            "vocabulary_size": words.size,
            "end_of_text": words.end_of_text,
            "tokens": {
                each: _sum([r.facts["tokens"] for r in shards if r.facts["split"] == each]) for each in SPLITS
            },
        },
    )


def _kept(run: Path, ingested: Manifest, deduped: Manifest) -> list[Kept]:
    """The documents shards with their removals; the hashes say that both speak of the same shards."""
    outputs, noted = ingested.of_kind("documents"), deduped.facts["shards"]
    if [output.sha256 for output in outputs] != [each["sha256"] for each in noted]:
        raise CorpusmillError(
            f"{run}: duplicates/ was made from other documents; run `corpusmill dedup` again"
        )
    firsts = np.cumsum([0] + [each["removed"] for each in noted]).tolist()
    duplicates = tuple(run / output.path for output in deduped.of_kind("duplicates"))
    return [
        Kept(
            shard=shard,
            path=run / output.path,
            rows=output.rows,
            first=firsts[shard],
            count=noted[shard]["removed"],
            duplicates=duplicates,
        )
        for shard, output in enumerate(outputs)
    ]


def _steps(job: Job, stage: Stage, kept: Sequence[Kept], deduped: Manifest) -> dict[str, list[Receipt]]:
    options = job.recipe.tokenize
    items = [KeptItem(index=each.shard, size=each.path.stat().st_size, kept=each) for each in kept]
    by_source = {entry.source: entry.bytes for entry in deduped.ledger if entry.action == "kept"}
    quota = split.quotas(by_source, options.validation.bytes, options.validation.share)
    receipts = {
        "split": stage.step(
            "split", partial(find_cutoffs, kept, quota, options.seed), [Item(index=0, size=1)]
        )
    }
    valid_bytes = sum(quota.values())
    counts = (
        _count_shards(sum(by_source.values()) - valid_bytes, options.shard_bytes),
        _count_shards(valid_bytes, options.shard_bytes),
    )
    plan = Plan(options=options, inputs=job.inputs, counts=counts, identity=stage.identity)
    cutoffs = receipts["split"][0].facts["cutoffs"]
    receipts["encoded"] = stage.step("encoded", partial(encode, plan, cutoffs), items)
    sent = stage.files("encoded", receipts["encoded"], "exchange")
    size = sum(path.stat().st_size for path in sent) // sum(counts)
    shards = [Item(index=place, size=size) for place in range(sum(counts))]
    receipts["shards"] = stage.step("shards", partial(write_shards, plan, sent), shards)
    return receipts


def _count_shards(n_bytes: float, shard_bytes: int) -> int:
    return max(1, round(n_bytes * _TOKEN_BYTES_A_BYTE / shard_bytes))


def find_cutoffs(
    kept: Sequence[Kept], quota: dict[str, float], seed: int, item: Item, outbox: Outbox
) -> Done:
    """Work: the largest split key that validates, of each source."""
    cutoffs = split.Cutoffs(quota)
    for each in kept:
        table = documents.read_columns(each.path, ["doc_id", "source", "n_bytes"])
        doc_ids = documents.fixed_bytes(table.column("doc_id"))
        stays = each.mask(doc_ids)
        keys = split.split_keys(doc_ids, seed)[stays]
        sources = table.column("source").to_numpy()[stays]
        n_bytes = table.column("n_bytes").to_numpy()[stays]
        for source in sorted(set(sources.tolist())):
            of_source = sources == source
            cutoffs.add(source, keys[of_source], n_bytes[of_source])
    return Done(facts={"cutoffs": cutoffs.result()})


def encode(plan: Plan, cutoffs: dict[str, int], item: KeptItem, outbox: Outbox) -> Done:
    """Work: the token ids of a shard's kept documents, sent to the shards they will stand in."""
    encoder = Encoder(_vocabulary(plan))
    writer = exchange.ExchangeWriter(outbox, _EXCHANGE, sum(plan.counts), compression=None)
    kept = item.kept
    tally = Tally()
    all_ids = documents.fixed_bytes(documents.read_columns(kept.path, ["doc_id"]).column("doc_id"))
    stays = kept.mask(all_ids)
    seed = plan.options.seed
    for first, table in documents.iter_groups(kept.path, ["source", "text", "n_bytes"]):
        rows = first + np.flatnonzero(stays[first : first + len(table)])
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
                pa.array([each.tobytes() for each in all_ids[rows]], _EXCHANGE.field("doc_id").type),
                pa.array(sources, pa.string()),
                pa.array(np.full(len(rows), kept.shard), pa.int32()),
                pa.array(rows, pa.int64()),
                pa.LargeListArray.from_arrays(offsets, flat, type=_EXCHANGE.field("tokens").type),
            ],
            schema=_EXCHANGE,
        )
        writer.add(sent, _places(keys, validates, plan.counts))
    writer.close()
    return Done(ledger=tally.entries())


def _places(keys: np.ndarray, validates: np.ndarray, counts: tuple[int, int]) -> np.ndarray:
    """int64[n]: the partition of each document: equal ranges of the keys, training shards first."""
    n = np.where(validates, counts[1], counts[0]).astype(np.uint64)
    place = (keys >> np.uint64(32)) * n >> np.uint64(32)
    return place.astype(np.int64) + np.where(validates, counts[0], 0)


def write_shards(plan: Plan, sent: Sequence[Path], item: Item, outbox: Outbox) -> Done:
    """Work: one token shard. The ledger's `kept` counts the bytes that its tokens stand for."""
    table = exchange.read(sent, _EXCHANGE, item.index, item.index + 1)
    table = table.sort_by([("key", "ascending"), ("doc_id", "ascending")])
    which = SPLITS[item.index >= plan.counts[0]]
    words = _vocabulary(plan)
    metadata = {
        "tokenizer": words.name,
        "tokenizer_sha256": words.sha256,
        "vocabulary_size": str(words.size),
        "eos_id": str(words.end_of_text),
        "split": which,
        "seed": str(plan.options.seed),
        "identity": plan.identity,
    }
    sources = table.column("source").combine_chunks().cast(pa.string())
    columns = {
        "doc_id": table.column("doc_id"),
        "source": pa.chunked_array([sources]).combine_chunks().dictionary_encode(),
        "doc_shard": table.column("doc_shard"),
        "doc_row": table.column("doc_row"),
        "tokens": table.column("tokens"),
    }
    batch = exchange.one_batch(pa.table(list(columns.values()), schema=SCHEMA), SCHEMA)
    path = outbox.new()
    write_shard(batch, metadata, path)
    outbox.add(path, which, "arrow", batch.num_rows)
    counts = _measure(batch, Encoder(words).byte_lengths)
    tally = Tally()
    for source, count in counts.items():
        tally.keep(source, count["documents"], count["bytes"])
    return Done(ledger=tally.entries(), facts={"split": which, "tokens": counts})


def _measure(batch: pa.RecordBatch, byte_lengths: np.ndarray) -> dict[str, dict[str, int]]:
    """{source: {documents, bytes, tokens}}, the bytes from the tokens themselves."""
    tokens = batch.column("tokens")
    offsets = tokens.offsets.to_numpy()
    ends = np.concatenate([[0], np.cumsum(byte_lengths[tokens.values.to_numpy()])])
    lengths, n_bytes = np.diff(offsets), np.diff(ends[offsets])
    source = batch.column("source")
    codes, names = source.indices.to_numpy(), source.dictionary.to_pylist()
    return {
        name: {
            "documents": int((codes == code).sum()),
            "bytes": int(n_bytes[codes == code].sum()),
            "tokens": int(lengths[codes == code].sum()),
        }
        for code, name in enumerate(names)
    }


def _sum(counts: Sequence[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, dict[str, int]] = {}
    for shard in counts:
        for source, each in shard.items():
            cell = total.setdefault(source, dict.fromkeys(each, 0))
            for unit, number in each.items():
                cell[unit] += number
    return {source: total[source] for source in sorted(total)}


def _as_void(ids: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(ids).reshape(-1).view(f"V{documents.ID_BYTES}")


def _vocabulary(plan: Plan) -> Vocabulary:
    return vocabulary.load(plan.options.vocabulary, plan.options.end_of_text, plan.inputs)

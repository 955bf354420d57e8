"""Token ids to token shards: the last step of tokenize."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill.ledger import Tally
from corpusmill.pipeline import exchange
from corpusmill.pipeline.encoding import EXCHANGE, SPLITS, Plan
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.tokenize.shards import SCHEMA, write_shard


def write_shards(plan: Plan, sent: Sequence[Path], item: Item, outbox: Outbox) -> Done:
    """Work: one token shard. The ledger's `kept` counts the bytes that its tokens stand for."""
    table = exchange.read(sent, EXCHANGE, item.index, item.index + 1)
    table = table.sort_by([("key", "ascending"), ("doc_id", "ascending")])
    which = SPLITS[item.index >= plan.counts[0]]
    encoder = plan.encoder()
    words = encoder.vocabulary
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
    counts = _measure(batch, encoder.byte_lengths)
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

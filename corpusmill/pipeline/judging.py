"""Who is out by the recipe's filter: judged shard by shard, from the columns of documents alone.

`RUN/filtered/` has one part for each part of `RUN/documents/`, of the same number.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpusmill import documents
from corpusmill.clean.contamination import WHOLE
from corpusmill.clean.judge import Sense, Verdicts, judge
from corpusmill.errors import CorpusmillError
from corpusmill.filters import Filter
from corpusmill.ledger import Tally
from corpusmill.pipeline.items import Done, Item, Outbox

SCHEMA = pa.schema(
    [
        pa.field("doc_id", pa.binary(documents.ID_BYTES), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("measure", pa.string(), nullable=False),
        pa.field("direction", pa.string(), nullable=False),
        pa.field("threshold", pa.float64()),
        pa.field("rules", pa.list_(pa.field("item", pa.string(), nullable=False)), nullable=False),
    ]
)
"""`rule` is the first that the document breaks and its place in the recipe's `filter`; the signal `measure`
has `value`, which is `direction` the `threshold`; `rules` are all that it breaks. A rule that compares with
no number has none for a threshold, and for a value the probability of the language, or 1."""
_CONTAMINATED = Sense("contaminated_words", "above", 0.0)


@dataclass(frozen=True, kw_only=True)
class JudgedItem(Item):
    """One documents shard."""

    path: Path


def judge_shard(options: Filter, contaminated: bool, item: JudgedItem, outbox: Outbox) -> Done:
    """Work: the documents of a shard that break a rule, with the first one that each breaks; if
    `contaminated`, also those that have something of an evaluation set, before all rules."""
    table = documents.read_columns(item.path, ["doc_id", "source", "n_bytes", "signals"])
    sources = table.column("source").to_numpy()
    signals = _columns(table.column("signals"))
    verdicts = judge(options, sources, signals)
    if contaminated:
        _add_contaminated(verdicts, signals["contaminated_words"].astype(np.float64))
    tally = Tally()
    columns = (sources.tolist(), verdicts.first.tolist(), table.column("n_bytes").to_pylist())
    for source, rule, n_bytes in zip(*columns, strict=True):
        tally.enter(source, 1, n_bytes)
        if rule is None:
            tally.keep(source, 1, n_bytes)
        else:
            tally.remove(source, rule, 1, n_bytes)
    out = np.flatnonzero([rule is not None for rule in verdicts.first.tolist()])
    senses = [sense for place in out.tolist() if (sense := verdicts.senses[place]) is not None]
    filtered = [
        table.column("doc_id").take(out).combine_chunks(),
        sources[out].tolist(),
        verdicts.first[out].tolist(),
        verdicts.values[out],
        [sense.measure for sense in senses],
        [sense.direction for sense in senses],
        [sense.threshold for sense in senses],
        [verdicts.broken[place] for place in out.tolist()],
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(filtered, SCHEMA, strict=True)]
    path = outbox.new()
    documents.write_table(pa.table(arrays, schema=SCHEMA), path)
    outbox.add(path, "filtered", "parquet", len(out))
    return Done(ledger=tally.entries())


def _add_contaminated(verdicts: Verdicts, n_words: np.ndarray) -> None:
    """Put what a document has of evaluation sets before all rules."""
    for place in np.flatnonzero(n_words > 0).tolist():
        verdicts.first[place], verdicts.values[place] = WHOLE, n_words[place]
        verdicts.senses[place] = _CONTAMINATED
        verdicts.broken[place].insert(0, WHOLE)


def stays(doc_ids: np.ndarray, filtered: Path) -> np.ndarray:
    """bool[n]: which documents of a shard the filter left in. `doc_ids` is uint8[n, 16], `filtered` the part
    of RUN/filtered of the shard's number. `CorpusmillError` if that speaks of other documents."""
    out = documents.fixed_bytes(documents.read_columns(filtered, ["doc_id"]).column("doc_id"))
    left = ~np.isin(documents.as_void(doc_ids), documents.as_void(out))
    if int((~left).sum()) != len(out):
        raise CorpusmillError(f"{filtered}: was made from other documents; run `corpusmill filter` again")
    return left


def _columns(signals: pa.ChunkedArray) -> dict[str, np.ndarray]:
    """{field: its values, NaN or None where they are null}."""
    struct = signals.combine_chunks()
    if isinstance(struct, pa.ChunkedArray):  # of no documents
        struct = pa.array([], struct.type)
    names = [field.name for field in struct.type]
    return {
        name: values.to_numpy(zero_copy_only=False)
        for name, values in zip(names, struct.flatten(), strict=True)
    }

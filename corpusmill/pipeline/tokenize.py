"""The tokenize stage: kept documents to globally shuffled token shards.

Three steps: which documents validate; token ids of every documents shard, sent by the hash of their ids
to the shards they will stand in; and the shards, each sorted by that hash. So reading the shards in order
is reading the documents in random order, and the order does not depend on how many shards there are.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Manifest, Receipt, identity
from corpusmill.pipeline import dedup, filtering, ingest
from corpusmill.pipeline.encoding import SPLITS, Kept, KeptItem, Plan, encode, find_cutoffs
from corpusmill.pipeline.items import Item
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.shuffle import write_shards
from corpusmill.pipeline.stage import Stage, Table
from corpusmill.tokenize import split, vocabulary
from corpusmill.tokenize.encoder import Encoder
from corpusmill.tokenize.vocabulary import Vocabulary

VERSION = 1  # raise it when the same documents, duplicates and recipe give other bytes
_TOKEN_BYTES_A_BYTE = 0.5  # of English text: about 4 bytes a token, 2 bytes an id; sizes the shards only


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    ingested = job.require("ingest", ingest.parameters(job.recipe))
    filtered = job.require("filter", filtering.parameters(job.recipe))
    deduped = job.require("dedup", dedup.parameters(job.recipe))
    words = _vocabulary(job)
    of_recipe = parameters(job)
    upstream = [[output.sha256 for output in each.outputs] for each in (ingested, filtered, deduped)]
    stage = Stage(job, "tokenize", identity({"parameters": of_recipe, "upstream": upstream}), of_recipe)
    if (manifest := stage.finished()) is not None:
        return manifest
    Encoder(words)  # compares the two engines before anything is done
    stage.begin()
    receipts = _steps(job, stage, _kept(job.run, ingested, filtered, deduped), deduped)
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


def parameters(job: Job) -> dict[str, Any]:
    """What of the recipe, and of the vocabulary's files, decides this stage's bytes."""
    options = job.recipe.tokenize.model_dump(mode="json")
    return {"version": VERSION, "tokenize": options, "sha256": _vocabulary(job).sha256}


def _vocabulary(job: Job) -> Vocabulary:
    options = job.recipe.tokenize
    return vocabulary.load(options.vocabulary, options.end_of_text, job.inputs)


def _kept(run: Path, ingested: Manifest, filtered: Manifest, deduped: Manifest) -> list[Kept]:
    """The documents shards with their removals; the hashes say that all speak of the same shards."""
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
            filtered=run / out.path,
            first=firsts[shard],
            count=noted[shard]["removed"],
            duplicates=duplicates,
        )
        for shard, (output, out) in enumerate(zip(outputs, filtered.of_kind("filtered"), strict=True))
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


def _sum(counts: Sequence[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    total: dict[str, dict[str, int]] = {}
    for shard in counts:
        for source, each in shard.items():
            cell = total.setdefault(source, dict.fromkeys(each, 0))
            for unit, number in each.items():
                cell[unit] += number
    return {source: total[source] for source in sorted(total)}

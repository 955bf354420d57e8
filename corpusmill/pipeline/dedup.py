"""The dedup stage: signatures, exact classes, buckets, verification, resolution.

Six steps, each an array in and an array out: band keys of every document; documents of the same content,
which are represented by one; pairs that share a bucket; the shingle sets of those pairs, which meet in an
exchange; the pairs whose exact Jaccard reaches the threshold; and who is removed, by which kept witness.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from corpusmill import documents
from corpusmill.dedup import bands, shingles, signatures, words
from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Manifest, Receipt, identity
from corpusmill.pipeline import buckets, filtering, ingest, resolution, sketches, verification
from corpusmill.pipeline.items import Item
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.sketches import Shard, ShardItem
from corpusmill.pipeline.stage import Stage, Table
from corpusmill.recipe import Recipe

VERSION = 2  # raise it when the same documents and recipe give other bytes
_GROUP_BYTES = 64 << 20  # of blocks, a partition: sorted in memory by one reducer

# The signature kernel is compared with datasketch on these when the stage starts.
_PROBES = (
    "one two three",
    "It was the best of times, it was the worst of times, it was the age of wisdom",
    "Ünïcödé 漢字かな Ὀδυσσεύς 0123456789 a b c d e f g",
)


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    upstream = job.require("ingest", ingest.parameters(job.recipe))
    filtered = job.require("filter", filtering.parameters(job.recipe))
    if filtered.facts["documents"] != [output.sha256 for output in upstream.of_kind("documents")]:
        raise CorpusmillError(
            f"{job.run}: filtered/ was made from other documents; run `corpusmill filter` again"
        )
    parts = zip(upstream.of_kind("documents"), filtered.of_kind("filtered"), strict=True)
    shards = [
        Shard(
            index=index,
            path=job.run / output.path,
            sha256=output.sha256,
            rows=output.rows,
            bytes=output.bytes,
            filtered=job.run / out.path,
        )
        for index, (output, out) in enumerate(parts)
    ]
    options = job.recipe.dedup
    of_recipe = parameters(job.recipe)
    hashes = {
        "documents": [shard.sha256 for shard in shards],
        "filtered": [out.sha256 for out in filtered.of_kind("filtered")],
    }
    stage = Stage(job, "dedup", identity({"parameters": of_recipe, **hashes}), of_recipe)
    if (manifest := stage.finished()) is not None:
        return manifest
    cut = bands.choose(float(options.threshold), options.recall, options.permutations)
    how = signatures.permutations(options.permutations, options.seed)
    signatures.check_kernel(shingles.shingles(words.normalize(_PROBES)), how)
    stage.begin()
    receipts = _steps(job, stage, shards, cut)
    resolved = receipts["resolution"][0]
    return stage.finish(
        receipts,
        [
            Table(
                kind="signatures",
                folder="signatures",
                suffix="arrow",
                write_empty=partial(sketches.write, sketches.empty(cut.bands)),
            ),
            Table(
                kind="duplicates",
                folder="duplicates",
                suffix="parquet",
                write_empty=partial(documents.write_table, resolution.SCHEMA.empty_table()),
            ),
        ],
        facts={
            "bands": cut.bands,
            "rows": cut.rows,
            "threshold": str(options.threshold),
            "recall": cut.recall(float(options.threshold)),
            "copies": receipts["classes"][0].facts["copies"],
            "proposed_pairs": receipts["pairs"][0].facts["pairs"],
            "true_pairs": sum(receipt.facts["pairs"] for receipt in receipts["verified"]),
            "shards": resolved.facts["shards"],
        },
    )


def parameters(recipe: Recipe) -> dict[str, Any]:
    """What of the recipe decides this stage's bytes."""
    return {
        "version": VERSION,
        "dedup": recipe.dedup.model_dump(mode="json"),
        "preference": list(recipe.source_priority()),
    }


def _steps(job: Job, stage: Stage, shards: Sequence[Shard], cut: bands.Bands) -> dict[str, list[Receipt]]:
    options = job.recipe.dedup
    items = [ShardItem(index=shard.index, size=shard.bytes, shard=shard) for shard in shards]
    one = [Item(index=0, size=1)]
    n_documents = sum(shard.rows for shard in shards)
    priority = job.recipe.source_priority()
    p, q = options.fraction.numerator, options.fraction.denominator
    receipts: dict[str, list[Receipt]] = {}

    def files(step: str, kind: str) -> list[Path]:
        return stage.files(step, receipts[step], kind)

    receipts["sketches"] = stage.step("sketches", partial(sketches.sketch, options, cut), items)
    sketched = files("sketches", "signatures")

    n = _partitions(n_documents, buckets.CONTENT_ROW_BYTES)
    receipts["content"] = stage.grouped_step(
        "content", partial(buckets.content_blocks, priority, n), items, buckets.reduce_content, n
    )
    receipts["classes"] = stage.step(
        "classes", partial(buckets.merge_classes, files("content", "classes")), one
    )
    classes = files("classes", "classes")[0]

    slices = _partitions(n_documents, buckets.BAND_ROW_BYTES)
    receipts["bands"] = stage.grouped_step(
        "bands",
        partial(buckets.band_blocks, sketched, classes, slices),
        items,
        partial(buckets.reduce_band, p, q),
        cut.bands * slices,
    )
    receipts["pairs"] = stage.step(
        "pairs", partial(verification.merge_pairs, files("bands", "pairs"), sketched), one
    )
    n = receipts["pairs"][0].facts["partitions"]
    pairs, needs = files("pairs", "pairs")[0], files("pairs", "needs")[0]
    receipts["sets"] = stage.step("sets", partial(verification.send_sets, needs, n), items)
    partitions = [Item(index=partition, size=1) for partition in range(n)]
    verify = partial(verification.verify, pairs, files("sets", "exchange"), p, q)
    receipts["verified"] = stage.step("verified", verify, partitions)
    resolve = partial(resolution.resolve, shards, priority, classes, files("verified", "verified"))
    receipts["resolution"] = stage.step("resolution", resolve, one)
    return receipts


def _partitions(n_documents: int, row_bytes: int) -> int:
    return max(1, -(-n_documents * row_bytes // _GROUP_BYTES))

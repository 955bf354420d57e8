"""The filter stage: documents to the table of those that the recipe's quality rules leave out.

It reads measures, never texts, so other thresholds cost seconds. Without a filter in the recipe the table
is empty, and the stage is there all the same: what follows reads one thing.
"""

from functools import partial
from typing import Any

from corpusmill.manifest import Manifest, identity
from corpusmill.pipeline import ingest
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.judging import JudgedItem, judge_shard
from corpusmill.pipeline.stage import Stage, Table
from corpusmill.recipe import Recipe

VERSION = 3  # raise it when the same documents and recipe give other bytes


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    shards = job.require("ingest", ingest.parameters(job.recipe)).of_kind("documents")
    of_recipe = parameters(job.recipe)
    judged = [shard.sha256 for shard in shards]
    stage = Stage(job, "filter", identity({"parameters": of_recipe, "documents": judged}), of_recipe)
    if (manifest := stage.finished()) is not None:
        return manifest
    stage.begin()
    items = [
        JudgedItem(index=index, size=shard.rows, path=job.run / shard.path)
        for index, shard in enumerate(shards)
    ]
    judge = partial(judge_shard, job.recipe.filter, _leaves_contaminated_out(job.recipe))
    receipts = {"judged": stage.step("judged", judge, items)}
    table = Table(kind="filtered", folder="filtered", suffix="parquet")
    return stage.finish(receipts, [table], facts={"documents": judged})


def parameters(recipe: Recipe) -> dict[str, Any]:
    """What of the recipe decides this stage's bytes."""
    where_lists_lie = {"url": {"block": {"file"}}}  # their hashes decide
    return {
        "version": VERSION,
        "filter": recipe.filter.model_dump(mode="json", exclude=where_lists_lie),
        "contaminated": _leaves_contaminated_out(recipe),
    }


def _leaves_contaminated_out(recipe: Recipe) -> bool:
    return recipe.decontaminate is not None and recipe.decontaminate.remove == "documents"

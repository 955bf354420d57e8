"""The report stage: the page and its numbers, from what the other stages left in the run directory."""

from functools import partial
from pathlib import Path

from corpusmill import __version__, report
from corpusmill.manifest import Manifest, hash_file, identity, manifest_path, read_manifest
from corpusmill.pipeline import dedup, filtering, ingest, tokenize
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.pipeline.job import FOLDERS, Job
from corpusmill.pipeline.stage import Stage, Table

_FILES = ("index.html", "stats.json")
JOURNAL = "journal.jsonl"


def run(job: Job) -> Manifest:
    """Do the stage unless it is done; `facts["problems"]` says where the ledger does not balance."""
    before = [job.require("ingest", ingest.parameters(job.recipe))]
    later = {
        "filter": filtering.parameters(job.recipe),
        "dedup": dedup.parameters(job.recipe),
        "tokenize": tokenize.parameters(job),
    }
    for stage, of_recipe in later.items():
        if read_manifest(manifest_path(job.run, stage)):
            before.append(job.require(stage, of_recipe))
    journal = job.run / FOLDERS["train"][0] / JOURNAL
    parts = {
        "version": __version__,
        "stages": [[each.identity, [output.sha256 for output in each.outputs]] for each in before],
        "journal": hash_file(journal) if journal.exists() else None,
        "recipe": job.recipe.dump(),
    }
    ours = Stage(job, "report", identity(parts), {})
    if (manifest := ours.finished()) is not None:
        return manifest
    ours.begin()
    receipts = ours.step("page", partial(build, job.run), [Item(index=0, size=1)])
    tables = [Table(kind=name, folder="report", suffix="", name=name) for name in _FILES]
    return ours.finish({"page": receipts}, tables, facts=receipts[0].facts)


def build(run: Path, item: Item, outbox: Outbox) -> Done:
    """Work: the whole report."""
    folder = outbox.new()
    folder.mkdir()
    problems = report.build(run, folder)
    for name in _FILES:
        outbox.add(folder / name, name, "report", rows=0)
    return Done(facts={"problems": problems})

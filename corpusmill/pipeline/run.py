"""A run: the lock, the resolved recipe, the pool, and the stages in their order."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

from corpusmill.manifest import Manifest
from corpusmill.pipeline import dedup, filtering, ingest, pool, report, settings, tokenize
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.lock import locked

STAGES: dict[str, Callable[[Job], Manifest]] = {
    "ingest": ingest.run,
    "filter": filtering.run,
    "dedup": dedup.run,
    "tokenize": tokenize.run,
    "report": report.run,
}


@contextlib.contextmanager
def opened(job: Job) -> Iterator[None]:
    """Hold the run directory of `job`, with a pool that starts when it is needed."""
    with locked(job.run):
        job.work.mkdir(exist_ok=True)
        with pool.on_demand(job.workers):
            yield


def do(job: Job, stages: Sequence[str]) -> list[str]:
    """Do the named stages of an opened run, skipping what is done; where the ledger does not balance."""
    # Doing a stage deletes what later ones made: they are asked too.
    known = list(STAGES)
    settings.refuse(job.recipe, job.inputs, known[min(map(known.index, stages)) :])
    problems: list[str] = []
    for stage in stages:
        manifest = STAGES[stage](job)
        job.write_recipe()
        problems += manifest.facts.get("problems", [])
    return problems

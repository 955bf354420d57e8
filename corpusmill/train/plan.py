"""Decides where a training starts: at a good checkpoint of the same training, or afresh.

Here what an earlier start left behind is judged, and removed when it is of another training, damaged, or
later than the point that is gone on from.
"""

import logging
import shutil
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import require_manifest
from corpusmill.recipe import Train
from corpusmill.tokenize.shards import open_split
from corpusmill.train import checkpoint, journal
from corpusmill.train.data import require_window, vocabulary_size
from corpusmill.train.job import Job, identity_of, shards_of

_log = logging.getLogger(__name__)


def prepare(run: Path, config: Train) -> Job:
    """The job that is left to do, with `RUN/model` and an empty scratch folder ready for it.

    `CorpusmillError` if the tokens are missing or too few, or the journal lacks steps before the checkpoint.
    """
    shards = shards_of(require_manifest(run / "tokens", "tokenize"))
    tokens = open_split(run, "train")
    require_window(tokens, config.sequence)
    vocabulary_size(tokens)
    if len(open_split(run, "valid")) <= config.sequence:
        _log.warning("%s: the valid split is shorter than one window: no validation losses", run)

    identity = identity_of(config, shards)
    model = run / "model"
    if model.exists() and identity not in _identities(model):
        shutil.rmtree(model)
    step, folder, passed_over = _newest_good(model, identity)
    for line in passed_over:
        _log.warning("checkpoint passed over and removed, training goes on from step %d: %s", step, line)
    job = Job(
        run=run,
        config=config,
        identity=identity,
        shards=shards,
        checkpoint=folder,
        step=step,
        passed_over=passed_over,
    )
    _require_steps(job)
    _clear(job)
    return job


def _identities(model: Path) -> set[object]:
    """Of which trainings there are traces in `model`."""
    lines = journal.Reader(model / journal.JOURNAL).lines()
    found: set[object] = {line["identity"] for line in lines if "identity" in line}
    return found | {checkpoint.identity_in(folder) for _, folder in checkpoint.newest_first(model)}


def _newest_good(model: Path, identity: str) -> tuple[int, Path | None, list[str]]:
    """Its step and folder (0 and None without one), and what is wrong with those that are newer."""
    problems: list[str] = []
    for step, folder in checkpoint.newest_first(model):
        problem = checkpoint.problem(folder, step, identity)
        if problem is None:
            return step, folder, problems
        problems.append(problem)
    return 0, None, problems


def _require_steps(job: Job) -> None:
    done = [step for step, _ in journal.losses(job.journal) if step <= job.step]
    if done != list(range(1, job.step + 1)):
        raise CorpusmillError(
            f"{job.journal}: not every step up to {job.step} is in it, but {job.checkpoint} builds on them; "
            f"put the journal back, or delete {job.model} to train afresh"
        )


def _clear(job: Job) -> None:
    if job.scratch.exists():
        shutil.rmtree(job.scratch)
    job.scratch.mkdir(parents=True)
    for step, folder in list(checkpoint.newest_first(job.model)):
        if step > job.step:
            checkpoint.remove(folder, job.scratch)
    journal.cut(job.journal, job.step)

"""Decides where a training starts: at a good checkpoint of the same model, or afresh.

Nothing here deletes a model. One of another architecture, seed or tokens is moved aside, and comes back when
the recipe asks for it again; one of which no checkpoint is good is moved aside too, and a checkpoint that is
damaged, or another model's, is put aside beside the others.
"""

import logging
import shutil
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import outputs_digest, require_manifest
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
    manifest = require_manifest(run, "tokenize")
    shards = shards_of(manifest)
    tokens = open_split(run, "train")
    require_window(tokens, config.sequence)
    vocabulary_size(tokens)
    if len(open_split(run, "valid")) <= config.sequence:
        _log.warning("%s: the valid split is shorter than one window: no validation losses", run)

    identity = identity_of(config, shards)
    model = run / "model"
    _make_room(model, identity, config)
    step, folder, passed_over = _newest_good(model, identity)
    if passed_over and folder is None:
        _move_aside(model, f"{identity}-damaged", f"no checkpoint of it is good ({passed_over[0]})")
        passed_over = []
    for line in passed_over:
        _log.warning(
            "train: checkpoint passed over and put aside, training goes on from step %d: %s", step, line
        )
    done = checkpoint.manifest_of(folder) if folder else None
    job = Job(
        run=run,
        config=config,
        identity=identity,
        shards=shards,
        checkpoint=folder,
        step=step,
        sequences=done.facts["sequences"] if done else 0,
        passed_over=passed_over,
        tokens_digest=outputs_digest(manifest.outputs),
        changed=_changed(journal.settings(model / journal.JOURNAL, step), config) if folder else {},
    )
    _require_steps(job)
    _clear(job)
    _tell(job)
    return job


def _make_room(model: Path, identity: str, config: Train) -> None:
    """See to it that what is in `model`, if anything, is of this identity."""
    found = _identities(model)
    if model.exists() and identity not in found:
        _move_aside(model, min(found, default="unknown"), _difference(model, config))
    before = model.with_name(f"{model.name}-{identity}")
    if not model.exists() and before.exists():
        before.rename(model)
        _log.warning("train: %s was moved aside before; it is %s again", before, model)


def _move_aside(model: Path, name: str, why: str) -> None:
    aside = model.rename(checkpoint.unused(model.with_name(f"{model.name}-{name}")))
    _log.warning("train: %s is kept as %s: %s", model, aside, why)


def _difference(model: Path, config: Train) -> str:
    """What makes the model in `model` another than the recipe's, in words."""
    for _, folder in checkpoint.newest_first(model):
        if (manifest := checkpoint.manifest_of(folder)) is not None:
            before, now = manifest.parameters, config.of_model()
            differs = [
                f"{key} {before.get(key)}, not {now[key]}" for key in now if before.get(key) != now[key]
            ]
            return f"it has {', '.join(differs)}" if differs else "it was trained on other tokens"
    return "it is another model, or of other tokens"


def _identities(model: Path) -> set[str]:
    """Of which models there are traces in `model`."""
    lines = journal.Reader(model / journal.JOURNAL).lines()
    found = {str(line["identity"]) for line in lines if "identity" in line}
    manifests = [checkpoint.manifest_of(folder) for _, folder in checkpoint.newest_first(model)]
    return found | {manifest.identity for manifest in manifests if manifest}


def _newest_good(model: Path, identity: str) -> tuple[int, Path | None, list[str]]:
    """Its step and folder (0 and None without one), and what is wrong with those that are newer."""
    problems: list[str] = []
    for step, folder in checkpoint.newest_first(model):
        problem = checkpoint.problem(folder, step, identity)
        if problem is None:
            return step, folder, problems
        problems.append(problem)
    return 0, None, problems


def _changed(before: dict[str, int | float], config: Train) -> dict[str, list[int | float]]:
    now = config.settings()
    return {name: [before[name], now[name]] for name in now if before.get(name, now[name]) != now[name]}


def _tell(job: Job) -> None:
    """Say what changed since the last start, and if the recipe asks for fewer steps than there are."""
    if job.step > job.config.steps:
        _log.warning(
            "train: the model has %d steps, more than the recipe's %d: it stays as it is",
            job.step,
            job.config.steps,
        )
    elif job.changed and job.step < job.config.steps:
        told = ", ".join(f"{name} {before} -> {now}" for name, (before, now) in job.changed.items())
        _log.warning("train: going on from step %d with %s", job.step, told)


def _require_steps(job: Job) -> None:
    done = [step for step, _ in journal.losses(job.journal) if step <= job.step]
    if done != list(range(1, job.step + 1)):
        raise CorpusmillError(
            f"{job.journal}: not every step up to {job.step} is in it, but {job.checkpoint} builds on them; "
            f"put the journal back, or move {job.model} away to train afresh"
        )


def _clear(job: Job) -> None:
    if job.scratch.exists():
        shutil.rmtree(job.scratch)
    job.scratch.mkdir(parents=True)
    for step, folder in list(checkpoint.newest_first(job.model)):
        if step > job.step:
            checkpoint.put_aside(folder)
    journal.cut(job.journal, job.step)

"""Checkpoints as folders: published whole, verified before use, and passed over when damaged.

`RUN/model/checkpoints/step-000050/` holds the files that `state` wrote and `manifest.json`, which has the
sha256 of each. A folder gets that name by a rename when all is in it, so a kill leaves none that is partial.
Reading one back is not enough to trust it: torch loads a file with a flipped bit without complaint.
"""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Manifest, Output, hash_file, read_manifest, to_json, write_text
from corpusmill.train.job import Job

MANIFEST = "manifest.json"
STAGE = "train"
KEPT = 2  # the newest and the one to fall back on


def folder_name(step: int) -> str:
    """The name of the checkpoint after `step`."""
    return f"step-{step:06d}"


def publish(files: Path, step: int, sequences: int, job: Job) -> None:
    """Make the folder `files`, which lies in `job.scratch`, the checkpoint after `step`, by which `sequences`
    were trained on; drop the oldest.

    One process calls it, when every rank's files are written. The files' manifest is written last.
    """
    folder = job.model / "checkpoints" / folder_name(step)
    outputs = [
        Output(
            kind="checkpoint",
            path=str((folder / file.name).relative_to(job.run)),
            rows=0,
            bytes=file.stat().st_size,
            sha256=hash_file(file),
        )
        for file in sorted(files.iterdir())
    ]
    manifest = Manifest(
        stage=STAGE,
        identity=job.identity,
        parameters=job.config.model_dump(mode="json"),
        inputs=job.shards,
        outputs=outputs,
        facts={"step": step, "sequences": sequences},
    )
    write_text(files / MANIFEST, to_json(manifest), job.scratch)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files.rename(folder)
    for _, old in list(newest_first(job.model))[KEPT:]:
        remove(old, job.scratch)


def newest_first(model: Path) -> Iterator[tuple[int, Path]]:
    """(step, folder) of every checkpoint there is, good or not, the newest first."""
    folders = [path for path in (model / "checkpoints").glob("step-*") if path.name[5:].isdecimal()]
    yield from sorted(((int(path.name[5:]), path) for path in folders), reverse=True)


def manifest_of(folder: Path) -> Manifest | None:
    """What the checkpoint says of itself, None if that cannot be read."""
    try:
        return read_manifest(folder / MANIFEST)
    except (CorpusmillError, ValueError, KeyError, TypeError):
        return None


def problem(folder: Path, step: int, identity: str) -> str | None:
    """What is wrong with a checkpoint, in one line that names the file; None if every hash is right."""
    try:
        manifest = read_manifest(folder / MANIFEST)
    except (CorpusmillError, ValueError, KeyError, TypeError):
        return f"{folder / MANIFEST}: damaged"
    if manifest is None:
        return f"{folder / MANIFEST}: gone"
    if (manifest.stage, manifest.identity, manifest.facts.get("step")) != (STAGE, identity, step):
        return f"{folder / MANIFEST}: not of this model and step"
    if not isinstance(manifest.facts.get("sequences"), int):
        return f"{folder / MANIFEST}: does not say how many sequences were trained on"
    for output in manifest.outputs:
        path = folder / Path(output.path).name
        if not path.exists():
            return f"{path}: gone"
        if hash_file(path) != output.sha256:
            return f"{path}: its sha256 is not the manifest's"
    return None


def put_aside(folder: Path) -> Path:
    """Give a checkpoint a name under which it is none; where it is now."""
    return folder.rename(unused(folder.with_name(f"damaged-{folder.name}")))


def unused(path: Path) -> Path:
    """The path itself if nothing is there, otherwise with the first number behind it for which nothing is."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(each for each in itertools.chain([path], numbered) if not each.exists())


def remove(folder: Path, scratch: Path) -> None:
    """Remove a checkpoint; a kill midway leaves no half of it in its place."""
    doomed = scratch / f"removed-{folder.name}"
    folder.rename(doomed)
    shutil.rmtree(doomed)

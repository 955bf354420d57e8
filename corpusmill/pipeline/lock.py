"""One run at a time in a run directory."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.job import RECIPE

LOCK = ".lock"


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the run directory; `CorpusmillError` if another process holds it.

    The kernel releases the lock with the process, so a killed run leaves none behind.
    """
    if "://" in str(run) or ":/" in str(run):
        raise CorpusmillError(f"{run}: the run directory must be a local folder in this version")
    if run.exists() and not run.is_dir():
        raise CorpusmillError(f"{run}: is a file; the run directory must be a folder")
    run.mkdir(parents=True, exist_ok=True)
    # Stages delete what earlier ones left, by the names of the run directory: never in somebody's folder.
    if not any((run / name).exists() for name in (LOCK, RECIPE)) and any(run.iterdir()):
        raise CorpusmillError(f"{run}: holds files, but no run; name an empty or a new folder")
    with (run / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CorpusmillError(f"{run}: another run is at work in this folder") from error
        yield

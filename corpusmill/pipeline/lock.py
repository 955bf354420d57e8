"""One run at a time in a run directory."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from corpusmill.errors import CorpusmillError
from corpusmill.runs import LOCK, SIGNATURE, is_run


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the run directory; `CorpusmillError` if another process holds it, which it names.

    The kernel releases the lock with the process, so a killed run leaves none behind. The lock's file stays:
    it is what makes the folder a run's.
    """
    if "://" in str(run) or ":/" in str(run):
        raise CorpusmillError(f"{run}: the run directory must be a local folder in this version")
    if run.exists() and not run.is_dir():
        raise CorpusmillError(f"{run}: is a file; the run directory must be a folder")
    run.mkdir(parents=True, exist_ok=True)
    # Stages delete what earlier ones left, by the names of the run directory: never in somebody's folder.
    holds = {path.name for path in run.iterdir()} - {LOCK}
    if holds and not is_run(run):
        raise CorpusmillError(f"{run}: holds files, but no run; name an empty or a new folder")
    with open(os.open(run / LOCK, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CorpusmillError(f"{run}: another run is at work in this folder{_holder(run)}") from error
        # Written over what was there, and cut only then: at no moment is it no run's.
        told = b"%s, process %d on %s\n" % (SIGNATURE, os.getpid(), os.uname().nodename.encode())
        file.write(told)
        file.truncate(len(told))
        yield


def _holder(run: Path) -> str:
    """Which process holds the lock, as far as its file tells."""
    told = (run / LOCK).read_bytes().removeprefix(SIGNATURE).decode("utf-8", "replace").strip()
    return f"{told}; wait for it, or stop it" if told else ""

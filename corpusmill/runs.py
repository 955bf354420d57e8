"""What makes a folder the folder of a run, so that no run is ever taken for input."""

import os
from pathlib import Path

LOCK = ".lock"
SIGNATURE = b"corpusmill run"  # how the lock of every run begins


def is_run(folder: str | Path) -> bool:
    """Is this the folder of a run, whether one is at work there or not?"""
    try:
        with open(os.path.join(folder, LOCK), "rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def run_around(path: str | Path) -> str | None:
    """The folder of the run that `path` lies in, links followed, or is; None if it lies in none."""
    place = Path(os.path.realpath(path))
    return next((str(folder) for folder in (place, *place.parents) if is_run(folder)), None)

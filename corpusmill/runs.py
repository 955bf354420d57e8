"""What makes a folder the folder of a run, so that no run is ever taken for input."""

import os
from pathlib import Path

LOCK = ".lock"
MANIFESTS = "_manifests"
"""The folder of a run that holds the manifest of each finished stage. Not the tables' own folders: polars
opens a folder only if nothing in it has another suffix, whatever its name begins with (tried with 2.1)."""
SIGNATURE = b"corpusmill run"  # how the lock of every run begins


def is_run(folder: str | Path) -> bool:
    """Is this the folder of a run, whether one is at work there or not? Copies may have lost the lock."""
    if os.path.isfile(os.path.join(folder, MANIFESTS, "ingest.json")):
        return True
    try:
        with open(os.path.join(folder, LOCK), "rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def run_around(path: str | Path) -> str | None:
    """The folder of the run that `path` lies in, links followed, or is; None if it lies in none."""
    place = Path(os.path.realpath(path))
    return next((str(folder) for folder in (place, *place.parents) if is_run(folder)), None)

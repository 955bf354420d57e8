"""The demo's inputs: about 20 MB in the native formats of all three families, and the truth about them.

Equal versions of the packages that the text comes from give equal bytes on every machine. The folder
appears whole or not at all: everything is written beside it under another name and renamed.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import zstandard

from corpusmill.demo import books, library, pile, plan, quality, reddit, texts, truth
from corpusmill.errors import CorpusmillError

TRUTH = "truth.json"
VERSION = 3  # raise it when the same packages give other inputs


def make(folder: Path) -> Path:
    """Make the inputs in `folder`, unless they are there, and return the path of their `truth.json`.

    `CorpusmillError` if a package that the text comes from is missing, or if `folder` holds something else.
    """
    folder = folder.absolute()
    stamp = _stamp()
    if _has_inputs(folder, stamp):
        return folder / TRUTH
    making = folder.with_name(f".{folder.name}.making")
    if making.exists():  # of a run that was killed
        shutil.rmtree(making)
    making.mkdir(parents=True)
    _write(making, stamp)
    if folder.exists():
        shutil.rmtree(folder)
    making.rename(folder)
    return folder / TRUTH


def _stamp() -> dict[str, Any]:
    """What the bytes of the inputs depend on."""
    return {"version": VERSION, "packages": texts.versions(), "zstandard": zstandard.__version__}


def _has_inputs(folder: Path, stamp: dict[str, Any]) -> bool:
    """Whether `folder` holds these very inputs; False if it may be replaced."""
    if not folder.exists():
        return False
    try:
        found = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if folder.is_dir() and not any(folder.iterdir()):
            return False
        raise CorpusmillError(
            f"{folder}: holds other things than the demo's inputs; give --inputs another folder"
        ) from error
    return bool(found.get("stamp") == stamp)


def _write(folder: Path, stamp: dict[str, Any]) -> None:
    shelves = library.collect()
    groups = plan.groups(shelves.supply)
    planted = truth.planted(groups)
    account = truth.Account()
    books.write(folder, shelves.gutenberg, shelves.plain, planted, account)
    pile.write(folder, shelves.entries, planted, account)
    reddit.write(folder, shelves.messages, planted, account)
    quality.write(folder)
    content = {"stamp": stamp, **truth.describe(groups, account)}
    (folder / TRUTH).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

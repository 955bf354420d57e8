"""The texts of a folder of real samples, as their sources yield them, before any cleaning."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from samples import FORMATS

from corpusmill import sources
from corpusmill.recipe import Recipe
from corpusmill.sources.records import Comment, Record


def texts(samples: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of every document, or comment, of every file under `samples` that is a dump."""
    for path in sorted(path for path in samples.rglob("*") if path.is_file()):
        name = path.relative_to(samples).as_posix()
        form = next((form for pattern, form in FORMATS if fnmatch(name, pattern)), None)
        if form is None:
            continue
        recipe = Recipe.model_validate({"sources": [{"name": "sample", "files": [name], **form}]})
        with path.open("rb") as file:
            for each in sources.read(sources.source_of(recipe.sources[0]), name, file):
                if isinstance(each, Record):
                    yield name, each.text
                elif isinstance(each, Comment):
                    yield name, each.body

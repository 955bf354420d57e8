"""What can be said against a recipe without reading any data: asked of every stage before work begins.

A run that would fail after days of reading is refused in its first second. Each stage answers for its own
part.
"""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from corpusmill.clean.language import require_known
from corpusmill.dedup import bands
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.intake import require_usable
from corpusmill.recipe import Recipe
from corpusmill.tokenize import vocabulary


def refuse(recipe: Recipe, inputs: str, stages: Sequence[str]) -> None:
    """`CorpusmillError` with a line for each thing in the recipe with which one of `stages` cannot work."""
    if found := problems(recipe, inputs, stages):
        raise CorpusmillError("\n".join(found))


def problems(recipe: Recipe, inputs: str, stages: Sequence[str]) -> list[str]:
    """One line for each thing in the recipe with which one of `stages` cannot work."""
    asked = [ask for stage in stages if stage in _ASK for ask in _ASK[stage](recipe, inputs)]
    return list(dict.fromkeys(problem for ask in asked for problem in said(ask)))


def said(attempt: Callable[[], object]) -> list[str]:
    """What an attempt is refused with, as lines; none if it is not."""
    try:
        attempt()
    except CorpusmillError as error:
        return str(error).split("\n")
    return []


Asks = Iterator[Callable[[], object]]


def _ingest(recipe: Recipe, inputs: str) -> Asks:
    for entry in recipe.sources:
        yield partial(require_usable, entry)


def _filter(recipe: Recipe, inputs: str) -> Asks:
    if recipe.filter.language:
        yield partial(require_known, recipe.filter.language.keep)


def _dedup(recipe: Recipe, inputs: str) -> Asks:
    options = recipe.dedup
    yield partial(bands.choose, float(options.threshold), options.recall, options.permutations)


def _tokenize(recipe: Recipe, inputs: str) -> Asks:
    yield partial(vocabulary.load, recipe.tokenize.vocabulary, recipe.tokenize.end_of_text, inputs)


def _train(recipe: Recipe, inputs: str) -> Asks:
    yield _require_torch


def _require_torch() -> None:
    if importlib.util.find_spec("torch") is None:
        raise CorpusmillError("train: torch is not installed; pip install 'corpusmill[train]'")


_ASK: dict[str, Callable[[Recipe, str], Asks]] = {
    "ingest": _ingest,
    "filter": _filter,
    "dedup": _dedup,
    "tokenize": _tokenize,
    "train": _train,
}

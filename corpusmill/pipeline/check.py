"""What a recipe resolves to, before anything is read: its files and rules, and what is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from corpusmill.clean.language import require_known
from corpusmill.entries import Entry
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import EvaluationSet
from corpusmill.pipeline.dumps import Dump, look, refuse_shared_files
from corpusmill.pipeline.intake import chain_of, require_usable
from corpusmill.recipe import Recipe
from corpusmill.sources.streams import SNIFF, kind_of, named
from corpusmill.tokenize import vocabulary

_UNPACKED = {"plain", "tar", "zip"}  # an archive's name may be any: EPUB is zip too


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One source of a recipe: its files, the names of its cleaning rules in order, and for sets of documents
    that have others besides, those. Or an evaluation set: that has no rules."""

    entry: Entry | EvaluationSet
    dumps: list[Dump]
    rules: list[str] = field(default_factory=list)
    more_rules: dict[str, list[str]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Of all files, as they lie there."""
        return sum(dump.size for dump in self.dumps)


def check(recipe: Recipe, inputs: str) -> tuple[list[Resolved], list[str]]:
    """Every source and evaluation set as the recipe resolves it, and one line a problem. Reads the first
    bytes of each file."""
    dumps, empty = look(recipe.sources, inputs)
    sets = recipe.decontaminate.sets if recipe.decontaminate else []
    evaluation, without_files = look(sets, inputs)
    empty += without_files
    problems = [f"no file under {inputs} matches {each}" for each in empty]
    problems += _problem(partial(refuse_shared_files, recipe, dumps))
    options = recipe.tokenize
    problems += _problem(partial(vocabulary.load, options.vocabulary, options.end_of_text, inputs))
    if recipe.filter.language:
        problems += _problem(partial(require_known, recipe.filter.language.keep))
    found = []
    for number, entry in enumerate(recipe.sources):
        of_entry = [dump for dump in dumps if dump.entry == number]
        wrong = _problem(partial(require_usable, entry))
        problems += wrong
        chains = {} if wrong else {name: _names(entry, name) for name in (entry.name, *entry.source_names())}
        rules = chains.get(entry.name, [])
        more = {
            name: [rule for rule in chain if rule not in rules]
            for name, chain in chains.items()
            if chain != rules
        }
        found.append(Resolved(entry=entry, dumps=of_entry, rules=rules, more_rules=more))
    for number, each in enumerate(sets):
        found.append(Resolved(entry=each, dumps=[dump for dump in evaluation if dump.entry == number]))
    return found, problems + _look_inside([*dumps, *evaluation])


def _names(entry: Entry, source: str) -> list[str]:
    return [rule.name for rule in chain_of(entry, source)]


def _problem(attempt: Callable[[], object]) -> list[str]:
    try:
        attempt()
    except CorpusmillError as error:
        return [str(error)]
    return []


def _look_inside(dumps: Sequence[Dump]) -> list[str]:
    """What the first bytes of each file say against it."""
    problems = []
    for dump in dumps:
        try:
            with dump.open() as file:
                wrong = _wrong(dump.path, file.read(SNIFF))
        except (CorpusmillError, OSError) as error:
            problems.append(str(error))
            continue
        if wrong:
            problems.append(f"{dump.path}: {wrong}")
    return problems


def _wrong(path: str, head: bytes) -> str | None:
    if not head:
        return "empty"
    says, content = named(path), kind_of(head)
    if says == content or {says, content} <= _UNPACKED:
        return None
    return f"named as {says} data, but it is {content} data; rename it"

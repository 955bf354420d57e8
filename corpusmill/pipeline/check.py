"""What a recipe resolves to, before work begins: its files and rules, its first records, and what is wrong.

A problem is what a run would refuse; a note is what it would do without, or say nothing of.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from corpusmill.entries import Entry, Jsonl, Parquet, Text
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import EvaluationSet
from corpusmill.pipeline import settings
from corpusmill.pipeline.dumps import Dump
from corpusmill.pipeline.evaluation_index import WITHOUT_TEXT, entry_of
from corpusmill.pipeline.intake import chain_of, require_usable
from corpusmill.pipeline.listing import faults, look, must_be_readable, refuse_shared_files
from corpusmill.pipeline.preview import Preview, preview
from corpusmill.recipe import Recipe
from corpusmill.sources.streams import SNIFF, kind_of, named
from corpusmill.tokenize import vocabulary
from corpusmill.tokenize.encoder import Encoder

STAGES = ("ingest", "filter", "dedup", "tokenize")
_UNPACKED = {"plain", "tar", "zip"}  # an archive's name may be any: EPUB is zip too
_PAGE = re.compile(r"\.x?s?html?(?:\.(?:gz|bz2|xz|zstd?))?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One source of a recipe: its files, the names of its cleaning rules in order, and for sets of documents
    that have others besides, those; and its first records. Or an evaluation set: that has files only."""

    entry: Entry | EvaluationSet
    dumps: list[Dump]
    rules: list[str] = field(default_factory=list)
    more_rules: dict[str, list[str]] = field(default_factory=dict)
    first: Preview | None = None

    @property
    def bytes(self) -> int:
        """Of all files, as they lie there."""
        return sum(dump.size for dump in self.dumps)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Every source and evaluation set as the recipe resolves it; `problems` and `notes` are a line each."""

    found: list[Resolved]
    problems: list[str]
    notes: list[str]


def check(recipe: Recipe, inputs: str) -> Checked:
    """What a recipe resolves to. Reads the first bytes of each file, and the first records of each source."""
    sources = look(recipe.sources, inputs)
    sets = recipe.decontaminate.sets if recipe.decontaminate else []
    evaluation = look(sets, inputs)
    problems = [*faults(sources, inputs), *faults(evaluation, inputs)]
    problems += settings.said(partial(refuse_shared_files, recipe, sources.dumps))
    wrong = settings.problems(recipe, inputs, STAGES)
    problems += wrong or settings.said(partial(_compare_encoders, recipe, inputs))
    unreadable, odd = _look_inside([*sources.dumps, *evaluation.dumps])
    problems += unreadable
    notes = [*sources.notes, *evaluation.notes, *odd]
    found = []
    for number, entry in enumerate(recipe.sources):
        resolved = _resolved(entry, [dump for dump in sources.dumps if dump.entry == number])
        problems += refusals(resolved.entry, resolved.dumps, resolved.first)
        notes += _never_there(resolved)
        found.append(resolved)
    for number, each in enumerate(sets):
        found.append(Resolved(entry=each, dumps=[dump for dump in evaluation.dumps if dump.entry == number]))
        problems += [] if unreadable else _unreadable_examples(each, found[-1].dumps)
    notes = [note for note in dict.fromkeys(notes) if note not in problems]
    return Checked(found=found, problems=list(dict.fromkeys(problems)), notes=notes)


def preflight(recipe: Recipe, inputs: str, dumps: Sequence[Dump], evaluation: Sequence[Dump]) -> None:
    """What `check` would refuse of a recipe whose files were found and whose settings were asked for, before
    anything is deleted for them: `CorpusmillError` with a line each."""
    _compare_encoders(recipe, inputs)
    must_be_readable([*dumps, *evaluation])
    problems = []
    for number, entry in enumerate(recipe.sources):
        files = [dump for dump in dumps if dump.entry == number]
        problems += refusals(entry, files, preview(entry, files))
    for number, each in enumerate(recipe.decontaminate.sets if recipe.decontaminate else []):
        problems += _unreadable_examples(each, [dump for dump in evaluation if dump.entry == number])
    if problems:
        raise CorpusmillError("\n".join(problems))


def _unreadable_examples(of_set: EvaluationSet, dumps: Sequence[Dump]) -> list[str]:
    """The first example that would stop the run, of as many files as have one. All are read: a set is small,
    and one line of it would stop the run when what was there has been deleted."""
    told = []
    for dump in dumps:
        found = preview(entry_of(of_set, dump.path), [dump], sys.maxsize, most=None)
        told += [example for reason, example in found.reasons.items() if reason not in WITHOUT_TEXT][:1]
    others = f" (and in {len(told) - 1:,} other files)" if len(told) > 1 else ""
    return [f"{of_set.name}: {told[0]}{others}"] if told else []


def refusals(entry: Entry | EvaluationSet, dumps: Sequence[Dump], first: Preview | None) -> list[str]:
    """Why a source cannot be read as the recipe says: a line, or none."""
    if isinstance(entry, Text) and entry.extractor is None:
        pages = [dump.path for dump in dumps if _PAGE.search(dump.path)]
        if pages:
            n = f"{len(pages):,} files are HTML pages" if len(pages) > 1 else "a file is an HTML page"
            ways = "`extractor: trafilatura` (or resiliparse) for their text, or `none` to keep their tags"
            return [f"{entry.name}: {n} ({pages[0]}); say {ways}"]
    problem = first.problem(entry.name) if first else None
    return [problem] if problem else []


def _never_there(resolved: Resolved) -> list[str]:
    """Fields that the recipe maps and no record has had so far: where they need not be there, nothing else
    tells that one is misspelt."""
    entry, first = resolved.entry, resolved.first
    if first is None or not first.fields or not isinstance(entry, Jsonl | Parquet):
        return []
    wanted = [*entry.fields.optional, *entry.fields.meta]
    gone = [each for each in wanted if not any(f"{there}.".startswith(f"{each}.") for there in first.fields)]
    there = ", ".join(first.fields)
    n = first.records
    return [
        f"{entry.name}: {each} is in none of the first {n:,} records; there are: {there}" for each in gone
    ]


def _resolved(entry: Entry, dumps: list[Dump]) -> Resolved:
    if settings.said(partial(require_usable, entry)):
        return Resolved(entry=entry, dumps=dumps)
    chains = {
        name: [rule.name for rule in chain_of(entry, name)] for name in (entry.name, *entry.source_names())
    }
    own = chains[entry.name]
    more = {
        name: [rule for rule in chain if rule not in own] for name, chain in chains.items() if chain != own
    }
    try:
        first = preview(entry, dumps)
    except (CorpusmillError, OSError):  # a file that cannot be read: said of the file
        first = None
    return Resolved(entry=entry, dumps=dumps, rules=own, more_rules=more, first=first)


def _compare_encoders(recipe: Recipe, inputs: str) -> None:
    options = recipe.tokenize
    Encoder(vocabulary.load(options.vocabulary, options.end_of_text, inputs))


def _look_inside(dumps: Sequence[Dump]) -> tuple[list[str], list[str]]:
    """Which files cannot be read, and what the first bytes of the others say against them."""
    unreadable, odd = [], []
    for dump in dumps:
        try:
            with dump.open() as file:
                wrong = _wrong(dump.path, file.read(SNIFF))
        except (CorpusmillError, OSError) as error:
            unreadable.append(str(error))
            continue
        if wrong:
            odd.append(f"{dump.path}: {wrong}")
    return unreadable, odd


def _wrong(path: str, head: bytes) -> str | None:
    if not head:
        return "empty"
    says, content = named(path), kind_of(head)
    if says == content or {says, content} <= _UNPACKED:
        return None
    return f"named as {says} data, but it is {content} data: a reject; rename it"

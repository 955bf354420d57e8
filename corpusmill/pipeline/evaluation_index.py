"""The index of the n-grams of a recipe's evaluation sets: made once, by a step of its own before the dumps
are read, and mapped into memory by every worker.

An evaluation set of which an example cannot be read stops the run: else what was never searched for would be
trusted.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpusmill import entries
from corpusmill.clean import ngrams, rules
from corpusmill.dedup import words
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import Decontaminate, EvaluationSet
from corpusmill.manifest import Input
from corpusmill.pipeline.dumps import Dump, opened
from corpusmill.pipeline.items import Done, Item, Outbox, file_name
from corpusmill.sources import read, source_of
from corpusmill.sources.records import Reason, Record, Reject, where

_PLACES = "places"  # kind of the file that says where the index's texts are from; the others are arrays
WITHOUT_TEXT = {Reason.EMPTY, Reason.NULL_FIELD}
"""Examples that nothing can be searched for; any other reject stops the run."""
_CLEANING = rules.chain(["newlines", "ftfy"])


@dataclass(frozen=True, kw_only=True)
class EvaluationItem(Item):
    """All files of all evaluation sets; the entry of a file is the number of its set."""

    dumps: tuple[Dump, ...]


def index_sets(options: Decontaminate, item: EvaluationItem, outbox: Outbox) -> Done:
    """Work: the index of the n-grams of all sets."""
    facts: dict[str, Any] = {each.name: {"files": [], "examples": 0, "too_short": 0} for each in options.sets}
    told: list[tuple[int, str, str]] = []  # set, path, record
    texts: list[str] = []
    inputs: list[Input] = []
    for dump in item.dumps:
        of_set = options.sets[dump.entry]
        facts[of_set.name]["files"].append(dump.path)
        with opened(dump, inputs) as raw:
            for each in read(source_of(entry_of(of_set, dump.path)), dump.path, raw):
                if isinstance(each, Record):
                    told.append((dump.entry, dump.path, each.record))
                    texts.append(rules.apply(_CLEANING, each.text)[0])
                    facts[of_set.name]["examples"] += 1
                elif isinstance(each, Reject) and each.reason not in WITHOUT_TEXT:
                    raise CorpusmillError(f"{of_set.name}: {where(dump.path, each.record)}: {each.error}")
    if empty := [name for name, each in facts.items() if not each["examples"]]:
        raise CorpusmillError(f"{empty[0]}: none of the evaluation set's files has an example")
    measured = words.normalize(texts)
    for (number, _, _), count in zip(told, measured.counts.tolist(), strict=True):
        facts[options.sets[number].name]["too_short"] += count < options.min_words
    index = ngrams.build(measured.data, measured.offsets, measured.counts, options.n, options.min_words)
    for name, array in index._asdict().items():
        path = outbox.new()
        with path.open("wb") as file:
            np.save(file, array)
        outbox.add(path, name, "npy", len(array))
    path = outbox.new()
    path.write_text("".join(f"{json.dumps(each)}\n" for each in told))
    outbox.add(path, _PLACES, "jsonl", len(told))
    marks = [dump.mark for dump in item.dumps]
    return Done(inputs=inputs, marks=marks, facts={"evaluation": facts})


def entry_of(of_set: EvaluationSet, path: str) -> entries.Entry:
    """A file of a set as an entry of a recipe: examples are read as documents are."""
    fields = entries.Fields(text=of_set.fields, optional=of_set.fields)
    if path.endswith(".parquet"):
        return entries.Parquet(family="parquet", name=of_set.name, files=[path], fields=fields)
    return entries.Jsonl(family="jsonl", name=of_set.name, files=[path], fields=fields)


class EvaluationIndex(NamedTuple):
    """An index, and what its texts are."""

    grams: ngrams.Index
    sets: tuple[str, ...]
    firsts: np.ndarray
    """int64[sets + 1]: the number of each set's first text."""
    places: list[tuple[int, str, str]]
    """Of each text the set's number, path and record."""
    offsets: np.ndarray
    """int64[g + 1]: of n-gram i, `holders[offsets[i]:offsets[i + 1]]` are"""
    holders: np.ndarray
    """the first text of each set that holds it."""


@functools.lru_cache(maxsize=1)
def load(folder: Path, sets: tuple[str, ...]) -> EvaluationIndex:
    """The index that the step in `folder` has made of `sets`."""
    told = folder / file_name(0, _PLACES, 0, "jsonl")
    places = [json.loads(line) for line in told.read_text().splitlines()]
    arrays = {
        name: np.asarray(np.load(folder / file_name(0, name, 0, "npy"), mmap_mode="r"))
        for name in ngrams.Index._fields
    }
    index = ngrams.Index(**arrays)
    of_text = np.array([number for number, _, _ in places], np.int64)
    of_holder = of_text[index.texts]
    gram = np.repeat(np.arange(len(index.hashes)), np.diff(index.offsets))
    first = np.flatnonzero((np.diff(gram, prepend=-1) != 0) | (np.diff(of_holder, prepend=-1) != 0))
    return EvaluationIndex(
        grams=index,
        sets=sets,
        firsts=np.searchsorted(of_text, np.arange(len(sets) + 1)),
        places=places,
        offsets=np.searchsorted(gram[first], np.arange(len(index.hashes) + 1)),
        holders=index.texts[first].astype(np.int64),
    )

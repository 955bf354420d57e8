"""Documents searched for n-grams of evaluation sets, and what was found."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpusmill.clean import contamination, ngrams
from corpusmill.dedup import words
from corpusmill.evaluation import Decontaminate
from corpusmill.pipeline.evaluation_index import load

EXAMPLES = 3  # of each set
_SHOWN = 100  # characters on either side of an example's span, and of the span itself three times as many

Facts = dict[str, dict[str, Any]]  # {set: ...}


@dataclass(frozen=True, kw_only=True)
class Search:
    """What every item that harvests documents is given: what to do, and the folder of the index."""

    options: Decontaminate
    folder: Path


class Found(NamedTuple):
    """What a document has of the evaluation sets."""

    left: str
    """The text as it goes on; "" if the document is left out."""
    words: int
    """How many words the spans cover."""
    sets: list[str]
    """In the recipe's order."""


class Origin(NamedTuple):
    """Which document a text is of."""

    source: str
    doc_id: bytes
    path: str
    record: str


class _Text(NamedTuple):
    """A text in which something was found, and where its words are (`words.places`)."""

    text: str
    places: np.ndarray
    origin: Origin


class Searcher:
    """Searches the documents of one work item."""

    def __init__(self, search: Search) -> None:
        self._options = search.options
        self._loaded = load(search.folder, tuple(each.name for each in search.options.sets))
        self._found_grams = np.zeros(len(self._loaded.grams.hashes), bool)
        self._facts: Facts = {}

    def search(self, texts: Sequence[str], measured: words.Words, origins: Sequence[Origin]) -> list[Found]:
        """What each text has."""
        found = [Found(text, 0, []) for text in texts]
        hits = ngrams.find(self._loaded.grams, measured.data, measured.offsets, measured.counts)
        borders = np.searchsorted(hits.texts, np.arange(len(texts) + 1))
        for number in np.unique(hits.texts).tolist():
            part = slice(borders[number], borders[number + 1])
            of_text = ngrams.Hits(*(each[part] for each in hits))
            found[number] = self._found(texts[number], of_text, origins[number])
        return found

    def facts(self) -> Facts:
        """For the item's receipt: what was found of each set, the numbers of its examples packed."""
        index, firsts = self._loaded.grams, self._loaded.firsts
        found, _ = _slices(index.offsets, np.flatnonzero(self._found_grams))
        texts = np.unique(index.texts[found]).astype(np.int64)
        for number, name in enumerate(self._loaded.sets):
            if name in self._facts:
                of_set = texts[(texts >= firsts[number]) & (texts < firsts[number + 1])]
                self._facts[name]["found"] = _packed(of_set - firsts[number])
        return self._facts

    def _found(self, text: str, hits: ngrams.Hits, origin: Origin) -> Found:
        places = words.places(text)
        spans = contamination.merged(hits.words, hits.lengths)
        sets = self._count(_Text(text, places, origin), hits)
        left = self._cut(text, places, spans) if self._options.remove == "spans" else text
        return Found(left, int(np.diff(spans).sum()), sets)

    def _cut(self, text: str, places: np.ndarray, spans: np.ndarray) -> str:
        """The text without `spans`, nor what comes together where pieces meet; "" if that has no end soon."""
        for _ in range(self._options.max_pieces):
            text = contamination.cut(text, places, spans, self._options)
            spans, places = self._spans(text), words.places(text)
            if not len(spans):
                return text
        return ""

    def _spans(self, text: str) -> np.ndarray:
        measured = words.normalize([text])
        hits = ngrams.find(self._loaded.grams, measured.data, measured.offsets, measured.counts)
        return contamination.merged(hits.words, hits.lengths)

    def _count(self, text: _Text, hits: ngrams.Hits) -> list[str]:
        """Note what a document has of each set; the names of those of which it has something."""
        grams, which = np.unique(hits.grams, return_inverse=True)
        self._found_grams[grams] = True
        found, of_gram = _slices(self._loaded.offsets, grams)
        texts = self._loaded.holders[found]
        of_text = np.searchsorted(self._loaded.firsts, texts, side="right") - 1
        names = []
        for number in np.unique(of_text).tolist():
            name = self._loaded.sets[number]
            of_set = of_text == number
            mine = np.isin(which, of_gram[of_set])
            spans = contamination.merged(hits.words[mine], hits.lengths[mine])
            facts = self._facts.setdefault(name, {"documents": 0, "words": 0, "samples": []})
            facts["documents"] += 1
            facts["words"] += int(np.diff(spans).sum())
            example = self._loaded.places[int(texts[of_set].min())]
            facts["samples"] = _first([*facts["samples"], _sample(text, spans[0], name, example)])
            names.append(name)
        return names


def _sample(text: _Text, span: np.ndarray, name: str, example: tuple[int, str, str]) -> dict[str, Any]:
    """What the report shows of a document in which something of the set `name` was found."""
    begin, end = int(text.places[span[0], 0]), int(text.places[span[1] - 1, 1])
    is_long = end - begin > 3 * _SHOWN
    return {
        "key": zlib.crc32(name.encode(), zlib.crc32(text.origin.doc_id)),
        "doc_id": text.origin.doc_id.hex(),
        "source": text.origin.source,
        "path": text.origin.path,
        "record": text.origin.record,
        "example": {"path": example[1], "record": example[2]},
        "before": text.text[max(0, begin - _SHOWN) : begin],
        "match": text.text[begin : begin + 3 * _SHOWN if is_long else end],
        "after": "" if is_long else text.text[end : end + _SHOWN],
    }


def merge(sets: Facts, found: Iterable[Mapping[str, Mapping[str, Any]]]) -> Facts:
    """The facts of the index with what all items found: files of each set; examples, and how many of them are
    too short to search for, and are found; documents, words in them, samples."""
    nothing = {"documents": 0, "words": 0, "samples": []}
    total: Facts = {name: {**each, **nothing, "found": set()} for name, each in sets.items()}
    for facts in found:
        for name, each in facts.items():
            sums = total[name]
            sums["documents"] += each["documents"]
            sums["words"] += each["words"]
            sums["samples"] = _first([*sums["samples"], *each["samples"]])
            sums["found"] |= _unpacked(each["found"])
    return {name: {**each, "found": len(each["found"])} for name, each in total.items()}


def _first(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(samples, key=lambda each: (each["key"], each["doc_id"]))[:EXAMPLES]


def _slices(offsets: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All indices from `offsets[i]` to `offsets[i + 1]` for each i of `which`, and at which place of `which`
    its i stands."""
    sizes = offsets[which + 1] - offsets[which]
    owners = np.repeat(np.arange(len(which)), sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(offsets[which], sizes) + within, owners


def _packed(numbers: np.ndarray) -> str:
    """A set of small numbers as hexadecimal digits, four numbers each."""
    bits = np.zeros(int(numbers.max()) + 1, np.uint8)
    bits[numbers] = 1
    return np.packbits(bits).tobytes().hex()


def _unpacked(digits: str) -> set[int]:
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(digits), np.uint8))
    return set(np.flatnonzero(bits).tolist())

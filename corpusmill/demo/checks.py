"""What a run of the demo promises, checked without the pipeline's kernels.

Jaccards are computed anew from the texts in the documents table with plain Python sets; what should have
happened comes from `truth.json`, which was written before the run. A check says what does not hold, one
line each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from corpusmill import ledger
from corpusmill.demo import plants, tables
from corpusmill.demo.tables import Tables
from corpusmill.documents import doc_id

UNFINISHED = "c4.filter_lorem_ipsum"
_TOLERANCE = 1e-12  # of a Jaccard as the table has it


def identify(origin: Mapping[str, Any]) -> bytes:
    """The doc_id of an origin in `truth.json`."""
    return doc_id(origin["source"], origin["path"], origin["record"])


def name(origin: Mapping[str, Any]) -> str:
    """An origin as a person would say it."""
    return f"{origin['source']} {origin['path']} {origin['record']}".replace("  ", " ")


def records(run: Tables, truth: Mapping[str, Any]) -> Iterator[str]:
    """Every usable record is in a document, and every broken one a reject under the expected reason."""
    found = Counter(document.source for document in run.documents.values())
    yield from _differences("documents", truth["documents"], found)
    expected = {f"{row['source']}, {row['reason']}": row["records"] for row in truth["rejects"]}
    rejects = Counter(f"{reject.source}, {reject.reason}" for reject in run.rejects)
    yield from _differences("rejects", expected, rejects)
    whole_files = {reject.path for reject in run.rejects if reject.record is None}
    for damaged in truth["damaged"]:
        if damaged["path"] not in whole_files:
            yield f"{damaged['path']} breaks off, and no reject says so"


def _differences(what: str, expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for key in sorted({*expected, *found}):
        if expected.get(key, 0) != found.get(key, 0):
            yield f"{what} of {key}: {found.get(key, 0)} instead of {expected.get(key, 0)}"


def removals(folder: Path, run: Tables, threshold: Fraction) -> Iterator[str]:
    """Each removed document's witness is kept, their Jaccard, computed anew, is the table's and reaches the
    threshold, and `how` is what their texts and words say."""
    removed = {duplicate.removed for duplicate in run.duplicates}
    if len(removed) != len(run.duplicates):
        yield f"{len(run.duplicates) - len(removed)} documents are removed twice"
    wanted = removed | {duplicate.kept for duplicate in run.duplicates}
    texts = tables.texts(folder, wanted)
    sets = {key: plants.shingles(plants.words(text)) for key, text in texts.items()}
    for duplicate in run.duplicates:
        label = f"{duplicate.removed.hex()} ({duplicate.removed_source})"
        if duplicate.removed not in sets or duplicate.kept not in sets:
            yield f"{label}: it or its witness is not in the documents table"
            continue
        if duplicate.kept in removed:
            yield f"{label}: its witness {duplicate.kept.hex()} is removed as well"
        similarity = plants.compare(sets[duplicate.removed], sets[duplicate.kept])
        if not similarity.reaches(threshold):
            yield f"{label}: removed at Jaccard {similarity.jaccard:.6f}"
        if abs(similarity.jaccard - duplicate.jaccard) > _TOLERANCE:
            yield f"{label}: Jaccard {similarity.jaccard!r}, but the table says {duplicate.jaccard!r}"
        if plants.kind(texts[duplicate.removed], texts[duplicate.kept]) != duplicate.how:
            yield f"{label}: `{duplicate.how}` is not how it is a duplicate"


def missed(run: Tables, truth: Mapping[str, Any]) -> Iterator[str]:
    """Planted pairs at or above the threshold of which both are kept."""
    removed = {duplicate.removed for duplicate in run.duplicates}
    for pair in truth["pairs"]:
        if pair["kind"] != "miss" and not {identify(pair["a"]), identify(pair["b"])} & removed:
            yield f"missed: {name(pair['a'])} and {name(pair['b'])}, Jaccard {pair['jaccard']:.6f}"


def wrongly_removed(run: Tables, truth: Mapping[str, Any]) -> Iterator[str]:
    """Planted near misses of which one was removed because of the other."""
    witnesses = {(duplicate.removed, duplicate.kept) for duplicate in run.duplicates}
    for pair in truth["pairs"]:
        a, b = identify(pair["a"]), identify(pair["b"])
        if pair["kind"] == "miss" and {(a, b), (b, a)} & witnesses:
            yield f"wrongly removed: {name(pair['a'])} or {name(pair['b'])}, Jaccard {pair['jaccard']:.6f}"


def fates(run: Tables, truth: Mapping[str, Any]) -> Iterator[str]:
    """Every planted document came out of cleaning as it was planted, and then what the greedy rule says
    happened to it: kept, or removed with this witness, this Jaccard and for this reason."""
    rows = {duplicate.removed: duplicate for duplicate in run.duplicates}
    for group in truth["groups"]:
        for planted in group["documents"]:
            label = f"{group['name']}: {name(planted)}"
            key = identify(planted)
            document = run.documents.get(key)
            if document is None:
                yield f"{label}: is not in the documents table"
            elif document.n_words != planted["words"]:
                yield f"{label}: planted with {planted['words']} words, cleaned to {document.n_words}"
            elif document.text_hash.hex() != planted["text_hash"]:
                yield f"{label}: cleaned to another text"
            elif not planted["removed"]:
                if key in rows:
                    yield f"{label}: removed, but should be kept"
            elif key not in rows:
                yield f"{label}: kept, but should be removed"
            else:
                yield from _witness(label, planted, rows[key])


def _witness(label: str, planted: Mapping[str, Any], row: tables.Duplicate) -> Iterator[str]:
    if row.kept != identify(planted["witness"]):
        yield f"{label}: removed, but not because of {name(planted['witness'])}"
    elif row.how != planted["how"] or abs(row.jaccard - planted["jaccard"]) > _TOLERANCE:
        yield f"{label}: {row.how} {row.jaccard!r}, not {planted['how']} {planted['jaccard']!r}"


def unfinished(run: Tables, truth: Mapping[str, Any]) -> Iterator[str]:
    """The filter leaves out the pages that nobody has filled in, and no other document."""
    expected = {identify(origin): name(origin) for origin in truth["unfinished"]}
    for key, label in expected.items():
        if run.filtered.get(key) != UNFINISHED:
            yield f"{label}: not left out by {UNFINISHED}"
    for key in run.filtered.keys() - expected.keys():
        yield f"{key.hex()}: left out by {run.filtered[key]}"


def leaks(folder: Path, truth: Mapping[str, Any]) -> Iterator[str]:
    """Of the questions that were planted in pages, no thirteen words are left there, and the pages are."""
    planted = {identify(origin): origin for origin in truth["leaks"]}
    texts = tables.texts(folder, set(planted))
    for key, origin in planted.items():
        if key not in texts:
            yield f"{name(origin)}: is not in the documents table"
        elif _runs(origin["question"]) & _runs(texts[key]):
            yield f"{name(origin)}: has thirteen words of a question"


def _runs(text: str) -> set[tuple[str, ...]]:
    said = plants.words(text)
    return {tuple(said[at : at + 13]) for at in range(len(said) - 12)}


def tokens(run: Tables) -> Iterator[str]:
    """The token shards hold the kept documents, each once, and no other."""
    kept = set(run.documents) - set(run.filtered) - {duplicate.removed for duplicate in run.duplicates}
    if lost := len(kept - set(run.tokens)):
        yield f"{lost} kept documents have no tokens"
    if extra := len(set(run.tokens) - kept):
        yield f"{extra} documents have tokens but were not kept"
    if again := run.token_rows - len(run.tokens):
        yield f"{again} documents stand in the shards a second time"


def balance(run: Tables) -> Iterator[str]:
    """Of each source and stage, what went in is what was kept and what was removed."""
    yield from ledger.imbalances(run.ledger)

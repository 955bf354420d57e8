"""The first records of a source: what they would become, before anything is read in earnest.

A misspelt field, a wrong family or a wrong layout makes a reject of every record; here that is seen at once.
A few records of a few files are read, spread over all of them, so that one bad file does not condemn a
source.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpusmill.clean import rules
from corpusmill.clean.encoded import encoding_levels
from corpusmill.entries import Entry, Jsonl, Parquet
from corpusmill.pipeline.dumps import Dump
from corpusmill.pipeline.intake import chain_of
from corpusmill.sources import fields, source_of
from corpusmill.sources.jsonlines import parse
from corpusmill.sources.records import (
    Comment,
    Outcome,
    RawRecord,
    Record,
    Reject,
    Submission,
    Unusable,
    is_harmless,
    where,
)
from corpusmill.sources.rows import column_names

ENOUGH = 50  # usable records
_FILES = 8
_RECORDS = 200  # of each of them
_MOST_REJECTS = 20_000  # of each of them, where nothing has been usable so far
_SHOWN = 300  # characters of a document
_ENCODED, _ENCODED_SHARE = 10, 0.05  # documents, and share of a source's, that may look encoded by chance


@dataclass(kw_only=True)
class Preview:
    """What the first records of a source are. `example` is the first document as it would be, and `where` it
    is; `reasons` has the first reject of each reason, in their order, with where it is; `fields` are those
    that records have, where the recipe maps them."""

    records: int = 0
    usable: int = 0
    encoded: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    removals: Counter[str] = field(default_factory=Counter)
    example: str | None = None
    where: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)

    def problem(self, name: str) -> str | None:
        """What is said of a source that gives nothing but rejects, or texts that were encoded twice."""
        if told := encoded_twice(name, self.encoded, self.usable):
            return told
        if not self.rejects or self.usable or any(not is_harmless(reason) for reason in self.removals):
            return None
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.rejects.most_common())
        n = self.rejects.total()
        return f"{name}: all of the first {n:,} records are rejects ({reasons}), as {self.reject}"

    @property
    def reject(self) -> str:
        """The first reject."""
        return next(iter(self.reasons.values()))


def encoded_twice(source: str, encoded: int, documents: int) -> str | None:
    """What is said of a source if so many of its texts look as if they were JSON once more."""
    if encoded < _ENCODED or encoded <= _ENCODED_SHARE * documents:
        return None
    return (
        f"{source}: {encoded} of {documents} texts are JSON within JSON (\\n for a line break): they were "
        "encoded twice when the dump was written; decode them once first"
    )


def preview(
    entry: Entry, dumps: Sequence[Dump], enough: int = ENOUGH, most: int | None = _RECORDS
) -> Preview:
    """Read the first records of some files of `entry`, `most` of each, until `enough` of them are usable."""
    found = Preview()
    for dump in _spread(dumps):
        if found.usable >= enough:
            break
        _read(found, entry, dump, enough, most)
    return found


def _spread(dumps: Sequence[Dump]) -> list[Dump]:
    """At most eight of the files, the first and the last among them."""
    if len(dumps) <= _FILES:
        return list(dumps)
    return [dumps[place * (len(dumps) - 1) // (_FILES - 1)] for place in range(_FILES)]


def _read(found: Preview, entry: Entry, dump: Dump, enough: int, most: int | None) -> None:
    source = source_of(entry)
    with dump.open() as raw:
        if isinstance(entry, Parquet) and not found.fields:
            found.fields = column_names(raw)
            raw.seek(0)
        for count, each in enumerate(source.records(dump.path, raw)):
            # One bad stretch does not condemn a file: where nothing is usable, it is read further.
            if most is not None and count >= (most if found.usable else _MOST_REJECTS):
                return
            if isinstance(entry, Jsonl) and isinstance(each, RawRecord):
                found.fields = sorted({*found.fields, *_fields(each)})
            _note(found, entry, dump.path, source.document(each) if isinstance(each, RawRecord) else each)
            if found.usable >= enough:
                return


def _note(found: Preview, entry: Entry, path: str, each: Outcome) -> None:
    found.records += 1
    match each:
        case Reject():
            found.rejects[each.reason] += 1
            found.reasons.setdefault(each.reason, f"{where(path, each.record)}: {each.error}")
        case Record() | Comment() | Submission():
            found.usable += 1
            found.encoded += isinstance(each, Record) and encoding_levels(each.text) > 0
            if found.example is None:
                source, text = _text(entry, each)
                found.example = rules.apply(chain_of(entry, source), text)[0]
                found.where = where(path, each.record)
        case removal:
            found.removals[removal.reason] += 1


def _text(entry: Entry, each: Record | Comment | Submission) -> tuple[str, str]:
    match each:
        case Record():
            return each.source, each.text
        case Comment():
            return entry.name, each.body
    return entry.name, each.title


def shown(text: str) -> str:
    """The beginning of a document."""
    return text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + " ..."


def _fields(record: RawRecord) -> list[str]:
    try:
        value = parse(record.content)
    except Unusable:
        return []
    return list(fields.paths(value)) if isinstance(value, dict) else []

"""The Pile, in all the containers and shapes in which it was released, re-exported and replicated.

A record's source is the set it names, under the name that the release uses, not the recipe's entry; so
one file gives documents of up to 22 sources. A line of which no set can be known counts under the entry.
"""

import ast
from collections.abc import Iterator
from typing import Any, ClassVar

from corpusmill.entries import PILE_SETS, Fields, Pile
from corpusmill.sources import fields
from corpusmill.sources.jsonlines import json_type, parse, replace_surrogates
from corpusmill.sources.lm_dataformat import FILE, PART, container_records
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import (
    SET_NOT_CHOSEN,
    Framed,
    RawRecord,
    Reason,
    Record,
    Reject,
    Removal,
    Unusable,
    rejected,
)
from corpusmill.sources.texts import decode, decode_part

# Names that the replication code (EleutherAI/the-pile) gave sets before their release.
ALIASES = {
    "CommonCrawl": "Pile-CC",
    "Bibliotik": "Books3",
    "USPTO": "USPTO Backgrounds",
    "BookCorpus": "BookCorpus2",
}
_SET_FIELD = "pile_set_name"
_FIELDS = Fields()
_SPACED_SET = "DM Mathematics"
_MAX_REPR = (
    1 << 20
)  # characters of a `meta` that is read as a Python literal, whose parser is slow and hungry


class PileSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")
    rules_of_sets: ClassVar[dict[str, tuple[str, ...]]] = {
        "Gutenberg (PG-19)": (
            "newlines",
            "gutenberg_header",
            "gutenberg_footer",
            "ftfy",
            "opt_gutenberg",
            "whitespace",
        ),
        "HackerNews": ("newlines", "ftfy", "opt_hackernews", "whitespace"),
        "Wikipedia (en)": (*rules, "opt_wikipedia", "whitespace"),
        "BookCorpus2": (*rules, "opt_bookcorpus", "whitespace"),
        "OpenSubtitles": (*rules, "opt_opensubtitles", "whitespace"),
        "DM Mathematics": (*rules, "opt_mathematics", "whitespace"),
        "StackExchange": (*rules, "opt_stackexchange", "whitespace"),
    }
    """Those of the documents of some sets, in the place of `rules`."""

    def __init__(self, entry: Pile) -> None:
        self.name = entry.name
        self._sets = frozenset(entry.sets)
        self._default_set = entry.default_set

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """The lines or documents of a file or archive, see `lm_dataformat`."""
        return container_records(path, raw, self.name)

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """The document of a line, a list's element or a text; never raises for bad data."""
        source = self.name
        try:
            value = _value(record)
            meta = _meta(value.get("meta"))
            source = self._set(meta.pop(_SET_FIELD, None))
            text = fields.text(value, _FIELDS)
        except Unusable as error:
            return rejected(record, source, error.reason, str(error))
        if source == _SPACED_SET:
            text = _unspaced(text)
        if source not in self._sets:
            return Removal(source=source, reason=SET_NOT_CHOSEN, bytes=len(text.encode()))
        return Record(record=record.record, source=source, text=text, meta=meta)

    def _set(self, name: Any) -> str:
        if name is None:
            if self._default_set is None:
                raise Unusable(Reason.UNKNOWN_SET, f"no {_SET_FIELD}, and the recipe gives no default_set")
            return self._default_set
        known = ALIASES.get(name, name) if isinstance(name, str) else None
        if known not in PILE_SETS:
            raise Unusable(Reason.UNKNOWN_SET, f"{_SET_FIELD} is {name!r:.100}, none of the Pile's sets")
        return known


def _value(record: RawRecord) -> dict[str, Any]:
    """The fields of a document; one that is a text file has its encoding in `meta`."""
    if record.note == FILE:
        text, encoding = decode(record.content)
        return {"text": text, "meta": {"encoding": encoding}}
    if record.note == PART:
        return {"text": decode_part(record.content)}
    value = parse(record.content)
    if isinstance(value, str):
        return {"text": value}
    if not isinstance(value, dict):
        raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(value)}, not an object or a string")
    return value


def _unspaced(text: str) -> str:
    """The text without the line end behind every character that DM Mathematics once had; all other texts as
    they are. A genuine one is questions and answers by turns, and no question is a character long."""
    if len(text) > 2 and text[1::2].count("\n") == len(text) // 2:
        return text[::2]
    return text


def _meta(meta: Any) -> dict[str, Any]:
    """`meta` as a new dict that JSON can say: an object, or a string that holds one as JSON or as Python
    prints it; {} where it is neither."""
    if isinstance(meta, str):
        meta = _from_string(meta)
    if not isinstance(meta, dict):
        return {}
    try:
        return {key: fields.storable(value) for key, value in meta.items() if isinstance(key, str)}
    except ValueError as error:
        raise Unusable(Reason.BAD_JSON, f"meta is {error}") from error


def _from_string(text: str) -> Any:
    try:
        return parse(text.encode())
    except Unusable:
        pass
    if len(text) > _MAX_REPR:
        return None
    try:
        return replace_surrogates(ast.literal_eval(text))
    except (Unusable, ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None

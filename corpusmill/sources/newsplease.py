"""Articles that news-please has extracted: a JSON object each, of which `maintext` is the text.

The title is carried in `meta` and is not part of the text, since how RoBERTa's CC-News put the two
together is not known.
"""

import re
from collections.abc import Iterator
from typing import Any

from corpusmill.sources.framing import file_records, line_records
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.openings import AHEAD, JSON_BEGINS, Opening, is_blank, stray
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import HEAD, Framed, RawRecord, Reason, Unusable

_META = ("url", "title", "date_publish", "date_download", "source_domain", "language")
# Names of files that hold one object, or archives of such; all others have one a line.
_ONE_OBJECT = re.compile(r"\.(json|tar|tgz|tbz2|txz|zip)(\.(gz|gzip|bz2|xz|zst|zstd))?$", re.IGNORECASE)


def article_records(path: str, raw: RawFile, source: str) -> Iterator[Framed]:
    """Every article of a file: the whole of a `.json` file or of an archive's member, otherwise a line. What
    stands ahead of the object that such a file is, is a reject of its own."""
    if not _ONE_OBJECT.search(path):
        yield from line_records(path, raw, source)
        return
    for each in file_records(path, raw, source):
        if isinstance(each, RawRecord) and not is_blank(ahead := _ahead(each.content)):
            yield stray(Opening(ahead[:HEAD], len(ahead), found=True), f"{each.record}:{AHEAD}", source)
            each = each._replace(content=each.content[len(ahead) :])
        yield each


def _ahead(content: bytes) -> bytes:
    """The lines ahead of the first that an object begins on; b"" if none does."""
    begins = JSON_BEGINS.search(content)
    return content[: begins.start("object")] if begins and begins["object"] else b""


def article(content: bytes) -> tuple[str, dict[str, Any]]:
    """(text, meta) of an article; `meta` has those of its url, title, dates, domain and language that are
    texts. `Unusable` if it has no text."""
    try:
        value = parse(content)
    except Unusable as error:
        if error.reason == Reason.BAD_JSON and len(content.splitlines()) > 1:
            raise Unusable(
                error.reason, f"{error} (objects on lines belong in a file named .jsonl)"
            ) from error
        raise
    if not isinstance(value, dict):
        raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(value)}, not an object")
    meta = {key: value[key] for key in _META if isinstance(value.get(key), str)}
    if "maintext" not in value:
        raise Unusable(Reason.MISSING_FIELD, "maintext is missing")
    text = value["maintext"]
    if text is None:
        raise Unusable(Reason.NULL_FIELD, "maintext is null")
    if not isinstance(text, str):
        raise Unusable(Reason.WRONG_TYPE, f"maintext is of type {json_type(text)}, not string")
    if not text.strip():
        raise Unusable(Reason.EMPTY, "maintext is empty")
    return text, meta

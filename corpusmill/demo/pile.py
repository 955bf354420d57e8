"""The demo's Pile: files of JSON lines in zstd, with what is known to go wrong in them.

Texts of all sets are mixed, as there. `01` has two frames, the last line of `val` has no line end, and
`02` breaks off in the middle of a frame: how many records can be read before that is known, because every
five of them end a zstd block.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import zstandard

from corpusmill.demo import quality
from corpusmill.demo.plan import CC, NEWS, OWT, PG19, PILE, USPTO, WIKI
from corpusmill.demo.truth import Account, Origin, Plant

CHOSEN = (PG19, WIKI, OWT, USPTO, CC, NEWS)  # the sets that recipes/demo.yaml takes
_LEVEL = 3
_BROKEN_FILE_RECORDS, _BLOCK_RECORDS = 60, 5
# Raw line, source that it counts under, and its place in the rejects' vocabulary (None: a blank line).
_BROKEN: tuple[tuple[bytes, str, str | None], ...] = (
    (b'{"text": "The line ends before its quotation mark', PILE, "bad_json"),
    (b'{"text": "one comma too many",, "meta": {"pile_set_name": "Pile-CC"}}', PILE, "bad_json"),
    (b'{"text": "caf\xe9 in Latin-1", "meta": {"pile_set_name": "Pile-CC"}}', PILE, "invalid_utf8"),
    (b'{"text": null, "meta": {"pile_set_name": "Pile-CC"}}', CC, "null_field"),
    (b'{"text": 1859, "meta": {"pile_set_name": "OpenWebText2"}}', OWT, "wrong_type"),
    (b'{"meta": {"pile_set_name": "Wikipedia (en)"}}', WIKI, "missing_field"),
    (b'{"text": "of a set that nobody knows", "meta": {"pile_set_name": "Pile-XL"}}', PILE, "unknown_set"),
    (b'{"text": "of no set", "meta": {}}', PILE, "unknown_set"),
    (b'{"text": "", "meta": {"pile_set_name": "HackerNews"}}', NEWS, "empty"),
    (b'{"text": "* * *", "meta": {"pile_set_name": "HackerNews"}}', NEWS, "empty"),
    (b'["text", "meta"]', PILE, "not_an_object"),
    (b"", PILE, None),
    (b"  ", PILE, None),
)
# Shapes that replicas of the Pile have and that must be read: a list of parts, and `meta` as a string, which
# is JSON or what Python prints.
_ODD = (
    '{"text": ["A text that came in two parts,", "of which this is one."], "meta": {"pile_set_name": "%s"}}',
    '{"text": "Whoever wrote this line printed its meta.", "meta": "{\'pile_set_name\': \'%s\'}"}',
    '{"text": "Whoever wrote this line encoded twice.", "meta": "{\\"pile_set_name\\": \\"%s\\"}"}',
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A text of a set of the Pile."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A line, the source that it counts under, and whether it is a document, a reject or neither."""

    raw: bytes
    source: str
    is_document: bool = False
    reject: str | None = None
    plant: Plant | None = None
    leak: str | None = None
    """The question that stands in it."""
    is_unfinished: bool = False


def write(folder: Path, entries: Sequence[Entry], plants: Sequence[Plant], account: Account) -> None:
    """Write `pile/` under `folder`."""
    (folder / PILE).mkdir()
    mixed = [_line(entry) for entry in entries]
    random.Random("pile").shuffle(mixed)
    broken, lines = mixed[:_BROKEN_FILE_RECORDS], mixed[_BROKEN_FILE_RECORDS:]
    for plant in plants:
        if plant.place in CHOSEN:
            lines.append(_line(Entry(name=plant.place, text=plant.text), plant))
    lines += [_Line(raw=raw, source=source, reject=reject) for raw, source, reject in _BROKEN]
    lines += [_Line(raw=(odd % CC).encode(), source=CC, is_document=True) for odd in _ODD]
    lines += [replace(_line(Entry(name=CC, text=each.text)), leak=each.question) for each in quality.leaks()]
    lines += [replace(_line(Entry(name=CC, text=text)), is_unfinished=True) for text in quality.unfinished()]
    random.Random("plants").shuffle(lines)
    first, second = len(lines) * 6 // 10, len(lines) * 9 // 10
    _write(folder, "00", [lines[:first]], account)
    _write(folder, "01", [lines[first : first + 300], lines[first + 300 : second]], account)
    _write(folder, "val", [lines[second:]], account)
    _write_broken(folder, "02", broken, account)


def _line(entry: Entry, plant: Plant | None = None) -> _Line:
    record = {"text": entry.text, "meta": {"pile_set_name": entry.name}}
    chosen = entry.name in CHOSEN
    return _Line(raw=json.dumps(record).encode(), source=entry.name, is_document=chosen, plant=plant)


def _write(folder: Path, name: str, frames: Sequence[Sequence[_Line]], account: Account) -> None:
    path = f"{PILE}/{name}.jsonl.zst"
    _count([line for frame in frames for line in frame], path, account)
    contents = [b"".join(line.raw + b"\n" for line in frame) for frame in frames]
    if name == "val":
        contents[-1] = contents[-1].removesuffix(b"\n")
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    (folder / path).write_bytes(b"".join(compressor.compress(content) for content in contents))


def _write_broken(folder: Path, name: str, lines: Sequence[_Line], account: Account) -> None:
    """Write a file whose last blocks are missing; all lines of the blocks before are complete."""
    path = f"{PILE}/{name}.jsonl.zst"
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    blocks = []
    for start in range(0, len(lines), _BLOCK_RECORDS):
        content = b"".join(line.raw + b"\n" for line in lines[start : start + _BLOCK_RECORDS])
        blocks.append(compressor.compress(content) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    complete = len(blocks) * 2 // 3
    cut = blocks[complete][: len(blocks[complete]) // 2]
    (folder / path).write_bytes(b"".join(blocks[:complete]) + cut)
    _count(lines[: complete * _BLOCK_RECORDS], path, account)
    account.damage(PILE, path, complete * _BLOCK_RECORDS)


def _count(lines: Sequence[_Line], path: str, account: Account) -> None:
    for number, line in enumerate(lines, start=1):
        if line.reject is not None:
            account.reject(line.source, line.reject)
        elif line.is_document:
            origin = Origin(source=line.source, path=path, record=str(number))
            account.document(origin, line.plant)
            if line.leak:
                account.leaks.append((origin, line.leak))
            if line.is_unfinished:
                account.unfinished.append(origin)

"""wikiextractor's output in both of its forms: `<doc …>` elements in a text file, or a JSON object a line.

Which form a file has is told by its first bytes. Both escape "&", "<" and ">" of the text, which is undone.
The surprising thing: only the `<doc>` form begins the text with the title; `article` gives it apart for both.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from corpusmill.sources.archives import OpenFile, open_files
from corpusmill.sources.framing import damaged, lines_of, place
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import HEAD, Framed, RawRecord, Reason, Reject, Unusable
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines, peeked
from corpusmill.sources.texts import decode_part

_OPEN = b"<doc "
_CLOSE = b"</doc>"
_HEADER = re.compile(
    r'<doc id="([^"]*)"(?: revid="([^"]*)")?(?: url="([^"]*)")?(?: title="(.*)")?\s*>\s*', re.DOTALL
)
_BOM = b"\xef\xbb\xbf"
_ESCAPED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'"}
_ESCAPE = re.compile("|".join(_ESCAPED))


class Article(NamedTuple):
    """An article; `body` is without its title, and "" if there is no more to it. `meta` has those of `id`,
    `revid`, `url` and `title` that there are."""

    title: str
    body: str
    meta: dict[str, str]


def article_records(path: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """Every article of a file, or of the files in an archive, as a raw record under the number of its first
    line; one of more than `limit` bytes, and lines outside of any, are rejects. What is in neither form is
    one reject (`bad_format`); where the last `<doc>` is not closed the file is damaged."""
    for file in open_files(path, raw):
        head, blocks = peeked(file.blocks)
        file, head = file._replace(blocks=blocks), head.removeprefix(_BOM).strip()
        if head.startswith(_OPEN):
            yield from _docs(file, source, limit)
        elif not head or head.startswith(b"{"):
            yield from lines_of(file, source, limit)
        else:
            error = f"neither <doc> nor JSON of wikiextractor, but data beginning with {head[:16]!r}"
            damage = Damaged(error, Reason.BAD_FORMAT)
            damage.scope, damage.head = file.member, head[:HEAD]
            try:
                for block in blocks:
                    damage.bytes += len(block)
            except Damaged as worse:
                damage = worse
            yield damaged(damage, source)


class _Part:
    """Lines that belong together, held up to `limit` bytes and only counted beyond."""

    def __init__(self, number: int, limit: int) -> None:
        self.number = number
        self._limit = limit
        self._lines: list[bytes] = []
        self.size = 0
        self.whole = True

    def add(self, line: bytes | LineTooLong) -> None:
        too_long = isinstance(line, LineTooLong)
        self.size += (line.bytes if isinstance(line, LineTooLong) else len(line)) + bool(self._lines)
        self.whole = self.whole and not too_long and self.size <= self._limit
        if self.whole or not self._lines:
            self._lines.append(line.head if isinstance(line, LineTooLong) else line)

    def content(self) -> bytes:
        return b"\n".join(self._lines)

    def rejected(self, file: OpenFile, source: str, reason: Reason, error: str) -> Reject:
        record = f"{place(file)}{self.number}"
        head = self.content()[:HEAD]
        return Reject(record=record, source=source, reason=reason, error=error, head=head, bytes=self.size)

    def damaged(self, damage: Damaged) -> Damaged:
        """The damage that cuts this, with what follows it in its line."""
        held = self.content()
        damage.head = (held + b"\n" + damage.head if damage.bytes else held)[:HEAD]
        damage.bytes += self.size + bool(damage.bytes)
        return damage


def _docs(file: OpenFile, source: str, limit: int) -> Iterator[Framed]:
    doc: _Part | None = None  # the element that is open
    stray: _Part | None = None  # lines since the last that are in none
    try:
        for number, line in lines(file.blocks, limit):
            opens = isinstance(line, bytes) and line.startswith(_OPEN)
            if opens and (doc or stray):
                yield _not_an_article(file, source, doc, stray)
                doc = stray = None
            if opens:
                doc = _Part(number, limit)
            if doc:
                doc.add(line)
                if isinstance(line, bytes) and line.rstrip() == _CLOSE:
                    yield _closed(file, source, doc, limit)
                    doc = None
            elif stray or isinstance(line, LineTooLong) or line.strip():
                stray = stray or _Part(number, limit)
                stray.add(line)
        if doc:
            raise Damaged("truncated wikiextractor output: it ends inside a <doc>")
    except Damaged as damage:
        if stray:
            yield _not_an_article(file, source, None, stray)
        if damage.scope is None:
            damage.scope = file.member
        yield damaged(doc.damaged(damage) if doc else damage, source)
        return
    if stray:
        yield _not_an_article(file, source, None, stray)


def _closed(file: OpenFile, source: str, doc: _Part, limit: int) -> RawRecord | Reject:
    if doc.whole:
        return RawRecord(f"{place(file)}{doc.number}", doc.content())
    error = f"a <doc> of {doc.size} bytes; the limit is {limit}"
    return doc.rejected(file, source, Reason.DOCUMENT_TOO_LONG, error)


def _not_an_article(file: OpenFile, source: str, doc: _Part | None, stray: _Part | None) -> Reject:
    """The reject of an element that another follows before it is closed, or of lines outside of any."""
    if doc:
        return doc.rejected(file, source, Reason.BAD_FORMAT, "a <doc> that the next one cuts off")
    assert stray is not None
    return stray.rejected(file, source, Reason.BAD_FORMAT, "lines outside of any <doc>")


def article(content: bytes) -> Article:
    """The article in a raw record of `article_records`; `Unusable` if there is none in it."""
    return _from_doc(content) if content.startswith(_OPEN) else _from_json(content)


def _from_doc(content: bytes) -> Article:
    head, _, text = decode_part(content).removesuffix("\r").partition("\n")
    header = _HEADER.fullmatch(head)
    if header is None:
        raise Unusable(Reason.BAD_FORMAT, f"a <doc> whose attributes cannot be read: {head:.200}")
    values = dict(zip(("id", "revid", "url", "title"), header.groups(), strict=True))
    return _article(values, text.rstrip().removesuffix(_CLOSE.decode()))


def _from_json(content: bytes) -> Article:
    value = parse(content)
    if not isinstance(value, dict):
        raise Unusable(Reason.NOT_AN_OBJECT, f"JSON {json_type(value)}, not an object")
    if "text" not in value:
        raise Unusable(Reason.MISSING_FIELD, "text is missing")
    if value["text"] is None:
        raise Unusable(Reason.NULL_FIELD, "text is null")
    if not isinstance(value["text"], str):
        raise Unusable(Reason.WRONG_TYPE, f"text is of type {json_type(value['text'])}, not string")
    return _article(value, value["text"])


def _article(values: dict[str, object], text: str) -> Article:
    meta = {
        key: str(value)
        for key in ("id", "revid", "url", "title")
        if isinstance(value := values.get(key), str | int) and value != ""
    }
    text = _unescaped(text)
    if "title" in meta:
        meta["title"] = _unescaped(meta["title"])
    title = meta.get("title", "")
    return Article(title, without_title(text, title), meta)


def without_title(text: str, title: str) -> str:
    """The body of a text of which the first line may be its title."""
    first, _, body = text.strip().partition("\n")
    return (body if title and first.strip() == title.strip() else text).strip()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED[found[0]], text) if "&" in text else text

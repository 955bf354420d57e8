"""wikiextractor's output in both of its forms: `<doc …>` elements in a text file, or a JSON object a line.

Which form a file has is told by the first line that either can begin with; what stands ahead of it costs
only itself. Both escape "&", "<" and ">" of the text, which is undone.
The surprising thing: only the `<doc>` form begins the text with the title; `article` gives it apart for both.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from corpusmill.sources.archives import OpenFile, open_files
from corpusmill.sources.framing import damaged, place, too_long
from corpusmill.sources.jsonlines import json_type, parse
from corpusmill.sources.openings import AHEAD
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import BLANK, HEAD, Framed, RawRecord, Reason, Reject, Removal, Unusable
from corpusmill.sources.streams import MAX_LINE, LineTooLong, lines
from corpusmill.sources.texts import decode_part

_OPEN = b"<doc "
_CLOSE = b"</doc>"
_HEADER = re.compile(
    r'<doc id="([^"]*)"(?: revid="([^"]*)")?(?: url="([^"]*)")?(?: title="(.*)")?\s*>\s*', re.DOTALL
)
_LEAD = re.compile(rb"(?:\xef\xbb\xbf|[ \t])*+")  # what may stand ahead of an article in its line
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
        yield from _Articles(file, source, limit).read()


class _Part:
    """Lines that belong together, held up to `limit` bytes and only counted beyond."""

    def __init__(self, number: str, limit: int) -> None:
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

    def damaged(self, damage: Damaged) -> Damaged:
        """The damage that cuts this, with what follows it in its line."""
        held = self.content()
        damage.head = (held + b"\n" + damage.head if damage.bytes else held)[:HEAD]
        damage.bytes += self.size + bool(damage.bytes)
        return damage


class _Articles:
    """The articles of one file, line by line."""

    def __init__(self, file: OpenFile, source: str, limit: int) -> None:
        self._file = file
        self._source = source
        self._limit = limit
        self._form = ""  # "doc" or "json", once a line has told
        self._doc: _Part | None = None  # the element that is open
        self._stray: _Part | None = None  # lines since the last article that are in none
        self._blank = Counter[int]()  # lengths of blank lines ahead of the first article

    def read(self) -> Iterator[Framed]:
        try:
            for number, line in lines(self._file.blocks, self._limit):
                yield from self._line(number, line)
            if self._doc:
                raise Damaged("truncated wikiextractor output: it ends inside a <doc>")
        except Damaged as damage:
            yield from self._damaged(damage)
            return
        if self._form:
            yield from self._ended()
        elif self._stray:
            yield self._neither(self._stray)
        else:
            yield from self._blank_lines()

    def _line(self, number: int, line: bytes | LineTooLong) -> Iterator[Framed]:
        if not self._doc and self._form != "json":
            line = self._from_opening(number, line)
        start = line.head if isinstance(line, LineTooLong) else line
        if not self._form and start.startswith(b"{"):
            self._form = "json"
            yield from self._ended()
            yield from self._blank_lines()
        if isinstance(line, bytes) and line.startswith(_OPEN):
            yield from self._ended()
            self._form, self._doc = "doc", _Part(str(number), self._limit)
        if self._doc:
            self._doc.add(line)
            if isinstance(line, bytes) and line.rstrip() == _CLOSE:
                yield self._closed(self._doc)
                self._doc = None
        elif self._form == "json":
            yield self._of_json(number, line)
        elif self._stray or isinstance(line, LineTooLong) or line.strip():
            self._stray = self._stray or _Part(str(number), self._limit)
            self._stray.add(line)
        elif not self._form:
            self._blank[len(line)] += 1

    def _from_opening(self, number: int, line: bytes | LineTooLong) -> bytes | LineTooLong:
        """The line from where an article begins in it, if one does; what stands ahead of that is stray."""
        if isinstance(line, LineTooLong) or line.startswith(_OPEN):
            return line
        bare = line[_LEAD.match(line).end() :]  # type: ignore[union-attr]  # matches anything
        if bare.startswith((_OPEN, b"{") if not self._form else _OPEN):
            return bare
        at = line.find(_OPEN)
        if at < 0:
            return line
        self._stray = self._stray or _Part(f"{number}:{AHEAD}", self._limit)
        self._stray.add(line[:at])
        return line[at:]

    def _of_json(self, number: int, line: bytes | LineTooLong) -> Framed:
        record = f"{place(self._file)}{number}"
        if isinstance(line, LineTooLong):
            return too_long(record, line, self._source, self._limit)
        if line.strip():
            return RawRecord(record, line)
        return Removal(source=self._source, reason=BLANK, bytes=len(line))

    def _ended(self) -> Iterator[Reject]:
        """The reject of an element that another follows before it is closed, or of lines outside of any."""
        if self._doc:
            yield self._rejected(self._doc, Reason.BAD_FORMAT, "a <doc> that the next one cuts off")
        if self._stray:
            yield self._rejected(self._stray, Reason.BAD_FORMAT, "lines outside of any article")
        self._doc = self._stray = None

    def _blank_lines(self) -> Iterator[Removal]:
        """Those ahead of the first article, which are records where lines are."""
        for size in self._blank.elements():
            yield Removal(source=self._source, reason=BLANK, bytes=size)

    def _closed(self, doc: _Part) -> RawRecord | Reject:
        if doc.whole:
            return RawRecord(f"{place(self._file)}{doc.number}", doc.content())
        error = f"a <doc> of {doc.size} bytes; the limit is {self._limit}"
        return self._rejected(doc, Reason.DOCUMENT_TOO_LONG, error)

    def _neither(self, stray: _Part) -> Reject:
        head = stray.content()[:HEAD]
        error = f"neither <doc> nor JSON of wikiextractor, but data beginning with {head[:16]!r}"
        damage = stray.damaged(Damaged(error, Reason.BAD_FORMAT))
        damage.scope = self._file.member
        return damaged(damage, self._source)

    def _damaged(self, damage: Damaged) -> Iterator[Reject]:
        cut = self._doc
        if self._stray and not self._form:
            cut, self._stray = self._stray, None
        self._doc = None
        yield from self._ended()
        if damage.scope is None:
            damage.scope = self._file.member
        yield damaged(cut.damaged(damage) if cut else damage, self._source)

    def _rejected(self, part: _Part, reason: Reason, error: str) -> Reject:
        record = f"{place(self._file)}{part.number}"
        head = part.content()[:HEAD]
        return Reject(
            record=record, source=self._source, reason=reason, error=error, head=head, bytes=part.size
        )


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

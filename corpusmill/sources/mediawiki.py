"""MediaWiki's XML dumps: cut into pages without parsing, and a page parsed by mwxml.

A dump escapes "<" in all text, so the bytes `<page>` and `</page>` are tags wherever they occur, and a search
for them frames a dump as fast as it decompresses. A dump that does not reach its `</mediawiki>` is damaged:
parsers that only stop there lose articles, or all of them, without a word.
The surprising thing: a page is parsed inside a small document of its own, with the namespaces of its dump,
which framing sends along in the raw record's note (dumps before version 0.6 give pages no namespace number).
"""

import codecs
import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

import mwxml
from mwxml.errors import MalformedXML

from corpusmill.sources.archives import OpenFile, open_files
from corpusmill.sources.framing import damaged, place
from corpusmill.sources.openings import AHEAD
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import HEAD, Framed, RawRecord, Reason, Reject, Unusable
from corpusmill.sources.streams import MAX_LINE, peeked

_ROOT = re.compile(rb"<mediawiki[\s>]")
_NEXT = re.compile(rb"<page>|</mediawiki>")
_PAGE_END = re.compile(rb"</page>")
_LONGEST = len(b"</mediawiki>")
# Declarations and comments, the last of which may go on, and marks of byte order, which joined files have.
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<\?.*?\?>|<!--.*?(?:-->|\Z)|<!DOCTYPE[^>\[]*(?:\[[^\]]*\][^>]*)?>)*+",
    re.DOTALL | re.IGNORECASE,
)
_MAX_HEAD = 1 << 20  # bytes ahead of the first page that are kept; Wikipedia has 4,000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BASE = re.compile(r"<base>([^<]*)</base>")
_NAMESPACE = re.compile(r'<namespace\s+key="(-?\d{1,9})"[^<>]*>([^<>]*)</namespace>')


class Page(NamedTuple):
    """A page with its last revision. `text` is wikitext, None where it was deleted or is not in the dump;
    `model` None in old dumps, which have wikitext only."""

    id: str
    title: str
    namespace: int
    redirect: bool
    revid: str
    model: str | None
    text: str | None


def page_records(path: str, raw: RawFile, source: str, limit: int = MAX_LINE) -> Iterator[Framed]:
    """Every `<page>` of a dump, or of the dumps in an archive, as a raw record: `record` is its number in
    the file, from 1, `note` the dump's {"base": URL, "namespaces": {name: number}}.

    A page of more than `limit` bytes, and what stands between pages and is none, is a reject that has a
    number, too. What is no dump is one reject (`bad_format`); one that ends early has its reject at its end.
    """
    for file in open_files(path, raw):
        try:
            yield from _pages(file, source, limit)
        except Damaged as damage:
            if damage.scope is None:
                damage.scope = file.member
            yield damaged(damage, source)


def _pages(file: OpenFile, source: str, limit: int) -> Iterator[Framed]:
    scanner = _Scanner(_in_utf8(file))
    number = 0
    piece = scanner.until(_ROOT, _MAX_HEAD)
    if not piece.mark:
        raise _no_dump(piece)
    if not piece.is_prolog():
        yield _stray(f"{place(file)}{AHEAD}", piece, source, "bytes ahead of <mediawiki> that are no XML")
    while piece.mark:  # more than once where dumps stand one behind the other
        piece = scanner.until(_NEXT, _MAX_HEAD)
        note = _site(piece.content)
        while piece.mark == b"<page>":
            number += 1
            yield _page_record(f"{place(file)}{number}", scanner.until(_PAGE_END, limit), note, source, limit)
            piece = scanner.until(_NEXT, _MAX_HEAD)
            if piece.mark and not piece.is_blank():
                number += 1
                yield _stray(f"{place(file)}{number}", piece, source)
        if not piece.mark:
            raise _cut(piece, "without </mediawiki>")
        piece = scanner.until(_ROOT, _MAX_HEAD)
        if not (piece.is_prolog() if piece.mark else piece.is_blank()):
            number += 1
            yield _stray(f"{place(file)}{number}", piece, source)
    if not number:
        raise Damaged("a MediaWiki dump without pages", Reason.BAD_FORMAT)


def _page_record(
    record: str, page: "_Piece", note: dict[str, Any], source: str, limit: int
) -> RawRecord | Reject:
    if not page.mark:
        begun = page._replace(content=b"<page>" + page.content[:HEAD], size=page.size + len(b"<page>"))
        raise _cut(begun, "inside a page")
    content, size = b"<page>%b</page>" % page.content, page.size + len(b"<page></page>")
    if page.size <= limit:
        return RawRecord(record, content, note)
    return Reject(
        record=record,
        source=source,
        reason=Reason.DOCUMENT_TOO_LONG,
        error=f"a page of {size} bytes; the limit is {limit}",
        head=content[:HEAD],
        bytes=size,
    )


_NO_PAGE = "bytes between pages, or behind the last, that are no page"


def _stray(record: str, piece: "_Piece", source: str, error: str = _NO_PAGE) -> Reject:
    return Reject(
        record=record,
        source=source,
        reason=Reason.BAD_FORMAT,
        error=error,
        head=piece.content.lstrip()[:HEAD],
        bytes=piece.size,
    )


def _cut(piece: "_Piece", where: str) -> Damaged:
    damage = Damaged(f"truncated MediaWiki dump: it ends {where}")
    damage.head, damage.bytes = piece.content.lstrip()[:HEAD], piece.size
    return damage


def _in_utf8(file: OpenFile) -> Iterator[bytes]:
    """The bytes of a dump in UTF-8, in which dumps are written; some were saved as UTF-16 on the way."""
    head, blocks = peeked(file.blocks)
    return _from_utf16(blocks) if head.startswith(_UTF16) else blocks


def _no_dump(piece: "_Piece") -> Damaged:
    """Why all that a file has is no dump, if it is not the beginning of one."""
    begun = piece.content[_PROLOG.match(piece.content).end() :]  # type: ignore[union-attr]  # matches anything
    if b"<mediawiki ".startswith(begun):
        return _cut(piece, "before it begins")
    head = piece.content.removeprefix(codecs.BOM_UTF8).strip()[:HEAD]
    damage = Damaged(f"no MediaWiki XML dump, but data beginning with {head[:16]!r}", Reason.BAD_FORMAT)
    damage.head, damage.bytes = head, piece.size
    return damage


def _from_utf16(blocks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


class _Piece(NamedTuple):
    """What stands ahead of a mark: the first bytes of it, its length, and the mark; b"" at the end."""

    content: bytes
    size: int
    mark: bytes

    def is_blank(self) -> bool:
        return len(self.content) == self.size and not self.content.strip()

    def is_prolog(self) -> bool:
        """Whether it is what XML lets stand ahead of an element."""
        return len(self.content) == self.size and _PROLOG.fullmatch(self.content) is not None


class _Scanner:
    """Blocks of bytes, searched for marks that may lie across their borders."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._window = b""
        self._at = 0

    def until(self, mark: re.Pattern[bytes], limit: int) -> _Piece:
        """Go behind the next `mark`; of what is ahead of it, at most about `limit` bytes are kept."""
        parts: list[bytes] = []
        size = 0
        while True:
            found = mark.search(self._window, self._at)
            end = found.start() if found else max(self._at, len(self._window) - _LONGEST)
            if size <= limit:
                parts.append(self._window[self._at : end])
            size += end - self._at
            self._at = end
            if found:
                self._at = found.end()
                return _Piece(b"".join(parts), size, found[0])
            rest = self._window[end:]
            try:
                block = next(self._blocks, None)
            except Damaged as damage:
                damage.head, damage.bytes = b"".join([*parts, rest])[:HEAD], size + len(rest)
                raise
            if block is None:
                self._window, self._at = b"", 0
                return _Piece(b"".join([*parts, rest]), size + len(rest), b"")
            self._window, self._at = rest + block, 0


def _site(head: bytes) -> dict[str, Any]:
    """What `page` and `url` need of a dump's `<siteinfo>`, which may be missing."""
    text = head.decode("utf-8", "replace")
    base = _BASE.search(text)
    return {
        "base": html.unescape(base[1]) if base else "",
        "namespaces": {html.unescape(name): int(key) for key, name in _NAMESPACE.findall(text)},
    }


def page(content: bytes, note: Mapping[str, Any]) -> Page:
    """The page in a raw record of `page_records`; `Unusable` if it is no page."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise Unusable(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8") from error
    namespaces = "".join(
        f"<namespace key={quoteattr(str(key))} case='first-letter'>{escape(name)}</namespace>"
        for name, key in note["namespaces"].items()
    )
    head = f"<mediawiki><siteinfo><namespaces>{namespaces}</namespaces></siteinfo>".encode()
    try:
        pages = [_page(each) for each in mwxml.Dump.from_file(io.BytesIO(head + content + b"</mediawiki>"))]
    except ParseError as error:
        what = f"its XML is malformed in line {error.position[0]}"
        raise Unusable(Reason.BAD_FORMAT, f"no page of a MediaWiki dump: {what}") from error
    except (MalformedXML, ValueError, TypeError, AttributeError) as error:  # what mwxml runs into
        what = "its title, namespace, id or revision is missing or cannot be read"
        raise Unusable(Reason.BAD_FORMAT, f"no page of a MediaWiki dump: {what}") from error
    if len(pages) != 1:
        raise Unusable(Reason.BAD_FORMAT, f"{len(pages)} pages in the place of one")
    return pages[0]


def _page(parsed: mwxml.Page) -> Page:
    last: mwxml.Revision | None = None
    for revision in parsed:
        last = revision
    main = last.slots.contents.get("main") if last is not None else None
    return Page(
        id=str(parsed.id),
        title=parsed.title,
        namespace=parsed.namespace,
        redirect=parsed.redirect is not None,
        revid=str(last.id) if last is not None else "",
        model=main.model if main is not None else None,
        text=main.text if main is not None else None,
    )


def url(title: str, note: Mapping[str, Any]) -> str | None:
    """Where an article of a dump is read; None if the dump does not say where its wiki is."""
    place, slash, _ = str(note["base"]).rpartition("/")
    return f"{place}/{quote(title.replace(' ', '_'), safe=chr(47) + ':@!$*(),;~')}" if slash else None

"""EPUB 2 and 3 files to text: the chapters of the spine in reading order, without the table of contents.

Never trusted: members are looked up by name in the archive only, and neither it nor a chapter may expand
beyond its cap. The surprising thing: a chapter that the spine names but that is not in the archive is left
out, as reading systems do, and named in the book's meta as `missing`; a chapter that is damaged is the end
of the book, like any damage.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from lxml import etree

from corpusmill.sources.framing import file_records
from corpusmill.sources.openings import blank_length
from corpusmill.sources.raw import PIECE, RawFile
from corpusmill.sources.records import WHOLE, Framed, RawRecord, Reason, Record, Reject, Unusable, rejected
from corpusmill.sources.xhtml import parse_xml, text_of
from corpusmill.sources.zips import what_is_wrong

_MAX_EXPANDED = 512 << 20  # bytes of all members
_MAX_RATIO = 500  # of them to the file: deflate reaches 1032, the text of a book 10
_MAX_CHAPTER = 32 << 20  # bytes; the tree of one made of empty elements takes 35 times as much (measured)
_MAX_MEMBERS = 100_000
_CENTRAL = b"PK\1\2"  # begins a member's entry in the archive's directory
_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # of fonts only
_META = {"title": False, "creator": True, "language": False}  # Dublin Core's names, and which are lists


def epub_records(name: str, raw: RawFile, source: str, limit: int) -> Iterator[Framed]:
    """A file named .epub, of at most `limit` bytes, as it is, as its one raw record, or every member of an
    archive as one."""
    if not name.lower().endswith(".epub"):
        yield from file_records(name, raw, source, limit, as_is=(".epub",))
        return
    content = bytearray()
    size = 0
    while piece := raw.read(PIECE):
        size += len(piece)
        if size <= limit:
            content += piece
    record = RawRecord(WHOLE, bytes(content))
    if size <= limit:
        yield record
        return
    reject = rejected(record, source, Reason.FILE_TOO_LONG, f"a file of {size} bytes; the limit is {limit}")
    yield replace(reject, bytes=size)


def epub_document(record: RawRecord, source: str) -> Record | Reject:
    """The book of an EPUB file; never raises for bad data. `meta` has those of `title`, `creator` (a list)
    and `language` that the book gives, and `missing` (a list of chapters) where it lacks some."""
    try:
        text, meta = _read(record.content)
    except Unusable as error:
        reject = rejected(record, source, error.reason, str(error))
        is_file = record.record == WHOLE and error.reason is Reason.DAMAGED
        return replace(reject, record=None) if is_file else reject
    return Record(record=record.record, source=source, text=text, meta=meta)


def _read(content: bytes) -> tuple[str, dict[str, Any]]:
    if not content:
        raise Unusable(Reason.EMPTY, "an empty file")
    archive = _Archive(content)
    try:
        _refuse_encryption(archive)
        package = _package(archive)
    except UnicodeDecodeError as error:  # the parser lets surrogates into the tree where it recovers
        raise Unusable(Reason.BAD_FORMAT, "no EPUB: its package has a character that is none") from error
    chapters, missing = [], []
    for name in package.chapters:
        if name in archive:
            chapters.append(_chapter(archive, name))
        else:
            missing.append(name)
    text = "\n\n".join(filter(None, chapters))
    if not text:
        raise Unusable(Reason.EMPTY, f"no text in {len(chapters)} chapters; missing are {missing[:5]}")
    return text, package.meta | ({"missing": missing} if missing else {})


class _Archive:
    """The members of an EPUB file by name. Raises `Unusable` for whatever is wrong with it."""

    def __init__(self, content: bytes) -> None:
        content = content[blank_length(content) :]
        if not content.startswith(b"PK"):
            raise Unusable(Reason.BAD_FORMAT, f"no EPUB: it begins with {content[:16]!r}")
        if (members := content.count(_CENTRAL)) > _MAX_MEMBERS:
            raise Unusable(Reason.BAD_FORMAT, f"an archive of {members} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except Exception as error:  # whatever zipfile runs into in bytes that it does not check
            raise Unusable(
                Reason.DAMAGED, "no EPUB, or a damaged one: no directory of a zip at its end"
            ) from error
        self._members = {member.filename: member for member in self._zip.infolist()}
        expanded = sum(member.file_size for member in self._zip.infolist())
        if expanded > min(_MAX_EXPANDED, _MAX_RATIO * len(content)):
            raise Unusable(Reason.FILE_TOO_LONG, f"{len(content)} bytes that expand to {expanded}")

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The content of a member, of no more bytes than the archive declares."""
        member = self._members[name]
        if member.flag_bits & 1:
            raise Unusable(Reason.ENCRYPTED, f"{name} is encrypted")
        if member.file_size > _MAX_CHAPTER:
            raise Unusable(Reason.FILE_TOO_LONG, f"{name} of {member.file_size} bytes")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unusable(Reason.BAD_FORMAT, f"{name} is compressed by method {member.compress_type}")
        try:
            with self._zip.open(member) as file:
                return file.read(member.file_size + 1)  # without a size it would expand whatever there is
        except Exception as error:  # as above
            raise Unusable(Reason.DAMAGED, f"{name} is damaged: {what_is_wrong(error)}") from error

    def xml(self, name: str) -> Any:
        """The root element of a member, as far as it can be read."""
        if name not in self:
            raise Unusable(Reason.BAD_FORMAT, f"no EPUB: it has no {name}")
        try:
            root = parse_xml(self.read(name), recover=True)
        except etree.XMLSyntaxError:  # of what has no element at all; of other such things it gives None
            root = None
        if root is None:
            raise Unusable(Reason.BAD_FORMAT, f"no EPUB: {name} is no XML")
        return root


def _refuse_encryption(archive: _Archive) -> None:
    name = "META-INF/encryption.xml"
    if name not in archive:
        return
    for data in archive.xml(name).iterfind(".//{*}EncryptedData"):
        method = data.find("{*}EncryptionMethod")
        algorithm = "of no method" if method is None else method.get("Algorithm")
        if algorithm not in _OBFUSCATION:
            raise Unusable(Reason.ENCRYPTED, f"digital rights management: {algorithm}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Package:
    """What the OPF file says: the members that are chapters, in reading order, and the book's meta."""

    chapters: list[str]
    meta: dict[str, Any]


def _package(archive: _Archive) -> _Package:
    rootfiles = list(archive.xml("META-INF/container.xml").iterfind(".//{*}rootfile"))
    if not rootfiles:
        raise Unusable(Reason.BAD_FORMAT, "no EPUB: its container names no package")
    path = unquote(rootfiles[0].get("full-path", ""))
    root = archive.xml(path)
    items = {item.get("id"): item for item in root.iterfind(".//{*}manifest/{*}item")}
    chapters = []
    for reference in root.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None:
            chapters.append(f"#{reference.get('idref')}")
        elif reference.get("linear") != "no" and _is_text(item):
            href = unquote(item.get("href", "").partition("#")[0])
            chapters.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), href)))
    if not chapters:
        raise Unusable(Reason.BAD_FORMAT, f"no EPUB: the spine of {path} names no chapter")
    return _Package(chapters=list(dict.fromkeys(chapters)), meta=_meta(root))


def _is_text(item: Any) -> bool:
    """Whether an item of the manifest is neither a picture nor the table of contents."""
    return "nav" not in item.get("properties", "").split() and not item.get("media-type", "").startswith(
        "image/"
    )


def _meta(root: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    for name, is_list in _META.items():
        found = [
            " ".join("".join(each.itertext()).split())
            for each in root.iterfind(f".//{{*}}metadata//{{*}}{name}")
        ]
        if found := [each for each in found if each]:
            meta[name] = found if is_list else found[0]
    return meta


def _chapter(archive: _Archive, name: str) -> str:
    try:
        return text_of(archive.read(name))
    except Unusable as error:
        raise Unusable(error.reason, f"{name}: {error}") from error

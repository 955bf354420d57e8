"""Book texts, one file a book: UTF-8, or the Windows code page 1252 that older transcriptions have.

The surprising thing: every other encoding is a reject, not a guess. Code page 1252 is tried only where
the bytes hold nothing that it leaves undefined and no mark says that they are UTF-8.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

from corpusmill.recipe import Books
from corpusmill.sources.jsonlines import damaged
from corpusmill.sources.raw import Damaged, RawFile
from corpusmill.sources.records import HEAD, Reason, Record, Reject, Removal, unusable
from corpusmill.sources.streams import MAX_LINE, open_blocks

TEXT = "text"  # the `record` of a book: its file holds nothing else
_BOM = b"\xef\xbb\xbf"
_RULES: dict[Literal["gutenberg", "plain"], tuple[str, ...]] = {
    "gutenberg": ("newlines", "gutenberg_header", "gutenberg_footer", "ftfy", "whitespace"),
    "plain": ("newlines", "ftfy", "whitespace"),
}


class BooksSource:
    """Books of one recipe entry. `rules` clean a book."""

    limit: ClassVar[int] = MAX_LINE
    """Bytes of the longest book."""

    def __init__(self, entry: Books) -> None:
        self.name = entry.name
        self.rules = _RULES[entry.layout]

    def read(self, path: str, raw: RawFile) -> Iterator[Record | Reject | Removal]:
        """The one record of a file, or its reject; never raises for bad data."""
        blocks: list[bytes] = []
        size = 0
        try:
            for block in open_blocks(path, raw):
                size += len(block)
                if size <= self.limit:
                    blocks.append(block)
        except Damaged as damage:
            damage.head, damage.bytes = b"".join(blocks)[:HEAD], size
            yield damaged(damage, self.name)
            return
        content = b"".join(blocks)
        if size > self.limit:
            yield Reject(
                record=TEXT,
                source=self.name,
                reason=Reason.FILE_TOO_LONG,
                error=f"a book of {size} bytes; the limit is {self.limit}",
                head=content[:HEAD],
                bytes=size,
            )
            return
        yield self._book(content)

    def _book(self, content: bytes) -> Record | Reject:
        if not content.removeprefix(_BOM).strip():
            return unusable(TEXT, self.name, Reason.EMPTY, "no text in the file", content)
        if (nul := content.find(b"\0")) >= 0:
            return unusable(TEXT, self.name, Reason.BINARY, f"a NUL at byte {nul}, so not text", content)
        try:
            text, encoding = content.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError as not_utf8:
            error = f"byte {not_utf8.start + len(_BOM) * content.startswith(_BOM)} is not UTF-8"
            if content.startswith(_BOM):
                return unusable(TEXT, self.name, Reason.INVALID_UTF8, error, content)
            try:
                text, encoding = content.decode("cp1252"), "cp1252"
            except UnicodeDecodeError as not_cp1252:
                error += f", and byte {not_cp1252.start} is not code page 1252"
                return unusable(TEXT, self.name, Reason.INVALID_UTF8, error, content)
        return Record(record=TEXT, source=self.name, text=text, meta={"encoding": encoding})

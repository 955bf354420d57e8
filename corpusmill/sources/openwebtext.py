"""OpenWebText and OpenWebText2."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import OpenWebText
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject, Removal


class OpenWebTextSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: OpenWebText) -> None:
        self.name = entry.name

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """"""
        raise NotImplementedError

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """"""
        raise NotImplementedError

"""CC-Stories."""

from collections.abc import Iterator
from typing import ClassVar

from corpusmill.entries import Stories
from corpusmill.sources.raw import RawFile
from corpusmill.sources.records import Framed, RawRecord, Record, Reject, Removal


class StoriesSource:
    """Documents of one recipe entry. `rules` clean a document."""

    rules: ClassVar[tuple[str, ...]] = ("newlines", "ftfy", "whitespace")

    def __init__(self, entry: Stories) -> None:
        self.name = entry.name

    def records(self, path: str, raw: RawFile) -> Iterator[Framed]:
        """"""
        raise NotImplementedError

    def document(self, record: RawRecord) -> Record | Reject | Removal:
        """"""
        raise NotImplementedError

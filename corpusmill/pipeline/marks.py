"""Whether input files are still what an earlier run read.

A file's modification mark is never part of an identity; where only the mark differs from what
`RUN/marks.json` noted, the content is read and its hash decides.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpusmill.manifest import Input, write_text
from corpusmill.pipeline.dumps import Dump

MARKS = "marks.json"


class Marks:
    """What the inputs' marks were when their content was last hashed: a cache, not a result."""

    def __init__(self, run: Path) -> None:
        self._path = run / MARKS
        self._known: dict[str, tuple[str, str]] = {}
        # A cache: where it is missing or damaged, the content is hashed.
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError, AttributeError):
            noted = json.loads(self._path.read_text())
            self._known = {path: (mark, sha256) for path, (mark, sha256) in noted.items()}

    def note(self, pairs: Iterable[tuple[Input, str]], work: Path) -> None:
        """Remember the marks with which these inputs had these contents."""
        self._known.update({each.path: (mark, each.sha256) for each, mark in pairs})
        write_text(self._path, json.dumps(self._known, indent=1, sort_keys=True), work)

    def changed(self, dumps: Sequence[Dump], read: Iterable[Input]) -> list[str]:
        """The paths of those `read` inputs whose content is no longer what it was."""
        now = {dump.path: dump for dump in dumps}
        return [each.path for each in read if each.path in now and not self._same(now[each.path], each)]

    def _same(self, dump: Dump, read: Input) -> bool:
        if self._known.get(dump.path) == (dump.mark, read.sha256):
            return dump.size == read.size
        with dump.open() as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != read.sha256:
            return False
        self._known[dump.path] = (dump.mark, read.sha256)
        return True

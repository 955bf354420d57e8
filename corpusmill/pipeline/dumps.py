"""The raw input files: which there are, and whether they are still what an earlier run read.

Paths are relative to the inputs folder, so that moving it changes nothing. A file's modification mark
(fsspec's `ukey`: on a local disk path, time and inode) is never part of an identity; where only the mark
differs from what `RUN/marks.json` noted, the content is read and its hash decides.
"""

import contextlib
import glob
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import fsspec

from corpusmill.entries import Entry
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import EvaluationSet
from corpusmill.manifest import Input, write_text
from corpusmill.recipe import Recipe
from corpusmill.sources.streams import HashingFile

MARKS = "marks.json"
_LEAST_GROUP, _MOST_GROUP, _GROUPS = 1 << 20, 256 << 20, 64
_LEAST_HUGE = 16 << 20  # a smaller file is not worth cutting
_WAVE = 128 << 30  # bytes of dumps; their chunks take about as much room on disk


@dataclass(frozen=True, kw_only=True)
class Dump:
    """An input file of the recipe's source, or evaluation set, number `entry`. `path` is relative to the
    inputs folder (or the URL that the recipe gives), `url` is where it lies now."""

    entry: int
    path: str
    url: str
    size: int
    mark: str

    def open(self) -> "NamedFile":
        """The raw bytes; `CorpusmillError` if they cannot be had."""
        # A local name may hold what means something in a URL.
        with _naming(self.path):
            if "://" in self.url:
                return NamedFile(self.path, _open_remote(self.url))
            return NamedFile(self.path, io.FileIO(self.url))

    def must_be_unchanged(self, read: int) -> None:
        """`CorpusmillError` if the file, of which `read` bytes were read, is not the one that was listed."""
        filesystem, path = _open_root(self.url)
        with _naming(self.path):
            mark = _mark(filesystem, path, filesystem.info(path))
        if read != self.size or mark != self.mark:
            raise CorpusmillError(f"{self.path}: changed while it was read; run again when it is complete")


@contextlib.contextmanager
def opened(dump: Dump, read: list[Input]) -> Iterator[HashingFile]:
    """The bytes of a file; afterwards `read` has one more entry, with the hash of the whole file.

    `CorpusmillError` if the file is no longer the one that was listed.
    """
    with dump.open() as raw:
        hashing = HashingFile(raw)
        yield hashing
        sha256 = hashing.finish()
        dump.must_be_unchanged(hashing.size)
        read.append(Input(path=dump.path, size=dump.size, sha256=sha256))


def _open_remote(url: str) -> BinaryIO:
    """A file at a URL, from which any bytes can be read. One of a web server that gives whole files only is
    downloaded first, into a temporary file without a name."""
    file = fsspec.open(url, "rb").open()
    if not url.startswith(("http://", "https://")):
        return cast(BinaryIO, file)
    try:
        file.seek(1)
        file.read(1)
        file.seek(0)
        return cast(BinaryIO, file)
    except ValueError:  # what fsspec raises where ranges are not supported
        file.close()
    whole = tempfile.TemporaryFile()  # noqa: SIM115  (who reads it closes it)
    with fsspec.open(url, "rb", block_size=0) as stream:
        shutil.copyfileobj(stream, whole, 1 << 20)
    whole.seek(0)
    return cast(BinaryIO, whole)


@contextlib.contextmanager
def _naming(path: str) -> Iterator[None]:
    """Whatever a filesystem raises, as a `CorpusmillError` that names the file."""
    try:
        yield
    except CorpusmillError:
        raise
    except Exception as error:  # every remote filesystem has exceptions of its own
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise CorpusmillError(f"{path}: cannot be read: {why}") from error


class NamedFile:
    """The bytes of an input file; its errors are `CorpusmillError`s that name it."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        with _naming(self._path):
            return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        with _naming(self._path):
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def find(recipe: Recipe, inputs: str) -> list[Dump]:
    """Every file of every source: sources in the recipe's order, the files of each sorted by path.

    `CorpusmillError` names all globs that match nothing.
    """
    dumps = find_all(recipe.sources, inputs)
    refuse_shared_files(recipe, dumps)
    return dumps


def find_all(entries: Sequence[Entry | EvaluationSet], inputs: str) -> list[Dump]:
    """The files of `entries`, in their order; `CorpusmillError` names all globs that match nothing."""
    dumps, empty = look(entries, inputs)
    if empty:
        raise CorpusmillError(f"no file under {inputs} matches {'; '.join(empty)}")
    return dumps


def look(entries: Sequence[Entry | EvaluationSet], inputs: str) -> tuple[list[Dump], list[str]]:
    """The files as `find_all` gives them, and the globs that match nothing, as `name: glob`."""
    dumps: list[Dump] = []
    empty = []
    for number, entry in enumerate(entries):
        found: dict[str, Dump] = {}
        for pattern in entry.files:
            with _naming(f"{entry.name}: {pattern}"):
                matches = _match(number, pattern, inputs)
            if not matches:
                empty.append(f"{entry.name}: {pattern}")
            found.update({dump.path: dump for dump in matches})
        dumps += [found[path] for path in sorted(found)]
    return dumps, empty


def refuse_shared_files(recipe: Recipe, dumps: Sequence[Dump]) -> None:
    """A file may belong to several entries only if no document of it can get the same id twice;
    `CorpusmillError` otherwise."""
    readers: dict[tuple[str, str], str] = {}
    for dump in dumps:
        entry = recipe.sources[dump.entry]
        for source in entry.source_names():
            other = readers.setdefault((dump.path, source), entry.name)
            if other != entry.name:
                raise CorpusmillError(
                    f"{dump.path}: is a file of {other} and of {entry.name}, and both take {source} from it"
                )


def _match(entry: int, pattern: str, inputs: str) -> list[Dump]:
    base = "" if "://" in pattern else inputs
    filesystem, root = _open_root(base or pattern)
    matches = filesystem.glob(f"{glob.escape(root)}/{pattern}" if base else root, detail=True)
    if not matches and not base and not glob.has_magic(pattern):
        try:
            filesystem.info(root)
        except FileNotFoundError as error:  # what a server's silence is called too; the cause tells
            if error.__cause__ and not isinstance(error.__cause__, FileNotFoundError):
                raise error.__cause__ from error
    local = filesystem.protocol == "file" or "file" in filesystem.protocol
    dumps = []
    for path, info in matches.items():
        if info["type"] == "directory":
            continue
        if info["type"] != "file":
            raise CorpusmillError(f"{path}: is no file but matches {pattern} (a link to nothing?); remove it")
        url = path if local else filesystem.unstrip_protocol(path)
        if info.get("size") is None:  # the index page of a web server has no sizes
            info = filesystem.info(path)
        if info.get("size") is None:
            raise CorpusmillError(f"{url}: its size is not known; download it first")
        dump = Dump(
            entry=entry,
            path=path[len(root) + 1 :] if base else url,
            url=url,
            size=info["size"],
            mark=_mark(filesystem, path, info),
        )
        if any("\udc80" <= character <= "\udcff" for character in dump.path):  # os.fsdecode's stand-ins
            raise CorpusmillError(f"{dump.path!a}: the file's name is not UTF-8; rename it")
        dumps.append(dump)
    return dumps


def _mark(filesystem: fsspec.AbstractFileSystem, path: str, info: Mapping[str, Any]) -> str:
    """What changes when a file does, as far as can be told without reading it."""
    validators = [str(info[name]) for name in ("ETag", "Last-Modified") if info.get(name)]
    return " ".join(validators) or str(filesystem.ukey(path))


def _open_root(place: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The filesystem of a folder or URL, and its path there."""
    if "://" in place:
        filesystem, root = fsspec.core.url_to_fs(place)
    else:  # any name is allowed, also one that would mean something in a URL
        filesystem, root = fsspec.filesystem("file"), str(Path(place).absolute())
    return filesystem, root.rstrip("/")


@dataclass(frozen=True, kw_only=True)
class Groups:
    """How the dumps are shared out: `small` are neighbouring files of one source, together about a 64th of
    all bytes (1 to 256 MB), a work item each; `waves` are the files larger than that, which are cut into
    chunks: all of a wave at a time, so that the chunks take bounded room."""

    small: list[tuple[Dump, ...]]
    waves: list[list[Dump]]


def group(dumps: Sequence[Dump]) -> Groups:
    """Share out the dumps. Depends on sizes and paths only."""
    target = min(max(sum(dump.size for dump in dumps) // _GROUPS, _LEAST_GROUP), _MOST_GROUP)
    huge = [dump for dump in dumps if dump.size > max(target, _LEAST_HUGE)]
    groups: list[list[Dump]] = []
    filled = 0
    for dump in dumps:
        if dump.size > max(target, _LEAST_HUGE):
            continue
        if not groups or groups[-1][-1].entry != dump.entry or filled + dump.size > target:
            groups.append([])
            filled = 0
        groups[-1].append(dump)
        filled += dump.size
    return Groups(small=[tuple(each) for each in groups], waves=_waves(huge))


def _waves(huge: Sequence[Dump]) -> list[list[Dump]]:
    waves: list[list[Dump]] = []
    filled = 0
    for dump in huge:
        if not waves or filled + dump.size > _WAVE:
            waves.append([])
            filled = 0
        waves[-1].append(dump)
        filled += dump.size
    return waves


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

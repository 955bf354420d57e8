"""The raw input files: which there are, and how they are opened.

Paths are relative to the inputs folder, so that moving it changes nothing, and have one spelling however they
are written. Local files are found as a shell finds them (`globbing`), others as fsspec does.
"""

import contextlib
import glob
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self, cast

import fsspec

from corpusmill.entries import Entry
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import EvaluationSet
from corpusmill.manifest import Input
from corpusmill.pipeline.globbing import expand
from corpusmill.recipe import Recipe
from corpusmill.sources.streams import HashingFile


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
        with _naming(self.path):
            if "://" in self.url:
                filesystem, path = _open_root(self.url)
                mark = _mark(filesystem, path, filesystem.info(path))
            else:
                mark = _local_mark(os.stat(self.url))
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


@dataclass(kw_only=True)
class Listing:
    """What the globs of some entries name: `dumps` in the entries' order, the files of each sorted by path;
    `empty` are the globs that match nothing, as `name: glob`; `problems` and `notes` are a line each."""

    dumps: list[Dump] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find(recipe: Recipe, inputs: str, say: Callable[[str], None] = lambda note: None) -> list[Dump]:
    """Every file of every source: sources in the recipe's order, the files of each sorted by path. What was
    left out is told to `say`.

    `CorpusmillError` with a line for each thing that is wrong with the files.
    """
    dumps = find_all(recipe.sources, inputs, say)
    refuse_shared_files(recipe, dumps)
    return dumps


def find_all(
    entries: Sequence[Entry | EvaluationSet], inputs: str, say: Callable[[str], None] = lambda note: None
) -> list[Dump]:
    """The files of `entries`, in their order; otherwise as `find`."""
    listing = look(entries, inputs)
    if problems := faults(listing, inputs):
        raise CorpusmillError("\n".join(problems))
    for note in listing.notes:
        say(note)
    return listing.dumps


def faults(listing: Listing, inputs: str) -> list[str]:
    """What is wrong with the files, a line each. Where a glob matches nothing, what was left out may tell."""
    nothing = [f"no file under {inputs} matches {each}" for each in listing.empty]
    return [*listing.problems, *nothing, *(listing.notes if nothing else [])]


def look(entries: Sequence[Entry | EvaluationSet], inputs: str) -> Listing:
    """The files of `entries`, and what is wrong with them."""
    listing = Listing()
    for number, entry in enumerate(entries):
        found: dict[str, Dump] = {}
        for pattern in entry.files:
            before = len(listing.problems)
            try:
                with _naming(f"{entry.name}: {pattern}"):
                    matches = _match(number, pattern, inputs, listing)
            except CorpusmillError as error:
                listing.problems.append(str(error))
                continue
            if not matches and len(listing.problems) == before:
                listing.empty.append(f"{entry.name}: {pattern}")
            found.update({dump.path: dump for dump in matches})
        listing.dumps += [found[path] for path in sorted(found)]
    for lines in (listing.problems, listing.notes):
        lines[:] = dict.fromkeys(lines)  # two globs may meet the same thing
    return listing


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


def must_be_readable(dumps: Sequence[Dump]) -> None:
    """`CorpusmillError` with a line for each file that cannot be opened and read. Of files elsewhere than on
    this machine one of each entry is tried: what fails there is the way to them."""
    problems, tried = [], set()
    for dump in dumps:
        if "://" in dump.url:
            if dump.entry in tried:
                continue
            tried.add(dump.entry)
        try:
            with dump.open() as file:
                file.read(1)
        except (CorpusmillError, OSError) as error:
            problems.append(str(error))
    if problems:
        raise CorpusmillError("\n".join(problems))


def _match(entry: int, pattern: str, inputs: str, listing: Listing) -> list[Dump]:
    """The files that a glob names; what is wrong with them, and what was left out, goes into `listing`."""
    filesystem, root = _open_root(inputs if "://" not in pattern else pattern)
    if _is_local(filesystem):
        written, folder = (pattern, root) if "://" not in pattern else (root, _local(inputs))
        return _local_matches(entry, written, folder, listing)
    base = "" if "://" in pattern else root
    matches = filesystem.glob(f"{glob.escape(root)}/{pattern}" if base else root, detail=True)
    if not matches and not base and not glob.has_magic(pattern):
        try:
            filesystem.info(root)
        except FileNotFoundError as error:  # what a server's silence is called too; the cause tells
            if error.__cause__ and not isinstance(error.__cause__, FileNotFoundError):
                raise error.__cause__ from error
    return [
        _remote_dump(entry, filesystem, path, info, base)
        for path, info in matches.items()
        if info["type"] == "file"
    ]


def _local_matches(entry: int, pattern: str, root: str | None, listing: Listing) -> list[Dump]:
    found = expand(root or "/", pattern)
    listing.problems += found.problems
    listing.notes += found.notes
    dumps = []
    for url, status in found.files.items():
        path = os.path.relpath(url, root) if root else url
        if path.startswith("../") and pattern.startswith("/"):
            path = url
        if any("\udc80" <= character <= "\udcff" for character in path):  # os.fsdecode's stand-ins
            listing.problems.append(f"{path!a}: the file's name is not UTF-8; rename it")
            continue
        dumps.append(Dump(entry=entry, path=path, url=url, size=status.st_size, mark=_local_mark(status)))
    return dumps


def _remote_dump(
    entry: int, filesystem: fsspec.AbstractFileSystem, path: str, info: Mapping[str, Any], base: str
) -> Dump:
    url = filesystem.unstrip_protocol(path)
    if info.get("size") is None:  # the index page of a web server has no sizes
        info = filesystem.info(path)
    if info.get("size") is None:
        raise CorpusmillError(f"{url}: its size is not known; download it first")
    return Dump(
        entry=entry,
        path=path[len(base) + 1 :] if base else url,
        url=url,
        size=info["size"],
        mark=_mark(filesystem, path, info),
    )


def _local_mark(status: os.stat_result) -> str:
    """What changes when a local file does. How its path is spelled, and through which links it is reached, is
    no part of it."""
    return f"{status.st_ino} {status.st_mtime_ns}"


def _mark(filesystem: fsspec.AbstractFileSystem, path: str, info: Mapping[str, Any]) -> str:
    """What changes when a file elsewhere does, as far as can be told without reading it."""
    validators = [str(info[name]) for name in ("ETag", "Last-Modified") if info.get(name)]
    return " ".join(validators) or str(filesystem.ukey(path))


def _open_root(place: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The filesystem of a folder or URL, and its path there."""
    if "://" in place:
        filesystem, root = fsspec.core.url_to_fs(place)
    else:  # any name is allowed, also one that would mean something in a URL
        filesystem, root = fsspec.filesystem("file"), os.path.abspath(place)
    return filesystem, root.rstrip("/") or "/"


def _is_local(filesystem: fsspec.AbstractFileSystem) -> bool:
    return filesystem.protocol == "file" or "file" in filesystem.protocol


def _local(inputs: str) -> str | None:
    """The inputs folder if it is on this machine."""
    filesystem, root = _open_root(inputs)
    return root if _is_local(filesystem) else None

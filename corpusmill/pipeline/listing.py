"""Which files the globs of a recipe name, and what is wrong with them.

Paths are relative to the inputs folder, so that moving it changes nothing, and have one spelling however they
are written. Local files are found as a shell finds them (`globbing`), others as fsspec does.
"""

import glob
import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import fsspec

from corpusmill.entries import Entry
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import EvaluationSet
from corpusmill.pipeline.dumps import Dump, local_mark, naming, open_root, remote_mark
from corpusmill.pipeline.globbing import expand
from corpusmill.recipe import Recipe


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
                with naming(f"{entry.name}: {pattern}"):
                    matches = _match(number, pattern, inputs, listing)
            except CorpusmillError as error:
                listing.problems.append(str(error))
                continue
            if not matches and len(listing.problems) == before:
                listing.empty.append(f"{entry.name}: {pattern}")
            found.update({dump.path: dump for dump in matches})
        files = [found[path] for path in sorted(found)]
        listing.dumps += files
        listing.notes += _reached_twice(entry.name, files)
    for lines in (listing.problems, listing.notes):
        lines[:] = dict.fromkeys(lines)  # two globs may meet the same thing
    return listing


def _reached_twice(name: str, dumps: Sequence[Dump]) -> list[str]:
    """A line if files of an entry are one and the same by several names: each is read, as a shell lists
    it."""
    first: dict[str, Dump] = {}
    again = [
        (first[dump.mark], dump)
        for dump in dumps
        if "://" not in dump.url and first.setdefault(dump.mark, dump) is not dump
    ]
    if not again:
        return []
    one, other = again[0]
    n = f"{len(again):,} files are" if len(again) > 1 else "a file is"
    return [f"{name}: {n} reached by two names and read twice, as {one.path} and {other.path}"]


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
    filesystem, root = open_root(inputs if "://" not in pattern else pattern)
    if _is_local(filesystem):
        written, folder = (pattern, root) if "://" not in pattern else (root, _local(inputs))
        return _local_matches(entry, written, folder, listing)
    base = "" if "://" in pattern else root
    place = posixpath.normpath(pattern) if ".." in pattern.split("/") else pattern
    matches = filesystem.glob(f"{glob.escape(root)}/{place}" if base else root, detail=True)
    if not matches and not base and not glob.has_magic(pattern):
        try:
            filesystem.info(root)
        except FileNotFoundError as error:  # what a server's silence is called too; the cause tells
            if error.__cause__ and not isinstance(error.__cause__, FileNotFoundError):
                raise error.__cause__ from error
    odd = [path for path, info in matches.items() if info["type"] not in ("file", "directory")]
    listing.problems += [
        f"{path}: a {matches[path]['type']}, not a file; name the files only" for path in odd
    ]
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
        dumps.append(Dump(entry=entry, path=path, url=url, size=status.st_size, mark=local_mark(status)))
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
        mark=remote_mark(filesystem, path, info),
    )


def _is_local(filesystem: fsspec.AbstractFileSystem) -> bool:
    return filesystem.protocol == "file" or "file" in filesystem.protocol


def _local(inputs: str) -> str | None:
    """The inputs folder if it is on this machine."""
    filesystem, root = open_root(inputs)
    return root if _is_local(filesystem) else None

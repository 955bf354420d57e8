"""The files of a local folder that a glob names, as a shell lists them.

`*`, `?` and `[...]` stand for characters of one name, `**` for any number of folders, a backslash takes the
meaning from what follows it; hidden names are matched only where a dot is written. Links are what they lead
to, also those to folders on other disks; a link back to a folder that it lies in is not entered by `**`.
Nothing that matches is left out in silence: what is no file is a problem, what is left out by rule is a note.
The surprising thing: the folder of a run is no input, by whatever name it is reached.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpusmill.runs import is_run, run_around

_MAGIC = re.compile(r"[*?[]")
_CLASS = re.compile(r"\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_IN_CLASS = re.compile(r"\\?((?<=\\).|[\]\[^&~|])", re.DOTALL)  # what is escaped, or means something to `re`
_POSIX = {
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:alnum:]": "A-Za-z0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:space:]": r"\s",
    "[:punct:]": r"!-/:-@[-`{-~",
    "[:blank:]": r" \t",
    "[:cntrl:]": r"\x00-\x1f\x7f",
    "[:graph:]": r"!-~",
    "[:print:]": r" -~",
}
_Identity = tuple[int, int]


@dataclass(kw_only=True)
class Found:
    """What a glob names: `files` {path: its status}, `problems` that are a line each, and `notes` of what was
    left out by rule."""

    files: dict[str, os.stat_result] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def expand(root: str, pattern: str) -> Found:
    """The files that `pattern` names, relative to the folder `root` (an absolute path) or absolute. Raises
    nothing for what it finds on its way: that is among the problems and notes."""
    found = Found()
    if not os.path.isdir(root):
        found.problems.append(f"{root}: {_what_it_is(root)}, not the folder that the inputs lie in")
        return found
    folder = "/" if pattern.startswith("/") else root
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    while len(parts) > 1 and not _MAGIC.search(parts[0]) and "\\" not in parts[0]:
        part = parts.pop(0)
        if part == ".." and os.path.islink(folder):  # the folder above is that of what it leads to
            found.problems.append(f"{folder}: a link, behind which `..` may mean two folders; write the path")
            return found
        folder = os.path.dirname(folder) if part == ".." else os.path.join(folder, part)
    if ".." in parts:
        found.problems.append(f"{pattern}: `..` behind a wildcard names no one folder; write the path")
        return found
    parts = [
        part for part, before in zip(parts, ["", *parts], strict=False) if (part, before) != ("**", "**")
    ]
    if (run := run_around(folder)) is not None:
        found.notes.append(_left_out(run))
        return found
    if os.path.isdir(folder):
        _Walk(found).into(folder, parts, _ancestors(folder))
    elif os.path.islink(folder) or os.path.exists(folder):
        found.problems.append(f"{folder}: {_what_it_is(folder)}, not the folder of {pattern}")
    return found


def _ancestors(folder: str) -> frozenset[_Identity]:
    """The folder and all that it lies in, by links and by name."""
    chain = set()
    for place in (folder, os.path.realpath(folder)):
        while True:
            status = os.stat(place)
            chain.add((status.st_dev, status.st_ino))
            if place == os.path.dirname(place):
                break
            place = os.path.dirname(place)
    return frozenset(chain)


class _Walk:
    """One expansion: what it finds goes into `found`."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._told: set[str] = set(found.problems)
        self._entered: set[tuple[_Identity, tuple[str, ...]]] = set()  # folders, and what was sought there

    def into(self, folder: str, parts: list[str], chain: frozenset[_Identity]) -> None:
        """Match `parts` against what is in `folder`; `chain` are the folders that it lies in, with itself."""
        head, rest = parts[0], parts[1:]
        if head == "**":
            # No folder at all, or one more: `**` at the end is everything.
            self.into(folder, rest or ["*"], chain)
            for path, is_link, may_be_folder in self._listed(folder, None):
                if not may_be_folder:
                    continue
                if (status := self._status(path, is_link, last=False)) and stat.S_ISDIR(status.st_mode):
                    self._enter(path, is_link, status, parts, chain, again=True)
            return
        for path, is_link, may_be_folder in self._matching(folder, head):
            if rest and not may_be_folder:
                continue
            status = self._status(path, is_link, last=not rest)
            if status is None:
                continue
            if rest:
                if stat.S_ISDIR(status.st_mode):
                    self._enter(path, is_link, status, rest, chain, again=False)
            else:
                self._take(path, is_link, status, written=not _MAGIC.search(head), all_names=head == "*")

    def _enter(
        self,
        path: str,
        is_link: bool,
        status: os.stat_result,
        parts: list[str],
        chain: frozenset[_Identity],
        again: bool,
    ) -> None:
        """Go into a folder, unless it is a run's, or lies in itself where `**` would go round and round."""
        identity = (status.st_dev, status.st_ino)
        search = (identity, tuple(parts))
        if is_run(path) or (is_link and run_around(path)):
            self._note(_left_out(path))
        elif again and identity in chain:
            self._note(f"{path}: a link back to a folder that it lies in; not entered again")
        elif again and is_link and search in self._entered:
            # Else folders that link to each other would be listed in every order.
            self._note(f"{path}: a link to a folder that is read under another name; not entered again")
        else:
            self._entered.add(search)
            self.into(path, parts, chain | {identity})

    def _take(self, path: str, is_link: bool, status: os.stat_result, written: bool, all_names: bool) -> None:
        if is_link and (run := run_around(path)):
            self._note(f"{path}: leads into {run}, the folder of a run, which is never an input")
        elif stat.S_ISREG(status.st_mode):
            self._found.files[path] = status
        elif not stat.S_ISDIR(status.st_mode):
            self._problem(f"{path}: {_kind(status)}, not a file; remove it, or name the files only")
        elif written:
            self._problem(f"{path}: a folder; write {os.path.basename(path)}/* for the files in it")
        elif not all_names and not is_run(path):
            self._note(f"{path}: a folder, of which the files are not read; write .../* for them")

    def _matching(self, folder: str, part: str) -> Iterator[tuple[str, bool, bool]]:
        """(path, is it a link, may it be a folder) of what `part` names in a folder, in the names' order."""
        if _MAGIC.search(part):
            yield from self._listed(folder, part)
            return
        path = os.path.join(folder, re.sub(r"\\(.)", r"\1", part))
        try:
            is_link = stat.S_ISLNK(os.lstat(path).st_mode)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                self._problem(f"{folder}: this folder cannot be entered: {error.strerror}")
            return
        yield path, is_link, True

    def _listed(self, folder: str, part: str | None) -> list[tuple[str, bool, bool]]:
        wanted = _regex(part) if part is not None else re.compile(r"[^.].*", re.DOTALL)
        try:
            with os.scandir(folder) as entries:
                listed = [
                    (each.path, each.is_symlink(), not each.is_file(follow_symlinks=False))
                    for each in entries
                    if wanted.fullmatch(each.name)
                ]
        except OSError as error:
            self._problem(f"{folder}: this folder cannot be entered: {error.strerror}")
            return []
        return sorted(listed)

    def _status(self, path: str, is_link: bool, last: bool) -> os.stat_result | None:
        """What is at a path in the end, None if that cannot be told. A broken link is a problem where the
        whole glob names it; where only the folders of one may lie behind it, it is told, and no more."""
        tell = self._problem if last else self._note
        try:
            return os.stat(path)
        except OSError as error:
            if is_link and error.errno in (errno.ENOENT, errno.ENOTDIR):
                tell(f"{path}: a link to nothing ({os.readlink(path)}); remove it, or mend it")
            elif is_link and error.errno == errno.ELOOP:
                tell(f"{path}: a link that leads back to itself; remove it")
            elif error.errno != errno.ENOENT:  # gone since it was listed: then it is not there
                self._problem(f"{path}: cannot be reached: {error.strerror}")
            return None

    def _problem(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._found.problems.append(line)

    def _note(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._found.notes.append(line)


def _left_out(run: str) -> str:
    return f"{run}: the folder of a run, which is never an input; left out"


def _regex(part: str) -> re.Pattern[str]:
    """What a part of a glob matches."""
    made = "" if part.startswith((".", "\\.")) else r"(?!\.)"
    at = 0
    while at < len(part):
        character = part[at]
        if character == "[" and (bracket := _CLASS.match(part, at)):
            made += _class(bracket[0])
            at = bracket.end()
            continue
        if character == "\\" and at + 1 < len(part):
            at += 1
            made += re.escape(part[at])
        else:
            made += {"*": ".*", "?": "."}.get(character) or re.escape(character)
        at += 1
    return re.compile(made, re.DOTALL)


def _class(bracket: str) -> str:
    inside = bracket[1:-1]
    negated = "^" if inside[:1] in ("!", "^") else ""
    inside = inside[1:] if negated else inside
    parts = re.split(r"(\[:\w+:\])", inside)
    made = "".join(
        _POSIX.get(each) or _IN_CLASS.sub(lambda found: re.escape(found[1]), each) for each in parts
    )
    try:
        return re.compile(f"[{negated}{made}]").pattern
    except re.error:  # a range that runs backwards matches nothing
        return r"(?!)"


def _what_it_is(path: str) -> str:
    try:
        return _kind(os.stat(path))
    except OSError:
        return "a link to nothing" if os.path.islink(path) else "not there"


def _kind(status: os.stat_result) -> str:
    kinds = (
        (stat.S_ISREG, "a file"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for test, name in kinds if test(status.st_mode)), "a device")

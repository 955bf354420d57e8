"""The files in a file: itself, or what an archive holds, one after the other, however compressed and nested.

Every damage comes out of the `blocks` of a file, with its `scope`: "" where the rest of the whole file is
lost, or the member that alone is. The surprising thing: whether something is a tar is told by its content, as
names lie (OpenWebText's `_data.xz` are xz'd tars); a zip must be named so, or every EPUB would be one.
Nothing is written to disk, so an absolute or a parent path is a name like any.
"""

from collections.abc import Iterator
from typing import NamedTuple

import xxhash

from corpusmill.sources.raw import BlockFile, ByteReader, Damaged, RawFile
from corpusmill.sources.records import Reason
from corpusmill.sources.streams import SNIFF, Expansion, decoded, kind_of, named, peeked
from corpusmill.sources.tars import Member, is_tar, tar_members
from corpusmill.sources.zips import zip_members

MAX_DEPTH = 3  # archives inside each other
_MAX_NAMES = 1_000_000  # names of one archive that are remembered, about 100 MB
_TARS = (".tar", ".tgz", ".txz", ".tbz", ".tbz2", ".tzst")
_CODECS = (".zst", ".zstd", ".bz2", ".xz", ".gz", ".gzip")


class OpenFile(NamedTuple):
    """A file that is no archive. `member` is "" for the file itself, otherwise its path in the archive, and
    "!" between those of archives inside archives; `name` is its own path; `blocks` are decompressed bytes,
    to be read before the next file is asked for."""

    member: str
    name: str
    blocks: Iterator[bytes]


def without_codec(name: str) -> str:
    """A file's name in lower case, without what says how it is compressed."""
    name = name.lower()
    return next((name.removesuffix(codec) for codec in _CODECS if name.endswith(codec)), name)


def open_files(path: str, raw: RawFile) -> Iterator[OpenFile]:
    """The files in the file `raw`, which stands at its start: itself if it is no archive, otherwise one a
    regular member of a tar (in any compression) or zip, in its order, decompressed; members that are tars
    are entered, down to three archives inside each other. Memory is bounded.

    The second member of the same name in an archive is `name#2`, and so on; of an archive of more than a
    million members the rest all have their number behind them, to bound what is remembered.
    Directories are left out; links and other members that hold no text raise `Damaged` with the reason
    `bad_format`, or `encrypted`. This iterator itself raises nothing: the blocks do.
    """
    reader = ByteReader(raw)
    if named(path) == kind_of(reader.peek(SNIFF)) == "zip":
        size = raw.seek(0, 2)
        raw.seek(0)
        files, total = _members("", path, zip_members(raw), 0, independent=True), Expansion(lambda: size)
    else:
        files, total = _files("", path, reader, 0), Expansion(lambda: reader.offset)
    for file in files:
        blocks = _Scoped(total.counted(file.blocks), "")
        yield file._replace(blocks=blocks)
        if blocks.lost_all:
            return


class _Scoped:
    """Blocks whose damage concerns `scope`, unless it says already what it concerns."""

    def __init__(self, blocks: Iterator[bytes], scope: str) -> None:
        self._blocks = blocks
        self._scope = scope
        self.lost_all = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._blocks)
        except Damaged as damage:
            if damage.scope is None:
                damage.scope = self._scope
            self.lost_all = damage.scope == ""
            raise


def _files(member: str, name: str, reader: ByteReader, depth: int) -> Iterator[OpenFile]:
    """The files in the one that `reader` reads and that lies in `depth` archives."""
    head, blocks = peeked(_Scoped(decoded(name, reader), member))
    if not is_tar(head) and not _says_tar(name):
        yield OpenFile(member, name, blocks)
    elif head and not is_tar(head) and head.strip(b"\0"):
        what = f"plain data, beginning with {head[:16]!r}"
        yield _lost(member, name, Damaged(f"named as a tar archive, but it is {what}; rename it"))
    elif depth == MAX_DEPTH:
        yield _lost(member, name, Damaged(f"archives nested deeper than {MAX_DEPTH}", Reason.BAD_FORMAT))
    else:
        yield from _members(member, name, tar_members(ByteReader(BlockFile(blocks))), depth)


def _members(
    member: str, name: str, members: Iterator[Member], depth: int, independent: bool = False
) -> Iterator[OpenFile]:
    """The files in the members of the archive `member`. Where their content cannot be read, only the one is
    lost if they are `independent`, otherwise the archive."""
    names = _Names()
    try:
        for each in members:
            unique = names.unique(each.name)
            path = f"{member}!{unique}" if member else unique
            if isinstance(each.content, Damaged):
                yield _lost(path, each.name, each.content)
                continue
            content = _Scoped(each.content, path if independent else member)
            yield from _files(path, each.name, ByteReader(BlockFile(content)), depth + 1)
    except Damaged as damage:
        yield _lost(member, name, damage)


def _says_tar(name: str) -> bool:
    return without_codec(name).endswith(_TARS)


def _lost(member: str, name: str, damage: Damaged) -> OpenFile:
    def blocks() -> Iterator[bytes]:
        raise damage
        yield b""

    if damage.scope is None:
        damage.scope = member
    return OpenFile(member, name, blocks())


class _Names:
    """The names of one archive, made unique."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}  # hash of a name to the last number that was put behind it
        self._members = 0

    def unique(self, name: str) -> str:
        name = name or "(no name)"
        self._members += 1
        if self._members > _MAX_NAMES:
            return f"{name}#{self._members}"
        key = _hash(name)
        number = self._last.get(key, 0) + 1
        chosen = name
        while number > 1 and _hash(chosen := f"{name}#{number}") in self._last:
            number += 1
        self._last[key] = number
        self._last.setdefault(_hash(chosen), 1)
        return chosen


def _hash(name: str) -> int:
    return xxhash.xxh3_64_intdigest(name.encode())

"""The files in a file: itself, or what an archive holds, one after the other, however compressed and nested.

Every damage comes out of the `blocks` of a file, with its `scope`: "" where the rest of the whole file is
lost, or the member that alone is. The surprising thing: whether something is a tar is told by its content, as
names lie (OpenWebText's `_data.xz` are xz'd tars); a zip must be named so, or every EPUB would be one.
No member is written to a file of its name, so an absolute or a parent path is a name like any. Only a zip
that comes as a stream, out of another archive or of a codec, is copied, to a file without a name, because a
zip is read from its end.
"""

import tempfile
from collections.abc import Iterator
from typing import NamedTuple

import xxhash

from corpusmill.sources.raw import BlockFile, ByteReader, Damaged, RawFile
from corpusmill.sources.records import Reason
from corpusmill.sources.streams import SNIFF, Expansion, decoded, kind_of, named, peeked
from corpusmill.sources.tars import Member, is_tar, tar_members
from corpusmill.sources.zips import zip_members

MAX_DEPTH = 3  # archives inside each other
MAX_COPY = 2 << 30  # bytes of a zip that comes as a stream
_COPY_IN_MEMORY = 8 << 20  # bytes of it that are held before they go to disk
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


def open_files(path: str, raw: RawFile, as_is: tuple[str, ...] = ()) -> Iterator[OpenFile]:
    """The files in the file `raw`, which stands at its start: itself if it is no archive, otherwise one a
    regular member of a tar or zip (in any compression), in its order, decompressed; members that are archives
    are entered, down to three inside each other. Memory is bounded, and so is what is copied to disk: a
    zip that comes as a stream, of at most 2 GiB. Members whose names end as one of `as_is` (in lower case)
    are handed out without a look at what they are.

    The second member of the same name in an archive is `name#2`, and so on; of an archive of more than a
    million members the rest all have their number behind them, to bound what is remembered.
    Directories are left out; links and other members that hold no text raise `Damaged` with the reason
    `bad_format`, or `encrypted`. This iterator itself raises nothing: the blocks do.
    """
    reader = ByteReader(raw)
    if named(path) == kind_of(reader.peek(SNIFF)) == "zip":
        size = raw.seek(0, 2)
        raw.seek(0)
        opened = _Opened(Expansion(lambda: size), as_is)
        files = opened.members("", path, zip_members(raw), 0, independent=True)
    else:
        opened = _Opened(Expansion(lambda: reader.offset), as_is)
        files = opened.files("", path, reader, 0)
    for file in files:
        blocks = _Scoped(opened.total.counted(file.blocks), "")
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


class _Opened:
    """A file that is being read; `total` is what has been given out of it."""

    def __init__(self, total: Expansion, as_is: tuple[str, ...]) -> None:
        self.total = total
        self._as_is = as_is

    def files(self, member: str, name: str, reader: ByteReader, depth: int) -> Iterator[OpenFile]:
        """The files in the one that `reader` reads and that lies in `depth` archives."""
        head, blocks = peeked(_Scoped(self._decoded(name, reader), member))
        is_zip = _says_zip(name) and kind_of(head) == "zip"
        if not is_zip and not is_tar(head) and not _says_tar(name):
            yield OpenFile(member, name, blocks)
        elif not is_zip and head and not is_tar(head) and head.strip(b"\0"):
            yield _lost(member, name, _no_tar(head, blocks))
        elif depth == MAX_DEPTH:
            yield _lost(member, name, Damaged(f"archives nested deeper than {MAX_DEPTH}", Reason.BAD_FORMAT))
        elif is_zip:
            yield from self._copied(member, name, blocks, depth)
        else:
            yield from self.members(member, name, tar_members(ByteReader(BlockFile(blocks))), depth)

    def members(
        self, member: str, name: str, members: Iterator[Member], depth: int, independent: bool = False
    ) -> Iterator[OpenFile]:
        """The files in the members of the archive `member`. Where their content cannot be read, only the one
        is lost if they are `independent`, otherwise the archive."""
        names = _Names()
        try:
            for each in members:
                unique = names.unique(each.name)
                path = f"{member}!{unique}" if member else unique
                if isinstance(each.content, Damaged):
                    yield _lost(path, each.name, each.content)
                    continue
                content = _Scoped(each.content, path if independent else member)
                yield from self.files(path, each.name, ByteReader(BlockFile(content)), depth + 1)
        except Damaged as damage:
            yield _lost(member, name, damage)

    def _decoded(self, name: str, reader: ByteReader) -> Iterator[bytes]:
        """The decompressed bytes of a file, a zip's as they are if it is named so."""
        is_zip = named(name) == "zip" and kind_of(reader.sniff(SNIFF)) == "zip"
        if is_zip or name.lower().endswith(self._as_is):
            while block := reader.take_some():
                yield block
            return
        yield from decoded(name, reader)

    def _copied(self, member: str, name: str, blocks: Iterator[bytes], depth: int) -> Iterator[OpenFile]:
        """The files in a zip that comes as a stream; of one that damage cuts, those before that."""
        with tempfile.SpooledTemporaryFile(_COPY_IN_MEMORY) as copy:
            cut = None
            try:
                for block in _Scoped(self.total.counted(blocks), ""):  # or zips of zips would never end
                    if copy.tell() + len(block) > MAX_COPY:
                        error = f"a zip in an archive of more than {MAX_COPY} bytes; unpack the archive"
                        raise Damaged(error, Reason.BEYOND_LIMIT)
                    copy.write(block)
            except Damaged as damage:
                cut = damage
            copy.seek(0)
            if cut is None or cut.reason is not Reason.BEYOND_LIMIT:
                members = zip_members(copy) if cut is None else _before_damage(zip_members(copy))
                yield from self.members(member, name, members, depth, independent=True)
        if cut is not None:
            yield _lost(member, name, cut)


def _no_tar(head: bytes, blocks: Iterator[bytes]) -> Damaged:
    """Why what is named as a tar, and begins with `head`, is none: it may only have been cut."""
    try:
        for _ in blocks if len(head) < SNIFF else ():
            pass
    except Damaged as damage:
        return damage
    what = f"plain data, beginning with {head[:16]!r}"
    return Damaged(f"named as a tar archive, but it is {what}; rename it")


def _before_damage(members: Iterator[Member]) -> Iterator[Member]:
    """Those members of a cut archive that are whole; that it is cut is known."""
    try:
        yield from members
    except Damaged:
        return


def _says_zip(name: str) -> bool:
    return without_codec(name).endswith(".zip")


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

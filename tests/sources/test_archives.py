"""Archives: whole, cut at every byte, flipped at every byte, nested, and made to do harm."""

import bz2
import gzip
import io
import itertools
import lzma
import re
import tarfile
import tempfile
import tracemalloc
import unittest.mock
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import zstandard
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpusmill.sources import archives, streams
from corpusmill.sources.archives import open_files
from corpusmill.sources.raw import Damaged, HashingFile, RawFile
from corpusmill.sources.records import Reason
from corpusmill.sources.streams import named

Trickling = Callable[[bytes, Sequence[int]], RawFile]
Files = Iterable[tuple[str, bytes]]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".bz2": bz2.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
FILES = [("a.txt", b"first"), ("b/ü.txt", b"x" * 700), ("empty.txt", b""), ("c.txt", b"last\n")]


def tar(files: Files, kind: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def special(kind: bytes, name: str, **fields: object) -> bytes:
    """A tar of one member that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def read(path: str, file: bytes | RawFile) -> tuple[list[tuple[str, bytes]], list[Damaged]]:
    """(member and content of every file that could be read whole, all damage)."""
    raw = io.BytesIO(file) if isinstance(file, bytes) else file
    whole, damages = [], []
    for each in open_files(path, raw):
        try:
            whole.append((each.member, b"".join(each.blocks)))
        except Damaged as damage:
            damages.append(damage)
    return whole, damages


def lost(path: str, file: bytes | RawFile) -> tuple[list[str], list[str | None]]:
    """(the members that were read, the scopes of the damage)."""
    whole, damages = read(path, file)
    return [member for member, _ in whole], [damage.scope for damage in damages]


def test_file_that_is_no_archive_is_itself() -> None:
    for suffix, pack in PACK.items():
        assert read(f"x.txt{suffix}", pack(b"a\nb")) == ([("", b"a\nb")], [])
    [file] = open_files("d/x.txt.gz", io.BytesIO(gzip.compress(b"")))
    assert (file.member, file.name, list(file.blocks)) == ("", "d/x.txt.gz", [])


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_members_of_a_tar_in_any_compression_come_in_order_whatever_its_name(
    trickle: Trickling, kind: int
) -> None:
    plain = tar(FILES, kind)
    for suffix, pack in PACK.items():
        for name in (f"x.tar{suffix}", f"urlsf_subset00-1_data{suffix}", f"x.jsonl.zst.tar{suffix}"):
            for sizes in ([1 << 20], [7, 300], [513]):
                assert read(name, trickle(pack(plain), sizes)) == (FILES, [])
    for name, suffix in ((".tgz", ".gz"), (".txz", ".xz"), (".tbz2", ".bz2"), (".tzst", ".zst")):
        assert read(f"x{name}", PACK[suffix](plain)) == (FILES, [])


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_members_of_a_zip_come_in_order_and_all_of_it_is_hashed(trickle: Trickling, method: int) -> None:
    packed = zipped(FILES, method)
    for sizes in ([1 << 20], [1, 200], [13]):
        raw, whole = HashingFile(trickle(packed, sizes)), HashingFile(io.BytesIO(packed))
        assert read("x.zip", raw) == (FILES, [])
        assert raw.finish() == whole.finish()


def test_archive_without_members_has_no_files() -> None:
    assert read("x.tar", tar([])) == read("x.zip", zipped([])) == ([], [])


def test_compressed_members_are_decompressed() -> None:
    files = [(f"{number}.jsonl{suffix}", pack(b"a\nb")) for number, (suffix, pack) in enumerate(PACK.items())]
    want = [(name, b"a\nb") for name, _ in files]
    assert read("x.tar", tar(files)) == read("x.zip", zipped(files)) == (want, [])


def test_archives_in_archives_are_entered_and_their_names_joined_by_an_exclamation_mark() -> None:
    subsets = [
        (f"owt/s{n}_data.xz", lzma.compress(tar([(f"{n}.txt", b"page"), ("same.txt", b"")]))) for n in "12"
    ]
    packed = lzma.compress(tar([*subsets, ("owt/s2_data.xz.lock", b"")]))
    want = [
        ("owt/s1_data.xz!1.txt", b"page"),
        ("owt/s1_data.xz!same.txt", b""),
        ("owt/s2_data.xz!2.txt", b"page"),
        ("owt/s2_data.xz!same.txt", b""),
        ("owt/s2_data.xz.lock", b""),
    ]
    assert read("openwebtext.tar.xz", packed) == (want, [])
    assert read("x.zip", zipped(subsets))[0] == want[:4]


def test_archives_deeper_than_three_are_one_unusable_member_each() -> None:
    third = tar([("f.txt", b"in"), ("4.tar", tar([("g.txt", b"deep")])), ("h.txt", b"in")])
    packed = tar([("2.tgz", gzip.compress(tar([("3.tar", third)])))])
    whole, [damage] = read("1.tar", packed)
    assert [member for member, _ in whole] == ["2.tgz!3.tar!f.txt", "2.tgz!3.tar!h.txt"]
    assert (damage.scope, damage.reason) == ("2.tgz!3.tar!4.tar", Reason.BAD_FORMAT)
    assert str(damage) == "archives nested deeper than 3"


def test_zips_in_archives_are_entered_like_tars(trickle: Trickling) -> None:
    inner = zipped(FILES)
    want = [(f"d/a.zip!{name}", content) for name, content in FILES] + [("b.txt", b"b")]
    files = [("d/a.zip", inner), ("b.txt", b"b")]
    for suffix, pack in PACK.items():
        for sizes in ([1 << 20], [7, 300]):
            assert read(f"x.tar{suffix}", trickle(pack(tar(files)), sizes)) == (want, [])
            assert read(f"x.zip{suffix}", trickle(pack(zipped(files)), sizes)) == (want, [])
    assert read("x.zip.xz", lzma.compress(inner)) == (FILES, [])


def test_archives_of_all_kinds_in_each_other_are_entered_down_to_three() -> None:
    deep = {
        "t.tar": tar([("f.txt", b"in")]),
        "t.tgz": gzip.compress(tar([("f.txt", b"in")])),
        "z.zip": zipped([("f.txt", b"in")]),
        "z.zip.gz": gzip.compress(zipped([("f.txt", b"in")])),
    }
    for outer, (middle, second), (name, third) in itertools.product((tar, zipped), PACKERS, deep.items()):
        path = "x.tar" if outer is tar else "x.zip"
        packed = outer([(middle, second([(name, third), ("g.txt", b"g")])), ("h.txt", b"h")])
        want = [(f"{middle}!{name}!f.txt", b"in"), (f"{middle}!g.txt", b"g"), ("h.txt", b"h")]
        assert read(path, packed) == (want, [])
        whole, [damage] = read("y.zip", zipped([("1.tar", tar([("x.zip", zipped([(name, third)]))]))]))
        assert (whole, damage.scope) == ([], f"1.tar!x.zip!{name}")
        assert str(damage) == "archives nested deeper than 3"


PACKERS: list[tuple[str, Callable[[Files], bytes]]] = [
    ("m.tar", tar),
    ("m.txz", lambda files: lzma.compress(tar(files))),
    ("m.zip", zipped),
]


def test_zip_in_an_archive_must_be_named_so_and_be_one() -> None:
    files = [("a.epub", zipped(FILES)), ("b", zipped(FILES)), ("c.zip", b"no zip"), ("d.txt", b"d")]
    assert lost("x.tar", tar(files)) == (["d.txt"], ["a.epub", "b", "c.zip"])
    opened = [
        (file.member, b"".join(file.blocks))
        for file in open_files("x.tar", io.BytesIO(tar(files[:1])), (".epub",))
    ]
    assert opened == files[:1]


def test_damage_of_a_zip_in_an_archive_costs_what_it_has_of_it() -> None:
    inner = zipped([("1.txt", b"1"), ("2.txt", b"2" * 99)], zipfile.ZIP_STORED)
    flipped = inner.replace(b"2" * 99, b"2" * 98 + b"3")
    files = [("a.zip", inner[:-30]), ("b.zip", flipped), ("c.zip.gz", gzip.compress(inner)[:-9]), ("d", b"d")]
    want = ["a.zip!1.txt", "a.zip!2.txt", "b.zip!1.txt", "c.zip.gz!1.txt", "c.zip.gz!2.txt", "d"]
    for path, packed in (("x.tar", tar(files)), ("x.zip", zipped(files))):
        assert lost(path, packed) == (want, ["a.zip", "b.zip!2.txt", "c.zip.gz"])


@pytest.mark.parametrize("name", ["b.tar", "b.tgz", "b.zip", "b.txt", "b.gz", "b"])
def test_damage_of_an_archive_is_never_taken_for_that_of_a_member(name: str) -> None:
    inner = (zipped if "zip" in name else tar)([("1.txt", bytes(range(256)) * 3)])
    inner = gzip.compress(inner) if name.endswith("gz") else inner
    packed = tar([("a", b"a"), (name, inner), ("c", b"c")])
    for cut in range(1024, 1536 + len(inner), 29):
        for path, content in (("x.tar", packed[:cut]), ("x.tar.bz2", bz2.compress(packed[:cut]) + b"BZh9")):
            whole, damages = read(path, content)
            assert [damage.scope for damage in damages] == [""], (cut, path)
            assert whole[0] == ("a", b"a")


def test_all_bytes_of_a_plain_member_before_damage_are_handed_out() -> None:
    whole = tar([("a.jsonl", b"line\n" * 40_000)])
    for size in (1, 100, 513, 1500, 70_000):
        packed = bz2.compress(whole[: 512 + size]) + bz2.compress(b"x")[:9]
        file = next(open_files("x.tar.bz2", io.BytesIO(packed)))
        got = []
        with pytest.raises(Damaged):
            got.extend(file.blocks)
        assert b"".join(got) == whole[512 : 512 + size]


def test_damage_of_an_archive_with_a_zip_in_it_comes_once_after_all_members_before_it() -> None:
    inner = zipped([("1.txt", b"1" * 5000), ("2.txt", bytes(range(256)) * 99)], zipfile.ZIP_STORED)
    packed = tar([("a", b"a"), ("b.zip", inner), ("c", b"c")])
    start = packed.index(b"PK\3\4")
    for cut in range(start, start + len(inner), 997):
        whole, [damage] = read("x.tar", packed[:cut])
        assert damage.scope == ""
        ends = [start + inner.index(b"PK\3\4", 9), start + inner.index(b"PK\1\2")]
        assert [member for member, _ in whole] == ["a", "b.zip!1.txt", "b.zip!2.txt"][
            : 1 + sum(cut >= end for end in ends)
        ]


def test_zip_in_an_archive_that_is_too_long_to_be_copied_is_one_unusable_member(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MAX_COPY", len(zipped(FILES)))
    longer = zipped([*FILES, ("more", b"")])
    files = [("a.zip", longer), ("b.zip", zipped(FILES)), ("c.txt", b"c")]
    for path, packed in (("x.tar", tar(files)), ("x.zip", zipped(files))):
        whole, [damage] = read(path, packed)
        assert [member for member, _ in whole] == [*(f"b.zip!{name}" for name, _ in FILES), "c.txt"]
        assert (damage.scope, damage.reason) == ("a.zip", Reason.BEYOND_LIMIT)


def test_zips_of_zips_are_refused_once_they_have_expanded_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    bombed(monkeypatch)
    inner = zipped([("zeros", bytes(50_000))], zipfile.ZIP_STORED)
    for files in (
        [(f"{n}.zip", inner) for n in range(20)],
        [("a.zip", zipped([(f"{n}.zip", inner) for n in range(20)]))],
    ):
        whole, [damage] = read("x.zip", zipped(files))
        assert damage.scope == ""
        assert "more than 10 times as many" in str(damage)
        assert len(whole) < 3


def test_a_long_zip_in_an_archive_takes_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    inner = zipped([("a.txt", bytes(48 << 20))], zipfile.ZIP_STORED)
    raw = io.BytesIO(tar([("a.zip", inner)]))
    del inner
    tracemalloc.start()
    sizes = [sum(map(len, file.blocks)) for file in open_files("x.tar", raw)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [48 << 20]
    assert peak < 20 << 20
    assert list(tmp_path.iterdir()) == []


def test_repeated_names_are_numbered_and_all_members_are_unique() -> None:
    names = ["a", "a", "b", "a#2", "a", "a#2", "", ""]
    files = [(name, str(place).encode()) for place, name in enumerate(names)]
    want = ["a", "a#2", "b", "a#2#2", "a#3", "a#2#3", "(no name)", "(no name)#2"]
    assert [member for member, _ in read("x.tar", tar(files))[0]] == want


@given(
    names=st.lists(st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b"]), max_size=12),
    most=st.sampled_from([3, 99]),
)
def test_members_are_unique_in_any_order_of_names(names: list[str], most: int) -> None:
    unique = archives._Names()
    members = [unique.unique(name) for name in names]
    assert len(set(members)) == len(names)


def test_beyond_the_names_that_are_remembered_all_have_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MAX_NAMES", 2)
    files = [(name, b"") for name in ("a", "a", "a", "b")]
    assert [member for member, _ in read("x.tar", tar(files))[0]] == ["a", "a#2", "a#3", "b#4"]


def test_absolute_and_parent_paths_are_names_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    files = [("/etc/x.txt", b"1"), ("../../up.txt", b"2"), ("./a//b.txt", b"3"), ("a\\b.txt", b"4")]
    assert read("x.tar", tar(files)) == read("x.zip", zipped(files)) == (files, [])
    assert list(tmp_path.rglob("*.txt")) == []


def test_directories_hold_nothing_and_are_left_out() -> None:
    assert read("x.tar", special(tarfile.DIRTYPE, "d/")) == ([], [])
    assert read("x.zip", zipped([("d/", b""), ("d/a", b"1")])) == ([("d/a", b"1")], [])


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (b"V", "a member of type b'V'"),
    ],
)
def test_member_that_is_no_file_is_unusable_by_itself(kind: bytes, what: str) -> None:
    size = 600 if kind in (tarfile.GNUTYPE_SPARSE, b"V") else 0
    member = special(kind, "l", linkname="/etc/passwd", size=size)[:-1024] + bytes(-(-size // 512) * 512)
    whole, [damage] = read("x.tar", member + tar(FILES))
    assert whole == FILES
    assert (damage.scope, damage.reason, str(damage)) == (
        "l",
        Reason.BAD_FORMAT,
        f"{what}, no file, in an archive",
    )


def test_link_in_a_zip_is_unusable_by_itself() -> None:
    link = zipfile.ZipInfo("l")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    whole, [damage] = read("x.zip", out.getvalue())
    assert (whole, damage.scope, damage.reason) == (FILES, "l", Reason.BAD_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@settings(max_examples=30, deadline=None)
@given(
    name=st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=300)
)
def test_names_of_any_length_and_script_are_read_as_they_were_written(kind: int, name: str) -> None:
    assume(named(name) == "plain")  # what a name says of its content is taken at its word
    files = [(name, b"1"), ("next", b"2")]
    assert read("x.tar", tar(files, kind)) == (files, [])


def test_name_that_is_no_utf8_is_shown_escaped() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        archive.addfile(tarfile.TarInfo("caf\xe9"))
    assert read("x.tar", out.getvalue()) == ([("caf\\xe9", b"")], [])


SMALL = [("a.txt", b"first"), ("p" * 120, b"x" * 700), ("empty.txt", b""), ("c.txt", b"last\n")]
END = 1024  # bytes that mark the end of a tar; what comes behind is padding


def small_tar() -> bytes:
    """Up to its end mark."""
    return tar(SMALL).rstrip(b"\0") + bytes(507 + END)


def test_tar_cut_at_every_byte_gives_all_complete_members_and_then_its_damage() -> None:
    packed = small_tar()
    assert read("x.tar", packed) == (SMALL, [])
    for cut in range(len(packed)):
        whole, [damage] = read("x.tar", packed[:cut])
        content_ends = [at for at in (517, 3260, 4096, 4613) if at <= cut]
        assert whole == SMALL[: len(content_ends)], cut
        assert damage.scope == ""


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".zst"])
def test_compressed_tar_cut_at_every_byte_is_never_silent(suffix: str) -> None:
    packed = PACK[suffix](small_tar())
    assert read(f"x.tar{suffix}", packed) == (SMALL, [])
    for cut in range(len(packed)):
        whole, [damage] = read(f"x.tar{suffix}", packed[:cut])
        assert whole == SMALL[: len(whole)]
        assert damage.scope == ""


def test_tar_flipped_at_every_byte_gives_the_members_before_or_all_of_them() -> None:
    packed = small_tar()
    for at in range(len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :]
        whole, damages = read("x.tar", flipped)
        if damages:
            assert [damage.scope for damage in damages] == [""]
            assert [content for _, content in whole] == [content for _, content in SMALL[: len(whole)]]
        else:  # a byte of the content, the padding or the long name, which nothing in a tar can tell
            assert len(whole) == len(SMALL)
            assert sum(got != want for got, want in zip(whole, SMALL, strict=True)) <= 1


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".zst"])
def test_compressed_tar_flipped_at_every_byte_is_never_silent(suffix: str) -> None:
    packed = PACK[suffix](small_tar())
    for at in range(len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :]
        whole, damages = read(f"x.tar{suffix}", flipped)
        assert whole == SMALL or damages, at


def test_zeroed_header_in_a_tar_is_not_its_end() -> None:
    packed = small_tar()
    second = packed.index(b"c.txt")
    for zeros in (512, 1024):
        whole, [damage] = read(
            "x.tar", packed[:second] + bytes(zeros) + packed[second + zeros :] + b"x" * 512
        )
        assert whole == SMALL[:3]
        assert "zeros where a tar header would be" in str(damage)


def test_tars_that_were_joined_are_not_read_in_part_without_a_word() -> None:
    whole, [damage] = read("x.tar", tar(FILES) + tar(FILES))
    assert (whole, damage.scope) == (FILES, "")
    assert "archives that were joined" in str(damage)


def test_damage_of_a_member_that_is_compressed_costs_only_that_member() -> None:
    bad = gzip.compress(b"x" * 1000)[:-6]
    inner = tar([("1.txt", b"1"), ("2.txt", b"2")])
    files = [
        ("a.gz", bad),
        ("b.txt", b"b"),
        ("c.tar", inner[:1536]),
        ("d.tgz", gzip.compress(inner)[:-9]),
        ("e", b"e"),
    ]
    want = (["b.txt", "c.tar!1.txt", "d.tgz!1.txt", "d.tgz!2.txt", "e"], ["a.gz", "c.tar", "d.tgz"])
    assert lost("x.tar", tar(files)) == want
    assert lost("x.zip", zipped(files)) == want


def test_damage_of_the_archive_itself_comes_once_however_deep_it_is_met() -> None:
    inner = lzma.compress(tar([("1.txt", b"1" * 5000), ("2.txt", bytes(range(256)) * 300)]), preset=0)
    packed = tar([("a", b"a"), ("b_data.xz", inner), ("c", b"c")])
    for cut in range(1024, len(packed) - 9 * 1024, 211):
        whole, [damage] = read("x.tar", packed[:cut])
        assert damage.scope == ""
        assert whole[0] == ("a", b"a")


def test_member_of_another_format_than_its_name_says_is_unusable_and_told_so() -> None:
    files = [
        ("a.gz", b"plain"),
        ("b.txt", gzip.compress(b"b")),
        ("c.tar", b"no tar"),
        ("d", b"d"),
        ("e.xz", b""),
    ]
    whole, damages = read("x.tar", tar(files))
    assert whole == [("d", b"d")]
    assert [damage.scope for damage in damages] == ["a.gz", "b.txt", "c.tar", "e.xz"]
    assert [str(damage).partition(",")[0] for damage in damages] == [
        "named as gzip data",
        "named as plain data",
        "named as a tar archive",
        "empty file: xz data would have a header",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.tar", b"text\n" * 200, "named as a tar archive, but it is plain data, beginning with b'text"),
        ("x.tar.gz", gzip.compress(b"text\n"), "named as a tar archive, but it is plain data"),
        ("x.tar", gzip.compress(tar(FILES)), "named as tar data, but it is gzip data; rename it"),
        ("x.tar", b"", "empty file: tar data would have a header"),
        ("x.tar.gz", gzip.compress(b""), "truncated: a tar archive without its end"),
        ("x.zip", tar(FILES), "named as zip data, but it is tar data"),
        ("x.txt", zipped(FILES), "named as plain data, but it is zip data"),
    ],
)
def test_archive_of_another_format_than_its_name_says_is_told_so(
    name: str, content: bytes, message: str
) -> None:
    whole, [damage] = read(name, content)
    assert (whole, damage.scope) == ([], "")
    assert str(damage).startswith(message)


def test_damaged_or_encrypted_member_of_a_zip_costs_only_itself() -> None:
    files = [("a", b"a" * 50), ("b", b"b" * 50), ("c", b"c" * 50)]
    packed = bytearray(zipped(files, zipfile.ZIP_STORED))
    packed[packed.rindex(b"b" * 50)] ^= 1
    whole, [damage] = read("x.zip", bytes(packed))
    assert (whole, damage.scope, damage.reason) == ([files[0], files[2]], "b", Reason.DAMAGED)
    assert str(damage) == "damaged in its zip archive: its checksum is wrong"
    entry = packed.index(b"PK\1\2")
    packed[entry + 8] |= 1  # of the first member
    _, [damage, _] = read("x.zip", bytes(packed))
    assert (damage.scope, damage.reason) == ("a", Reason.ENCRYPTED)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_cut_at_every_byte_gives_all_complete_members_and_then_its_damage(method: int) -> None:
    packed = zipped(FILES, method)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        infos = archive.infolist()
        ends = [info.header_offset + 30 + len(info.filename.encode()) + info.compress_size for info in infos]
    for cut in range(4, len(packed)):
        whole, [damage] = read("x.zip", packed[:cut])
        assert whole == [file for file, end in zip(FILES, ends, strict=True) if end <= cut], cut
        assert damage.scope == ""


def test_zip_that_was_streamed_when_it_was_made_is_read_without_its_directory_too() -> None:
    out = io.BytesIO()
    stream = unittest.mock.Mock(spec=["write", "flush"], write=out.write)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES:
            archive.writestr(name, content)
        with archive.open("long.txt", "w", force_zip64=True) as member:
            member.write(b"l" * 99)
    files = [*FILES, ("long.txt", b"l" * 99)]
    packed = out.getvalue()
    assert read("x.zip", packed) == (files, [])
    starts = [place.start() for place in re.finditer(b"PK(\3\4|\1\2)", packed)][1 : len(files) + 1]
    for cut in range(4, len(packed)):
        whole, [_] = read("x.zip", packed[:cut])
        assert whole == files[: sum(start <= cut for start in starts)], cut


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_flipped_at_every_byte_never_loses_a_member_without_a_word(method: int) -> None:
    packed = zipped(FILES, method)
    contents = [content for _, content in FILES]
    for at, bits in itertools.product(range(len(packed)), (0x01, 0x55)):
        whole, damages = read("x.zip", packed[:at] + bytes([packed[at] ^ bits]) + packed[at + 1 :])
        got = [content for _, content in whole]
        assert got == contents or damages, at
        assert set(got) <= set(contents)


def bombed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EXPANSION_FREE", 200_000)
    monkeypatch.setattr(streams, "MAX_EXPANSION", 10)


def test_archive_that_expands_beyond_the_cap_is_damage_that_names_the_cap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bombed(monkeypatch)
    files = [(f"{number}.txt", bytes(60_000)) for number in range(5)]
    for name, packed in (("x.zip", zipped(files)), ("x.tar.zst", PACK[".zst"](tar(files)))):
        whole, [damage] = read(name, packed)
        assert whole == files[: len(whole)]
        assert len(whole) in (2, 3)  # a block of zstd is 128 KiB
        assert damage.scope == ""
        assert "more than 10 times as many" in str(damage)


def test_bombs_inside_an_archive_are_refused_one_by_one_and_all_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bombed(monkeypatch)
    one = [("a.gz", gzip.compress(bytes(1_000_000))), ("b.txt", b"b" * 90_000)]
    assert lost("x.tar", tar(one)) == (["b.txt"], ["a.gz"])
    many = [(f"{number}.gz", gzip.compress(bytes(150_000))) for number in range(200)]
    whole, [damage] = read("x.tar", tar(many))
    assert damage.scope == ""
    assert sum(len(content) for _, content in whole) < 200_000 + 10 * len(tar(many))


@pytest.mark.parametrize("name", ["x.tar.gz", "x.zip"])
def test_members_of_any_length_are_streamed_in_bounded_memory(name: str) -> None:
    files = [("a.txt", bytes(64 << 20)), ("b.txt", b"b")]
    raw = io.BytesIO(gzip.compress(tar(files), 1) if name.endswith(".gz") else zipped(files))
    del files
    tracemalloc.start()
    sizes = [sum(map(len, file.blocks)) for file in open_files(name, raw)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [64 << 20, 1]
    assert peak < 8 << 20


@settings(max_examples=150, deadline=None)
@given(
    head=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", tar([])[:600], tar(FILES)[:700], zipped(FILES)]),
    noise=st.binary(max_size=300),
    tail=st.sampled_from([b"", bytes(1024), zipped(FILES)[-60:]]),
    name=st.sampled_from(["x.tar", "x.zip", "x.txt", "x.gz", "x.tgz"]),
)
def test_no_bytes_make_the_reader_raise_anything_but_damage(
    head: bytes, noise: bytes, tail: bytes, name: str
) -> None:
    read(name, head + noise + tail)

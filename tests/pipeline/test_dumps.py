import functools
import http.server
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Input, hash_file
from corpusmill.pipeline.dumps import Dump, NamedFile
from corpusmill.pipeline.listing import find
from corpusmill.pipeline.marks import Marks
from corpusmill.pipeline.portions import group
from corpusmill.recipe import Recipe


def recipe(*globs: list[str]) -> Recipe:
    entries = [
        {"name": f"s{number}", "family": "books", "layout": "plain", "files": files}
        for number, files in enumerate(globs)
    ]
    return Recipe.model_validate({"sources": entries})


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


@pytest.mark.parametrize(
    "odd", ["plain", "with space", "bra[ck]ets", "star*", "a::b", "häß", "per%20cent", "ha#sh?"]
)
def test_folders_and_files_may_have_any_name(odd: str, tmp_path: Path) -> None:
    touch(tmp_path / odd, f"x/{odd}.txt")
    (dump,) = find(recipe(["x/*.txt"]), str(tmp_path / odd))
    assert dump.path == f"x/{odd}.txt"
    with dump.open() as file:
        assert file.read().decode() == f"x/{odd}.txt"


def test_paths_are_relative_however_the_folder_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "in/b.txt", "in/a.txt", "in/deep/er/c.txt", "in/folder.txt/d.txt")
    monkeypatch.chdir(tmp_path)
    for written in ("in", "./in/", f"{tmp_path}/in", f"{tmp_path}/in//", f"file://{tmp_path}/in"):
        dumps = find(recipe(["**/*.txt", "a.txt"]), written)
        assert [dump.path for dump in dumps] == ["a.txt", "b.txt", "deep/er/c.txt", "folder.txt/d.txt"]


def test_globs_that_match_nothing_are_all_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    with pytest.raises(CorpusmillError, match=r"matches s0: none\*\nno file under .* matches s1: x"):
        find(recipe(["a.txt", "none*"], ["x"]), str(tmp_path))


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("x")
    with pytest.raises(CorpusmillError, match=r"not UTF-8; rename it"):
        find(recipe(["*.txt"]), str(tmp_path))


SIZES = st.lists(st.integers(0, 10**9) | st.integers(10**10, 10**11), max_size=200)


@given(SIZES)
def test_every_file_is_in_one_group_in_order_and_huge_ones_are_cut_in_waves(sizes: list[int]) -> None:
    dumps = [Dump(entry=n % 3 // 2, path=str(n), url="", size=size, mark="") for n, size in enumerate(sizes)]
    groups = group(dumps)
    small = [dump for each in groups.small for dump in each]
    huge = [dump for wave in groups.waves for dump in wave]
    order = {dump.path: place for place, dump in enumerate(dumps)}
    assert sorted([*small, *huge], key=lambda dump: order[dump.path]) == dumps
    for files in (small, huge):
        assert files == sorted(files, key=lambda dump: order[dump.path])
    for each in groups.small:
        assert len({dump.entry for dump in each}) == 1
        assert len(each) == 1 or sum(dump.size for dump in each) <= 256 << 20
    assert all(dump.size <= 256 << 20 for dump in small)
    assert all(dump.size > 16 << 20 for dump in huge)
    for wave in groups.waves:
        assert len(wave) == 1 or sum(dump.size for dump in wave) <= 128 << 30


def test_a_file_that_changed_while_it_was_read_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (dump,) = find(recipe(["a.txt"]), str(tmp_path))
    dump.must_be_unchanged(dump.size)
    with pytest.raises(CorpusmillError, match=r"a\.txt: changed while it was read"):
        dump.must_be_unchanged(dump.size + 1)
    (tmp_path / "a.txt").write_text("b.txt")
    os.utime(tmp_path / "a.txt", ns=(1, 1))
    with pytest.raises(CorpusmillError, match="changed while it was read"):
        dump.must_be_unchanged(dump.size)


def test_files_on_a_web_server_are_found_and_read(tmp_path: Path) -> None:
    touch(tmp_path, "dumps/b 1.txt", "dumps/a.txt", "dumps/c.bin")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_port}"
        first = find(recipe([f"{where}/dumps/a.txt"]), str(tmp_path))
        under = find(recipe(["dumps/*.txt"]), where)
        large = os.urandom(12 << 20)  # more than is read at a time, of a server that gives no ranges
        (tmp_path / "dumps" / "large.bin").write_bytes(large)
        (dump,) = find(recipe([f"{where}/dumps/large.bin"]), str(tmp_path))
        with dump.open() as file:
            read = b"".join(iter(lambda: file.read(1 << 16), b""))
            file.seek(-5, 2)
            end = file.read()
        (tmp_path / "dumps" / "a.txt").write_text("changed")
        os.utime(tmp_path / "dumps" / "a.txt", (10**9, 10**9))
        later = find(recipe([f"{where}/dumps/a.txt"]), str(tmp_path))
        with later[0].open() as file:
            content = file.read()
        later[0].must_be_unchanged(7)
        server.shutdown()
    assert (read, end) == (large, large[-5:])
    assert [dump.path for dump in first] == [f"{where}/dumps/a.txt"]
    assert [(dump.path, dump.size) for dump in under] == [("dumps/a.txt", 11), ("dumps/b%201.txt", 13)]
    assert first[0].mark != later[0].mark
    assert content == b"changed"


def test_an_error_while_reading_names_the_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (dump,) = find(recipe(["a.txt"]), str(tmp_path))
    (tmp_path / "a.txt").unlink()
    for read in (dump.open, lambda: dump.must_be_unchanged(dump.size)):
        with pytest.raises(CorpusmillError, match=r"a\.txt: cannot be read"):
            read()
    broken = NamedFile("b.txt", io.BytesIO())
    broken.__exit__()
    with pytest.raises(CorpusmillError, match=r"b\.txt: cannot be read: ValueError: I/O operation"):
        broken.read()


def test_only_a_changed_content_is_a_change(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (dump,) = find(recipe(["a.txt"]), str(tmp_path))
    read = Input(path="a.txt", size=dump.size, sha256=hash_file(tmp_path / "a.txt"))
    marks = Marks(tmp_path)
    marks.note([(read, dump.mark)], tmp_path)
    assert Marks(tmp_path).changed([dump], [read]) == []
    os.utime(tmp_path / "a.txt", ns=(1, 1))
    (touched,) = find(recipe(["a.txt"]), str(tmp_path))
    assert touched.mark != dump.mark
    assert Marks(tmp_path).changed([touched], [read]) == []
    (tmp_path / "a.txt").write_text("b.txt")
    (changed,) = find(recipe(["a.txt"]), str(tmp_path))
    assert Marks(tmp_path).changed([changed], [read]) == ["a.txt"]


def test_a_cache_of_marks_of_another_shape_is_ignored(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (dump,) = find(recipe(["a.txt"]), str(tmp_path))
    read = Input(path="a.txt", size=dump.size, sha256=hash_file(tmp_path / "a.txt"))
    for content in ("[1]", '{"a.txt": 5}', '{"a.txt": [1, 2, 3]}', "null"):
        (tmp_path / "marks.json").write_text(content)
        assert Marks(tmp_path).changed([dump], [read]) == []


def test_a_server_that_does_not_answer_is_no_glob_that_matches_nothing(tmp_path: Path) -> None:
    with pytest.raises(CorpusmillError, match=r"s0: http://127\.0\.0\.1:9/x\.txt: cannot be read: .*onnect"):
        find(recipe(["http://127.0.0.1:9/x.txt"]), str(tmp_path))


def test_a_link_to_nothing_is_not_left_out_silently(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "nothing")
    with pytest.raises(CorpusmillError, match=r"b\.txt: a link to nothing"):
        find(recipe(["*.txt"]), str(tmp_path))

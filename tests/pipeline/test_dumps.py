import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Input, hash_file
from corpusmill.pipeline.dumps import Dump, Marks, find, group
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
    with pytest.raises(CorpusmillError, match=r"matches s0: none\*; s1: x"):
        find(recipe(["a.txt", "none*"], ["x"]), str(tmp_path))


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("x")
    with pytest.raises(CorpusmillError, match=r"not UTF-8; rename it"):
        find(recipe(["*.txt"]), str(tmp_path))


SIZES = st.lists(st.integers(0, 10**9), max_size=200)


@given(SIZES)
def test_groups_hold_all_files_in_order_and_no_group_is_much_too_large(sizes: list[int]) -> None:
    dumps = [Dump(entry=n % 3 // 2, path=str(n), url="", size=size, mark="") for n, size in enumerate(sizes)]
    groups = group(dumps)
    assert [dump for each in groups for dump in each] == dumps
    for each in groups:
        assert len({dump.entry for dump in each}) == 1
        assert len(each) == 1 or sum(dump.size for dump in each) <= 256 << 20


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

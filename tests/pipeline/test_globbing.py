"""Local globs: what a shell lists is what is read, and nothing is left out without a word."""

import glob
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.pipeline.globbing import expand
from corpusmill.runs import LOCK, SIGNATURE

NAMES = ("a", "b.txt", "c.jsonl", ".hidden", "d e", "[x]", "]x", "é.txt", "-", "a.txt", "ab")
PARTS = (
    "*",
    "**",
    "?",
    "*.txt",
    "[ab]*",
    "[!a]*",
    "[^a-c]*",
    ".*",
    "a",
    "b.txt",
    "d*",
    "[[:alpha:]]",
    "[[]x]",
    "[\\]]*",
    "[a\\-c]*",
    "[]x]*",
    "[a-]",
    "*[.]txt",
)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def files(root: Path, pattern: str) -> list[str]:
    found = expand(str(root), pattern)
    assert found.problems == []
    return sorted(os.path.relpath(path, root) for path in found.files)


def of_bash(root: Path, pattern: str) -> list[str]:
    # Its globstar does not go into linked folders; no tree here has any.
    quoted = pattern.replace(" ", "\\ ")
    script = (
        f'shopt -s globstar nullglob; for f in {quoted}; do [ -f "$f" ] && printf "%s\\0" "$f"; done; true'
    )
    done = subprocess.run(["bash", "-c", script], cwd=root, capture_output=True, check=True, timeout=20)
    return sorted({os.path.normpath(name) for name in os.fsdecode(done.stdout).split("\0") if name})


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to compare with")
@given(
    st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join), max_size=12),
    st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map("/".join), min_size=6, max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_what_is_listed_is_what_bash_lists(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], patterns: list[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    for name in names:
        if not any(parent.is_file() for parent in [root / name, *(root / name).parents]):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if not (root / name).exists():
                (root / name).write_text("x")
    for pattern in patterns:
        found = expand(str(root), pattern)
        listed = sorted(os.path.relpath(path, root) for path in found.files)
        assert listed == of_bash(root, pattern), pattern


def test_linked_files_and_folders_are_files_and_folders(tmp_path: Path) -> None:
    root = tmp_path / "in"
    touch(tmp_path, "in/a/x.txt", "disk/month/y.txt", "blobs/0a1b")
    (root / "b").symlink_to("../disk/month")
    (root / "a" / "z.txt").symlink_to("../../blobs/0a1b")
    (root / "c").symlink_to(root / "b")  # a link to a link
    assert files(root, "*/*.txt") == ["a/x.txt", "a/z.txt", "b/y.txt", "c/y.txt"]
    assert sorted(glob.glob("*/*.txt", root_dir=root)) == files(root, "*/*.txt")
    assert files(root, "b/y.txt") == ["b/y.txt"]
    for pattern in ("**/*.txt", "**"):
        assert files(root, pattern) == ["a/x.txt", "a/z.txt", "b/y.txt"]
        [note] = expand(str(root), pattern).notes
        assert note == f"{root}/c: a link to a folder that is read under another name; not entered again"


def test_folders_that_all_link_to_each_other_are_listed_in_no_time(tmp_path: Path) -> None:
    for one in range(12):
        touch(tmp_path, f"d{one:02}/x.txt")
        for other in range(12):
            (tmp_path / f"d{one:02}" / f"to{other}").symlink_to(f"../d{other:02}")
    listed = files(tmp_path, "**/*.txt")
    assert len(listed) < 2 * 12
    assert {f"d{one:02}/x.txt" for one in range(12)} <= set(listed)


def test_a_linked_folder_is_read_for_all_that_a_glob_may_name_in_it(tmp_path: Path) -> None:
    touch(tmp_path, "disk/x.txt", "disk/a/y.txt")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").symlink_to(tmp_path / "disk")
    # First `a` itself is looked into for *.txt, then it is one of the folders that ** stands for.
    assert files(tmp_path / "in", "**/a/*.txt") == ["a/a/y.txt", "a/x.txt"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path, "in/a/x.txt", "in/b/y.txt")
    root = tmp_path / "in"
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "self").symlink_to(".")
    (root / "a" / "out").symlink_to(tmp_path)
    (root / "b" / "a").symlink_to("../a")
    found = expand(str(root), "**/*.txt")
    assert sorted(os.path.relpath(path, root) for path in found.files) == ["a/x.txt", "b/y.txt"]
    assert found.problems == []
    assert any(note.startswith(f"{root}/a/up: a link back to") for note in found.notes)
    assert files(root, "a/up/b/*.txt") == ["a/up/b/y.txt"], "what is written is taken as it is written"


def test_what_matches_and_is_no_file_is_one_line_each(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    (tmp_path / "nothing.txt").symlink_to("gone")
    (tmp_path / "round.txt").symlink_to("round.txt")
    (tmp_path / "month").symlink_to("not/mounted")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket.txt"))
    found = expand(str(tmp_path), "*.txt")
    assert [os.path.basename(path) for path in found.files] == ["a.txt"]
    assert found.problems == [
        f"{tmp_path}/nothing.txt: a link to nothing (gone); remove it, or mend it",
        f"{tmp_path}/pipe.txt: a pipe, not a file; remove it, or name the files only",
        f"{tmp_path}/round.txt: a link that leads back to itself; remove it",
        f"{tmp_path}/socket.txt: a socket, not a file; remove it, or name the files only",
    ]
    for pattern in ("*/*.txt", "**/*.txt"):
        notes = expand(str(tmp_path), pattern).notes
        assert f"{tmp_path}/month: a link to nothing (not/mounted); remove it, or mend it" in notes


def test_a_folder_above_is_that_of_the_path_or_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a/b/c.txt", "d/c.txt", "disk/e/x.txt")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "disk" / "e")
    assert files(tmp_path / "a", "../d/*.txt") == ["../d/c.txt"]
    assert files(tmp_path, "a/b/../../d/*.txt") == ["d/c.txt"]
    for pattern in ("a/link/../*.txt", "a/*/../*.txt"):
        found = expand(str(tmp_path), pattern)
        assert found.files == {}
        assert len(found.problems) == 1


def test_a_folder_that_may_not_be_entered_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "open/a.txt", "closed/b.txt")
    real = os.scandir

    def scandir(folder: str) -> object:  # tests may run as root, who may enter everything
        if folder.endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return real(folder)

    def lstat(path: str) -> object:
        if "/closed/" in str(path):
            raise PermissionError(13, "Permission denied", path)
        return real_lstat(path)

    real_lstat = os.lstat
    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(os, "scandir", scandir)
    for pattern in ("*/*.txt", "**/*.txt", "closed/*", "*/b.txt", "closed/b.txt"):
        assert expand(str(tmp_path), pattern).problems == [
            f"{tmp_path}/closed: this folder cannot be entered: Permission denied"
        ]


def test_a_folder_that_is_named_as_a_file_is_not_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.parquet", "spark.parquet/part-0.parquet")
    assert expand(str(tmp_path), "spark.parquet").problems == [
        f"{tmp_path}/spark.parquet: a folder; write spark.parquet/* for the files in it"
    ]
    found = expand(str(tmp_path), "*.parquet")
    assert found.notes == [
        f"{tmp_path}/spark.parquet: a folder, of which the files are not read; write .../* for them"
    ]
    assert expand(str(tmp_path), "**").notes == []
    assert expand(str(tmp_path / "none"), "*").problems[0].startswith(f"{tmp_path}/none: not there")
    assert expand(str(tmp_path / "a.parquet"), "*").problems[0].startswith(f"{tmp_path}/a.parquet: a file")


@pytest.mark.parametrize(
    "pattern",
    ["run/documents/*.txt", "**/*.txt", "*/*/*.txt", "link/*/*.txt", "inner/*.txt", "one.txt", "run/**"],
)
def test_the_folder_of_a_run_is_never_an_input_however_it_is_reached(tmp_path: Path, pattern: str) -> None:
    touch(tmp_path, "in/a.txt", "in/run/documents/b.txt", "elsewhere/run2/tokens/c.txt")
    for run in ("in/run", "elsewhere/run2"):
        (tmp_path / run / LOCK).write_bytes(SIGNATURE + b", process 1 on x\n")
    root = tmp_path / "in"
    (root / "link").symlink_to(tmp_path / "elsewhere" / "run2")
    (root / "inner").symlink_to(tmp_path / "elsewhere" / "run2" / "tokens")
    (root / "one.txt").symlink_to(root / "run" / "documents" / "b.txt")
    found = expand(str(root), pattern)
    assert {os.path.relpath(path, root) for path in found.files} <= {"a.txt"}
    assert found.problems == []
    assert any("never an input" in note for note in found.notes)
    for inside in (root / "run", root / "run" / "documents", root / "inner"):
        assert expand(str(inside), "**").files == {}, "nor is what the inputs folder leads to"


def test_each_folder_is_looked_into_a_fixed_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = os.scandir, []

    def scandir(folder: str) -> object:
        looks.append(folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    for n in (15, 30):
        for folder in range(n):
            touch(tmp_path, *(f"{n}/d{folder}/e/{name}.txt" for name in range(20)))
        for pattern in ("**/*.txt", "**/**/**/*.txt"):
            looks.clear()
            assert len(files(tmp_path / str(n), pattern)) == 20 * n
            assert len(looks) == 2 * (2 * n + 1)

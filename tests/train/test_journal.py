from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.train.journal import Journal, Reader, cut, losses


def _write(path: Path, lines: list[dict[str, Any]]) -> bytes:
    journal = Journal(path)
    for line in lines:
        journal.write(line)
    journal.close()
    return path.read_bytes()


LINES: list[dict[str, Any]] = [
    {"event": "start", "step": 0, "identity": "i"},
    {"step": 1, "loss": 4.0},
    {"step": 2, "loss": 3.0},
    {"step": 2, "valid_loss": 3.5},
    {"step": 3, "loss": 2.5},
]


def test_losses_are_those_of_the_steps(tmp_path: Path) -> None:
    _write(tmp_path / "journal.jsonl", LINES)
    assert losses(tmp_path / "journal.jsonl") == [(1, 4.0), (2, 3.0), (3, 2.5)]
    assert losses(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(("step", "kept"), [(0, 1), (1, 2), (2, 4), (3, 5), (9, 5)])
def test_cut_removes_the_later_lines(tmp_path: Path, step: int, kept: int) -> None:
    path = tmp_path / "journal.jsonl"
    _write(path, LINES)
    cut(path, step)
    assert list(Reader(path).lines()) == LINES[:kept]


@given(length=st.integers(0, 200))
def test_a_journal_that_is_cut_short_anywhere_can_be_gone_on_with(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    whole = _write(path, LINES)
    path.write_bytes(whole[:length])
    complete = whole[:length].count(b"\n")
    assert list(Reader(path).lines()) == LINES[:complete]
    cut(path, 9)
    assert _write(path, LINES[complete:]) == whole


def test_cut_removes_what_stands_behind_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole = _write(path, LINES)
    for damage in (b"\0\0\n", b"[]\n", b"{}\n", b'{"step": "2"}\n', b"\xff\n"):
        path.write_bytes(whole + damage + whole)
        cut(path, 9)
        assert path.read_bytes() == whole


def test_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    reader = Reader(path)
    assert list(reader.lines()) == []
    _write(path, LINES[:2])
    with path.open("ab") as file:
        file.write(b'{"step": 2, "lo')
    assert list(reader.lines()) == LINES[:2]
    with path.open("ab") as file:
        file.write(b'ss": 3.0}\n')
    assert list(reader.lines()) == LINES[2:3]

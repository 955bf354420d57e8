import json
from pathlib import Path
from typing import Any

import pytest

from corpusmill.errors import CorpusmillError
from corpusmill.report import journal


def written(path: Path, *entries: dict[str, Any], end: str = "") -> Path:
    start = {"event": "start", "step": 0, "tokens_digest": "ours"}
    path.write_text("".join(json.dumps(entry) + "\n" for entry in [start, *entries]) + end)
    return path


def test_no_journal_is_no_curve(tmp_path: Path) -> None:
    assert journal.curve(tmp_path / "journal.jsonl", "ours") is None
    assert journal.curve(written(tmp_path / "journal.jsonl"), "ours") is None


def test_a_curve_of_other_tokens_is_not_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", {"step": 1, "loss": 9.0})
    assert journal.curve(path, "ours") is not None
    assert journal.curve(path, "others") is None
    assert journal.curve(path, None) is None


def test_the_last_entry_of_a_step_counts(tmp_path: Path) -> None:
    path = written(
        tmp_path / "journal.jsonl",
        *({"step": step, "loss": loss} for step, loss in [(1, 9.0), (2, 8.0), (3, 99.0), (2, 7.5), (3, 7.0)]),
        {"step": 3, "valid_loss": 7.25},
    )
    curve = journal.curve(path, "ours")
    assert curve is not None
    assert curve["train"] == [[1, 9.0], [2, 7.5], [3, 7.0]]
    assert curve["valid"] == [[3, 7.25]]
    assert (curve["steps"], curve["first_loss"], curve["last_loss"]) == (3, 9.0, 7.0)


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path: Path) -> None:
    curve = journal.curve(
        written(tmp_path / "journal.jsonl", {"step": 1, "loss": 9.0}, end='{"step": 2, "lo'), "ours"
    )
    assert curve is not None
    assert curve["train"] == [[1, 9.0]]


def test_a_damaged_line_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", {"step": 1, "loss": 9.0}, end="{\n")
    with pytest.raises(CorpusmillError, match=r"journal\.jsonl: line 3 is not JSON"):
        journal.curve(path, "ours")


def test_losses_that_are_not_finite_are_counted_and_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", {"step": 1, "loss": 9.0}, {"step": 2, "loss": float("nan")})
    curve = journal.curve(path, "ours")
    assert curve is not None
    assert curve["not_finite"] == 1
    assert curve["train"] == [[1, 9.0]]


def test_a_long_curve_is_thinned_to_means(tmp_path: Path) -> None:
    n_steps = 4 * journal.POINTS
    path = written(tmp_path / "journal.jsonl", *({"step": n + 1, "loss": float(n)} for n in range(n_steps)))
    curve = journal.curve(path, "ours")
    assert curve is not None
    assert len(curve["train"]) == journal.POINTS
    assert curve["train"][0] == [4, 1.5]
    assert curve["train"][-1] == [n_steps, n_steps - 2.5]

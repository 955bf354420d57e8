"""The same bytes in documents/, rejects/, duplicates/ and tokens/, whatever the run's circumstances."""

import shutil
from pathlib import Path

import pytest
from small_corpus import contents, corpusmill


@pytest.mark.parametrize("workers", [1, 3])
def test_for_any_number_of_workers(
    workers: int, tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    corpusmill("corpus", recipe_file, inputs, tmp_path / "elsewhere", "--workers", str(workers))
    assert contents(tmp_path / "elsewhere") == contents(finished)


def test_with_the_inputs_moved(tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path) -> None:
    shutil.copytree(inputs, tmp_path / "moved")
    corpusmill("corpus", recipe_file, tmp_path / "moved", tmp_path / "run")
    assert contents(tmp_path / "run") == contents(finished)


def test_moved_inputs_are_recognized_by_their_content(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path / "run")
    shutil.copytree(inputs, tmp_path / "moved")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "documents").iterdir()}
    corpusmill("corpus", recipe_file, tmp_path / "moved", tmp_path / "run")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "documents").iterdir()} == before


def test_an_input_that_changed_without_changing_its_size_is_read_again(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path / "run")
    shutil.copytree(inputs, tmp_path / "inputs")
    changed = tmp_path / "inputs" / "pile" / "02.jsonl"
    text = changed.read_bytes()
    changed.write_bytes(text.replace(b"karena", b"karenb"))
    assert changed.read_bytes() != text
    corpusmill("corpus", recipe_file, tmp_path / "inputs", tmp_path / "run")
    corpusmill("corpus", recipe_file, tmp_path / "inputs", tmp_path / "fresh")
    assert contents(tmp_path / "run") == contents(tmp_path / "fresh")
    assert contents(tmp_path / "run") != contents(finished)


def test_a_finished_run_is_skipped_without_an_engine(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")}
    # A runner that does not exist would fail if a pipeline were made.
    corpusmill("corpus", recipe_file, inputs, finished, "--", "--runner=NoSuchRunner")
    del before[finished / "ledger.parquet"]  # rebuilt from the manifests by every run
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert list((finished / "work").iterdir()) == []


def test_a_change_of_recipe_leaves_nothing_of_the_old_run(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path / "run")
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe_file.read_text().replace("[Pile-CC, HackerNews]", "[HackerNews]"))
    (tmp_path / "run" / "model").mkdir()
    (tmp_path / "run" / "model" / "journal.jsonl").write_text('{"step": 1, "loss": 3.0}\n')
    corpusmill("corpus", changed, inputs, tmp_path / "run")
    corpusmill("corpus", changed, inputs, tmp_path / "fresh")
    everything = sorted(path.name for path in (tmp_path / "fresh").iterdir())
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted([*everything, "model"])
    assert (tmp_path / "run" / "model" / "journal.jsonl").exists(), "a model is nobody's to delete"
    assert contents(tmp_path / "run", everything) == contents(tmp_path / "fresh", everything)


def test_a_changed_stage_redoes_only_what_follows(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path / "run")
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe_file.read_text().replace("shard_bytes: 65536", "shard_bytes: 131072"))
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "duplicates").iterdir()}
    corpusmill("corpus", changed, inputs, tmp_path / "run")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(contents(tmp_path / "run", ["tokens/train"])) < len(contents(finished, ["tokens/train"]))

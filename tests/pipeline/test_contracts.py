"""What the stages of a finished run promise each other, and refuse."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_corpus import contents, corpusmill

from corpusmill.errors import CorpusmillError
from corpusmill.ledger import Entry
from corpusmill.manifest import Receipt
from corpusmill.pipeline import buckets, dedup
from corpusmill.pipeline.items import Outbox
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.stage import Stage
from corpusmill.recipe import Recipe
from corpusmill.runs import SIGNATURE
from corpusmill.tokenize.shards import TokenShard
from corpusmill.tokenize.split import shuffle_keys, split_keys


@pytest.fixture
def run(tmp_path: Path, finished: Path) -> Path:
    """A copy of the finished run, to be changed."""
    return shutil.copytree(finished, tmp_path / "run")


def edit(manifest: Path, **changes: Any) -> None:
    content = json.loads(manifest.read_text())
    content.update(changes)
    manifest.write_text(json.dumps(content))


def test_a_run_of_other_unicode_tables_is_refused(run: Path, inputs: Path, recipe_file: Path) -> None:
    edit(run / "_manifests" / "ingest.json", unidata_version="9.0.0")
    failed = corpusmill("corpus", recipe_file, inputs, run, fails=True)
    assert "made with Unicode 9.0.0" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_removals_of_other_documents_are_refused(run: Path, inputs: Path, recipe_file: Path) -> None:
    manifest = run / "_manifests" / "dedup.json"
    facts = json.loads(manifest.read_text())["facts"]
    facts["shards"][0]["sha256"] = "0" * 64
    edit(manifest, facts=facts)
    (run / "_manifests" / "tokenize.json").unlink()
    failed = corpusmill("tokenize", recipe_file, inputs, run, fails=True)
    assert "run `corpusmill dedup` again" in failed.stderr


@pytest.mark.parametrize("damage", ["gone", "shortened"])
@pytest.mark.parametrize("table", ["documents", "duplicates", "tokens/train"])
def test_a_finished_stage_that_lost_a_file_is_done_again(
    damage: str, table: str, run: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    part = next((run / table).glob("part-00000.*"))
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-1])
    corpusmill("corpus", recipe_file, inputs, run)
    assert contents(run) == contents(finished)


def test_a_stage_says_which_stage_it_needs(tmp_path: Path, inputs: Path, recipe_file: Path) -> None:
    failed = corpusmill("dedup", recipe_file, inputs, tmp_path / "run", fails=True)
    assert "no finished ingest stage here; run `corpusmill ingest` first" in failed.stderr


def test_a_repeated_id_is_an_error(tmp_path: Path) -> None:
    row = np.array([[7, 7, 1, 0, 5, 3, 4]], np.uint64)
    again = row.copy()
    again[0, 2] = 2  # another document, the same id
    with pytest.raises(CorpusmillError, match="two documents have the id 00000000000000030000000000000004"):
        buckets.reduce_content(0, [row.tobytes(), again.tobytes()], Outbox(tmp_path, 0))


def test_a_file_that_two_entries_read_for_one_source_is_refused(
    tmp_path: Path, inputs: Path, recipe_file: Path
) -> None:
    twice = tmp_path / "twice.yaml"
    entry = "{name: %s, family: pile, sets: [%s, Pile-CC], files: ['pile/02.jsonl']}"
    twice.write_text(f"sources:\n  - {entry % ('b', 'ArXiv')}\n  - {entry % ('c', 'HackerNews')}\n")
    failed = corpusmill("corpus", twice, inputs, tmp_path / "run", fails=True)
    assert failed.stderr.splitlines() == [
        "corpusmill corpus: pile/02.jsonl: is a file of b and of c, and both take Pile-CC from it"
    ]


@pytest.mark.parametrize(
    ("verb", "old", "new", "first"),
    [
        ("dedup", "Pile-CC, HackerNews", "HackerNews, Pile-CC", "ingest"),
        ("tokenize", "tokenize: {", "dedup: {threshold: 0.9}\ntokenize: {", "dedup"),
        ("report", "shard_bytes: 65536", "shard_bytes: 65537", "tokenize"),
        ("train", "shard_bytes: 65536", "shard_bytes: 65537", "tokenize"),
    ],
)
def test_a_stage_refuses_what_another_recipe_made(
    verb: str, old: str, new: str, first: str, run: Path, tmp_path: Path, inputs: Path, recipe_file: Path
) -> None:
    before = (run / "recipe.yaml").read_text()
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe_file.read_text().replace(old, new))
    failed = corpusmill(verb, changed, inputs, run, fails=True)
    assert f"made by another recipe; run `corpusmill {first}` first" in failed.stderr
    assert (run / "recipe.yaml").read_text() == before


@pytest.mark.parametrize("runner", [["--runner=NoSuchRunner"], ["--runner="]])
def test_a_runner_that_beam_refuses_is_one_line(
    runner: list[str], tmp_path: Path, inputs: Path, recipe_file: Path
) -> None:
    failed = corpusmill("corpus", recipe_file, inputs, tmp_path / "run", "--", *runner, fails=True)
    assert failed.stderr.startswith(
        f"corpusmill corpus: Beam refuses {runner[0]}: Unexpected pipeline runner"
    )
    assert failed.stderr.count("\n") == 1


def test_the_engine_s_own_processes_do_the_same(
    tmp_path: Path, inputs: Path, recipe_file: Path, finished: Path
) -> None:
    mode = [
        "--",
        "--runner",
        "FnApiRunner",
        "--direct_running_mode=multi_threading",
        "--direct_num_workers=2",
    ]
    corpusmill("corpus", recipe_file, inputs, tmp_path / "run", *mode)
    assert contents(tmp_path / "run") == contents(finished)


def test_a_folder_of_somebody_else_s_is_not_touched(tmp_path: Path, inputs: Path, recipe_file: Path) -> None:
    theirs = tmp_path / "home" / "documents" / "thesis.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("years of work")
    failed = corpusmill("corpus", recipe_file, inputs, tmp_path / "home", fails=True)
    assert "holds files, but no run; name an empty or a new folder" in failed.stderr
    assert theirs.read_text() == "years of work"


def test_a_file_that_cannot_be_written_is_one_line_that_names_it(
    tmp_path: Path, inputs: Path, recipe_file: Path
) -> None:
    run = tmp_path / "run"
    (run / "work").mkdir(parents=True)
    (run / ".lock").write_bytes(SIGNATURE)
    (run / "ledger.parquet").mkdir()
    failed = corpusmill("corpus", recipe_file, inputs, run, fails=True)
    assert failed.stderr.splitlines()[-1].startswith(f"corpusmill corpus: {run}")
    assert "ledger.parquet" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_shards_hold_the_documents_in_the_order_of_their_keys(finished: Path) -> None:
    for split in ("train", "valid"):
        ids = [
            row["doc_id"]
            for path in sorted((finished / "tokens" / split).glob("part-*.arrow"))
            for row in TokenShard(path).batch.drop_columns(["tokens"]).to_pylist()
        ]
        keys = shuffle_keys(np.frombuffer(b"".join(ids), np.uint8).reshape(-1, 16), 1)
        assert len(keys) > 2
        assert np.all(keys[1:] > keys[:-1])


def test_the_smallest_split_keys_of_each_source_validate(finished: Path) -> None:
    keys: dict[str, dict[str, list[int]]] = {"train": {}, "valid": {}}
    for split, of_source in keys.items():
        for path in sorted((finished / "tokens" / split).glob("part-*.arrow")):
            for row in TokenShard(path).batch.drop_columns(["tokens"]).to_pylist():
                (key,) = split_keys(np.frombuffer(row["doc_id"], np.uint8).reshape(1, 16), 1).tolist()
                of_source.setdefault(row["source"], []).append(key)
    assert set(keys["valid"]) == set(keys["train"])
    for source, validating in keys["valid"].items():
        assert max(validating) < min(keys["train"][source])


def test_a_kernel_that_differs_stops_dedup_before_it_writes(
    run: Path, inputs: Path, loaded: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differ(*_: object) -> None:
        raise CorpusmillError("disagree")

    monkeypatch.setattr("corpusmill.dedup.signatures.check_kernel", differ)
    (run / "_manifests" / "dedup.json").unlink()
    before = contents(run)
    with pytest.raises(CorpusmillError, match="disagree"):
        dedup.run(Job(recipe=loaded, inputs=str(inputs), run=run, workers=1))
    assert contents(run) == before


def test_a_stage_whose_ledger_does_not_balance_is_not_finished(tmp_path: Path, loaded: Recipe) -> None:
    stage = Stage(Job(recipe=loaded, inputs="", run=tmp_path, workers=1), "ingest", "x", {})
    stage.begin()
    lost = [Entry(source="s", action="in", records=1, bytes=1)]
    with pytest.raises(CorpusmillError, match="does not balance"):
        stage.finish({"files": [Receipt(item=0, ledger=lost)]}, [])
    assert not (tmp_path / "_manifests" / "ingest.json").exists()


def test_a_dump_that_was_encoded_twice_fails_and_says_so(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("sources: [{name: j, family: jsonl, files: ['*.jsonl']}]")
    (tmp_path / "in").mkdir()
    once = [json.dumps(f'He said "{number}".\nAnd went.') for number in range(20)]
    for encode, fails in ((str, False), (json.dumps, True)):
        lines = [f'{{"text": {encode(text)}}}' for text in once]
        (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
        done = corpusmill("ingest", recipe, tmp_path / "in", tmp_path / "run", fails=fails)
        assert ("j: 20 of 20 texts are JSON within JSON" in done.stderr) == fails

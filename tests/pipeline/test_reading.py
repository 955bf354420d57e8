"""Huge files, cut into chunks by one process and read by others, give what reading them whole gives."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard
from small_corpus import WORDS, command, contents, corpusmill, rows_of

from corpusmill.manifest import Output
from corpusmill.pipeline import chunks, reading
from corpusmill.pipeline.chunks import ChunkItem
from corpusmill.pipeline.intake import Reading
from corpusmill.pipeline.items import Done, Outbox
from corpusmill.pipeline.listing import find
from corpusmill.pipeline.reading import FilesItem
from corpusmill.recipe import Recipe


def lines(n: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    texts = (" ".join(rng.choices(WORDS, k=rng.randrange(1, 300))) for _ in range(n))
    made = [json.dumps({"text": text, "meta": {"pile_set_name": "Pile-CC"}}).encode() for text in texts]
    made[3:3] = [b"", b"{broken", b"   ", json.dumps({"text": "x", "meta": None}).encode()]
    return made


def tables(folder: Path, outputs: list[Output]) -> dict[str, list[dict[str, Any]]]:
    return {
        kind: [
            row
            for output in outputs
            if output.kind == kind
            for row in pq.read_table(folder / output.path).to_pylist()
        ]
        for kind in ("documents", "rejects")
    }


def ledger(*done: Done) -> dict[tuple[str, str, str], tuple[int, int]]:
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for entry in (entry for each in done for entry in each.ledger):
        records, n_bytes = sums.get((entry.source, entry.action, entry.reason), (0, 0))
        sums[entry.source, entry.action, entry.reason] = (records + entry.records, n_bytes + entry.bytes)
    return sums


@pytest.mark.parametrize("damage", [False, True], ids=["whole", "truncated"])
def test_a_file_in_chunks_gives_what_it_gives_whole(
    damage: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = zstandard.ZstdCompressor().compress(b"\n".join(lines(400)))
    (tmp_path / "a.jsonl.zst").write_bytes(packed[: len(packed) // 2] if damage else packed)
    recipe = Recipe.model_validate({"sources": [{"name": "p", "family": "pile", "files": ["*"]}]})
    bound = Reading(recipe=recipe, inputs=str(tmp_path), files={}, partitions=1)
    item = FilesItem(index=0, size=1, dumps=tuple(find(recipe, str(tmp_path))))
    outbox = Outbox(tmp_path, 0)
    whole = reading.read_files(bound, item, outbox)
    expected = tables(tmp_path, outbox.outputs)

    monkeypatch.setattr(chunks, "_BATCH_BYTES", 5_000)
    monkeypatch.setattr(chunks, "_CHUNK_BYTES", 50_000)
    outbox = Outbox(tmp_path, 1)
    cut = reading.cut(bound, item, outbox)
    outputs = outbox.outputs
    pieces = [output for output in outputs if output.kind == "chunk"]
    assert len(pieces) >= 3
    got, parts = tables(tmp_path, outputs), []
    for number, chunk in enumerate(pieces):
        outbox = Outbox(tmp_path, 2 + number)
        path = tmp_path / chunk.path
        piece = ChunkItem(index=number, size=1, entry=0, path="a.jsonl.zst", chunk=path)
        parts.append(reading.read_chunk(bound, piece, outbox))
        for kind, rows in tables(tmp_path, outbox.outputs).items():
            got[kind] += rows
    assert got["documents"] == expected["documents"]
    by_place = sorted(got["rejects"], key=lambda row: int(row["origin"]["record"] or 1 << 60))
    assert by_place == expected["rejects"]
    assert ledger(cut, *parts) == ledger(whole)
    facts = [done.facts or {} for done in (cut, *parts)]
    for count in ("records", "rejects"):
        assert sum(each[count] for each in facts) == (whole.facts or {})[count]
    assert (cut.inputs, cut.marks) == (whole.inputs, whole.marks)


RECIPE = """
sources:
  - {name: pile, family: pile, files: ["*.jsonl"]}
  - {name: reddit, family: pushshift, files: ["RC_*"]}
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(recipe, inputs) with files of 17 MB, which are cut, and a small one."""
    folder = tmp_path_factory.mktemp("huge")
    some = lines(2_000)
    texts = b"\n".join(some)
    (folder / "pile.jsonl").write_bytes(b"\n".join([texts] * (1 + (17 << 20) // len(texts))))
    (folder / "small.jsonl").write_bytes(b"\n".join(lines(20, seed=2)))
    rng = random.Random(3)
    comments = [
        json.dumps(
            {
                "id": f"{number:x}",
                "link_id": f"t3_{number % 5_000:x}",
                "parent_id": f"t1_{number - 5_000:x}" if number % 3 else "t3_x",
                "body": " ".join(rng.choices(WORDS, k=30)),
            }
        )
        for number in range(70_000)
    ]
    (folder / "RC_2010-01").write_text("\n".join(comments))
    assert all((folder / name).stat().st_size > 16 << 20 for name in ("pile.jsonl", "RC_2010-01"))
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE)
    return recipe, folder


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, huge: tuple[Path, Path]) -> Path:
    run = tmp_path_factory.mktemp("ingested") / "run"
    corpusmill("ingest", *huge, run, "--workers", "2")
    return run


def test_huge_files_give_the_same_bytes_for_any_number_of_workers(
    tmp_path: Path, huge: tuple[Path, Path], ingested: Path
) -> None:
    corpusmill("ingest", *huge, tmp_path / "run", "--workers", "1")
    assert contents(tmp_path / "run", ["documents", "rejects"]) == contents(
        ingested, ["documents", "rejects"]
    )
    assert list((ingested / "work").iterdir()) == []
    records = [
        row["origin"]["record"] for row in rows_of(ingested, "documents") if row["source"] == "Pile-CC"
    ]
    assert len(records) > 10_000


def test_a_run_killed_while_it_cuts_or_reads_chunks_gives_the_same_bytes(
    tmp_path: Path, huge: tuple[Path, Path], ingested: Path
) -> None:
    run = tmp_path / "run"
    for until in (
        "ingest.huge0-*/*.arrow",
        "ingest.chunks0-*/item-*.json",
        "ingest.huge0-*/item-*.json",
        "ingest.threads-*",
    ):
        driver = subprocess.Popen(
            command("ingest", *huge, run, "--workers", "2"), start_new_session=True, stderr=subprocess.DEVNULL
        )
        while not list(run.glob(f"work/{until}")):
            assert driver.poll() is None
            time.sleep(0.01)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
        assert not (run / "_manifests" / "ingest.json").exists()
    corpusmill("ingest", *huge, run)
    assert contents(run, ["documents", "rejects"]) == contents(ingested, ["documents", "rejects"])


def test_what_was_read_of_a_file_that_changed_while_it_was_cut_is_forgotten(
    tmp_path: Path, huge: tuple[Path, Path], ingested: Path
) -> None:
    recipe, inputs = huge
    changing, run = tmp_path / "inputs", tmp_path / "run"
    shutil.copytree(inputs, changing)
    whole = (changing / "pile.jsonl").read_bytes()
    # As long as the real file, and with the same chunks but for the first.
    (changing / "pile.jsonl").write_bytes(whole.replace(b"ka", b"KA", 100))
    driver = subprocess.Popen(
        command("ingest", recipe, changing, run, "--workers", "2"),
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(run.glob("work/ingest.chunks0-*/item-*000.json")):
        assert driver.poll() is None
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate()
    for receipt in run.glob("work/ingest.huge0-*/item-*.json"):
        receipt.unlink()  # a slow reader lets the cutting end first; the receipt comes last
    (changing / "pile.jsonl").write_bytes(whole)
    corpusmill("ingest", recipe, changing, run)
    assert contents(run, ["documents", "rejects"]) == contents(ingested, ["documents", "rejects"])


def test_more_rejects_than_the_recipe_allows_fail_the_stage(
    tmp_path: Path, huge: tuple[Path, Path], ingested: Path
) -> None:
    _, inputs = huge
    recipe = tmp_path / "recipe.yaml"
    run = tmp_path / "run"
    strict = RECIPE.replace("family: pile,", "family: pile, max_reject_ratio: 0.0001,")
    recipe.write_text(strict.replace('"*.jsonl"', '"small.jsonl"').replace("RC_*", "none*"))
    recipe.write_text("\n".join(recipe.read_text().split("\n")[:3]))
    done = corpusmill("ingest", recipe, inputs, run, fails=True)
    assert "pile: 2 of 22 records are rejects, more than its max_reject_ratio of 0.0001" in done.stderr
    recipe.write_text(recipe.read_text().replace("0.0001", "0.1"))
    corpusmill("ingest", recipe, inputs, run)
    assert len(rows_of(run, "rejects")) == 2

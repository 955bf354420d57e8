import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import documents, manifest
from corpusmill.errors import CorpusmillError
from corpusmill.report import scans, stats


def rows(folder: Path) -> list[Any]:
    return [row for path in scans.parts(folder) for row in pq.read_table(path).to_pylist()]


def collected(run: Path) -> Any:
    return stats.collect(stats.open_run(run))


def test_every_key_is_documented(run: Path) -> None:
    assert set(collected(run)) == set(stats.KEYS)


def test_numbers_are_those_of_the_tables(run: Path) -> None:
    numbers = collected(run)
    held, removed = rows(run / "documents"), rows(run / "duplicates")
    headline = numbers["headline"]
    assert headline["documents"] == {"records": len(held), "bytes": sum(row["n_bytes"] for row in held)}
    assert headline["kept"]["records"] == len(held) - len(removed)
    assert headline["duplicates"]["by_reason"] == dict(Counter(row["how"] for row in removed))
    assert set(headline["duplicates"]["by_reason"]) == {"exact", "words", "near"}
    cells = {
        (cell["kept_source"], cell["removed_source"], cell["how"]): cell["documents"]
        for cell in numbers["duplicates"]["cells"]
    }
    assert cells == Counter((row["kept_source"], row["removed_source"], row["how"]) for row in removed)
    assert {row["source"]: row["documents"] for row in numbers["lengths"]} == Counter(
        row["source"] for row in held
    )
    assert {(row["source"], row["reason"]): row["records"] for row in numbers["rejects"]} == Counter(
        (row["source"], row["reason"]) for row in rows(run / "rejects")
    )
    tokens = stats.open_run(run).manifests["tokens"].facts["tokens"]
    assert headline["tokens"]["total"] == sum(
        cell["tokens"] for split in tokens.values() for cell in split.values()
    )


def test_near_duplicates_are_counted_by_jaccard(run: Path) -> None:
    near = [row["jaccard"] for row in rows(run / "duplicates") if row["how"] == "near"]
    bins = collected(run)["duplicates"]["jaccard"]
    assert bins[0][0] == 0.95
    assert bins[-1][1] == 1
    assert sum(n for _, _, n in bins) == len(near)
    for low, high, n_documents in bins[:-1]:
        assert n_documents == sum(low <= round(jaccard, 12) < high for jaccard in near)


def test_examples_lead_to_their_documents(run: Path) -> None:
    examples = collected(run)["duplicates"]["examples"]
    assert 3 <= len(examples) <= 5
    listed = {(row["kept"].hex(), row["removed"].hex()): row["jaccard"] for row in rows(run / "duplicates")}
    for example in examples:
        assert listed[example["kept"]["doc_id"], example["removed"]["doc_id"]] == example["jaccard"]
        for side in ("kept", "removed"):
            there = example[side]
            table = pq.read_table(run / "documents" / documents.shard_name(there["shard"]))
            row = table.slice(there["row"], 1).to_pylist()[0]
            assert row["doc_id"].hex() == there["doc_id"]
            assert row["origin"] == {"path": there["path"], "record": there["record"]}


def test_examples_do_not_depend_on_the_order_of_the_duplicates(
    new_run: Callable[..., Path], run: Path
) -> None:
    turned = new_run("turned")
    for path in scans.parts(turned / "duplicates"):
        table = pq.read_table(path)
        documents.write_table(table.take(list(reversed(range(table.num_rows)))), path)
    assert collected(turned)["duplicates"] == collected(run)["duplicates"]


def test_only_the_texts_of_examples_are_read(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def recording(path: Path, columns: list[str]) -> object:
        asked.extend(columns)
        return documents.iter_groups(path, columns)

    monkeypatch.setattr(scans, "iter_groups", recording)
    collected(run)
    assert "n_bytes" in asked
    assert "text" not in asked


def test_the_s_curve_is_that_of_the_chosen_bands(run: Path) -> None:
    bands = collected(run)["bands"]
    chance = dict(map(tuple, bands["curve"]))
    assert chance[0.8] == pytest.approx(1 - (1 - 0.8**14) ** 9, abs=1e-6)
    assert (bands["bands"], bands["rows"], bands["threshold"]) == (9, 14, "0.95")


def test_a_duplicates_table_that_the_ledger_does_not_know_is_a_problem(
    new_run: Callable[..., Path],
) -> None:
    run = new_run("run")
    path = run / "duplicates" / documents.shard_name(0)
    table = pq.read_table(path)
    documents.write_table(table.slice(1), path)
    balance = collected(run)["balance"]
    assert not balance["balances"]
    assert len(balance["problems"]) == 1
    assert "the duplicates table removes" in balance["problems"][0]


def test_a_duplicate_that_no_document_has_is_an_error(new_run: Callable[..., Path]) -> None:
    run = new_run("run")
    path = run / "duplicates" / documents.shard_name(0)
    table = pq.read_table(path)
    strange = pa.array([bytes(16)] * table.num_rows, pa.binary(16))
    documents.write_table(table.set_column(0, table.schema.field("removed"), strange), path)
    with pytest.raises(CorpusmillError, match="run `corpusmill dedup` again"):
        collected(run)


def test_without_finished_ingest_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CorpusmillError, match="run `corpusmill ingest` first"):
        stats.open_run(tmp_path)


def test_a_stage_that_has_not_run_is_null(new_run: Callable[..., Path]) -> None:
    run = new_run("run")
    for folder in ("duplicates", "tokens", "model"):
        shutil.rmtree(run / folder)
    for stage in ("dedup", "tokenize"):
        manifest.manifest_path(run, stage).unlink()
    numbers = collected(run)
    assert [key for key in stats.KEYS if numbers[key] is None] == [
        "bands",
        "duplicates",
        "filtered",
        "tokens",
        "training",
    ]

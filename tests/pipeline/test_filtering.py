"""A filter takes documents out of everything that follows, and costs no new reading of the dumps."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_corpus import RECIPE, contents, corpusmill, rows_of

from corpusmill import ledger
from corpusmill.manifest import manifest_path, read_manifest

SHORT = """
filter:
  gopher_quality: {sources: [Pile-CC], min_doc_words: %d, min_stop_words: null}
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, inputs: Path) -> Path:
    """A finished run with a filter."""
    folder = tmp_path_factory.mktemp("filtered")
    (folder / "recipe.yaml").write_text(RECIPE + SHORT % 500)
    corpusmill("corpus", folder / "recipe.yaml", inputs, folder / "run", "--workers", "2")
    return folder / "run"


def test_documents_that_break_a_rule_are_listed_with_what_was_measured(measured: Path) -> None:
    rows = {row["doc_id"]: row for row in rows_of(measured, "documents")}
    out = {row["doc_id"]: row for row in rows_of(measured, "filtered")}
    expected = {
        doc_id
        for doc_id, row in rows.items()
        if row["source"] == "Pile-CC" and row["signals"]["text_words"] < 500
    }
    assert set(out) == expected
    assert 10 < len(out) < len([row for row in rows.values() if row["source"] == "Pile-CC"])
    for doc_id, row in out.items():
        assert row["rule"] == "gopher_quality.min_doc_words"
        assert row["value"] == rows[doc_id]["signals"][row["measure"]] < row["threshold"]
        assert (row["measure"], row["direction"], row["rules"]) == ("text_words", "below", [row["rule"]])
        assert row["source"] == rows[doc_id]["source"]


def test_what_is_out_is_no_witness_no_duplicate_and_no_token(measured: Path, finished: Path) -> None:
    out = {row["doc_id"] for row in rows_of(measured, "filtered")}
    duplicates = rows_of(measured, "duplicates")
    removed = {row["removed"] for row in duplicates}
    assert not out & (removed | {row["kept"] for row in duplicates})
    ids = [
        doc_id
        for path in sorted((measured / "tokens").glob("*/part-*.arrow"))
        for doc_id in pa.ipc.open_file(path).read_all().column("doc_id").to_pylist()
    ]
    kept = {row["doc_id"] for row in rows_of(measured, "documents")} - out - removed
    assert sorted(ids) == sorted(kept)
    witnessed_by_one_that_is_out = {
        row["removed"] for row in rows_of(finished, "duplicates") if row["kept"] in out
    }
    assert witnessed_by_one_that_is_out & kept, "they stay now"


def test_the_report_counts_what_is_out_and_shows_some_of_it(measured: Path) -> None:
    out = rows_of(measured, "filtered")
    [row] = json.loads((measured / "report" / "stats.json").read_text())["filtered"]
    assert (row["source"], row["rule"]) == ("Pile-CC", "gopher_quality.min_doc_words")
    assert row["documents"] == len(out)
    smallest = sorted((each["doc_id"].hex(), each["value"]) for each in out)[:3]
    assert [(sample["doc_id"], sample["value"]) for sample in row["samples"]] == smallest
    texts = {each["doc_id"].hex(): each["text"] for each in rows_of(measured, "documents")}
    page = (measured / "report" / "index.html").read_text()
    assert f"{len(out)} of them were left out by the filter" in page
    for doc_id, value in smallest:
        assert f"<code>text_words</code> {value:.4g}, below 500</div>" in page
        assert f'<div class="text">{texts[doc_id][:300]}</div>' in page


def test_the_ledger_counts_what_the_filter_took(measured: Path) -> None:
    table = pq.read_table(measured / "ledger.parquet")
    assert ledger.imbalances(table) == []
    rows = [row for row in table.to_pylist() if row["stage"] == "filter" and row["action"] == "removed"]
    assert {(row["source"], row["reason"]): row["records"] for row in rows} == Counter(
        (row["source"], row["rule"]) for row in rows_of(measured, "filtered")
    )


def test_another_threshold_reads_no_dump_and_gives_what_a_new_run_gives(
    measured: Path, inputs: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE + SHORT % 450)
    run = shutil.copytree(measured, tmp_path / "run")
    before = manifest_path(run, "ingest").stat().st_mtime_ns
    corpusmill("corpus", recipe, inputs, run)
    assert manifest_path(run, "ingest").stat().st_mtime_ns == before
    corpusmill("corpus", recipe, inputs, tmp_path / "new")
    assert contents(run) == contents(tmp_path / "new")
    assert contents(run, ["filtered"]) != contents(measured, ["filtered"])


def test_without_a_filter_nothing_is_out(finished: Path) -> None:
    parts = [sorted((finished / table).glob("part-*")) for table in ("documents", "filtered")]
    assert len(parts[0]) == len(parts[1]) > 0
    assert rows_of(finished, "filtered") == []
    assert {row["signals"]["text_words"] for row in rows_of(finished, "documents")} == {None}


def test_a_filter_made_from_other_documents_is_refused(measured: Path, inputs: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE + SHORT % 500)
    run = shutil.copytree(measured, tmp_path / "run")
    manifest = manifest_path(run, "filter")
    ingested = read_manifest(manifest_path(run, "ingest"))
    assert ingested is not None
    sha256 = ingested.of_kind("documents")[0].sha256
    manifest.write_text(manifest.read_text().replace(sha256, "0" * 64))
    failed = corpusmill("dedup", recipe, inputs, run, fails=True)
    assert "filtered/ was made from other documents; run `corpusmill filter` again" in failed.stderr

"""The recipe over the real samples, from dumps to a training step. Skipped where they are absent."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_corpus import corpusmill, differences, rows_of

from corpusmill import ledger
from corpusmill.dedup.shingles import shingle_set
from corpusmill.dedup.words import split

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "samples"
RECIPE = ROOT / "recipes" / "samples.yaml"

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the real samples are not beside this checkout")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished run over the samples."""
    folder = tmp_path_factory.mktemp("samples") / "run"
    corpusmill("corpus", RECIPE, SAMPLES, folder)
    return folder


def test_every_table_has_the_bytes_that_are_recorded(run: Path) -> None:
    assert differences(run, "samples") == []


def test_the_ledger_balances(run: Path) -> None:
    table = pq.read_table(run / "ledger.parquet")
    assert set(table.column("stage").to_pylist()) == {"ingest", "filter", "dedup", "tokenize"}
    assert ledger.imbalances(table) == []


def test_every_comment_of_the_month_is_in_a_document_or_dropped_by_the_chain_rule_or_a_reject(
    run: Path,
) -> None:
    rows = [row for row in rows_of(run, "documents") if row["source"] == "reddit"]
    in_documents = [comment["id"] for row in rows for comment in json.loads(row["meta"])["comments"]]
    assert len(set(in_documents)) == len(in_documents)
    entries = [
        row
        for row in pq.read_table(run / "ledger.parquet").to_pylist()
        if row["stage"] == "ingest" and row["source"] == "reddit" and row["records"]
    ]
    records = {row["reason"] or row["action"]: row["records"] for row in entries}
    rejects = sum(row["source"] == "reddit" for row in rows_of(run, "rejects"))
    assert records["in"] == 1075
    assert records["kept"] == len(in_documents)
    assert records["in"] == len(in_documents) + records["chain"] + rejects
    assert len(rows) == 396


def test_no_two_kept_revisions_of_frankenstein_reach_the_threshold(run: Path) -> None:
    sets = {
        row["doc_id"]: shingle_set(split(row["text"]))
        for row in rows_of(run, "documents")
        if "/frank_" in row["origin"]["path"]
    }
    assert len(sets) == 12
    removed = {row["removed"]: row for row in rows_of(run, "duplicates")}
    kept = [doc_id for doc_id in sets if doc_id not in removed]
    assert kept
    for place, first in enumerate(kept):
        for second in kept[place + 1 :]:
            assert 20 * len(sets[first] & sets[second]) < 19 * len(sets[first] | sets[second])
    for doc_id in sets.keys() & removed.keys():
        witness = removed[doc_id]["kept"]
        assert witness in kept
        shared, union = len(sets[doc_id] & sets[witness]), len(sets[doc_id] | sets[witness])
        assert removed[doc_id]["jaccard"] == shared / union
        assert 20 * shared >= 19 * union


def test_tokens_lead_to_a_training_step(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE.read_text().replace("steps: 20", "steps: 2"))
    corpusmill("train", recipe, SAMPLES, tmp_path / "run")
    lines = (tmp_path / "run" / "model" / "journal.jsonl").read_text().splitlines()
    steps = [json.loads(line) for line in lines]
    assert [line["step"] for line in steps if "loss" in line] == [1, 2]

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusmill import documents, ledger
from corpusmill.clean import Change
from corpusmill.manifest import Output
from corpusmill.pipeline.harvest import Draft, Harvest, Part
from corpusmill.pipeline.items import Outbox


def draft(text: str, *raw: str, record: str = "1") -> Draft:
    parts = [Part(path="f", record=f"{record}.{n}", text=each) for n, each in enumerate(raw)]
    taken = sum(len(each.encode()) for each in raw) - len(text.encode())
    changes = [Change("whitespace", taken, "".join(raw), text)]
    return Draft(source="s", path="f", record=record, text=text, meta={"ä": 1}, parts=parts, changes=changes)


def written(folder: Path, outputs: list[Output], kind: str) -> list[dict[str, object]]:
    files = [folder / output.path for output in outputs if output.kind == kind]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_everything_ends_in_one_place_and_the_ledger_agrees(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    harvest = Harvest(outbox)
    harvest.document(draft("Zwei Wörter", "Zwei ", "Wörter  "))
    harvest.document(draft("!!!", "  !!! ", "?", record="2"))
    harvest.reject(
        source="s", path="f", record=None, reason="damaged", error="cut", head=b"x" * 999, n_bytes=999
    )
    harvest.removal("s", "chain", 7)
    harvest.close()
    entries = harvest.ledger()
    outputs = outbox.outputs
    (change,) = harvest.facts()["changes"]["s"].items()
    assert (change[0], change[1]["documents"]) == ("whitespace", 1)
    (example,) = change[1]["examples"]
    assert (example["before"], example["after"]) == ("Zwei Wörter  ", "Zwei Wörter")

    (document,) = written(tmp_path, outputs, "documents")
    assert document["text"] == "Zwei Wörter"
    assert document["doc_id"] == documents.doc_id("s", "f", "1")
    assert (document["n_words"], document["n_bytes"]) == (2, 12)
    assert document["text_hash"] == documents.text_hash("Zwei Wörter".encode())
    assert list(document)[5:7] == ["content_hash", "text_hash"]
    assert json.loads(str(document["meta"])) == {"ä": 1}
    rejects = written(tmp_path, outputs, "rejects")
    assert [(row["reason"], row["origin"], row["bytes"]) for row in rejects] == [
        ("damaged", {"path": "f", "record": None}, 999),
        ("empty", {"path": "f", "record": "2.0"}, 6),
        ("empty", {"path": "f", "record": "2.1"}, 1),
    ]
    assert len(rejects[0]["head"]) == 200
    sums = {(entry.action, entry.reason): (entry.records, entry.bytes) for entry in entries}
    assert sums == {
        ("in", ""): (6, 14 + 6 + 1 + 999 + 7),
        ("kept", ""): (2, 12),
        ("removed", "whitespace"): (0, 2),
        ("removed", "empty"): (2, 7),
        ("removed", "damaged"): (1, 999),
        ("removed", "chain"): (1, 7),
    }
    assert ledger.imbalances(ledger.table([("ingest", entries)])) == []


def test_a_part_that_has_its_size_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ROW_GROUP_BYTES", 1000)
    monkeypatch.setattr(documents, "SHARD_BYTES", 4000)
    outbox = Outbox(tmp_path, 0)
    harvest = Harvest(outbox)
    texts = [f"text {n} " + "x" * n for n in range(200)]
    for number, text in enumerate(texts):
        harvest.document(draft(text, text, record=str(number)))
    harvest.close()
    outputs = outbox.outputs
    assert len(outputs) > 2
    assert [row["text"] for row in written(tmp_path, outputs, "documents")] == texts


def test_an_item_without_rows_writes_no_file(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    harvest = Harvest(outbox)
    harvest.close()
    assert harvest.ledger() == []
    assert outbox.outputs == []

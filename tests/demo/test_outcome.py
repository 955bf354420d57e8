import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from corpusmill import documents, ledger
from corpusmill.demo import outcome, plants
from corpusmill.demo.plan import CC, REDDIT
from corpusmill.documents import doc_id
from corpusmill.errors import CorpusmillError
from corpusmill.tokenize import shards

BASE = [f"w{number}" for number in range(100)]
TEXTS = {
    "1": " ".join(BASE),
    "2": " ".join(BASE).upper(),  # the same words
    "3": " ".join([*BASE, "more"]),  # 96 of 97
    "4": " ".join(BASE[:90]),  # 86 of 96: a near miss
    "5": "entirely different words stand here",
    "7": " ".join(BASE),  # exact
    "8": "a page with nothing on it",
    "9": "a page with a part of a question: " + " ".join(BASE[40:52]),
}
QUESTION = " ".join(BASE[40:60])
FILTERED = pa.schema([("doc_id", pa.binary(16)), ("rule", pa.string())])
DUPLICATES = pa.schema(
    [
        ("removed", pa.binary(16)),
        ("kept", pa.binary(16)),
        ("jaccard", pa.float64()),
        ("how", pa.string()),
        ("bands", pa.int32()),
        ("removed_source", pa.string()),
        ("kept_source", pa.string()),
        ("kept_run", pa.string()),
    ]
)


def _source(record: str) -> str:
    return REDDIT if record in "34" else CC


def _id(record: str) -> bytes:
    return doc_id(_source(record), "p.jsonl", record)


def _origin(record: str) -> dict[str, str]:
    return {"source": _source(record), "path": "p.jsonl", "record": record}


def _measures(text: str) -> dict[str, Any]:
    return {"words": len(text.split()), "text_hash": documents.text_hash(text.encode()).hex()}


class Run:
    """A small finished run and its truth, to be changed and then written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = dict(TEXTS)
        self.duplicates = [
            self.duplicate("2", "1", 1.0, "words"),
            self.duplicate("3", "1", 96 / 97, "near"),
            self.duplicate("7", "1", 1.0, "exact"),
        ]
        self.rejects = [(CC, "p.jsonl", "6", "bad_json"), (CC, "q.jsonl", None, "damaged")]
        self.filtered = [("8", "c4.filter_lorem_ipsum")]
        self.token_rows = ["1", "4", "5", "9"]
        self.ledger = [
            ("ingest", [self.entry("in", 7), self.entry("kept", 5), self.entry("removed", 2, "bad_json")])
        ]
        measures = {record: _measures(text) for record, text in TEXTS.items()}
        gone = {"removed": True, "witness": _origin("1")}
        self.truth: dict[str, Any] = {
            "threshold": "0.95",
            "pairs": [
                self.pair("words", "1", "2", 1.0),
                self.pair("exact", "1", "7", 1.0),
                self.pair("near", "1", "3", 96 / 97),
                self.pair("miss", "1", "4", 86 / 96),
            ],
            "groups": [
                {
                    "name": "g",
                    "documents": [
                        {**_origin("1"), **measures["1"], "removed": False},
                        {**_origin("2"), **measures["2"], **gone, "how": "words", "jaccard": 1.0},
                        {**_origin("3"), **measures["3"], **gone, "how": "near", "jaccard": 96 / 97},
                        {**_origin("4"), **measures["4"], "removed": False},
                        {**_origin("7"), **measures["7"], **gone, "how": "exact", "jaccard": 1.0},
                    ],
                }
            ],
            "documents": {CC: 6, REDDIT: 2},
            "unfinished": [_origin("8")],
            "leaks": [{**_origin("9"), "question": QUESTION}],
            "rejects": [
                {"source": CC, "reason": "bad_json", "records": 1},
                {"source": CC, "reason": "damaged", "records": 1},
            ],
            "damaged": [{"source": CC, "path": "q.jsonl", "complete_records": 0}],
        }

    @staticmethod
    def entry(action: str, records: int, reason: str = "") -> ledger.Entry:
        return ledger.Entry(source=CC, action=action, reason=reason, records=records, bytes=records)

    @staticmethod
    def pair(kind: str, a: str, b: str, jaccard: float) -> dict[str, Any]:
        return {"kind": kind, "a": _origin(a), "b": _origin(b), "jaccard": jaccard}

    @staticmethod
    def duplicate(removed: str, kept: str, jaccard: float, how: str) -> dict[str, Any]:
        return {
            "removed": _id(removed),
            "kept": _id(kept),
            "jaccard": jaccard,
            "how": how,
            "bands": 0,
            "removed_source": _source(removed),
            "kept_source": _source(kept),
        }

    def write(self) -> outcome.Outcome:
        for name in ("documents", "rejects", "filtered", "duplicates", "tokens/train", "tokens/valid"):
            (self.folder / name).mkdir(parents=True)
        rows = [
            {
                "doc_id": _id(record),
                "source": _source(record),
                "text": text,
                "origin": {"path": "p.jsonl", "record": record},
                "meta": "{}",
                "content_hash": bytes(16),
                "text_hash": documents.text_hash(text.encode()),
                "n_words": len(plants.words(text)),
                "n_bytes": len(text),
                "signals": {"n_lines": 1},
            }
            for record, text in self.texts.items()
        ]
        half = len(rows) // 2
        for number, part in enumerate((rows[:half], rows[half:])):
            table = pa.Table.from_pylist(part, schema=documents.SCHEMA)
            documents.write_table(table, self.folder / "documents" / documents.shard_name(number))
        rejects = [
            {
                "source": source,
                "origin": {"path": path, "record": record},
                "reason": reason,
                "error": "",
                "head": b"",
                "bytes": 1,
            }
            for source, path, record, reason in self.rejects
        ]
        table = pa.Table.from_pylist(rejects, schema=documents.REJECTS_SCHEMA)
        documents.write_table(table, self.folder / "rejects" / documents.shard_name(0))
        filtered = [{"doc_id": _id(record), "rule": rule} for record, rule in self.filtered]
        table = pa.Table.from_pylist(filtered, schema=FILTERED)
        documents.write_table(table, self.folder / "filtered" / documents.shard_name(0))
        table = pa.Table.from_pylist(self.duplicates, schema=DUPLICATES)
        documents.write_table(table, self.folder / "duplicates" / documents.shard_name(0))
        self._write_tokens("train", self.token_rows[:1])
        self._write_tokens("valid", self.token_rows[1:])
        ledger.write(ledger.table(self.ledger), self.folder / "ledger.parquet")
        truth = self.folder / "truth.json"
        truth.write_text(json.dumps(self.truth))
        return outcome.summarize(self.folder, truth)

    def _write_tokens(self, split: str, records: list[str]) -> None:
        n = len(records)
        batch = pa.record_batch(
            [
                pa.array([_id(record) for record in records], pa.binary(16)),
                pa.array([_source(record) for record in records]).dictionary_encode(),
                pa.array(np.zeros(n, np.int32)),
                pa.array(np.arange(n, dtype=np.int64)),
                pa.array([[7, 8, 50_256]] * n, shards.SCHEMA.field("tokens").type),
            ],
            schema=shards.SCHEMA,
        )
        shards.write_shard(batch, {}, self.folder / "tokens" / split / documents.shard_name(0, "arrow"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_run_that_keeps_all_promises_has_no_problem(run: Run) -> None:
    found = run.write()
    assert found.problems == []
    assert [(row.source, row.documents, row.removed, row.tokens) for row in found.sources] == [
        (CC, 6, 3, 9),
        (REDDIT, 2, 1, 3),
    ]
    assert found.rejects == [("bad_json", 1), ("damaged", 1)]
    assert found.duplicates == {("exact", True): 1, ("words", True): 1, ("near", False): 1}
    assert found.planted_duplicates == 3
    assert (found.planted["miss"], found.pairs_missed, found.misses_removed) == (1, 0, 0)


def _break(change: Callable[[Run], object], *problems: str) -> Any:
    return pytest.param(change, problems, id=problems[0][:30])


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        _break(
            lambda run: run.texts.pop("5"), "documents of Pile-CC: 5 instead of 6", "1 documents have tokens"
        ),
        _break(lambda run: run.rejects.pop(0), "rejects of Pile-CC, bad_json: 0 instead of 1"),
        _break(
            lambda run: run.rejects.__setitem__(1, (CC, "q.jsonl", "1", "damaged")),
            "q.jsonl breaks off, and no reject says so",
        ),
        _break(
            lambda run: run.duplicates[1].update(jaccard=96 / 97 + 1e-9),
            "Jaccard 0.98969072164948",
            "g: reddit p.jsonl 3: near",
        ),
        _break(
            lambda run: run.duplicates[0].update(how="near"),
            "`near` is not how",
            "g: Pile-CC p.jsonl 2: near",
        ),
        _break(
            lambda run: run.duplicates[0].update(how="exact"),
            "`exact` is not how",
            "g: Pile-CC p.jsonl 2: exact 1.0, not words 1.0",
        ),
        _break(
            lambda run: run.duplicates[2].update(how="words"),
            "`words` is not how",
            "g: Pile-CC p.jsonl 7: words 1.0, not exact 1.0",
        ),
        _break(
            lambda run: run.texts.update({"4": run.texts["4"].upper()}),
            "g: reddit p.jsonl 4: cleaned to another text",
        ),
        _break(
            lambda run: run.duplicates[1].update(kept=_id("2"), kept_source=CC),
            "is removed as well",
            "not because of Pile-CC p.jsonl 1",
        ),
        _break(lambda run: run.duplicates.append(run.duplicates[0]), "1 documents are removed twice"),
        _break(
            lambda run: (run.duplicates.pop(1), run.token_rows.append("3")),
            "missed: Pile-CC p.jsonl 1 and reddit p.jsonl 3, Jaccard 0.989691",
            "g: reddit p.jsonl 3: kept, but should be removed",
        ),
        _break(
            lambda run: (
                run.duplicates.append(run.duplicate("4", "1", 86 / 96, "near")),
                run.token_rows.remove("4"),
            ),
            "removed at Jaccard 0.895833",
            "wrongly removed: Pile-CC p.jsonl 1 or reddit p.jsonl 4",
            "g: reddit p.jsonl 4: removed, but should be kept",
        ),
        _break(
            lambda run: run.truth["groups"][0]["documents"][3].update(words=91),
            "planted with 91 words, cleaned to 90",
        ),
        _break(
            lambda run: run.truth["groups"][0]["documents"][3].update(record="44"),
            "g: reddit p.jsonl 44: is not in the documents table",
        ),
        _break(
            lambda run: (run.filtered.clear(), run.token_rows.append("8")),
            "Pile-CC p.jsonl 8: not left out by c4.filter_lorem_ipsum",
        ),
        _break(
            lambda run: (run.filtered.append(("5", "c4.other")), run.token_rows.remove("5")),
            "left out by c4.other",
        ),
        _break(
            lambda run: run.texts.update({"9": f"A page. {QUESTION.upper()[:-14]}"}),
            "Pile-CC p.jsonl 9: has thirteen words of a question",
        ),
        _break(
            lambda run: run.truth["leaks"][0].update(record="99"),
            "Pile-CC p.jsonl 99: is not in the documents table",
        ),
        _break(lambda run: run.token_rows.remove("5"), "1 kept documents have no tokens"),
        _break(lambda run: run.token_rows.append("2"), "1 documents have tokens but were not kept"),
        _break(lambda run: run.token_rows.append("5"), "1 documents stand in the shards a second time"),
        _break(
            lambda run: run.ledger.__setitem__(0, ("ingest", [run.entry("in", 7)])),
            "ingest: Pile-CC: 7 records in",
            "ingest: Pile-CC: 7 bytes in",
        ),
    ],
)
def test_every_broken_promise_is_a_problem(
    run: Run, change: Callable[[Run], object], problems: tuple[str, ...]
) -> None:
    change(run)
    found = run.write().problems
    for problem in problems:
        assert any(problem in line for line in found), found
    assert len(found) == len(problems), found


def test_an_unfinished_run_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"pairs": []}')
    with pytest.raises(CorpusmillError, match="documents: no table here; run `corpusmill corpus` first"):
        outcome.summarize(tmp_path, tmp_path / "truth.json")


def _drawn(draw: Callable[[Console], None], **options: Any) -> str:
    stream = io.StringIO()
    draw(Console(file=stream, width=80, **options))
    return stream.getvalue()


def test_the_closing_table_fits_80_columns_and_says_what_failed(run: Run) -> None:
    run.duplicates.pop(1)
    found = run.write()
    text = _drawn(lambda console: outcome.render(found, console))
    assert max(map(len, text.split("\n"))) <= 80
    assert "\x1b" not in text
    assert "…" not in text
    assert re.search(r"planted pairs found +2 of 3\b", text)
    assert re.search("✗ every planted pair .* 1 not so", text)
    assert re.search("✓ the ledger balances", text)
    assert "missed: Pile-CC p.jsonl 1 and reddit p.jsonl 3, Jaccard 0.989691" in text


def test_the_loss_curve_falls_and_is_colored_on_terminals_only() -> None:
    losses = [(step, 11 - step / 20) for step in range(1, 101)]
    plain = _drawn(lambda console: outcome.loss_curve(losses, console))
    rows = plain.strip("\n").split("\n")
    assert "training loss: 10.95 at step 1, 6.00 at step 100" in rows[0]
    first = [found.start() for row in rows if (found := re.search("[\u2801-\u28ff]", row))]
    assert len(first) > 5
    assert first == sorted(first)
    assert "\x1b" not in plain
    assert "\x1b[36m" in _drawn(lambda console: outcome.loss_curve(losses, console), force_terminal=True)


def test_losses_that_are_not_finite_are_left_out() -> None:
    losses = [(1, 10.0), (2, float("nan")), (3, float("inf")), (4, 9.0)]
    assert "9.00 at step 4" in _drawn(lambda console: outcome.loss_curve(losses, console))
    assert _drawn(lambda console: outcome.loss_curve(losses[1:3], console)) == ""

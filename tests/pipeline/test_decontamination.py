"""Evaluation sets are searched for in every document; what is found goes, or is told, as the recipe says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_corpus import RECIPE, Text, contents, corpusmill, rows_of

from corpusmill import ledger
from corpusmill.dedup import words
from corpusmill.evaluation import Decontaminate, EvaluationSet
from corpusmill.manifest import manifest_path, read_manifest
from corpusmill.pipeline.decontamination import Origin, Search, Searcher, _packed, merge
from corpusmill.pipeline.evaluation_index import EvaluationItem, index_sets
from corpusmill.pipeline.items import Outbox
from corpusmill.pipeline.listing import find_all

N = 13
OPTIONS = """
decontaminate:
  remove: %s
  margin: 20
  min_piece: 30
  sets:
    - {name: quiz, files: ["eval/quiz-*.jsonl"], fields: [question, choices.text]}
    - {name: stories, files: ["eval/*.parquet"], fields: [ctx]}
"""


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory, inputs: Path, finished: Path) -> Path:
    """The small corpus, and evaluation sets of which some examples are in it."""
    folder = tmp_path_factory.mktemp("evaluated")
    for each in inputs.iterdir():
        (folder / each.name).symlink_to(each)
    rows = rows_of(finished, "documents")
    of_source = {
        name: [row["text"].split() for row in rows if row["source"] == name and row["n_words"] > 60]
        for name in ("books", "Pile-CC", "reddit")
    }
    other = Text(99)
    quiz: list[dict[str, Any]] = [
        {"question": " ".join(of_source["Pile-CC"][3][10:40]), "choices": {"text": ["yes", "no"]}},
        {"question": "Unheard of: " + other.words(30), "choices": {"text": [other.words(9)]}},
        {"question": " ".join(of_source["reddit"][0][5:18]), "choices": None},
        {"question": " ".join(of_source["Pile-CC"][5]), "choices": {"text": []}},
        {"question": "too short", "choices": {"text": []}},
        {"question": None, "choices": None},
    ]
    (folder / "eval").mkdir()
    lines = [json.dumps(each) for each in quiz]
    (folder / "eval" / "quiz-a.jsonl").write_text("\n".join(lines[:2]) + "\n\n")
    (folder / "eval" / "quiz-b.jsonl").write_text("\n".join(lines[2:]))
    stories = [" ".join(of_source["books"][0][at : at + 20]).upper() for at in (50, 900)]
    stories.append(" ".join(of_source["Pile-CC"][7][20:40]))
    pq.write_table(pa.table({"ctx": stories}), folder / "eval" / "s.parquet")
    return folder


def made(folder: Path, dumps: Path, remove: str, *more: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "recipe.yaml").write_text(RECIPE + OPTIONS % remove)
    corpusmill("corpus", folder / "recipe.yaml", dumps, folder / "run", *more)
    return folder / "run"


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory, dumps: Path) -> Path:
    return made(tmp_path_factory.mktemp("cut"), dumps, "spans", "--workers", "2")


def contaminated(dumps: Path, rows: list[dict[str, Any]]) -> dict[bytes, set[str]]:
    """{document: the sets it has a 13-gram of}, by sets of tuples."""
    sets: dict[str, set[tuple[str, ...]]] = {}
    quiz = [json.loads(line) for path in sorted(dumps.glob("eval/quiz-*")) for line in _lines(path)]
    texts = [
        ("quiz", " ".join([each["question"] or "", *((each["choices"] or {}).get("text") or [])]))
        for each in quiz
    ]
    texts += [("stories", text) for text in pq.read_table(dumps / "eval/s.parquet")["ctx"].to_pylist()]
    for name, text in texts:
        found = words.split(text)
        sets.setdefault(name, set()).update(tuple(found[at : at + N]) for at in range(len(found) - N + 1))
    out = {}
    for row in rows:
        found = words.split(row["text"])
        grams = {tuple(found[at : at + N]) for at in range(len(found) - N + 1)}
        if names := {name for name, of_set in sets.items() if grams & of_set}:
            out[row["doc_id"]] = names
    return out


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.strip()]


def test_what_is_found_is_what_a_search_by_sets_finds(dumps: Path, finished: Path, cut: Path) -> None:
    expected = contaminated(dumps, rows_of(finished, "documents"))
    assert len(expected) >= 5
    assert {name for names in expected.values() for name in names} == {"quiz", "stories"}
    got = {
        row["doc_id"]: set(row["signals"]["contaminated_by"])
        for row in rows_of(cut, "documents")
        if row["signals"]["contaminated_words"]
    }
    stay = {row["doc_id"] for row in rows_of(cut, "documents")}
    assert got == {doc_id: names for doc_id, names in expected.items() if doc_id in stay}
    facts = _facts(cut)["contamination"]
    for name in ("quiz", "stories"):
        assert facts[name]["documents"] == sum(name in names for names in expected.values())


def test_spans_are_gone_and_the_rest_is_as_it_was(dumps: Path, finished: Path, cut: Path) -> None:
    before = {row["doc_id"]: row for row in rows_of(finished, "documents")}
    after = {row["doc_id"]: row for row in rows_of(cut, "documents")}
    assert contaminated(dumps, list(after.values())) == {}
    touched = contaminated(dumps, list(before.values()))
    for doc_id, row in after.items():
        if doc_id not in touched:
            assert row["text"] == before[doc_id]["text"]
            assert (row["signals"]["contaminated_words"], row["signals"]["contaminated_by"]) == (0, [])
        else:
            pieces = row["text"].split("\n\n")
            assert all(piece in before[doc_id]["text"] for piece in pieces)
            assert row["n_words"] == len(words.split(row["text"]))
    assert any(doc_id in after for doc_id in touched)


def test_the_ledger_counts_what_was_cut_and_what_went_whole(finished: Path, cut: Path) -> None:
    table = pq.read_table(cut / "ledger.parquet")
    assert ledger.imbalances(table) == []
    rows = [row for row in table.to_pylist() if row["reason"] in ("decontaminate", "contaminated")]
    assert {row["stage"] for row in rows} == {"ingest"}
    n_out = len(rows_of(finished, "documents")) - len(rows_of(cut, "documents"))
    assert n_out > 0
    assert n_out <= sum(row["records"] for row in rows)  # a thread has many records
    assert all((row["records"] > 0) == (row["reason"] == "contaminated") for row in rows)
    lost = sum(row["n_bytes"] for row in rows_of(finished, "documents")) - sum(
        row["n_bytes"] for row in rows_of(cut, "documents")
    )
    assert sum(row["bytes"] for row in rows) >= lost > 0


def test_facts_and_examples_name_the_document_and_the_example(dumps: Path, cut: Path) -> None:
    facts = _facts(cut)["contamination"]
    assert [facts["quiz"][key] for key in ("examples", "too_short", "found")] == [5, 1, 3]
    assert [facts["stories"][key] for key in ("examples", "too_short", "found")] == [3, 0, 3]
    sample = facts["quiz"]["samples"][0]
    path, record = sample["example"]["path"], int(sample["example"]["record"])
    example = json.loads((dumps / path).read_text().splitlines()[record - 1])
    assert words.split(sample["match"])[:N] == words.split(example["question"])[:N]
    stats = json.loads((cut / "report" / "stats.json").read_text())
    assert [row["set"] for row in stats["contamination"]] == ["quiz", "stories"]
    assert 'id="contamination"' in (cut / "report" / "index.html").read_text()


def test_documents_go_in_the_filter_stage_without_a_new_reading(
    tmp_path: Path, dumps: Path, finished: Path
) -> None:
    run = made(tmp_path, dumps, "nothing")
    assert rows_of(run, "filtered") == []
    texts = {row["doc_id"]: row["text"] for row in rows_of(run, "documents")}
    assert texts == {row["doc_id"]: row["text"] for row in rows_of(finished, "documents")}
    shard = run / "documents" / "part-00000.parquet"
    written = shard.stat().st_mtime_ns
    made(tmp_path, dumps, "documents")
    assert shard.stat().st_mtime_ns == written
    out = {row["doc_id"]: row for row in rows_of(run, "filtered")}
    assert set(out) == set(contaminated(dumps, rows_of(run, "documents")))
    assert all(row["rule"] == "contaminated" and row["value"] >= N for row in out.values())


def test_same_bytes_for_any_number_of_workers(tmp_path: Path, dumps: Path, cut: Path) -> None:
    assert contents(made(tmp_path, dumps, "spans", "--workers", "1")) == contents(cut)


def test_a_run_that_stopped_goes_on_with_the_index_that_it_has(
    tmp_path: Path, dumps: Path, cut: Path
) -> None:
    strict = RECIPE.replace("sets: [Pile-CC, HackerNews]", "sets: [Pile-CC, HackerNews], max_reject_ratio: 0")
    assert strict != RECIPE
    (tmp_path / "strict.yaml").write_text(strict + OPTIONS % "spans")
    stopped = corpusmill("ingest", tmp_path / "strict.yaml", dumps, tmp_path / "run", fails=True)
    assert "max_reject_ratio" in stopped.stderr.splitlines()[-1]
    [index] = (tmp_path / "run" / "work").glob("ingest.evaluation-*/item-00000.hashes-*.npy")
    made_at = index.stat().st_mtime_ns
    stopped = corpusmill("ingest", tmp_path / "strict.yaml", dumps, tmp_path / "run", fails=True)
    assert index.stat().st_mtime_ns == made_at
    assert contents(made(tmp_path, dumps, "spans")) == contents(cut)


def test_a_changed_set_of_the_same_size_is_searched_for_anew(tmp_path: Path, dumps: Path) -> None:
    own = tmp_path / "inputs"
    own.mkdir()
    for each in dumps.iterdir():
        if each.name != "eval":
            (own / each.name).symlink_to(each.resolve())
    (own / "eval").mkdir()
    for each in (dumps / "eval").iterdir():
        (own / "eval" / each.name).write_bytes(each.read_bytes())
    run = made(tmp_path / "a", own, "nothing")
    before = _facts(run)["contamination"]["quiz"]["documents"]
    path = own / "eval" / "quiz-a.jsonl"
    content = path.read_text()
    path.write_text(content.replace("ren", "rxn").replace("sol", "sxl").replace("dam", "dxm"))
    assert path.stat().st_size == len(content)
    made(tmp_path / "a", own, "nothing")
    assert _facts(run)["contamination"]["quiz"]["documents"] < before
    (own / "eval" / "quiz-c.jsonl").write_text(content)
    made(tmp_path / "a", own, "nothing")
    assert _facts(run)["contamination"]["quiz"]["documents"] == before


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("quiz-c.jsonl", '{"question": "a"}\n{"quest', "quiz: eval/quiz-c.jsonl, record 2: "),
        (
            "quiz-c.jsonl",
            '{"other": 1}\n',
            "record 1: question is missing; there are: other",
        ),
        ("s.parquet", "", "stories: none of the evaluation set's files has an example"),
        ("t.parquet", "no parquet at all", "stories: eval/t.parquet: "),
    ],
)
def test_an_example_that_cannot_be_read_stops_the_run(
    tmp_path: Path, dumps: Path, name: str, content: str, told: str
) -> None:
    own = tmp_path / "inputs"
    (own / "eval").mkdir(parents=True)
    for each in dumps.iterdir():
        if each.name != "eval":
            (own / each.name).symlink_to(each.resolve())
    (own / "eval" / "quiz-a.jsonl").write_text('{"question": "a"}\n')
    pq.write_table(pa.table({"ctx": ["a"]}), own / "eval" / "s.parquet")
    if content:
        (own / "eval" / name).write_text(content)
    else:
        pq.write_table(pa.table({"ctx": pa.array([], pa.string())}), own / "eval" / name)
    (tmp_path / "recipe.yaml").write_text(RECIPE + OPTIONS % "spans")
    done = corpusmill("ingest", tmp_path / "recipe.yaml", own, tmp_path / "run", fails=True)
    assert told in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("x p q a b c d e r s t y", "x\n\ny"),  # what the cut brings together is cut out too
        ("x p q p q a b c d e r s t r s t y", ""),  # unless that goes on for more rounds than pieces may be
        ("x p q r s y", "x p q r s y"),
    ],
)
def test_no_n_gram_is_left_where_pieces_meet(tmp_path: Path, text: str, left: str) -> None:
    sets = [EvaluationSet(name="e", files=["e.jsonl"], fields=["t"])]
    options = Decontaminate(sets=sets, n=5, min_words=5, margin=0, min_piece=0, max_pieces=2)
    (tmp_path / "e.jsonl").write_text('{"t": "a b c d e"}\n{"t": "p q r s t"}\n')
    item = EvaluationItem(index=0, size=1, dumps=tuple(find_all(sets, str(tmp_path))))
    index_sets(options, item, Outbox(tmp_path, 0))
    searcher = Searcher(Search(options=options, folder=tmp_path))
    [found] = searcher.search([text], words.normalize([text]), [Origin("s", bytes(16), "p", "1")])
    assert found.left == left


def test_facts_of_many_items_add_up() -> None:
    sets = {name: {"files": [f"{name}.jsonl"], "examples": 9, "too_short": 1} for name in "ab"}
    samples = [{"key": key, "doc_id": f"{key:02}"} for key in (5, 3, 8, 1)]
    parts = [
        {"a": {"documents": 2, "words": 30, "samples": samples[:2], "found": _packed(np.array([0, 7]))}},
        {"a": {"documents": 1, "words": 13, "samples": samples[2:], "found": _packed(np.array([7, 8]))}},
        {},
    ]
    total = merge(sets, parts)
    assert [total["a"][key] for key in ("examples", "documents", "words", "found")] == [9, 3, 43, 3]
    assert [sample["key"] for sample in total["a"]["samples"]] == [1, 3, 5]
    assert [total["b"][key] for key in ("examples", "documents", "found")] == [9, 0, 0]


def _facts(run: Path) -> dict[str, Any]:
    manifest = read_manifest(manifest_path(run, "ingest"))
    assert manifest is not None
    return manifest.facts

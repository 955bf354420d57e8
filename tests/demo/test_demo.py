"""The demo from dumps to tokens, for real, on the inputs that `make demo` uses."""

import json
from pathlib import Path

import pytest
from small_corpus import corpusmill

from corpusmill.demo import checks, inputs, outcome, plants, tables
from corpusmill.demo.plan import PRIORITY

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "demo.yaml"


@pytest.fixture(scope="module")
def run(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    corpusmill("corpus", RECIPE, made, folder, "--workers", "2")
    return folder


def test_the_demo_keeps_its_promises(made: Path, run: Path) -> None:
    found = outcome.summarize(run, made / inputs.TRUTH)
    assert found.problems == []
    assert [row.source for row in found.sources] == [name for name in PRIORITY if name != "pile"]
    assert all(row.documents > 10 and row.tokens > 100_000 for row in found.sources)
    assert len(list((run / "tokens" / "train").glob("part-*.arrow"))) > 1


def test_the_truth_is_what_cleaning_leaves(made: Path, run: Path) -> None:
    """The Jaccards of the truth, of planted texts before any cleaning, are those of the documents."""
    truth = json.loads((made / inputs.TRUTH).read_text())
    wanted = {checks.identify(document) for group in truth["groups"] for document in group["documents"]}
    sets = {key: plants.shingles(plants.words(text)) for key, text in tables.texts(run, wanted).items()}
    for pair in truth["pairs"]:
        similarity = plants.compare(*(sets[checks.identify(pair[side])] for side in "ab"))
        assert (similarity.overlap, similarity.union) == (pair["overlap"], pair["union"])


def test_plants_are_like_nothing_but_their_group(made: Path, run: Path) -> None:
    """Otherwise an accident, and no plant, could be what a run found."""
    truth = json.loads((made / inputs.TRUTH).read_text())
    groups = {
        checks.identify(document): number
        for number, group in enumerate(truth["groups"])
        for document in group["documents"]
    }
    texts = tables.texts(run, tables.read(run).documents)
    sets = {key: plants.shingles(plants.words(texts[key])) for key in groups}
    holders: dict[tuple[str, ...], list[bytes]] = {}
    for key, shingles in sets.items():
        for shingle in shingles:
            holders.setdefault(shingle, []).append(key)
    for key, text in texts.items():
        shingles = plants.shingles(plants.words(text))
        shared: dict[bytes, int] = {}
        for shingle in shingles & holders.keys():
            for plant in holders[shingle]:
                shared[plant] = shared.get(plant, 0) + 1
        for plant, overlap in shared.items():
            if groups.get(key) != groups[plant]:
                assert overlap < 0.5 * (len(shingles) + len(sets[plant]) - overlap)


def test_nothing_that_reaches_the_threshold_is_left(run: Path) -> None:
    """Planted or not, by plain sets: two such sets share one of the n // 20 + 1 rarest shingles of each."""
    found = tables.read(run)
    kept = found.documents.keys() - {duplicate.removed for duplicate in found.duplicates}
    sets = {key: plants.shingles(plants.words(text)) for key, text in tables.texts(run, kept).items()}
    counts: dict[tuple[str, ...], int] = {}
    for shingles in sets.values():
        for shingle in shingles:
            counts[shingle] = counts.get(shingle, 0) + 1
    index: dict[tuple[str, ...], list[bytes]] = {}
    for key, shingles in sets.items():
        rarest = sorted(shingles, key=lambda shingle: (counts[shingle], shingle))
        rarest = rarest[: len(shingles) // 20 + 1]
        for other in {other for shingle in rarest for other in index.get(shingle, ())}:
            similarity = plants.compare(shingles, sets[other])
            assert 20 * similarity.overlap < 19 * similarity.union
        for shingle in rarest:
            index.setdefault(shingle, []).append(key)

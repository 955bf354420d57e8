"""The demo from dumps to tokens, for real, on the inputs that `make demo` uses."""

import bz2
import contextlib
import html
import json
import re
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import zstandard
from small_corpus import corpusmill, differences, rows_of

from corpusmill.demo import checks, inputs, outcome, plants, tables
from corpusmill.demo.plan import PRIORITY
from corpusmill.tokenize import vocabulary
from corpusmill.tokenize.encoder import Encoder
from corpusmill.tokenize.shards import TokenShard

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


def test_every_table_has_the_bytes_that_are_recorded(run: Path) -> None:
    assert differences(run, "demo") == []


@pytest.mark.parametrize("table", ["documents", "rejects", "filtered", "duplicates"])
def test_every_table_opens_as_a_folder(run: Path, table: str) -> None:
    folder = str(run / table)
    rows = len(rows_of(run, table))
    columns = pq.read_schema(run / table / "part-00000.parquet").names
    for opened in (pq.read_table(folder), pyarrow.dataset.dataset(folder).to_table()):
        assert (opened.num_rows, opened.column_names) == (rows, columns)
    for frame in (polars.read_parquet(folder), pandas.read_parquet(folder)):
        assert (len(frame), list(frame.columns)) == (rows, columns)
    assert polars.scan_parquet(folder).select(polars.len()).collect().item() == rows
    with duckdb.connect() as database:
        for place in (folder, f"{folder}/*.parquet"):
            counted = database.execute("select count(*) from read_parquet(?)", [place]).fetchall()
            assert counted == [(rows,)]


@pytest.mark.parametrize("table", ["tokens/train", "tokens/valid", "signatures"])
def test_every_table_of_arrow_opens_as_a_folder(run: Path, table: str) -> None:
    opened = pyarrow.dataset.dataset(str(run / table), format="ipc")
    rows = opened.count_rows()
    assert rows > 0
    assert polars.scan_ipc(str(run / table)).select(polars.len()).collect().item() == rows
    with duckdb.connect() as database:
        database.register("opened", opened)
        assert database.execute("select count(*) from opened").fetchall() == [(rows,)]


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


def test_tokens_decode_to_the_text_of_their_documents(run: Path) -> None:
    """Every token row of the demo: its document row is the right one, and the tokens are its text."""
    encoder = Encoder(vocabulary.load("gpt2", "<|endoftext|>", ""))
    shards = [pq.read_table(path).to_pylist() for path in sorted((run / "documents").glob("part-*.parquet"))]
    removed = {row["removed"] for row in rows_of(run, "duplicates")}
    removed |= {row["doc_id"] for row in rows_of(run, "filtered")}
    seen = []
    for split in ("train", "valid"):
        for path in sorted((run / "tokens" / split).glob("part-*.arrow")):
            shard = TokenShard(path)
            rows = shard.batch.drop_columns(["tokens"]).to_pylist()
            for row, start, stop in zip(rows, shard.offsets, shard.offsets[1:], strict=False):
                document = shards[row["doc_shard"]][row["doc_row"]]
                assert (document["doc_id"], document["source"]) == (row["doc_id"], row["source"])
                tokens = shard.tokens[start:stop]
                assert tokens[-1] == encoder.vocabulary.end_of_text
                assert encoder.decode(tokens) == document["text"]
                seen.append(row["doc_id"])
    assert len(set(seen)) == len(seen)
    assert set(seen) == {row["doc_id"] for shard in shards for row in shard} - removed


def test_every_document_leads_to_its_dump_file_and_record(made: Path, run: Path) -> None:
    """The records named by the documents' origins, read with plain libraries, hold the documents' words."""
    records = {
        str(path.relative_to(made)): _records(path) for path in made.glob("*/*") if path.parent.name != "eval"
    }
    checked = 0
    for row in rows_of(run, "documents"):
        path, record = row["origin"]["path"], row["origin"]["record"]
        if path:
            raw = [records[path][record]]
        else:
            meta = json.loads(row["meta"])
            raw = [records[meta["files"][each["file"]]][each["record"]] for each in meta["comments"]]
        # OPT's rules delete, and repair changes what is no ASCII; the rest are the same words in order.
        text = "\n".join(html.unescape(each) for each in raw)
        deletes = row["source"] in ("books", "Gutenberg (PG-19)", "HackerNews")
        if text.isascii() and (deletes or row["signals"]["contaminated_words"]):
            words = iter(re.findall(r"\w+", text))
            assert all(word in words for word in re.findall(r"\w+", row["text"]))  # in order
            checked += 1
        elif text.isascii():
            assert " ".join(row["text"].split()) in " ".join(text.split())
            checked += 1
    assert checked > 3000


def _records(path: Path) -> dict[str, str]:
    """{record: text} of a file of the demo, as far as it can be read."""
    if path.suffix == ".txt":
        raw = path.read_bytes()
        return {"text": raw.decode("utf-8-sig" if b"\xef" in raw[:3] else "utf-8", errors="replace")}
    if path.suffix == ".bz2":
        content = bz2.decompress(path.read_bytes())
    else:
        reader = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(
            path.read_bytes(), read_across_frames=True
        )
        content = reader.read()  # of a cut file what there is
    texts = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            fields = json.loads(line)
            text = fields["body"] if "body" in fields else fields["text"]
            texts[str(number)] = text if isinstance(text, str) else "\n\n".join(text)
    return texts

"""The work of dedup and tokenize step by step, with many partitions, against brute force."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill import documents
from corpusmill.dedup import bands, shingles, words
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline import buckets, encoding, exchange, judging, sketches, verification
from corpusmill.pipeline.items import Item, Outbox
from corpusmill.pipeline.sketches import Shard, ShardItem
from corpusmill.recipe import Dedup, Tokenize
from corpusmill.tokenize.encoder import Encoder

CUT = bands.Bands(bands=9, rows=14)


def texts() -> list[str]:
    """60 texts; each third is the one before it with a word exchanged."""
    rng = np.random.default_rng(4)
    made: list[str] = []
    for number in range(60):
        if number % 3 == 2:
            fields = made[-1].split()
            fields[50] = f"new{number}"
            made.append(" ".join(fields))
        else:
            made.append(" ".join(f"w{word}" for word in rng.integers(0, 3000, 300 + number)))
    return made


@pytest.fixture
def shards(tmp_path: Path) -> list[ShardItem]:
    """Three documents shards, each of two row groups."""
    items = []
    for index in range(3):
        part = texts()[20 * index : 20 * index + 20]
        measured = words.normalize(part)
        rows = [
            {
                "doc_id": documents.doc_id("s", "f", f"{index}.{row}"),
                "source": "s",
                "text": text,
                "origin": {"path": "f", "record": str(row)},
                "meta": "{}",
                "content_hash": content,
                "text_hash": documents.text_hash(text.encode()),
                "n_words": 1,
                "n_bytes": len(text),
                "signals": {"n_lines": 1},
            }
            for row, (text, content) in enumerate(zip(part, measured.content_hashes(), strict=True))
        ]
        path = tmp_path / f"d{index}.parquet"
        with documents.open_writer(path, documents.SCHEMA) as writer:
            writer.write_table(pa.Table.from_pylist(rows, schema=documents.SCHEMA), row_group_size=11)
        filtered = tmp_path / f"f{index}.parquet"
        documents.write_table(judging.SCHEMA.empty_table(), filtered)
        shard = Shard(index=index, path=path, sha256="", rows=20, bytes=1, filtered=filtered)
        items.append(ShardItem(index=index, size=1, shard=shard))
    return items


def sketched(shards: list[ShardItem], folder: Path) -> list[Path]:
    paths = []
    for item in shards:
        outbox = Outbox(folder, item.index)
        sketches.sketch(Dedup(), CUT, item, outbox)
        paths += [folder / output.path for output in outbox.outputs]
    return paths


def only(folder: Path, outbox: Outbox, kind: str) -> Path:
    (path,) = (folder / output.path for output in outbox.outputs if output.kind == kind)
    return path


def grouped_pairs(shards: list[ShardItem], folder: Path, slices: int) -> tuple[list[Path], list[Path]]:
    """(signatures, pairs of each partition) with the keys of each band cut into `slices`."""
    paths = sketched(shards, folder)
    no_copies = folder / "classes.npy"
    np.save(no_copies, np.empty((0, 2), np.int64))
    groups: dict[int, list[bytes]] = {}
    every = range(CUT.bands * slices)
    for item in shards:
        for partition, block in buckets.band_blocks(paths, no_copies, slices, every, item):
            groups.setdefault(partition, []).append(block)
    assert set(groups) == set(every), "keys spread over all slices of all bands"
    files = []
    for partition in every:
        outbox = Outbox(folder, 1000 * slices + partition)
        buckets.reduce_band(19, 20, partition, groups[partition][::-1], outbox)
        files.append(only(folder, outbox, "pairs"))
    return paths, files


@pytest.mark.parametrize("slices", [1, 3])
def test_every_band_proposes_its_pairs(slices: int, shards: list[ShardItem], tmp_path: Path) -> None:
    paths, files = grouped_pairs(shards, tmp_path, slices)
    for band in range(CUT.bands):
        keys = np.concatenate([sketches.keys(path, band) for path in paths])
        sizes = np.concatenate([sketches.sizes(path) for path in paths])
        numbers = np.concatenate([documents.numbers(shard, 20) for shard in range(3)])
        expected = {
            (int(numbers[a]), int(numbers[b]))
            for a, b in itertools.combinations(range(60), 2)
            if keys[a] == keys[b] and 20 * min(sizes[a], sizes[b]) >= 19 * max(sizes[a], sizes[b])
        }
        of_band = buckets.load_all(files[band * slices : (band + 1) * slices], 2)
        assert expected
        assert {tuple(pair) for pair in of_band.tolist()} == expected


@pytest.mark.parametrize("partitions", [1, 4])
def test_verified_pairs_are_those_of_plain_sets(
    partitions: int, shards: list[ShardItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "count_partitions", lambda size: partitions)
    paths, files = grouped_pairs(shards, tmp_path, 1)
    outbox = Outbox(tmp_path, 5000)
    verification.merge_pairs(files, paths, Item(index=0, size=1), outbox)
    merged = {output.kind: tmp_path / output.path for output in outbox.outputs}
    sent = []
    for item in shards:
        outbox = Outbox(tmp_path, 6000 + item.index)
        verification.send_sets(merged["needs"], partitions, item, outbox)
        sent += [tmp_path / output.path for output in outbox.outputs]
    found = []
    for partition in range(partitions):
        outbox = Outbox(tmp_path, 7000 + partition)
        verification.verify(merged["pairs"], sent, 19, 20, Item(index=partition, size=1), outbox)
        # The item's own number decides which partition it reads.
        found.append(np.load(only(tmp_path, outbox, "verified")))
    sets = [shingles.shingle_set(words.split(text)) for text in texts()]
    proposed = {tuple(pair) for pair in np.load(merged["pairs"])[:, 1:3].tolist()}
    expected = {
        (a, b, len(first & second), len(first), len(second))
        for a, b in proposed
        for first, second in [(sets[20 * (a >> 32) + (a & 0xFFFF)], sets[20 * (b >> 32) + (b & 0xFFFF)])]
        if 20 * len(first & second) >= 19 * len(first | second)
    }
    assert len(expected) >= 15
    assert {tuple(row[:5]) for row in np.concatenate(found).tolist()} == expected


def kept(item: ShardItem, duplicates: Path, count: int) -> encoding.Kept:
    shard = item.shard
    return encoding.Kept(
        shard=shard.index,
        path=shard.path,
        rows=shard.rows,
        filtered=shard.filtered,
        first=0,
        count=count,
        duplicates=(duplicates,),
    )


@pytest.fixture
def duplicates(shards: list[ShardItem], tmp_path: Path) -> Path:
    """A duplicates table that removes rows 3 and 15 of the first shard."""
    ids = documents.read_columns(shards[0].shard.path, ["doc_id"]).column("doc_id")
    path = tmp_path / "duplicates.parquet"
    pq.write_table(pa.table({"removed": ids.take([3, 15])}), path)
    return path


def test_encoded_rows_name_their_row_of_the_shard(
    shards: list[ShardItem], duplicates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    monkeypatch.setattr(Encoder, "check", lambda self, text, tokens, what: checked.append(what))
    plan = encoding.Plan(options=Tokenize(), inputs="", counts=(2, 1), identity="x")
    outbox = Outbox(tmp_path, 0)
    item = encoding.KeptItem(index=0, size=1, kept=kept(shards[0], duplicates, 2))
    encoding.encode(plan, {"s": 0}, item, outbox)
    sent = [tmp_path / output.path for output in outbox.outputs]
    rows = exchange.read(sent, encoding.EXCHANGE, 0, 3).to_pylist()
    assert sorted(row["doc_row"] for row in rows) == [row for row in range(20) if row not in (3, 15)]
    for row in rows:
        assert row["doc_id"] == documents.doc_id("s", "f", f"0.{row['doc_row']}")
        assert plan.encoder().decode(np.array(row["tokens"], np.uint16)) == texts()[row["doc_row"]]
    assert "row 0 of d0.parquet" in checked, "a sample is encoded by the reference too"


def test_removals_that_are_not_in_the_shard_are_refused(shards: list[ShardItem], duplicates: Path) -> None:
    ids = documents.fixed_bytes(documents.read_columns(shards[1].shard.path, ["doc_id"]).column("doc_id"))
    with pytest.raises(CorpusmillError, match="run dedup again"):
        kept(shards[1], duplicates, 2).mask(ids)

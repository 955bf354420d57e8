"""A run folder with a finished tokenize stage: small shards of text that a small model can learn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.manifest import Manifest, Output, hash_file, manifest_path, to_json
from corpusmill.tokenize.shards import SCHEMA, write_shard

VOCABULARY = 300
MakeRun = Callable[..., Path]


def _documents(n_tokens: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Documents of phrases out of a list of 30: after a phrase's first tokens the rest is certain."""
    phrases = np.random.default_rng(0).integers(0, VOCABULARY - 1, size=(30, 10))
    documents: list[np.ndarray] = []
    while sum(map(len, documents)) < n_tokens:
        picked = phrases[rng.integers(0, len(phrases), size=rng.integers(1, 9))]
        documents.append(np.append(picked.ravel(), VOCABULARY - 1).astype(np.uint16))
    return documents


def _batch(documents: list[np.ndarray]) -> pa.RecordBatch:
    count = len(documents)
    offsets = np.cumsum([0, *map(len, documents)])
    return pa.record_batch(
        [
            pa.array([row.to_bytes(16, "big") for row in range(count)], pa.binary(16)),
            pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), ["books"]),
            pa.array([0] * count, pa.int32()),
            pa.array(range(count), pa.int64()),
            pa.LargeListArray.from_arrays(
                offsets, np.concatenate(documents), type=SCHEMA.field("tokens").type
            ),
        ],
        schema=SCHEMA,
    )


def _make_run(
    run: Path,
    *,
    train_tokens: tuple[int, ...] = (6_000, 3_000),
    valid_tokens: int = 700,
    metadata: dict[str, str] | None = None,
) -> Path:
    rng = np.random.default_rng(1)
    outputs = []
    for split, sizes in (("train", train_tokens), ("valid", (valid_tokens,))):
        (run / "tokens" / split).mkdir(parents=True)
        for number, size in enumerate(sizes):
            documents = _documents(size, rng)
            path = run / "tokens" / split / f"part-{number:05d}.arrow"
            fields = {"vocabulary_size": str(VOCABULARY), "split": split, **(metadata or {})}
            write_shard(_batch(documents), fields, path)
            outputs.append(
                Output(
                    kind=split,
                    path=str(path.relative_to(run)),
                    rows=len(documents),
                    bytes=path.stat().st_size,
                    sha256=hash_file(path),
                )
            )
    manifest = Manifest(stage="tokenize", identity="t", parameters={}, outputs=outputs)
    path = manifest_path(run, "tokenize")
    path.parent.mkdir(exist_ok=True)
    path.write_text(to_json(manifest))
    return run


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """make_run(folder, train_tokens=(…), valid_tokens=…, metadata={…}) makes `folder` such a run."""
    return _make_run

"""A small run folder as the stages would leave it, written with the ground floor's own writers.

Three sources, a few hundred documents of invented text, duplicates of each kind whose Jaccard is
computed here with plain sets, rejects, token counts and a training journal. The ledger balances.
"""

import hashlib
import json
import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpusmill import documents, ledger, manifest, recipe

Row = dict[str, Any]
THRESHOLD = 0.95
SOURCES = ("gutenberg", "OpenWebText2", "reddit")
SIZES = {"gutenberg": (14, 9000), "OpenWebText2": (150, 420), "reddit": (210, 70)}  # documents, words
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
RECIPE = {
    "sources": [
        {"name": "gutenberg", "family": "books", "layout": "gutenberg", "files": ["books/*.txt"]},
        {"name": "pile", "family": "pile", "sets": ["OpenWebText2"], "files": ["pile/*.jsonl.zst"]},
        {"name": "reddit", "family": "pushshift", "files": ["reddit/RC_*.zst"]},
    ],
    "decontaminate": {
        "sets": [
            {"name": name, "files": [f"{name}.jsonl"], "fields": ["text"]} for name in ("quiz", "riddles")
        ]
    },
}


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[start : start + 5]) for start in range(max(len(words) - 4, 1))}


def jaccard(one: str, other: str) -> float:
    left, right = shingles(one), shingles(other)
    return len(left & right) / len(left | right)


@dataclass
class Draft:
    """A run in the making: documents, what deduplication removed, and what ingest turned away."""

    rng: random.Random
    rows: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        syllables = ["la", "mon", "ter", "vi", "ka", "so", "ren", "dil", "pa", "thu", "ne", "or", "im", "es"]
        self.words = ["".join(self.rng.choices(syllables, k=self.rng.randint(1, 4))) for _ in range(1500)]
        self.words += ["the", "of", "and", "a", "to", "in"] * 60

    def text(self, n_words: int) -> str:
        sentences = []
        while n_words > 0:
            length = min(n_words, self.rng.randint(6, 18))
            sentences.append(" ".join(self.rng.choices(self.words, k=length)).capitalize())
            n_words -= length
        return "\n".join(sentences)

    def add(self, source: str, text: str) -> Row:
        number = len(self.rows)
        path, record = {
            "gutenberg": (f"books/{number}.txt", None),
            "OpenWebText2": (f"pile/{number % 2:02d}.jsonl.zst", str(number)),
            "reddit": ("", f"t3_{number:x}"),
        }[source]
        row = {
            "doc_id": documents.doc_id(source, path, record or ""),
            "source": source,
            "text": text,
            "origin": {"path": path, "record": record},
            "meta": "{}",
            "content_hash": hashlib.blake2b(text.lower().encode(), digest_size=16).digest(),
            "text_hash": documents.text_hash(text.encode()),
            "n_words": len(text.split()),
            "n_bytes": len(text.encode()),
            "signals": {"n_lines": text.count("\n") + 1},
        }
        self.rows.append(row)
        return row

    def duplicate(self, kept: Row, source: str, changed: int, *, loud: bool = False) -> None:
        """Add a copy of `kept` with `changed` words replaced, or in capitals; removed if alike enough."""
        lines = [line.split(" ") for line in kept["text"].split("\n")]
        for _ in range(changed):
            line = self.rng.choice(lines)
            line[self.rng.randrange(len(line))] = self.rng.choice(self.words)
        text = "\n".join(" ".join(line) for line in lines)
        row = self.add(source, text.upper() if loud else text)
        alike = jaccard(kept["text"], row["text"])
        if alike < THRESHOLD:
            return
        self.duplicates.append(
            {
                "removed": row["doc_id"],
                "kept": kept["doc_id"],
                "jaccard": alike,
                "how": "near" if changed else "words" if loud else "exact",
                "bands": 5 if changed else 0,
                "removed_source": source,
                "kept_source": kept["source"],
                "kept_run": None,
            }
        )


def _draft(seed: int) -> Draft:
    draft = Draft(rng=random.Random(seed))
    rng = draft.rng
    for source, (n_documents, n_words) in SIZES.items():
        for _ in range(n_documents):
            draft.add(source, draft.text(max(5, int(n_words * math.exp(rng.gauss(0, 0.8))))))
    of = {source: [row for row in draft.rows if row["source"] == source] for source in SOURCES}
    for kept in rng.sample(of["gutenberg"], 4):
        draft.duplicate(kept, "gutenberg", rng.randint(1, kept["n_words"] // 260))
    for kept in rng.sample(of["gutenberg"], 2):
        draft.duplicate(kept, "OpenWebText2", kept["n_words"] // 230)
    for kept in rng.sample([row for row in of["OpenWebText2"] if row["n_words"] > 220], 14):
        draft.duplicate(kept, "OpenWebText2", rng.choice([0, 0, 1, 1, 2]))
    for kept in rng.sample([row for row in of["OpenWebText2"] if row["n_words"] > 400], 5):
        draft.duplicate(kept, "reddit", 1)
    for number, kept in enumerate(rng.sample(of["reddit"], 9)):
        draft.duplicate(kept, "reddit", 0, loud=number % 3 == 0)
    return draft


def _rejects() -> list[Row]:
    def reject(
        source: str, path: str, record: str | None, reason: str, error: str, head: bytes, size: int
    ) -> Row:
        origin = {"path": path, "record": record}
        return {
            "source": source,
            "origin": origin,
            "reason": reason,
            "error": error,
            "head": head,
            "bytes": size,
        }

    return [
        reject("reddit", "reddit/RC_2006-01.zst", str(line), "bad_json", "unexpected end of data", head, 213)
        for line, head in (
            (17, b'{"author":"someone","body":"<b>cut off & bro'),
            (90, b"{{"),
            (312, b'{"id"'),
        )
    ] + [
        reject(
            "reddit",
            "reddit/RC_2006-02.zst",
            None,
            "truncated",
            "the frame ends early",
            b"\x28\xb5\x2f\xfd",
            4096,
        ),
        reject(
            "OpenWebText2",
            "pile/01.jsonl.zst",
            "44",
            "invalid_utf8",
            "byte 0xff at 12",
            b'{"text":"caf\xff',
            1830,
        ),
    ]


def _ingest(draft: Draft, rejects: Sequence[Row]) -> ledger.Tally:
    tally = ledger.Tally()
    came: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def remove(source: str, reason: str, records: int, n_bytes: int) -> None:
        tally.remove(source, reason, records, n_bytes)
        came[source][0] += records
        came[source][1] += n_bytes

    for source in SOURCES:
        rows = [row for row in draft.rows if row["source"] == source]
        n_bytes = sum(row["n_bytes"] for row in rows)
        records = len(rows) * (4 if source == "reddit" else 1)
        tally.keep(source, records, n_bytes)
        came[source][0] += records
        came[source][1] += n_bytes
        remove(source, "whitespace", 0, n_bytes // 60)
    remove("gutenberg", "gutenberg_header", 0, 19 * len(draft.rows))
    remove("gutenberg", "gutenberg_footer", 0, 61 * len(draft.rows))
    remove("OpenWebText2", "set_not_chosen", 61, 190_000)
    remove("reddit", "shorter_chain", 1800, 240_000)
    remove("reddit", "deleted", 140, 1540)
    remove("reddit", "join", 0, -700)
    remove("reddit", "blank", 3, 0)
    for row in rejects:
        remove(row["source"], row["reason"], 1, row["bytes"])
    for source, (records, n_bytes) in came.items():
        tally.enter(source, records, n_bytes)
    return tally


def _dedup(draft: Draft) -> ledger.Tally:
    tally = ledger.Tally()
    how = {row["removed"]: row["how"] for row in draft.duplicates}
    for row in draft.rows:
        tally.enter(row["source"], 1, row["n_bytes"])
        if row["doc_id"] in how:
            tally.remove(row["source"], how[row["doc_id"]], 1, row["n_bytes"])
        else:
            tally.keep(row["source"], 1, row["n_bytes"])
    return tally


def _tokens(draft: Draft) -> dict[str, dict[str, Row]]:
    removed = {row["removed"] for row in draft.duplicates}
    bytes_a_token = {"gutenberg": 4.31, "OpenWebText2": 4.42, "reddit": 3.87}
    splits: dict[str, dict[str, Row]] = {"train": {}, "valid": {}}
    for source in SOURCES:
        rows = [row for row in draft.rows if row["source"] == source and row["doc_id"] not in removed]
        for split, members in (("valid", rows[:1]), ("train", rows[1:])):
            n_bytes = sum(row["n_bytes"] for row in members)
            n_tokens = round(n_bytes / bytes_a_token[source])
            splits[split][source] = {"documents": len(members), "bytes": n_bytes, "tokens": n_tokens}
    return splits


def _output(run: Path, kind: str, path: Path, rows: int) -> manifest.Output:
    return manifest.Output(
        kind=kind,
        path=path.relative_to(run).as_posix(),
        rows=rows,
        bytes=path.stat().st_size,
        sha256=manifest.hash_file(path),
    )


def _write_parts(
    run: Path, kind: str, rows: Sequence[Row], schema: pa.Schema, n_parts: int
) -> list[manifest.Output]:
    (run / kind).mkdir(parents=True)
    outputs = []
    for index in range(n_parts):
        part = rows[index * len(rows) // n_parts : (index + 1) * len(rows) // n_parts]
        path = run / kind / documents.shard_name(index)
        documents.write_table(pa.Table.from_pylist(part, schema=schema), path)
        outputs.append(_output(run, kind, path, len(part)))
    return outputs


THREADS: dict[str, Any] = {
    "threads": 60,
    "by_month": {
        "2005-12": [100, 40, 9_000, 4_000],
        "2006-01": [50, 20, 1_000, 1_000],
        "unknown": [2, 1, 8, 4],
    },
    "depths": {"2": 30, "1": 10, "32": 20},
    "chains": {"0": 1, "1": 39, "10": 20},
}


def _change(record: str, before: str, after: str) -> Row:
    place = {"key": 1, "doc_id": "00" * 16, "path": "books/a.txt", "record": record}
    return {**place, "before": before, "after": after}


CHANGES: dict[str, Any] = {
    "gutenberg": {
        "gutenberg_footer": {
            "documents": 7,
            "examples": [_change("1", "The end.\n\nEnd of Project Gutenberg\x00", "The end.")],
        },
        "whitespace": {"documents": 9, "examples": [_change("2", "one  \ntwo", "one\ntwo")]},
    },
    "reddit": {"join": {"documents": 60, "examples": []}},
}


CONTAMINATION: dict[str, Any] = {
    "quiz": {
        "files": ["books/13.txt"],
        "examples": 1200,
        "too_short": 30,
        "found": 12,
        "documents": 7,
        "words": 131,
        "samples": [
            {
                "key": 5,
                "doc_id": "00" * 16,
                "source": "reddit",
                "path": "",
                "record": "t3_5",
                "example": {"path": "quiz.jsonl", "record": "17"},
                "before": "they ask\n\x00",
                "match": "What is <the> river",
                "after": " of course",
            }
        ],
    },
    "riddles": {
        "files": [],
        "examples": 4,
        "too_short": 0,
        "found": 0,
        "documents": 0,
        "words": 0,
        "samples": [],
    },
}


def _write_manifest(run: Path, folder: str, stage: str, **fields: Any) -> manifest.Manifest:
    (run / folder).mkdir(exist_ok=True)
    made = manifest.Manifest(stage=stage, identity=manifest.identity({"stage": stage}), **fields)
    path = manifest.manifest_path(run, stage)
    path.parent.mkdir(exist_ok=True)
    path.write_text(manifest.to_json(made), encoding="utf-8")
    return made


def _write_journal(run: Path, tokens: manifest.Manifest, rng: random.Random) -> None:
    (run / "model").mkdir()
    with (run / "model" / "journal.jsonl").open("w", encoding="utf-8") as file:
        digest = manifest.outputs_digest(tokens.outputs)
        file.write(json.dumps({"event": "start", "step": 0, "tokens_digest": digest}) + "\n")
        for step in range(1, 201):
            loss = 6.1 + 4.7 * math.exp(-step / 45) + rng.gauss(0, 0.07)
            file.write(json.dumps({"step": step, "loss": loss, "learning_rate": 1e-3}) + "\n")
            if step % 50 == 0:
                file.write(json.dumps({"step": step, "valid_loss": loss + 0.11}) + "\n")


def write_run(run: Path, seed: int = 1) -> Path:
    """Write the run into the new folder `run`; equal seeds write equal files."""
    run.mkdir(parents=True)
    draft, rejects = _draft(seed), _rejects()
    made = recipe.Recipe.model_validate(RECIPE)
    (run / "recipe.yaml").write_text(made.dump(), encoding="utf-8")
    tallies = {"ingest": _ingest(draft, rejects), "dedup": _dedup(draft)}
    _write_manifest(
        run,
        "documents",
        "ingest",
        parameters={"sources": RECIPE["sources"]},
        inputs=[
            manifest.Input(path=f"books/{number}.txt", size=51_234 + number, sha256="0" * 64)
            for number in range(14)
        ],
        outputs=[
            *_write_parts(run, "documents", draft.rows, documents.SCHEMA, 3),
            *_write_parts(run, "rejects", rejects, documents.REJECTS_SCHEMA, 1),
        ],
        ledger=tallies["ingest"].entries(),
        facts={"threads": {"reddit": THREADS}, "changes": CHANGES, "contamination": CONTAMINATION},
    )
    _write_manifest(
        run,
        "duplicates",
        "dedup",
        parameters={"threshold": "0.95", "permutations": 128, "recall": 0.995, "seed": 1},
        outputs=_write_parts(run, "duplicates", draft.duplicates, DUPLICATES, 2),
        ledger=tallies["dedup"].entries(),
        facts={"bands": 9, "rows": 14, "threshold": "0.95", "recall": 0.9983},
    )
    tokens = _tokens(draft)
    tallies["tokenize"] = ledger.Tally()
    for source in SOURCES:
        n_documents, n_bytes = (
            sum(tokens[split][source][unit] for split in tokens) for unit in ("documents", "bytes")
        )
        tallies["tokenize"].enter(source, n_documents, n_bytes)
        tallies["tokenize"].keep(source, n_documents, n_bytes)
    tokenized = _write_manifest(
        run,
        "tokens",
        "tokenize",
        parameters={"vocabulary": "gpt2", "seed": 1},
        ledger=tallies["tokenize"].entries(),
        facts={"tokens": tokens},
    )
    table = ledger.table((stage, tally.entries()) for stage, tally in tallies.items())
    ledger.write(table, run / "ledger.parquet")
    _write_journal(run, tokenized, draft.rng)
    return run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that tests only read."""
    return write_run(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes another such run into a folder of the given name, to be changed at will."""
    return lambda name, seed=1: write_run(tmp_path / name, seed)

"""The numbers of a run: what its tables and manifests say, as one JSON-able dict.

`KEYS` documents the top level; the page shows it, and a test holds the two together. Everything here is a
function of the run's files: no clock, no path of this machine, so equal runs give equal numbers.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.errors import CorpusmillError
from corpusmill.ledger import imbalances
from corpusmill.manifest import Manifest, manifest_path, outputs_digest, read_manifest, require_manifest
from corpusmill.recipe import Recipe, load
from corpusmill.report import accounts, cleaning, contamination, filtered, journal, pairs, scans, threads
from corpusmill.report.accounts import Row

KEYS = {
    "balance": "does the ledger balance and agree with the tables, and the problems if not",
    "bands": "bands, rows and recall that deduplication chose, pairs it compared, and the S-curve: "
    "[Jaccard, chance of being compared]",
    "cleaning": "by source and cleaning rule: documents changed, bytes taken, examples of before and after",
    "contamination": "by evaluation set: examples, those too short to search for and those found; documents "
    "with something of them, words in these, samples",
    "duplicates": "removed documents by kept source, removed source and how; near ones by Jaccard as "
    "[from, to, documents]; example pairs",
    "filtered": "what the filter left out by source and rule: documents, some of them with what was measured",
    "flow": "from raw text to tokens: for each stage records and bytes in, removed by reason and kind, and "
    "kept; in all (total) and by source (sources)",
    "headline": "inputs, raw text, documents, what the filter left out, what is kept, duplicates, tokens",
    "lengths": "documents before deduplication by source: bytes and words, quantiles (at most 0.8% low), "
    "histogram as [lower edge, documents]",
    "lineage": "each finished stage: identity, parameters, number and bytes of inputs, outputs by table, and "
    "one digest over the outputs' names and hashes",
    "rejects": "unusable records by source and reason, with the first one as an example",
    "threads": "Reddit by source: threads, comments and what of them is kept, by month as [month, comments, "
    "kept, bytes, kept bytes]; threads by depth and by length of the kept chain (from 32 on, powers of two)",
    "tokens": "documents, bytes and tokens by split and source",
    "training": "the loss curve as [step, nats per token], if a model was trained on these tokens",
}
"""The top level of stats.json. A part whose stage has not run is null."""

STAGES = {"ingest": "documents", "filter": "filtered", "dedup": "duplicates", "tokenize": "tokens"}
"""Each stage's main table, in the order of the stages."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was read of a run before its tables: the recipe and the manifests of the finished stages."""

    path: Path
    recipe: Recipe
    recipe_text: str
    manifests: dict[str, Manifest]


def open_run(path: Path) -> Run:
    """Read recipe and manifests; `CorpusmillError` if the run has not even finished ingest."""
    require_manifest(path, "ingest")
    found = {table: read_manifest(manifest_path(path, stage)) for stage, table in STAGES.items()}
    return Run(
        path=path,
        recipe=load(path / "recipe.yaml"),
        recipe_text=(path / "recipe.yaml").read_text(encoding="utf-8"),
        manifests={name: manifest for name, manifest in found.items() if manifest is not None},
    )


def collect(run: Run) -> dict[str, Any]:
    """The numbers of `run`, under the keys of `KEYS`."""
    table = _read_ledger(run.path)
    rejects = scans.scan_rejects(run.path / "rejects")
    duplicates = scans.Duplicates()
    if "duplicates" in run.manifests:
        duplicates = scans.scan_duplicates(run.path / "duplicates", float(run.recipe.dedup.threshold))
    chosen = pairs.choose(duplicates.candidates)
    left_out = filtered.scan(run.path / "filtered") if "filtered" in run.manifests else {}
    wanted = {doc_id for pair in chosen for doc_id in (pair.kept, pair.removed)}
    wanted |= {doc_id for cell in left_out.values() for doc_id, _ in cell["samples"]}
    documents = scans.scan_documents(run.path / "documents", wanted)
    order = list(run.recipe.source_priority())
    flows = accounts.flows(table, order, {(row["source"], row["reason"]) for row in rejects})
    removed: Counter[str] = Counter()
    for (_, source, _), n_documents in duplicates.counts.items():
        removed[source] += n_documents
    handed = {source: lengths.total for source, lengths in documents.n_bytes.items()}
    problems = [*imbalances(table), *accounts.disagreements(flows, rejects, removed, handed)]
    flow = {"total": accounts.total(flows), "sources": flows}
    tokens = run.manifests["tokens"].facts.get("tokens") if "tokens" in run.manifests else None
    sources = [each["source"] for each in flows]
    place = _places(sources)
    return {
        "balance": {"balances": not problems, "problems": problems},
        "bands": _bands(run),
        "cleaning": cleaning.collect(run.manifests["documents"].facts, flows),
        "contamination": contamination.collect(run.manifests["documents"].facts),
        "duplicates": _duplicates(run, duplicates, chosen, documents, sources),
        "filtered": filtered.rows(left_out, place, partial(_document, run, documents, "filtered"))
        if "filtered" in run.manifests
        else None,
        "flow": flow,
        "headline": _headline(run, flow["total"], documents, tokens),
        "lengths": _lengths(documents, sources),
        "lineage": [_lineage(manifest) for manifest in run.manifests.values()],
        "rejects": sorted(rejects, key=lambda row: (place(row["source"]), -row["records"], row["reason"])),
        "threads": threads.collect(run.manifests["documents"].facts),
        "tokens": _tokens(tokens, sources),
        "training": journal.curve(run.path / "model" / "journal.jsonl", _tokens_digest(run)),
    }


def _lengths(documents: scans.Documents, sources: Sequence[str]) -> list[Row]:
    return [
        {
            "source": source,
            "documents": documents.n_bytes[source].documents,
            "bytes": documents.n_bytes[source].summary(),
            "words": documents.n_words[source].summary(),
        }
        for source in sources
        if source in documents.n_bytes
    ]


def _read_ledger(run: Path) -> pa.Table:
    try:
        return pq.read_table(run / "ledger.parquet")
    except FileNotFoundError as error:
        raise CorpusmillError(f"{run}: no ledger.parquet here; run `corpusmill ingest` first") from error


def _headline(run: Run, total: list[Row], documents: scans.Documents, tokens: Row | None) -> Row:
    stages = {stage["stage"]: stage for stage in total}
    ingest = run.manifests["documents"]
    of_sets = {path for each in (ingest.facts.get("contamination") or {}).values() for path in each["files"]}
    inputs = [each for each in ingest.inputs if each.path not in of_sets]
    nothing = {"records": 0, "bytes": 0}
    cleaned = {
        "records": sum(lengths.documents for lengths in documents.n_bytes.values()),
        "bytes": sum(lengths.total for lengths in documents.n_bytes.values()),
    }
    judged = [stages[name]["kept"] for name in ("filter", "dedup") if name in stages]
    removed = stages["dedup"]["removed"] if "dedup" in stages else []
    splits = {
        split: {unit: sum(cell[unit] for cell in cells.values()) for unit in ("documents", "bytes", "tokens")}
        for split, cells in (tokens or {}).items()
    }
    return {
        "inputs": {"files": len(inputs), "bytes": sum(each.size for each in inputs)},
        "raw": stages["ingest"]["in"] if "ingest" in stages else nothing,
        "documents": cleaned,
        "filtered": sum(row["records"] for row in stages["filter"]["removed"]) if "filter" in stages else 0,
        "kept": judged[-1] if judged else cleaned,
        "duplicates": {
            "documents": sum(row["records"] for row in removed),
            "bytes": sum(row["bytes"] for row in removed),
            "by_reason": {row["reason"]: row["records"] for row in removed},
        },
        "tokens": {
            "total": sum(split["tokens"] for split in splits.values()),
            "bytes": sum(split["bytes"] for split in splits.values()),
            "by_split": splits,
        },
    }


def _bands(run: Run) -> Row | None:
    """The banding as the dedup manifest tells it, and the chance of sharing a band at each Jaccard."""
    facts = run.manifests["duplicates"].facts if "duplicates" in run.manifests else {}
    if "bands" not in facts:
        return None
    bands, rows = facts["bands"], facts["rows"]
    curve = [[step / 200, 1 - (1 - (step / 200) ** rows) ** bands] for step in range(201)]
    return {
        "bands": bands,
        "rows": rows,
        "threshold": facts["threshold"],
        "recall": facts["recall"],
        "recall_floor": run.recipe.dedup.recall,
        "proposed_pairs": facts.get("proposed_pairs"),
        "true_pairs": facts.get("true_pairs"),
        "curve": [[jaccard, round(chance, 6)] for jaccard, chance in curve],
    }


def _duplicates(
    run: Run,
    found: scans.Duplicates,
    chosen: Sequence[scans.Pair],
    documents: scans.Documents,
    sources: list[str],
) -> Row | None:
    if "duplicates" not in run.manifests:
        return None
    threshold = run.recipe.dedup.threshold
    edges = scans.jaccard_edges(float(threshold)).tolist()
    histogram = zip(edges, edges[1:], found.jaccard.tolist(), strict=False)
    place = _places(sources)
    cells = sorted(found.counts.items(), key=lambda cell: (place(cell[0][0]), place(cell[0][1]), cell[0][2]))
    return {
        "threshold": str(threshold),
        "cells": [
            {"kept_source": kept, "removed_source": removed, "how": how, "documents": n_documents}
            for (kept, removed, how), n_documents in cells
        ],
        "jaccard": [[low, high, n_documents] for low, high, n_documents in histogram],
        "examples": [
            {
                "jaccard": pair.jaccard,
                "kept": _document(run, documents, "duplicates", pair.kept),
                "removed": _document(run, documents, "duplicates", pair.removed),
            }
            for pair in chosen
        ],
    }


def _places(sources: list[str]) -> Callable[[str], tuple[int, str]]:
    """A sort key: sources in their order of preference, others after them by name."""
    places = {source: index for index, source in enumerate(sources)}
    return lambda source: (places.get(source, len(places)), source)


def _document(run: Run, documents: scans.Documents, table: str, doc_id: bytes) -> Row:
    if doc_id not in documents.places:
        stage = {"duplicates": "dedup", "filtered": "filter"}[table]
        raise CorpusmillError(
            f"{run.path / table}: names document {doc_id.hex()}, which RUN/documents does not hold; "
            f"run `corpusmill {stage}` again"
        )
    place = documents.places[doc_id]
    return {"doc_id": doc_id.hex(), **{name: getattr(place, name) for name in place.__dataclass_fields__}}


def _tokens_digest(run: Run) -> str | None:
    return outputs_digest(run.manifests["tokens"].outputs) if "tokens" in run.manifests else None


def _tokens(tokens: Row | None, sources: list[str]) -> list[Row] | None:
    if tokens is None:
        return None
    return [
        {"source": source, "split": split, **tokens[split][source]}
        for source in sources
        for split in sorted(tokens)
        if source in tokens[split]
    ]


def _lineage(manifest: Manifest) -> Row:
    tables: dict[str, Row] = {}
    for output in manifest.outputs:
        table = tables.setdefault(output.kind, {"kind": output.kind, "files": 0, "rows": 0, "bytes": 0})
        table["files"] += 1
        table["rows"] += output.rows
        table["bytes"] += output.bytes
    return {
        "stage": manifest.stage,
        "identity": manifest.identity,
        "parameters": manifest.parameters,
        "unidata_version": manifest.unidata_version,
        "inputs": {"files": len(manifest.inputs), "bytes": sum(each.size for each in manifest.inputs)},
        "outputs": sorted(tables.values(), key=lambda table: str(table["kind"])),
        "outputs_digest": outputs_digest(manifest.outputs),
    }

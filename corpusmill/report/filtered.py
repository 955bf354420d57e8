"""What the filter left out, by rule, with a few of the documents."""

import heapq
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpusmill.documents import iter_groups
from corpusmill.report.accounts import Row

SAMPLES = 3  # documents of each source and rule: those with the smallest ids, which are hashes

Sample = tuple[bytes, float]  # doc_id, and what was measured
Found = dict[tuple[str, str], dict[str, Any]]
"""{(source, rule): {"documents": n, "samples": [Sample, ...]}}."""


def scan(folder: Path) -> Found:
    """Count RUN/filtered, and choose the samples."""
    found: Found = {}
    for path in sorted(folder.glob("part-*.parquet")):
        for _, table in iter_groups(path, ["doc_id", "source", "rule", "value"]):
            for doc_id, source, rule, value in zip(
                *(column.to_pylist() for column in table.columns), strict=True
            ):
                cell = found.setdefault((source, rule), {"documents": 0, "samples": []})
                cell["documents"] += 1
                cell["samples"] = heapq.nsmallest(SAMPLES, [*cell["samples"], (doc_id, value)])
    return found


def rows(found: Found, place: Callable[[str], Any], document: Callable[[bytes], Row]) -> list[Row]:
    """One row a source and rule, sources in the order of `place`, the rules that took most first. `document`
    says where a sample is."""
    listed = [
        {
            "source": source,
            "rule": rule,
            "documents": cell["documents"],
            "samples": [{**document(doc_id), "value": value} for doc_id, value in cell["samples"]],
        }
        for (source, rule), cell in found.items()
    ]
    return sorted(listed, key=lambda row: (place(row["source"]), -row["documents"], row["rule"]))

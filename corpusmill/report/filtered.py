"""What the filter left out, by rule, with a few of the documents."""

import heapq
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpusmill.documents import iter_groups
from corpusmill.report.accounts import Row

SAMPLES = 3  # documents of each source and rule: those with the smallest ids, which are hashes

Sample = tuple[bytes, dict[str, Any]]  # doc_id, and what was measured
Found = dict[tuple[str, str], dict[str, Any]]
"""{(source, rule): {"documents": n, "samples": [Sample, ...]}}."""
_COLUMNS = ["doc_id", "source", "rule", "value", "measure", "direction", "threshold", "rules"]


def scan(folder: Path) -> Found:
    """Count RUN/filtered, and choose the samples."""
    found: Found = {}
    for path in sorted(folder.glob("part-*.parquet")):
        for _, table in iter_groups(path, _COLUMNS):
            for row in table.to_pylist():
                doc_id, source, rule = (row.pop(name) for name in _COLUMNS[:3])
                cell = found.setdefault((source, rule), {"documents": 0, "samples": []})
                cell["documents"] += 1
                samples = [*cell["samples"], (doc_id, row)]
                cell["samples"] = heapq.nsmallest(SAMPLES, samples, key=lambda sample: sample[0])
    return found


def rows(found: Found, place: Callable[[str], Any], document: Callable[[bytes], Row]) -> list[Row]:
    """One row a source and rule, sources in the order of `place`, the rules that took most first. `document`
    says where a sample is."""
    listed = [
        {
            "source": source,
            "rule": rule,
            "documents": cell["documents"],
            "samples": [{**document(doc_id), **measured} for doc_id, measured in cell["samples"]],
        }
        for (source, rule), cell in found.items()
    ]
    return sorted(listed, key=lambda row: (place(row["source"]), -row["documents"], row["rule"]))

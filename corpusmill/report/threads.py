"""What reducing Reddit threads to their longest chains took: ingest's facts as rows for stats and page."""

from collections.abc import Mapping
from typing import Any

from corpusmill.report.accounts import Row


def collect(facts: Mapping[str, Any]) -> list[Row] | None:
    """One row a source, by name, of ingest's `facts["threads"]`; None if there are no threads.

    `months` are [month, comments, kept comments, bytes, kept bytes] in order, unknown ones last; `depths` and
    `chains` are [depth or length, threads], from 32 on rounded down to powers of two.
    """
    rows = []
    for source, each in sorted(facts.get("threads", {}).items()):
        if not each["threads"]:
            continue
        months = [[month, *counts] for month, counts in sorted(each["by_month"].items())]
        comments, kept, n_bytes, kept_bytes = (sum(row[place] for row in months) for place in range(1, 5))
        rows.append(
            {
                "source": source,
                "threads": each["threads"],
                "comments": comments,
                "kept": kept,
                "bytes": n_bytes,
                "kept_bytes": kept_bytes,
                "months": months,
                "depths": _bins(each["depths"]),
                "chains": _bins(each["chains"]),
            }
        )
    return rows or None


def _bins(counts: Mapping[str, int]) -> list[list[int]]:
    return sorted([int(value), n] for value, n in counts.items())

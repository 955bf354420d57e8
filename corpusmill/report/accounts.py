"""What became of the bytes: the ledger as one flow a source, and as one over all sources.

A flow follows the stages in their order; what a stage removed is listed by reason with a *kind*, which
tells a record that could not be used (`reject`) from one that a rule leaves out (`rule`) and from what
was cut out of texts that stay (`cleaning`). Whether the ledger balances is not decided here but by
`corpusmill.ledger.imbalances`; `disagreements` only compares it with the tables it speaks of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from corpusmill.ledger import STAGES

Row = dict[str, Any]


def flows(ledger: pa.Table, order: Sequence[str], rejected: Collection[tuple[str, str]]) -> list[Row]:
    """One `{"source", "stages"}` for each source of the ledger, in `order` and then by name.

    `rejected` holds the (source, reason) of the rejects table, which no ledger row tells from a rule.
    Each stage is `{"stage", "in", "removed", "kept"}`; `in` and `kept` are `{"records", "bytes"}`, and
    `removed` lists `{"reason", "kind", "records", "bytes"}`, most bytes first.
    """
    cells: dict[str, dict[str, list[Row]]] = {}
    for row in ledger.to_pylist():
        cells.setdefault(row["source"], {}).setdefault(row["stage"], []).append(row)
    sources = sorted(cells, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [
        {
            "source": source,
            "stages": [
                _stage(stage, cells[source][stage], rejected) for stage in STAGES if stage in cells[source]
            ],
        }
        for source in sources
    ]


def total(flows: Iterable[Row]) -> list[Row]:
    """The stages of all sources added up."""
    stages: dict[str, list[Row]] = {}
    for flow in flows:
        for stage in flow["stages"]:
            stages.setdefault(stage["stage"], []).append(stage)
    return [
        {
            "stage": name,
            "in": _sum(stage["in"] for stage in stages[name]),
            "removed": _merge(row for stage in stages[name] for row in stage["removed"]),
            "kept": _sum(stage["kept"] for stage in stages[name]),
        }
        for name in STAGES
        if name in stages
    ]


def fates(stages: Sequence[Row]) -> dict[str, int]:
    """{kind: bytes} of the raw text of a flow; `kept` is what the last stage handed on.

    A kind that added more than it took (joining messages does) has a negative number of bytes.
    """
    sums = {"kept": stages[-1]["kept"]["bytes"] if stages else 0}
    for stage in stages:
        for row in stage["removed"]:
            sums[row["kind"]] = sums.get(row["kind"], 0) + row["bytes"]
    return sums


def disagreements(
    flows: Iterable[Row], rejects: Iterable[Row], removed: Mapping[str, int], handed: Mapping[str, int]
) -> list[str]:
    """One line for each place where a table and the ledger tell different stories.

    `rejects` are rows with source, reason, records and bytes; `removed` counts the rows of the duplicates
    table by source of the removed document; `handed` adds up `n_bytes` of the documents table by source.
    """
    problems = []
    stages = {(flow["source"], stage["stage"]): stage for flow in flows for stage in flow["stages"]}
    for row in rejects:
        listed = stages.get((row["source"], "ingest"), {"removed": []})["removed"]
        told = next((cell for cell in listed if cell["reason"] == row["reason"]), {"records": 0, "bytes": 0})
        for unit in ("records", "bytes"):
            if told[unit] != row[unit]:
                problems.append(
                    f"ingest: {row['source']}: {row['reason']}: {row[unit]} {unit} in the rejects table, "
                    f"{told[unit]} in the ledger"
                )
    for (source, name), stage in stages.items():
        if name == "ingest" and stage["kept"]["bytes"] != handed.get(source, 0):
            problems.append(
                f"ingest: {source}: the documents table holds {handed.get(source, 0)} bytes, "
                f"the ledger says {stage['kept']['bytes']}"
            )
        taken = sum(row["records"] for row in stage["removed"])
        if name == "dedup" and taken != removed.get(source, 0):
            problems.append(
                f"dedup: {source}: the duplicates table removes {removed.get(source, 0)} documents, "
                f"the ledger says {taken}"
            )
    return problems


def _stage(name: str, rows: Sequence[Row], rejected: Collection[tuple[str, str]]) -> Row:
    return {
        "stage": name,
        "in": _sum(row for row in rows if row["action"] == "in"),
        "removed": _merge(
            {**row, "kind": _kind(row, (row["source"], row["reason"]) in rejected)}
            for row in rows
            if row["action"] == "removed"
        ),
        "kept": _sum(row for row in rows if row["action"] == "kept"),
    }


def _kind(row: Row, is_reject: bool) -> str:
    """The kind, one of `wording.KINDS`, of a `removed` row of the ledger."""
    if row["stage"] == "ingest":
        return "reject" if is_reject else "rule" if row["records"] else "cleaning"
    if row["stage"] == "dedup":
        return row["reason"] if row["reason"] in ("exact", "words", "against") else "near"
    return "filter" if row["stage"] == "filter" else "trimmed"


def _sum(rows: Iterable[Row]) -> Row:
    records = n_bytes = 0
    for row in rows:
        records += row["records"]
        n_bytes += row["bytes"]
    return {"records": records, "bytes": n_bytes}


def _merge(rows: Iterable[Row]) -> list[Row]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["reason"], row["kind"]), []).append(row)
    merged = [{"reason": reason, "kind": kind, **_sum(group)} for (reason, kind), group in groups.items()]
    return sorted(merged, key=lambda row: (-row["bytes"], -row["records"], row["reason"], row["kind"]))

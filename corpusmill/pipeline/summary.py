"""What became of each source's records, as the stages' verbs show it at their end, and what took so much of a
source that one should know: a rule or a reason that took more than a fifth is a warning, with an example and
the setting.

Everything is read from the manifests; tables are looked into for the examples of warnings only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpusmill import entries
from corpusmill.ledger import Entry
from corpusmill.manifest import Manifest, manifest_path, read_manifest
from corpusmill.recipe import Recipe
from corpusmill.sources.records import Reason, where

SHARE = 0.2
_STAGES = ("ingest", "filter", "dedup", "tokenize")
# What dumps hold beside documents, or what the recipe itself chooses: no surprise, however much it is.
_EXPECTED = {
    "below_dropped",
    "blank",
    "chain",
    "duplicate_id",
    "http_status",
    "not_a_page",
    "not_an_article",
    "not_html",
    "not_wikitext",
    "redirect",
    "set_not_chosen",
    "submission",
    "title_only",
}
_SHOWN = {"records": "in", "left_out": "left out"}
_SETTINGS = {
    "language": "languages",
    "no_article": "extractor",
    "outside_window": "since, until",
    "bot": "drop.bots",
    "subreddit": "drop.subreddits",
    "contaminated": "decontaminate",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A source: records as they came in, rejects, and what rules of ingest left out; then documents, and what
    became of them. None where a stage has not run."""

    source: str
    records: int = 0
    rejected: int = 0
    left_out: int = 0
    documents: int = 0
    filtered: int | None = None
    duplicates: int | None = None
    kept: int | None = None
    tokens: int | None = None

    def figures(self) -> dict[str, int | None]:
        """All but the source, under the names that are shown."""
        names = [each.name for each in fields(self) if each.name != "source"]
        return {_SHOWN.get(name, name): getattr(self, name) for name in names}


def total(rows: Sequence[Row]) -> Row:
    """All sources together."""
    sums: dict[str, Any] = {}
    for each in fields(Row):
        if each.name != "source":
            column = [getattr(row, each.name) for row in rows]
            sums[each.name] = None if None in column else sum(column)
    return Row(source="all", **sums)


class Summary:
    """The finished stages of a run."""

    def __init__(self, run: Path, recipe: Recipe) -> None:
        self._run = run
        self._recipe = recipe
        found = {stage: read_manifest(manifest_path(run, stage)) for stage in _STAGES}
        self._manifests = {stage: manifest for stage, manifest in found.items() if manifest}

    def rows(self) -> list[Row]:
        """A row a source, in the order of preference."""
        sources = {entry.source for each in self._manifests.values() for entry in each.ledger}
        sources |= {entry.name for entry in self._recipe.sources if not sources & _names(entry)}
        order = list(self._recipe.source_priority())
        known = sorted(sources, key=lambda name: (order.index(name) if name in order else len(order), name))
        return [self._row(source) for source in known]

    def _row(self, source: str) -> Row:
        ingest = self._manifests["ingest"]
        removed = _removed(ingest, source)
        tokens = self._manifests["tokenize"].facts["tokens"] if "tokenize" in self._manifests else None
        filtered, duplicates = (self._taken(stage, source) for stage in ("filter", "dedup"))
        documents = ingest.facts["documents"].get(source, 0)
        return Row(
            source=source,
            records=_amount(ingest, source, "in", "records"),
            rejected=sum(each.records for each in removed if _is_reject(each.reason)),
            left_out=sum(each.records for each in removed if not _is_reject(each.reason)),
            documents=documents,
            filtered=filtered,
            duplicates=duplicates,
            kept=None if duplicates is None else documents - (filtered or 0) - duplicates,
            tokens=None
            if tokens is None
            else sum(split[source]["tokens"] for split in tokens.values() if source in split),
        )

    def _taken(self, stage: str, source: str) -> int | None:
        if stage not in self._manifests:
            return None
        return sum(each.records for each in _removed(self._manifests[stage], source))

    def warnings(self) -> list[str]:
        """A line for each entry that gave no document, and for each rule or reason that took more than a
        fifth of a source."""
        documents = self._manifests["ingest"].facts["documents"]
        nothing = [entry.name for entry in self._recipe.sources if not documents.keys() & _names(entry)]
        return [f"{name}: no document came of it" for name in nothing] + [
            line for source in sorted({row.source for row in self.rows()}) for line in self._of(source)
        ]

    def _of(self, source: str) -> Iterator[str]:
        for stage, manifest in self._manifests.items():
            came = {unit: _amount(manifest, source, "in", unit) for unit in ("records", "bytes")}
            told = 0
            for each in _removed(manifest, source):
                unit = "records" if each.records else "bytes"
                share = getattr(each, unit) / max(1, came[unit])
                if share > SHARE and each.reason not in _EXPECTED and not each.reason.startswith("warc_"):
                    what = f"{share:.0%} of its {'text' if unit == 'bytes' else _NOUN[stage]}"
                    told += 1
                    rule = _NAMED.get(stage, "{}").format(each.reason)
                    yield f"{source}: {rule} took {what}{self._why(stage, source, each)}"

            if stage in _NAMED and not told:
                yield from _together(stage, source, _removed(manifest, source), came["records"])

    def _why(self, stage: str, source: str, entry: Entry) -> str:
        if stage == "filter":
            return self._of_filter(source, entry.reason)
        if stage == "dedup":
            return self._of_dedup(source, entry.reason)
        if _is_reject(entry.reason):
            return self._of_rejects(source, entry.reason)
        if not entry.records:
            return self._of_cleaning(source, entry.reason)
        own = f"drop.{entry.reason}" if entry.reason in entries.Drop.model_fields else entry.reason
        setting = _SETTINGS.get(entry.reason, own)
        return f" ({setting} in the recipe)"

    def _of_rejects(self, source: str, reason: str) -> str:
        for path in self._parts("rejects"):
            table = pq.read_table(path, columns=["source", "reason", "origin", "error"])
            wanted = pc.and_(pc.equal(table["source"], source), pc.equal(table["reason"], reason))
            for row in table.filter(wanted).slice(0, 1).to_pylist():
                return f", as {where(**row['origin'])}: {row['error']}"
        return ""

    def _of_filter(self, source: str, rule: str) -> str:
        for path in self._parts("filtered"):
            table = pq.read_table(path)
            wanted = pc.and_(pc.equal(table["source"], source), pc.equal(table["rule"], rule))
            for row in table.filter(wanted).slice(0, 1).to_pylist():
                documents = pq.read_table(self._run / "documents" / path.name, columns=["doc_id", "origin"])
                [document] = documents.filter(pc.equal(documents["doc_id"], row["doc_id"])).to_pylist()
                return f", as {where(**document['origin'])}: {judgement(row)}"
        return ""

    def _of_dedup(self, source: str, how: str) -> str:
        for path in self._parts("duplicates"):
            table = pq.read_table(path, columns=["removed_source", "kept_source", "how"])
            wanted = pc.and_(pc.equal(table["removed_source"], source), pc.equal(table["how"], how))
            if (mine := table.filter(wanted)).num_rows:
                kept = mine["kept_source"].value_counts().to_pylist()
                most = max(kept, key=lambda each: (each["counts"], each["values"]))
                return f", most for documents of {most['values']}"
        return ""

    def _of_cleaning(self, source: str, rule: str) -> str:
        cell = self._manifests["ingest"].facts["changes"].get(source, {}).get(rule)
        if not cell or not cell["examples"]:
            return ""
        example = cell["examples"][0]
        return f", as in {where(example['path'], example['record'])}; the report shows before and after"

    def _parts(self, table: str) -> list[Path]:
        return sorted((self._run / table).glob("part-*.parquet"))


_NAMED = {"filter": "filter.{}", "dedup": "{} duplicates"}
_NOUN = {"ingest": "records", "filter": "documents", "dedup": "documents", "tokenize": "documents"}


def _together(stage: str, source: str, removed: Sequence[Entry], came: int) -> Iterator[str]:
    """A line if what none of them took alone they took together."""
    taken = sum(each.records for each in removed)
    if taken > SHARE * came:
        most = max(removed, key=lambda each: each.records)
        rule = _NAMED[stage].format(most.reason)
        share = f"{most.records / came:.0%}"
        yield f"{source}: the {stage} took {taken / came:.0%} of its documents, most by {rule} ({share})"


def judgement(row: dict[str, Any]) -> str:
    """Why the filter left a document out, from its row of RUN/filtered."""
    if row["threshold"] is None:
        return f"{row['measure']} is {row['direction']}"
    return f"{row['measure']} {row['value']:.4g} is {row['direction']} {row['threshold']:g}"


def _names(entry: entries.Entry) -> set[str]:
    """What documents and rejects of an entry may be called."""
    return {entry.name, *entry.source_names()}


def _is_reject(reason: str) -> bool:
    return reason in set(Reason)


def _removed(manifest: Manifest, source: str) -> list[Entry]:
    return [each for each in manifest.ledger if each.source == source and each.action == "removed"]


def _amount(manifest: Manifest, source: str, action: str, unit: str) -> int:
    of_source = [each for each in manifest.ledger if each.source == source and each.action == action]
    return sum(int(getattr(each, unit)) for each in of_source)

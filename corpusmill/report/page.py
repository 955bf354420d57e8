"""Builds the report: numbers, plots and page, from a run's files into a folder.

The page is one file that asks for nothing: style and plots are inside, there is no script. Equal runs give
equal bytes, so a report can be compared like any other output.
"""

import json
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from corpusmill import __version__
from corpusmill.report import accounts, cleaning, pairs, scans, stats, wording
from corpusmill.report.accounts import Row

PAGE = "index.html"
NUMBERS = "stats.json"
HEAD = 300  # characters that the page shows of a document that the filter left out
LISTED = 200  # hashes of outputs that the page lists of one stage; the manifest has all


def build(run: Path, folder: Path) -> list[str]:
    """Write `index.html` and `stats.json` of `run` into `folder`, and return the ledger's problems.

    The problems (none if the ledger balances and agrees with the tables) stand on the page too. Raises
    `CorpusmillError` if ingest is not finished; parts whose stage has not run are said to be missing.
    """
    opened = stats.open_run(run)
    numbers = stats.collect(opened)
    text = json.dumps(numbers, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    (folder / NUMBERS).write_text(text + "\n", encoding="utf-8")
    (folder / PAGE).write_text(_render(opened, numbers), encoding="utf-8")
    problems: list[str] = numbers["balance"]["problems"]
    return problems


def _render(run: stats.Run, numbers: Row) -> str:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        count=wording.count,
        compact=wording.compact,
        size=wording.size,
        plain=wording.plain,
        visible=cleaning.visible,
        pretty=lambda value: json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False),
    )
    templates = resources.files("corpusmill.report") / "templates"
    template = environment.from_string((templates / "index.html.j2").read_text(encoding="utf-8"))
    rows = _source_rows(numbers)
    return template.render(
        style=Markup((templates / "style.css").read_text(encoding="utf-8")),
        plots={name: Markup(svg) for name, svg in _plots(numbers, rows).items()},
        version=__version__,
        share=wording.share,
        percent=wording.percent,
        kinds=wording.KINDS,
        keys=stats.KEYS,
        listed=LISTED,
        sources=rows,
        heat=_heat(numbers),
        examples=_examples(run, numbers),
        heads=_heads(run, numbers),
        left_out=_left_out(numbers),
        shown=cleaning.shown,
        recipe=run.recipe,
        recipe_text=run.recipe_text,
        manifests=list(run.manifests.values()),
        **numbers,
    )


def _plots(numbers: Row, rows: Sequence[Row]) -> dict[str, str]:
    """{name: SVG} of every plot that the run has numbers for."""
    from corpusmill.report import plots, waterfall

    flow, tokens, duplicates = numbers["flow"], numbers["headline"]["tokens"], numbers["duplicates"]
    n_tokens = tokens["total"] if numbers["tokens"] is not None else None
    drawn = {}
    sizes = {"wide": waterfall.WIDE, "narrow": waterfall.NARROW} if flow["total"] else {}
    for size, width in sizes.items():
        drawn[f"waterfall_{size}"] = waterfall.waterfall(
            flow["total"], n_tokens, name=f"waterfall-{size}", width=width
        )
        drawn[f"fates_{size}"] = waterfall.source_bars(flow["sources"], name=f"fates-{size}", width=width)
    for index, (each, row) in enumerate(zip(flow["sources"], rows, strict=True)):
        drawn[f"source_{index}"] = waterfall.waterfall(
            each["stages"], row["tokens"], name=f"source-{index}", width=waterfall.NARROW
        )
    if duplicates and any(n_documents for _, _, n_documents in duplicates["jaccard"]):
        drawn["jaccard"] = plots.jaccard(duplicates["jaccard"], duplicates["threshold"])
    if numbers["bands"]:
        drawn["s_curve"] = plots.s_curve(numbers["bands"])
    if numbers["lengths"]:
        drawn["lengths_bytes"] = plots.lengths(numbers["lengths"], "bytes")
        drawn["lengths_words"] = plots.lengths(numbers["lengths"], "words")
    if tokens["bytes"]:
        of_source = {row["source"]: row["tokens"] / row["token_bytes"] for row in rows if row["token_bytes"]}
        drawn["tokens_per_byte"] = plots.tokens_per_byte(of_source, tokens["total"] / tokens["bytes"])
        drawn["validation"] = plots.validation(_split_shares(rows, tokens["by_split"]))
    for index, row in enumerate(numbers["threads"] or []):
        drawn[f"months_{index}"] = plots.months(row, f"months-{index}")
        drawn[f"depths_{index}"] = plots.threads_by(row["depths"], f"depths-{index}", "depth of the thread")
        drawn[f"chains_{index}"] = plots.threads_by(row["chains"], f"chains-{index}", "length of the chain")
    if numbers["training"]:
        drawn["loss"] = plots.loss(numbers["training"])
    return drawn


def _split_shares(rows: Sequence[Row], by_split: Row) -> dict[str, tuple[float, float]]:
    """{source: its percentages of the text of the training and of the validation split}."""

    def percent(row: Row, split: str) -> float:
        whole = by_split.get(split, {}).get("bytes", 0)
        return float(100 * row["splits"].get(split, {}).get("bytes", 0) / whole) if whole else 0.0

    return {
        row["source"]: (percent(row, "train"), percent(row, "valid")) for row in rows if row["token_bytes"]
    }


def _source_rows(numbers: Row) -> list[Row]:
    """One row a source for the page's tables: its fates by kind, what it kept, its tokens by split."""
    rows = []
    for flow in numbers["flow"]["sources"]:
        splits = {row["split"]: row for row in numbers["tokens"] or [] if row["source"] == flow["source"]}
        stages = {stage["stage"]: stage for stage in flow["stages"]}
        nothing = {"records": 0, "bytes": 0}
        rows.append(
            {
                "source": flow["source"],
                "raw": stages["ingest"]["in"] if "ingest" in stages else nothing,
                "fates": {**dict.fromkeys(wording.KINDS, 0), **accounts.fates(flow["stages"])},
                "kept": next(
                    (stages[name]["kept"] for name in ("dedup", "filter") if name in stages),
                    stages["ingest"]["kept"] if "ingest" in stages else nothing,
                ),
                "splits": splits,
                "tokens": sum(row["tokens"] for row in splits.values())
                if numbers["tokens"] is not None
                else None,
                "token_bytes": sum(row["bytes"] for row in splits.values()),
            }
        )
    return rows


def _left_out(numbers: Row) -> dict[str, list[Row]]:
    """{source with threads: what of its comments and submissions was left out at ingest, by reason}."""
    threaded = {row["source"] for row in numbers["threads"] or []}
    return {
        flow["source"]: [row for row in flow["stages"][0]["removed"] if row["records"]]
        for flow in numbers["flow"]["sources"]
        if flow["source"] in threaded
    }


def _heat(numbers: Row) -> Row | None:
    """The heat map's sources and its cells by (kept source, removed source). The darkest shade still lets
    ordinary text be read on it, in light and in dark."""
    if not numbers["duplicates"]:
        return None
    counts: dict[tuple[str, str], Row] = {}
    for cell in numbers["duplicates"]["cells"]:
        key = (cell["kept_source"], cell["removed_source"])
        found = counts.setdefault(key, {"documents": 0, "how": {}})
        found["documents"] += cell["documents"]
        found["how"][cell["how"]] = cell["documents"]
    most = max((cell["documents"] for cell in counts.values()), default=1)
    for cell in counts.values():
        cell["shade"] = round(0.12 + 0.56 * _log_share(cell["documents"], most), 3)
    order = [row["source"] for row in numbers["lengths"]]
    named = {source for key in counts for source in key}
    return {"sources": [*order, *sorted(named - set(order))], "cells": counts}


def _log_share(count: int, most: int) -> float:
    """How dark a cell is: 0 for one document, 1 for the most."""

    return math.log(count) / math.log(most) if most > 1 else 1.0


def _heads(run: stats.Run, numbers: Row) -> dict[str, str]:
    """{doc_id of a sample of what the filter left out: how its text begins}."""
    samples = [sample for row in numbers["filtered"] or [] for sample in row["samples"]]
    places = [(sample["shard"], sample["row"]) for sample in samples]
    texts = pairs.read_texts(scans.parts(run.path / "documents"), places)
    return {
        sample["doc_id"]: cleaning.visible(texts[place][:HEAD])
        for sample, place in zip(samples, places, strict=True)
    }


def _examples(run: stats.Run, numbers: Row) -> Sequence[Row]:
    """The example pairs with their differing passages."""
    if not numbers["duplicates"]:
        return []
    examples = numbers["duplicates"]["examples"]
    places = [(each[side]["shard"], each[side]["row"]) for each in examples for side in ("kept", "removed")]
    texts = pairs.read_texts(scans.parts(run.path / "documents"), places)
    return [
        {
            **each,
            "comparison": pairs.compare(
                *(texts[each[side]["shard"], each[side]["row"]] for side in ("kept", "removed"))
            ),
        }
        for each in examples
    ]

"""What came out of a run of the demo: the closing table, and the promises that were not kept.

`summarize` looks only at the run's tables and at `truth.json`; `render` and `loss_curve` only draw. Without
a terminal everything is plain text, so that it can be kept in a log.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import plotext
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from corpusmill.demo import checks, tables
from corpusmill.demo.plan import PRIORITY
from corpusmill.demo.tables import Tables

_CURVE_WIDTH = 80
_CURVE_HEIGHT = 14
_NO_PROBLEMS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """A source's documents after cleaning, how many of them the filter leaves out or are duplicates, and the
    tokens of the others. Bytes are of UTF-8."""

    source: str
    documents: int
    bytes: int
    removed: int
    tokens: int
    token_bytes: int


@dataclass(frozen=True, kw_only=True)
class Check:
    """A promise, over how many cases it was checked, and where it does not hold."""

    promise: str
    cases: int
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that the closing table shows. `duplicates` counts (how, whether both are of one source);
    `planted` counts pairs by kind: `exact`, `words`, `near`, `miss`."""

    sources: Sequence[SourceRow]
    rejects: Sequence[tuple[str, int]]
    duplicates: Counter[tuple[str, bool]]
    planted: Counter[str]
    pairs_missed: int
    misses_removed: int
    checks: Sequence[Check]

    @property
    def planted_duplicates(self) -> int:
        """How many planted pairs there are of which one must go."""
        return self.planted.total() - self.planted["miss"]

    @property
    def problems(self) -> list[str]:
        """One line for each promise that was not kept in some case; empty if all were."""
        return [problem for check in self.checks for problem in check.problems]


def summarize(run: Path, truth: Path) -> Outcome:
    """Compare the run in the folder `run` with the file `truth`; `CorpusmillError` if a stage is missing."""
    told: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8"))
    found = tables.read(run)
    planted = Counter(pair["kind"] for pair in told["pairs"])
    missed = tuple(checks.missed(found, told))
    misses = tuple(checks.wrongly_removed(found, told))
    return Outcome(
        sources=_sources(found),
        rejects=sorted(Counter(reject.reason for reject in found.rejects).items()),
        duplicates=Counter((row.how, row.removed_source == row.kept_source) for row in found.duplicates),
        planted=planted,
        pairs_missed=len(missed),
        misses_removed=len(misses),
        checks=[
            _check(
                "every usable record is in a document, every other a reject",
                len(found.documents) + len(found.rejects),
                checks.records(found, told),
            ),
            _check(
                "every removed document has a kept witness, its Jaccard exact",
                len(found.duplicates),
                checks.removals(run, found, Fraction(told["threshold"])),
            ),
            _check(
                "every planted pair at or above the threshold is found",
                planted.total() - planted["miss"],
                missed,
            ),
            _check("no planted near miss is removed for the other", planted["miss"], misses),
            _check(
                "every planted text has the greedy rule's fate and witness",
                sum(len(group["documents"]) for group in told["groups"]),
                checks.fates(found, told),
            ),
            _check(
                "the filter leaves out the planted unfinished pages only",
                len(told["unfinished"]),
                checks.unfinished(found, told),
            ),
            _check(
                "no thirteen words of a planted exam question are left",
                len(told["leaks"]),
                checks.leaks(run, told),
            ),
            _check("the token shards hold each kept document once", found.token_rows, checks.tokens(found)),
            _check("the ledger balances", found.ledger.num_rows, checks.balance(found)),
        ],
    )


def _check(promise: str, cases: int, problems: Iterable[str]) -> Check:
    return Check(promise=promise, cases=cases, problems=tuple(problems))


def _sources(found: Tables) -> list[SourceRow]:
    """A row for each source, in the demo's order of preference."""
    removed = {duplicate.removed for duplicate in found.duplicates} | found.filtered.keys()
    names = {document.source for document in found.documents.values()}
    rows = []
    for name in sorted(
        names, key=lambda name: (PRIORITY.index(name) if name in PRIORITY else len(PRIORITY), name)
    ):
        mine = {key: each for key, each in found.documents.items() if each.source == name}
        with_tokens = mine.keys() & found.tokens.keys()
        rows.append(
            SourceRow(
                source=name,
                documents=len(mine),
                bytes=sum(document.n_bytes for document in mine.values()),
                removed=len(mine.keys() & removed),
                tokens=sum(found.tokens[key] for key in with_tokens),
                token_bytes=sum(mine[key].n_bytes for key in with_tokens),
            )
        )
    return rows


def render(outcome: Outcome, console: Console) -> None:
    """Print the closing table, 80 columns wide."""
    console.print()
    console.print(_sources_table(outcome.sources))
    beside = Table.grid(padding=(0, 2))
    beside.add_row(_rejects_table(outcome.rejects), _duplicates_table(outcome))
    console.print(beside)
    console.print(_checks_table(outcome.checks))
    problems = outcome.problems
    for problem in problems[:_NO_PROBLEMS_SHOWN]:
        console.print(Padding(Text(problem, style="red"), (0, 0, 0, 2)))
    if len(problems) > _NO_PROBLEMS_SHOWN:
        console.print(f"  … and {len(problems) - _NO_PROBLEMS_SHOWN} more", style="red")


def _sources_table(rows: Sequence[SourceRow]) -> Table:
    table = _table("source", "documents", "bytes", "removed", "kept", "tokens", "B/token")
    for row in rows:
        table.add_row(row.source, *_figures(row))
    table.add_section()
    total = SourceRow(
        source="all",
        documents=sum(row.documents for row in rows),
        bytes=sum(row.bytes for row in rows),
        removed=sum(row.removed for row in rows),
        tokens=sum(row.tokens for row in rows),
        token_bytes=sum(row.token_bytes for row in rows),
    )
    table.add_row(total.source, *_figures(total), style="bold")
    return table


def _figures(row: SourceRow) -> list[str]:
    return [
        f"{row.documents:,}",
        f"{row.bytes:,}",
        f"{row.removed:,}" if row.removed else "-",
        f"{row.documents - row.removed:,}",
        f"{row.tokens:,}",
        f"{row.token_bytes / row.tokens:.2f}" if row.tokens else "-",
    ]


def _rejects_table(rejects: Sequence[tuple[str, int]]) -> Table:
    table = _table("rejected because", "records")
    for reason, records in rejects:
        table.add_row(reason, f"{records:,}")
    table.add_section()
    table.add_row("all", f"{sum(records for _, records in rejects):,}", style="bold")
    return table


def _duplicates_table(outcome: Outcome) -> Table:
    counts = outcome.duplicates
    table = _table("duplicates, by source", "within", "across", "all")
    for how in ("exact", "words", "near"):
        within, across = counts[how, True], counts[how, False]
        table.add_row(how, f"{within:,}", f"{across:,}", f"{within + across:,}")
    table.add_section()
    duplicates = outcome.planted_duplicates
    table.add_row("planted pairs found", "", "", f"{duplicates - outcome.pairs_missed} of {duplicates}")
    table.add_row("near misses removed", "", "", f"{outcome.misses_removed} of {outcome.planted['miss']}")
    return table


def _checks_table(rows: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 1))
    for row in rows:
        mark = Text("✗", style="bold red") if row.problems else Text("✓", style="bold green")
        failed = f"{len(row.problems):,} not so" if row.problems else ""
        table.add_row(
            "", mark, row.promise, Text(f"{row.cases:,}", justify="right"), Text(failed, style="red")
        )
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
    for other in others:
        table.add_column(other, justify="right", no_wrap=True)
    return table


def loss_curve(losses: Sequence[tuple[int, float]], console: Console) -> None:
    """Draw the finite of (step, loss) as a curve; nothing if there are none. Colored on terminals only."""
    losses = [(step, loss) for step, loss in losses if math.isfinite(loss)]
    if not losses:
        return
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(min(_CURVE_WIDTH, console.width), _CURVE_HEIGHT)
    ends = [f"{loss:.2f} at step {step}" for step, loss in (losses[0], losses[-1])]
    figure.title(f"training loss: {', '.join(ends)}")
    steps, values = [step for step, _ in losses], [loss for _, loss in losses]
    figure.draw(figure.signal(steps, values, marker="braille").lines())
    lowest, highest = steps[0], max(steps[-1], steps[0] + 1)
    ticks = sorted({lowest + (highest - lowest) * part // 4 for part in range(5)})
    figure.ruler("x").ticks(ticks, [str(tick) for tick in ticks])
    drawing = Text(figure.build().string(colorless=True))
    drawing.highlight_regex(r"[\u2801-\u28ff]+", "cyan")
    console.print()
    console.print(drawing, soft_wrap=True)

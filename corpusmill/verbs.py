"""What the verbs of the command line do, above the pipeline and the trainer."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from corpusmill.pipeline import check as checks
from corpusmill.pipeline import dedup, filtering, ingest, run, settings, tokenize
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.preview import Preview, shown
from corpusmill.pipeline.summary import Row, Summary, total
from corpusmill.recipe import Recipe
from corpusmill.train import launch

CORPUS = ("ingest", "filter", "dedup", "tokenize", "report")


def stages(job: Job, names: Sequence[str]) -> list[str]:
    """Do stages and tell what became of each source; where the ledger does not balance."""
    with run.opened(job):
        problems = run.do(job, names)
        _tell_sources(Summary(job.run, job.recipe))
    if "report" in names:
        job.say(f"report: {_shown(job.run / 'report' / 'index.html')}")
    return [f"the ledger does not balance: {problem}" for problem in problems]


def _tell_sources(summary: Summary) -> None:
    """Print what became of each source's records, and what took so much of one that it should be known."""
    rows = summary.rows()
    table = _sources_table(rows)
    console = Console()
    # Digits are never folded or cut: where the terminal is too narrow, it breaks the lines itself.
    console.width = max(
        console.width, console.measure(table, options=console.options.update(max_width=1_000)).maximum
    )
    console.print(table)
    for line in summary.warnings():
        console.print(f"warning: {line}", highlight=False, markup=False, soft_wrap=True)


def _sources_table(rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("source", overflow="fold", min_width=8)
    together = total(rows).figures()
    # Only Reddit's records make documents together, and not every source has something left out.
    shown = [name for name in together if name not in ("left out", "documents") or together["left out"]]
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        figures = row.figures()
        table.add_row(Text(row.source), *(_figure(figures[name]) for name in shown))
    if len(rows) > 1:
        table.add_section()
        table.add_row("all", *(_figure(together[name]) for name in shown), style="bold")
    return table


def _figure(number: int | None) -> str:
    return "" if number is None else f"{number:,}" if number else "-"


def check(recipe: Recipe, inputs: str, files: bool) -> list[str]:
    """Print what a recipe resolves to, with `files` every file; one line a problem."""
    checked = checks.check(recipe, inputs)
    found = checked.found
    console = Console()
    console.print(_resolved_table(found))
    for each in found:
        if files:
            for dump in each.dumps:
                console.print(dump.path, highlight=False, markup=False, soft_wrap=True)
        if each.first is not None and each.first.records:
            _tell_first(each.entry.name, each.first, console)
    for note in checked.notes:
        print(f"corpusmill check: note: {note}", file=sys.stderr)
    return checked.problems


def _resolved_table(found: Sequence[checks.Resolved]) -> Table:
    table = Table(box=box.HORIZONTALS, show_footer=True, header_style="")
    table.add_column("source", "all")
    table.add_column("read as")
    table.add_column("files", f"{sum(len(each.dumps) for each in found):,}", justify="right")
    table.add_column("size", decimal(sum(each.bytes for each in found)), justify="right")
    table.add_column("rules", overflow="fold")
    for each in found:
        read_as = [getattr(each.entry, name, "") for name in ("family", "layout")]
        more = [f"{name}: {' '.join(rules)}" for name, rules in each.more_rules.items()]
        table.add_row(
            Text(each.entry.name),
            " ".join(filter(None, read_as)) or "evaluation set",
            f"{len(each.dumps):,}",
            decimal(each.bytes),
            Text("; ".join([" ".join(each.rules), *more])),
        )
    return table


def _tell_first(name: str, first: Preview, console: Console) -> None:
    """Print a source's first document as it would be, and what its first records are otherwise."""
    if first.example is not None:
        title = Text(f"{name}: {first.where}")
        text = Text(shown(first.example), overflow="fold")
        console.print(Panel(text, title=title, title_align="left", box=box.SQUARE))
    if first.fields:
        there = ", ".join(first.fields)
        console.print(f"{name}: the fields are {there}", highlight=False, markup=False, soft_wrap=True)
    for what, counts in (("rejected", first.rejects), ("left out", first.removals)):
        if counts:
            told = ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common())
            line = f"{name}: {counts.total():,} of the first {first.records:,} records {what} ({told})"
            line += f", as {first.reject}" if what == "rejected" else ""
            console.print(line, highlight=False, markup=False, soft_wrap=True)


def train(job: Job) -> list[tuple[int, float]]:
    """Train; (step, loss) of every step."""
    settings.refuse(job.recipe, job.inputs, ("train",))
    with run.opened(job):
        losses = _train(job)
    job.say(
        f"train: loss {losses[0][1]:.3f} at step {losses[0][0]}, {losses[-1][1]:.3f} at step {losses[-1][0]}"
    )
    return losses


def demo(job: Job) -> list[str]:
    """Make the demo's inputs in the folder `job.inputs`, do everything on them, and tell what came out.

    The promises that were not kept: planted pairs missed or wrongly removed, unsound removals, an
    unbalanced ledger.
    """
    from corpusmill.demo import inputs, outcome  # needs packages that only the demo's extra installs

    settings.refuse(job.recipe, job.inputs, ("train",))
    truth = inputs.make(Path(job.inputs))
    with run.opened(job):
        problems = run.do(job, ("ingest", "filter", "dedup", "tokenize"))
        losses = _train(job)
        problems += run.do(job, ("report",))  # after the training, whose curve it shows
    found = outcome.summarize(job.run, truth)
    console = Console()
    outcome.render(found, console)
    outcome.loss_curve(losses, console)
    console.print(f"report: {_shown(job.run / 'report' / 'index.html')}", soft_wrap=True)
    return problems + found.problems


def _train(job: Job) -> list[tuple[int, float]]:
    upstream = {"ingest": ingest, "filter": filtering, "dedup": dedup}
    for stage, module in upstream.items():
        job.require(stage, module.parameters(job.recipe))
    job.require("tokenize", tokenize.parameters(job))
    job.write_recipe()
    if not job.console.is_terminal:
        start = time.monotonic()
        losses = launch.train(job.run, job.recipe.train, _Ticker(job))
        job.say(f"train                {len(losses):>5} steps {time.monotonic() - start:>17.1f} s")
        return losses
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=job.console) as progress:
        bar = progress.add_task("train", total=job.recipe.train.steps, loss="")
        return launch.train(
            job.run,
            job.recipe.train,
            lambda step, loss: progress.update(bar, completed=step, loss=f"{loss:.3f}"),
        )


class _Ticker:
    """Says every few seconds how far the training is, where there is no terminal for a bar."""

    _SECONDS = 10.0

    def __init__(self, job: Job) -> None:
        self._job = job
        self._last = time.monotonic()
        self._begun = False

    def __call__(self, step: int, loss: float) -> None:
        if self._begun and time.monotonic() - self._last < self._SECONDS:
            return
        self._begun, self._last = True, time.monotonic()
        self._job.say(f"train: step {step:,} of {self._job.recipe.train.steps:,}, loss {loss:.3f}")


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)

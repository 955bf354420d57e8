"""What the verbs of the command line do, above the pipeline and the trainer."""

import time
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from corpusmill.pipeline import check as checks
from corpusmill.pipeline import run, tokenize
from corpusmill.pipeline.job import Job
from corpusmill.recipe import Recipe
from corpusmill.train import launch

CORPUS = ("ingest", "filter", "dedup", "tokenize", "report")


def stages(job: Job, names: Sequence[str]) -> list[str]:
    """Do stages; where the ledger does not balance."""
    with run.opened(job):
        problems = run.do(job, names)
    if "report" in names:
        job.say(f"report: {_shown(job.run / 'report' / 'index.html')}")
    return [f"the ledger does not balance: {problem}" for problem in problems]


def check(recipe: Recipe, inputs: str) -> list[str]:
    """Print what a recipe resolves to; one line a problem."""
    found, problems = checks.check(recipe, inputs)
    table = Table(box=box.HORIZONTALS, show_footer=True, header_style="")
    table.add_column("source", "all")
    table.add_column("read as")
    table.add_column("files", f"{sum(len(each.dumps) for each in found):,}", justify="right")
    table.add_column("size", decimal(sum(each.bytes for each in found)), justify="right")
    table.add_column("rules", overflow="fold")
    for each in found:
        read_as = [getattr(each.entry, name, "") for name in ("family", "layout")]
        table.add_row(
            each.entry.name,
            " ".join(filter(None, read_as)) or "evaluation set",
            f"{len(each.dumps):,}",
            decimal(each.bytes),
            "; ".join(
                [
                    " ".join(each.rules),
                    *(f"{name}: {' '.join(more)}" for name, more in each.more_rules.items()),
                ]
            ),
        )
    Console().print(table)
    return problems


def train(job: Job) -> list[tuple[int, float]]:
    """Train; (step, loss) of every step."""
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
    job.require("tokenize", tokenize.parameters(job))
    job.write_recipe()
    if not job.console.is_terminal:
        start = time.monotonic()
        losses = launch.train(job.run, job.recipe.train)
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


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)

"""A run of a recipe: what every stage is given, and where in the run directory each stage's tables lie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from corpusmill.recipe import Recipe

# The folders of each stage in the order of the stages; the first holds the manifest.
FOLDERS = {
    "ingest": ("documents", "rejects"),
    "dedup": ("duplicates", "signatures"),
    "tokenize": ("tokens",),
    "train": ("model",),
    "report": ("report",),
}
LEDGER = "ledger.parquet"
WORK = "work"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every stage is given."""

    recipe: Recipe
    inputs: str
    run: Path
    workers: int
    beam_args: Sequence[str] = ()
    console: Console = field(default_factory=lambda: Console(stderr=True))

    @property
    def work(self) -> Path:
        """Receipts, exchanges and temporary files; empty when no stage is under way."""
        return self.run / WORK

    def say(self, line: str) -> None:
        """Tell the user something that is worth a line."""
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)

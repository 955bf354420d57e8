"""A run of a recipe: what every stage is given, and where in the run directory each stage's tables lie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from corpusmill.errors import CorpusmillError
from corpusmill.manifest import Manifest, require_manifest, write_text
from corpusmill.recipe import Recipe

# The folders of each stage in the order of the stages.
FOLDERS = {
    "ingest": ("documents", "rejects"),
    "filter": ("filtered",),
    "dedup": ("duplicates", "signatures"),
    "tokenize": ("tokens",),
    "train": ("model",),
    "report": ("report",),
}
LEDGER = "ledger.parquet"
WORK = "work"
RECIPE = "recipe.yaml"


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

    def write_recipe(self) -> None:
        """Put the recipe, every default filled in, into the run directory."""
        self.work.mkdir(exist_ok=True)
        write_text(self.run / RECIPE, self.recipe.dump(), self.work)

    def require(self, stage: str, parameters: dict[str, Any]) -> Manifest:
        """The manifest of a stage that must be finished under this recipe; `CorpusmillError` if it is not."""
        manifest = require_manifest(self.run, stage)
        if manifest.parameters != parameters:
            folder = self.run / FOLDERS[stage][0]
            raise CorpusmillError(f"{folder}: made by another recipe; run `corpusmill {stage}` first")
        return manifest

    def say(self, line: str) -> None:
        """Tell the user something that is worth a line."""
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)

"""What the driver decides before a training starts, and tells every rank."""

from dataclasses import dataclass
from pathlib import Path

from corpusmill.manifest import Input, Manifest, identity
from corpusmill.recipe import Train
from corpusmill.train.journal import JOURNAL


@dataclass(frozen=True, kw_only=True)
class Job:
    """One start of a training."""

    run: Path
    config: Train
    identity: str
    """Names the architecture, the seed and the tokens; a checkpoint of another identity is not ours."""
    shards: list[Input]
    """The token shards, for the manifests of the checkpoints."""
    checkpoint: Path | None
    """The checkpoint to go on from; None to start with step 1."""
    step: int
    """The last step that is done: the checkpoint's, or 0."""
    sequences: int
    """How many sequences were trained on by then: the position in the data."""
    passed_over: list[str]
    """One line for each newer checkpoint that is damaged."""
    tokens_digest: str
    """Names the tokens, as the report's lineage does."""
    changed: dict[str, list[int | float]]
    """{setting: [before, now]} of those that have changed since the last start."""

    @property
    def model(self) -> Path:
        """What the training leaves behind."""
        return self.run / "model"

    @property
    def journal(self) -> Path:
        return self.model / JOURNAL

    @property
    def scratch(self) -> Path:
        """Temporary files, on the filesystem of `model`; the folder exists while a training runs."""
        return self.run / "work" / "train"


def shards_of(tokens: Manifest) -> list[Input]:
    """The train and valid shards of a finished tokenize stage."""
    outputs = tokens.of_kind("train") + tokens.of_kind("valid")
    return [Input(path=each.path, size=each.bytes, sha256=each.sha256) for each in outputs]


def identity_of(config: Train, shards: list[Input]) -> str:
    """The identity of a model: what it is and what it learns from, but not how. All else of the recipe's
    `train` part is a setting, which may change while a model is trained."""
    return identity({"model": config.of_model(), "tokens": [each.sha256 for each in shards]})

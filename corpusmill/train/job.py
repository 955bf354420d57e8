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
    """Names the recipe's `train` part and the tokens; a checkpoint of another identity is not ours."""
    shards: list[Input]
    """The token shards, for the manifests of the checkpoints."""
    checkpoint: Path | None
    """The checkpoint to go on from; None to start with step 1."""
    step: int
    """The last step that is done: the checkpoint's, or 0."""
    passed_over: list[str]
    """One line for each newer checkpoint that is damaged."""

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
    """The identity of a training: equal configurations on equal tokens have the same one."""
    parts = {"train": config.model_dump(mode="json"), "tokens": [each.sha256 for each in shards]}
    return identity(parts)

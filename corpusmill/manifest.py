"""What finished work says of itself: receipts of items, manifests of stages, identities of both.

An identity is a hash of everything that decides the bytes of an output, and of nothing else: no
location, worker count or engine. Work is finished when its receipt or manifest has been renamed into
place, which is always the last thing done; so whatever a kill leaves behind without one is not used.
"""

import dataclasses
import hashlib
import json
import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpusmill.errors import CorpusmillError
from corpusmill.ledger import Entry
from corpusmill.runs import MANIFESTS


@dataclass(frozen=True, kw_only=True)
class Input:
    """A file that was read: its path relative to the inputs, its size, and the hash of its bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Output:
    """A file that was written. In a receipt `path` is a name in the step's folder, in a manifest it is
    relative to the run directory. `kind` says which table of the stage the file belongs to."""

    kind: str
    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What one work item did. `facts` is small JSON for the steps that follow and for the manifest;
    `marks` are the modification marks that the inputs had, which only decide whether to look again."""

    item: int
    inputs: list[Input] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a finished stage wrote, from which inputs, under which parameters. Holds no location and no
    time, so equal runs have equal manifests."""

    stage: str
    identity: str
    parameters: dict[str, Any]
    unidata_version: str = unicodedata.unidata_version
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Output]:
        """The outputs of one table, in the order of their numbers."""
        return [output for output in self.outputs if output.kind == kind]


def identity(parts: Mapping[str, Any]) -> str:
    """16 hex digits that name `parts` (anything JSON can say, keys in any order)."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def outputs_digest(outputs: Sequence[Output]) -> str:
    """16 hex digits that name a stage's outputs: their paths and contents."""
    return identity({output.path: output.sha256 for output in outputs})


def hash_file(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str, work: Path) -> None:
    """Write a small file so that a reader sees the old text or the new, never a part. The temporary
    file lies in `work`, which must be on the same filesystem."""
    temporary = work / f"{path.name}.{os.getpid()}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def to_json(record: Receipt | Manifest) -> str:
    """The text of a receipt or manifest; equal records give equal texts."""
    return json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def read_receipt(path: Path) -> Receipt | None:
    """The receipt at `path`, or None if there is none."""
    fields = _read_json(path)
    if fields is None:
        return None
    return Receipt(
        item=fields["item"],
        inputs=[Input(**each) for each in fields["inputs"]],
        marks=fields["marks"],
        outputs=[Output(**each) for each in fields["outputs"]],
        ledger=[Entry(**each) for each in fields["ledger"]],
        facts=fields["facts"],
    )


def manifest_path(run: Path, stage: str) -> Path:
    """Where the manifest of a stage is once the stage is finished."""
    return run / MANIFESTS / f"{stage}.json"


def read_manifest(path: Path) -> Manifest | None:
    """The manifest at `path`, or None if there is none."""
    fields = _read_json(path)
    if fields is None:
        return None
    try:
        return Manifest(
            stage=fields["stage"],
            identity=fields["identity"],
            parameters=fields["parameters"],
            unidata_version=fields["unidata_version"],
            inputs=[Input(**each) for each in fields["inputs"]],
            outputs=[Output(**each) for each in fields["outputs"]],
            ledger=[Entry(**each) for each in fields["ledger"]],
            facts=fields["facts"],
        )
    except (KeyError, TypeError) as error:
        raise CorpusmillError(f"{path}: damaged (no manifest); delete it and run again") from error


def require_manifest(run: Path, stage: str) -> Manifest:
    """The manifest of a stage that must be finished; `CorpusmillError` says which stage to run."""
    manifest = read_manifest(manifest_path(run, stage))
    if manifest is None:
        raise CorpusmillError(f"{run}: no finished {stage} stage here; run `corpusmill {stage}` first")
    return manifest


def missing(run: Path, outputs: Sequence[Output]) -> list[str]:
    """One line for each output that is not there or has another size."""
    problems = []
    for output in outputs:
        path = run / output.path
        size = path.stat().st_size if path.exists() else None
        if size is None:
            problems.append(f"{output.path} is gone")
        elif size != output.bytes:
            problems.append(f"{output.path} has {size} bytes instead of {output.bytes}")
    return problems


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        content: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise CorpusmillError(f"{path}: damaged ({error}); delete it and run again") from error
    return content

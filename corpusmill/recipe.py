"""The recipe: what goes in, in which order of preference, and with which rules.

A recipe is a YAML file; everything left out is filled with the defaults below, and the result is what
`RUN/recipe.yaml` shows. The order of `sources` is the order of preference: of two duplicates the one
whose source stands first is kept. Each stage is identified by its own part of the recipe only, so a
change to the tokenizer does not read the dumps again.
"""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from corpusmill.entries import Part, Source
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import Decontaminate
from corpusmill.filters import GROUPS, Filter, Group
from corpusmill.recipe_problems import lines
from corpusmill.recipe_text import parse

Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Dedup(Part):
    """Duplicates by exact Jaccard over sets of word 5-grams."""

    method: Literal["minhash"] = "minhash"
    threshold: Decimal = Field(default=Decimal("0.95"), gt=0, le=1, decimal_places=6)
    """Taken as the decimal fraction that is written, never as a float."""
    recall: float = Field(default=0.995, gt=0, lt=1)
    """Pairs at the threshold or above are found with at least this probability."""
    permutations: int = Field(default=128, ge=8, le=1024)
    seed: Seed = 1

    @field_validator("threshold", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return str(value) if isinstance(value, float) else value

    @property
    def fraction(self) -> Fraction:
        """The threshold as p/q."""
        return Fraction(self.threshold)


class Validation(Part):
    """The validation split: the smaller of `bytes` and `share` of the kept bytes, spread over the sources."""

    bytes: int = Field(default=200_000_000, ge=1, le=1 << 60)
    share: float = Field(default=0.01, gt=0, lt=0.5)


class Tokenize(Part):
    """Byte-pair encoding and the token shards."""

    vocabulary: str = "gpt2"
    """`gpt2` (its original files ship with a dependency) or a folder with vocab.json and merges.txt."""
    end_of_text: str = "<|endoftext|>"
    """The entry of the vocabulary that ends every document."""
    seed: Seed = 1
    """Of the validation split and the global shuffle."""
    shard_bytes: int = Field(default=256 << 20, ge=1 << 16, le=1 << 40)
    """About how many bytes of token ids go into one shard."""
    validation: Validation = Validation()


_OF_MODEL = {"layers", "hidden", "heads", "sequence", "seed"}


class Train(Part):
    """The training run. Fidelity to OPT's own recipe comes with the presets of a later version.

    `layers`, `hidden`, `heads`, `sequence` and `seed` say which model it is: with others another one is
    trained, and this one is moved aside. All else are settings: they may change between two starts, and the
    training goes on.
    """

    layers: int = Field(default=4, ge=1)
    hidden: int = Field(default=128, ge=8)
    heads: int = Field(default=2, ge=1)
    sequence: int = Field(default=256, ge=8)
    """Tokens a sequence; the model's context."""
    batch: int = Field(default=8, ge=1)
    """Sequences a step, over all ranks."""
    steps: int = Field(default=200, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup: int = Field(default=20, ge=0)
    """Steps of linear warm-up; then the rate falls linearly to a tenth at the last step."""
    seed: Seed = 1
    processes: int = Field(default=2, ge=1)
    """Ranks on this machine; with GPUs at most one a GPU."""
    checkpoint_every: int = Field(default=50, ge=1)
    """Steps between checkpoints; one is written after the last step too."""
    validate_every: int = Field(default=50, ge=1)
    """Steps between losses on the validation split."""

    def of_model(self) -> dict[str, int]:
        """What says which model it is."""
        return self.model_dump(include=_OF_MODEL)

    def settings(self) -> dict[str, int | float]:
        """What may change while a model is trained."""
        return self.model_dump(exclude=_OF_MODEL)

    @model_validator(mode="after")
    def _divisible(self) -> Self:
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of heads ({self.heads})")
        if self.batch % self.processes:
            raise ValueError(f"batch ({self.batch}) must be a multiple of processes ({self.processes})")
        return self


class Recipe(Part):
    """A whole recipe. `load` reads one; `dump` gives the resolved text for `RUN/recipe.yaml`."""

    sources: list[Source] = Field(min_length=1)
    measure: list[Group] = Field(default_factory=list)
    """Groups of quality signals that ingest measures for every document, beside those that `filter` needs:
    what is measured once can be filtered by later without reading the dumps again."""
    decontaminate: Decontaminate | None = None
    """Evaluation sets of which nothing may be in the corpus."""
    filter: Filter = Filter()
    dedup: Dedup = Dedup()
    tokenize: Tokenize = Tokenize()
    train: Train = Train()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [entry.name for entry in self.sources]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"source names must differ; repeated: {repeated}")
        return self

    @model_validator(mode="after")
    def _filtered_sources_exist(self) -> Self:
        known = self.source_priority()
        for group, rules in self.filter:
            unknown = [name for name in (rules and rules.sources) or [] if name not in known]
            if unknown:
                raise ValueError(f"filter.{group}.sources: {unknown} are no sources; those are {list(known)}")
        return self

    def measured(self) -> tuple[Group, ...]:
        """The groups of signals that ingest measures."""
        asked = {*self.measure, *self.filter.groups()}
        return tuple(group for group in GROUPS if group in asked)

    def source_priority(self) -> dict[str, int]:
        """{value of the column `source`: its place in the order of preference, 0 the most preferred}."""
        names = [name for entry in self.sources for name in entry.source_names()]
        return {name: place for place, name in enumerate(dict.fromkeys(names))}

    def dump(self) -> str:
        """The recipe as resolved, every default filled in, as YAML."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)


_MOST_BYTES = 16 << 20  # of a recipe; OPT's has 6,000


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES >> 20} MiB are no recipe")
    return content.decode()


def load(path: Path) -> Recipe:
    """Read a recipe; `CorpusmillError` with one line that names the file and the field otherwise."""
    try:
        content = parse(_text(path))
    except OSError as error:
        raise CorpusmillError(f"{path}: cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise CorpusmillError(f"{path}: not YAML: nested too deep") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, or no date
        said = " ".join(str(error).split()).replace('in "<unicode string>", ', "at ")
        said = "a number of more digits than can be read" if "int_max_str_digits" in said else said
        raise CorpusmillError(f"{path}: not YAML: {said}") from error
    if not isinstance(content, dict):
        raise CorpusmillError(f"{path}: a recipe is a mapping with the key `sources`")
    try:
        return Recipe.model_validate(content, context={"folder": path.absolute().parent})
    except ValidationError as error:
        raise CorpusmillError(f"{path}: {'; '.join(lines(Recipe, content, error.errors()))}") from error

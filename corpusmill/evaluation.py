"""The recipe's evaluation sets, of which nothing may be in the corpus, and what is done about it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from corpusmill.entries import FieldName, Globs, Part


class EvaluationSet(Part):
    """Examples of one benchmark: a JSON line or Parquet row each."""

    name: str = Field(min_length=1)
    files: Globs = Field(min_length=1)
    """Globs relative to the inputs folder, or URLs: *.parquet, or JSON lines, packed or not."""
    fields: list[FieldName] = Field(min_length=1)
    """The fields that make an example's text, in order; strings or lists of strings. A dot goes into a nested
    object."""


class Decontaminate(Part):
    """Search every document for word n-grams of evaluation sets (Brown et al. 2020, arXiv 2005.14165,
    appendix C: 13-grams, 200 characters on either side, at most ten pieces)."""

    sets: list[EvaluationSet] = Field(min_length=1)
    n: int = Field(default=13, ge=5, le=64)
    min_words: int = Field(default=8, ge=5, le=64)
    """An example with fewer than `n` words is searched for as a whole if it has as many as this."""
    remove: Literal["spans", "documents", "nothing"] = "spans"
    """`spans`: what is found and the margins around it, at ingest; `documents`: every document in which
    something is found, in the filter stage; `nothing`: it is reported only."""
    margin: int = Field(default=200, ge=0)
    """Characters on either side of a span that go with it, as far as they are whole words."""
    min_piece: int = Field(default=200, ge=0)
    """Characters of the shortest piece between spans that stays."""
    max_pieces: int = Field(default=10, ge=1)
    """A document of which more pieces would be left goes as a whole."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [each.name for each in self.sets]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"names of sets must differ; repeated: {repeated}")
        if self.min_words > self.n:
            raise ValueError(f"min_words ({self.min_words}) is more than n ({self.n})")
        return self

"""The recipe's filter: which documents are out by quality, judged from what ingest measured.

Every threshold is the published one unless the recipe gives another; null switches a rule off. A document
that breaks a rule is listed in `RUN/filtered` under the rule's name, which is its place in the recipe:
`gopher_quality.min_doc_words`.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from corpusmill.entries import Names, Part

Ratio = Annotated[float, Field(ge=0, le=1)]
Group = Literal["gopher_quality", "gopher_repetition", "c4", "fineweb", "language", "pii", "url"]
GROUPS: tuple[Group, ...] = (
    "gopher_quality",
    "gopher_repetition",
    "c4",
    "fineweb",
    "language",
    "pii",
    "url",
)
"""What may be measured, in the order in which the rules are asked."""


class Rules(Part):
    """What all groups of rules have."""

    sources: list[str] | None = None
    """Documents of these sources only; of all if null."""


class GopherQuality(Rules):
    """Rae et al. 2021 (arXiv 2112.11446), A1.1, with the field names of datatrove."""

    min_doc_words: int | None = 50
    max_doc_words: int | None = 100_000
    min_avg_word_length: float | None = 3
    max_avg_word_length: float | None = 10
    max_symbol_word_ratio: float | None = 0.1
    """Of # to words, and of ellipses to words."""
    max_bullet_lines_ratio: Ratio | None = 0.9
    max_ellipsis_lines_ratio: Ratio | None = 0.3
    max_non_alpha_words_ratio: Ratio | None = 0.8
    """The least share of words with a letter in them: the name is datatrove's, the meaning the paper's."""
    min_stop_words: int | None = 2
    """How many different ones of the, be, to, of, and, that, have, with."""


class GopherRepetition(Rules):
    """Rae et al. 2021 (arXiv 2112.11446), table A1: shares of repeated lines, paragraphs and n-grams."""

    dup_line_frac: Ratio | None = 0.3
    dup_para_frac: Ratio | None = 0.3
    dup_line_char_frac: Ratio | None = 0.2
    dup_para_char_frac: Ratio | None = 0.2
    top_n_grams: dict[Annotated[int, Field(ge=2, le=4)], Ratio] = Field(
        default_factory=lambda: {2: 0.2, 3: 0.18, 4: 0.16}
    )
    """For the n of an n-gram; those left out are off."""
    dup_n_grams: dict[Annotated[int, Field(ge=5, le=10)], Ratio] = Field(
        default_factory=lambda: {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
    )


class C4(Rules):
    """Raffel et al. 2020 (arXiv 1910.10683), 2.2: of pages. Its rules for lines are the cleaning rule
    `c4_lines`, which goes before this one."""

    min_num_sentences: int | None = 5
    filter_lorem_ipsum: bool = True
    filter_curly_bracket: bool = True


class FineWeb(Rules):
    """Penedo et al. 2024 (arXiv 2406.17557), with the field names of datatrove."""

    line_punct_thr: Ratio | None = 0.12
    line_punct_exclude_zero: bool = False
    """A text of which no line ends in punctuation passes `line_punct_thr`."""
    short_line_thr: Ratio | None = 0.67
    """Of lines of at most 30 characters."""
    char_duplicates_ratio: Ratio | None = 0.01
    new_line_ratio: float | None = 0.3
    """Of line breaks to words."""


class Language(Rules):
    """Which languages stay (codes of ISO 639-1), as identified with a probability of at least `min_score`."""

    keep: list[str] = Field(min_length=1)
    min_score: Ratio = 0.0


class PII(Rules):
    """How many email addresses, IP addresses and phone numbers a document may hold."""

    max_emails: int | None = None
    max_ip_addresses: int | None = None
    max_phone_numbers: int | None = None


class URL(Rules):
    """Documents from blocked addresses are out; a document without an address stays."""

    block: Names
    """A file with a domain (its subdomains too) or host/path a line."""


class Filter(Part):
    """Groups of rules, each off if null; a document is out by the first rule that it breaks."""

    gopher_quality: GopherQuality | None = None
    gopher_repetition: GopherRepetition | None = None
    c4: C4 | None = None
    fineweb: FineWeb | None = None
    language: Language | None = None
    pii: PII | None = None
    url: URL | None = None

    @field_validator("gopher_quality", "gopher_repetition", "c4", "fineweb", mode="before")
    @classmethod
    def _published(cls, value: object) -> object:
        return {} if value is True else None if value is False else value

    def groups(self) -> frozenset[Group]:
        """The groups that must have been measured."""
        return frozenset(group for group in GROUPS if getattr(self, group) is not None)

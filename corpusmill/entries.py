"""The recipe's source entries: one class a corpus family, and what each family lets a recipe choose.

What can be wrong about an entry without looking at its files is refused here, when the recipe is loaded.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from corpusmill.runs import run_around

# The Pile's sets, named as in its paper (arXiv 2101.00027) and as in every record's `pile_set_name`.
PILE_SETS = (
    "Pile-CC",
    "PubMed Central",
    "Books3",
    "OpenWebText2",
    "ArXiv",
    "Github",
    "FreeLaw",
    "StackExchange",
    "USPTO Backgrounds",
    "PubMed Abstracts",
    "Gutenberg (PG-19)",
    "OpenSubtitles",
    "Wikipedia (en)",
    "DM Mathematics",
    "Ubuntu IRC",
    "BookCorpus2",
    "EuroParl",
    "HackerNews",
    "YoutubeSubtitles",
    "PhilPapers",
    "NIH ExPorter",
    "Enron Emails",
)


class Part(BaseModel):
    """A part of a recipe: frozen, and nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _normal(pattern: str) -> str:
    """A glob without `.` and empty parts. URLs are left alone, as some servers tell `//` from `/`."""
    if "://" in pattern:
        return pattern
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts:
        raise ValueError(f"{pattern!r} names no file")
    if pattern.endswith("/"):
        raise ValueError(f"{pattern!r} names folders; write {pattern}* for the files in them")
    if parts[0].startswith("~"):
        raise ValueError(f"{pattern!r}: a home folder is not looked up here; write its path")
    return "/" * pattern.startswith("/") + "/".join(parts)


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise ValueError(f"{name!r} has characters that cannot be shown on a line")
    return name


Globs = list[Annotated[str, AfterValidator(_normal)]]


class Entry(Part):
    """What the entries of all families have."""

    family: str
    name: Annotated[str, AfterValidator(_one_line)] = Field(min_length=1)
    """The source's name in every table (for the Pile: of lines whose set cannot be known)."""
    files: Globs = Field(min_length=1)
    """Globs relative to the inputs folder, or URLs that fsspec understands."""
    rules: list[str] | None = None
    """The cleaning rules, by name and in order, in place of the family's own."""
    variant: Literal["fixed", "faithful"] = "fixed"
    """Of OPT's rules among the family's own: with their known mistakes mended, or as OPT had them."""
    languages: list[str] = []
    """Documents in another language (codes of ISO 639-1, identified from the text) are removed as `language`;
    all languages stay if empty."""
    max_reject_ratio: float = Field(default=1.0, ge=0, le=1)
    """The stage fails if more than this share of the entry's records are rejects. Decides no byte."""

    @field_validator("languages", mode="before")
    @classmethod
    def _quoted(cls, value: Any) -> Any:
        if isinstance(value, list) and any(isinstance(code, bool) for code in value):
            raise ValueError('YAML reads no, yes, on and off as truth values: write "no", in quotes')
        return value

    def source_names(self) -> list[str]:
        """The values that this entry gives to the column `source`, most preferred first."""
        return [self.name]


FieldName = Annotated[str, Field(min_length=1)]


class Fields(Part):
    """Which fields (or columns) of a record are what. A dot goes into a nested object: `meta.url`."""

    text: list[FieldName] = Field(default=["text"], min_length=1)
    """The text. Of several fields all must be there and have text in them, or the record is a reject; they
    are joined in this order."""
    optional: list[FieldName] = []
    """Those of `text` that may be missing, null or blank: the document is made of the others, of which at
    least one must have text."""
    join: str = "\n\n"
    """What stands between them: an empty line."""
    meta: list[FieldName] = []
    """Carried into the document's `meta` under their own names, where they are there."""

    @field_validator("text", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _known(self) -> Self:
        if unknown := [name for name in self.optional if name not in self.text]:
            raise ValueError(f"optional: {', '.join(unknown)}: not among the fields of text")
        return self


class Books(Entry):
    """BookCorpus in all its forms, Project Gutenberg, and other books."""

    family: Literal["books"]
    layout: Literal[
        "plain", "gutenberg", "epubtxt", "epub", "sentences", "blank_line", "five_blank_lines", "parquet"
    ]
    """A file a book: `plain` text, `gutenberg` (header and footer are taken off), `epubtxt` (books1), `epub`
    itself. Many books a file: `blank_line` or `five_blank_lines` between them. No borders at all, a
    sentence a line or row: `sentences` and `parquet`, re-made into documents of `block_bytes`."""
    block_bytes: int = Field(default=65_536, ge=1_024, le=1 << 28)
    """Bytes of text after which a document ends where the books' borders are lost."""


class Stories(Entry):
    """CC-Stories."""

    family: Literal["stories"]
    layout: Literal["lines", "blank_line", "parquet"]
    """One document a line, or blank lines between documents, or a Parquet row a document."""


Extractor = Literal["trafilatura", "resiliparse"]


class News(Entry):
    """CC-News: pages of Common Crawl's news crawl, or articles that news-please has extracted."""

    family: Literal["news"]
    layout: Literal["warc", "newsplease"]
    """WARC files of pages, or JSON of articles (an object a line, a file, or a member of a tar or zip)."""
    extractor: Extractor = "trafilatura"
    """From HTML to text: trafilatura is the better, resiliparse ten times as fast (docs/sources.md)."""
    since: date | None = None
    until: date | None = date(2021, 9, 28)
    """The crawl window, first and last day (UTC); OPT's CCNewsV2 ends on 2021-09-28."""
    languages: list[str] = ["en"]

    @model_validator(mode="after")
    def _some_days(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")
        return self


class OpenWebText(Entry):
    """OpenWebText and OpenWebText2."""

    family: Literal["openwebtext"]
    layout: Literal["tar", "text", "parquet", "jsonl"]
    """`tar`: archives of texts or of xz'd tars of texts (the original and Hugging Face's); `text`: unpacked,
    a file a page; `jsonl`: OpenWebText2."""


class Wikipedia(Entry):
    """Wikipedia."""

    family: Literal["wikipedia"]
    layout: Literal["xml", "wikiextractor", "parquet"]
    """MediaWiki's XML dump, wikiextractor's output (either form), or Hugging Face's Parquet."""


class Pile(Entry):
    """The Pile's jsonl, or any other container of lm_dataformat."""

    family: Literal["pile"]
    sets: list[str] = Field(default_factory=lambda: list(PILE_SETS), min_length=1)
    """The sets to take, most preferred first; documents of another set are removed as `set_not_chosen`."""
    default_set: str | None = None
    """The set of records that name none, as in a component of the Pile; without it they are rejects."""

    @model_validator(mode="after")
    def _sets_exist(self) -> Self:
        unknown = [name for name in [*self.sets, self.default_set or PILE_SETS[0]] if name not in PILE_SETS]
        if unknown:
            raise ValueError(f"unknown Pile sets {unknown}; the sets are {list(PILE_SETS)}")
        return self

    def source_names(self) -> list[str]:
        return [*dict.fromkeys(self.sets), *([] if self.name in self.sets else [self.name])]


class Names(Part):
    """A list of names in a file of its own: a name a line, case is nothing, `#` begins a comment.

    A recipe gives the file's path, relative to its own folder.
    """

    file: str
    sha256: str
    """Of the names, sorted: where the file lies decides nothing."""
    names: frozenset[str] = Field(default=frozenset(), exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        given = value.get("file") if isinstance(value, dict) else value
        if not isinstance(given, str):
            raise ValueError("give the path of a file with a name a line")
        path = Path((info.context or {}).get("folder", "."), given).absolute()
        if run := run_around(path):
            raise ValueError(f"{path}: lies in {run}, the folder of a run, which is never an input; copy it")
        try:
            if path.exists() and not path.is_file():  # reading a pipe would wait for ever
                raise ValueError(f"{path}: is no file")
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ValueError(f"{path}: cannot be read: {why}") from error
        names = {line.split("#")[0].strip().lower() for line in lines} - {""}
        sha256 = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
        return {"file": str(path), "sha256": sha256, "names": frozenset(names)}


Length = Annotated[int, Field(ge=1)]


class Drop(Part):
    """The nine rules of Roller et al. 2021 (arXiv 2004.13637, 6.1), in their order, each a switch: off if
    null or false. A comment that one of them drops takes all that hangs on it along."""

    bots: Names | None = None
    """1. The author is one of these."""
    subreddits: Names | None = None
    """2. The subreddit is one of these (theirs are not English); `r/` in front is not written."""
    deleted: bool = False
    """3. The body says that it was removed or deleted: [deleted], [removed]."""
    unspaced: Length | None = None
    """4. Longer than this many characters, without a space; theirs: 2048."""
    tokens: Length | None = None
    """5. Longer than this many tokens of the recipe's vocabulary; theirs: 128."""
    short: Length | None = None
    """6. Shorter than this many characters; theirs: 5."""
    url: bool = False
    """7. It has a URL in it."""
    non_ascii: bool = False
    """8. It starts with a character that is not ASCII."""
    depth: Length | None = None
    """9. Deeper in the thread than this, where a comment on the post itself has depth 1; theirs: 7."""


class Pushshift(Entry):
    """PushShift Reddit dumps (RC_*, RS_* and per-subreddit files, .zst, .bz2, .xz): one document a thread,
    its longest chain of comments, one message a line."""

    family: Literal["pushshift"]
    submissions: Literal["leave", "title", "post"] = "leave"
    """What becomes of submissions among the files: removed as `submission`; or their `title` is the first
    line of the thread's document; or title and selftext are (`post`), also where no comment follows."""
    drop: Drop = Drop()


class Text(Entry):
    """Plain text of one's own, also in tar and zip archives."""

    family: Literal["text"]
    layout: Literal["file", "lines", "blank_line"] = "file"
    """A document a file (or archive member), a document a line, or blank lines between documents."""
    extractor: Literal["trafilatura", "resiliparse", "none"] | None = None
    """What makes text of files that are HTML pages (`layout: file`); `none` leaves their tags in. Without it
    such files are refused."""

    @model_validator(mode="after")
    def _whole_pages(self) -> Self:
        if self.extractor not in (None, "none") and self.layout != "file":
            raise ValueError(f"extractor: a page is a whole file; with layout {self.layout} there is none")
        return self


class Jsonl(Entry):
    """JSON lines of one's own, also in tar and zip archives."""

    family: Literal["jsonl"]
    fields: Fields = Fields()


class Parquet(Entry):
    """Parquet of one's own, a document a row."""

    family: Literal["parquet"]
    fields: Fields = Fields()


class Warc(Entry):
    """WARC of one's own: the text of HTML responses, and of the conversion records of WET files."""

    family: Literal["warc"]
    extractor: Extractor = "trafilatura"


Source = Annotated[
    Books | Stories | News | OpenWebText | Wikipedia | Pile | Pushshift | Text | Jsonl | Parquet | Warc,
    Field(discriminator="family"),
]

"""What becomes of everything that a source yields: documents are cleaned and harvested, comments sent on to
their threads, and what cannot be used or is left out is counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpusmill.clean import rules
from corpusmill.clean.encoded import encoding_levels
from corpusmill.clean.language import identify, require_known
from corpusmill.entries import Entry, Pushshift
from corpusmill.errors import CorpusmillError
from corpusmill.pipeline.comments import Sender
from corpusmill.pipeline.decontamination import Search
from corpusmill.pipeline.harvest import Draft, Harvest, Part
from corpusmill.pipeline.items import Outbox
from corpusmill.recipe import Recipe
from corpusmill.sources import Source, rules_of, source_of
from corpusmill.sources.records import Comment, Outcome, Record, Reject, Removal, Submission, is_harmless

LANGUAGE = "language"  # reason of the removal of a document in a language that was not asked for


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What all items that read dumps are given. `files` numbers the files of comments, whose threads are
    spread over `partitions`; `inputs` is where a vocabulary may lie; `index` is the folder of the index of
    evaluation sets, if the recipe has any."""

    recipe: Recipe
    inputs: str
    files: Mapping[str, int]
    partitions: int
    index: Path | None = None

    def harvest(self, outbox: Outbox) -> Harvest:
        """What an item's documents go to."""
        options = self.recipe.decontaminate
        search = Search(options=options, folder=self.index) if options and self.index else None
        return Harvest(outbox, self.recipe.measured(), search)

    def entry(self, number: int) -> Entry:
        """A source of the recipe."""
        return self.recipe.sources[number]


class Intake:
    """Takes the outcomes of one entry's records in one work item; `close` before the item is done."""

    def __init__(self, reading: Reading, number: int, outbox: Outbox) -> None:
        entry = reading.entry(number)
        self.source: Source = source_of(entry)
        self.harvest = reading.harvest(outbox)
        self._number = number
        self._languages = entry.languages
        self._entry = entry
        self._chains: dict[str, tuple[rules.Rule, ...]] = {}
        self._documents, self._encoded = Counter[str](), Counter[str]()
        self._files = reading.files
        self._sender = None
        if isinstance(entry, Pushshift):
            self._sender = Sender(outbox, number, entry, reading.recipe.tokenize, reading)
        self._records = self._between = 0

    def take(self, path: str, place: int, each: Outcome) -> None:
        """Take what became of the record that has number `place` in the file at `path`."""
        self._records += 1
        match each:
            case Record():
                self._document(path, each)
            case Comment() | Submission() if self._sender is not None:
                self._sender.add(self._files[path], place, each)
            case Reject():
                fields = asdict(each)
                self.harvest.reject(path=path, n_bytes=fields.pop("bytes"), **fields)
            case Removal():
                self._between += is_harmless(each.reason)
                self.harvest.removal(each.source, each.reason, each.bytes)
            case _:
                raise CorpusmillError(f"{path}: a {type(each).__name__} is not what this source yields")

    def close(self) -> dict[str, Any]:
        """Write what is left; the item's facts: how many records were read, and how many are rejects."""
        if self._sender is not None:
            self._sender.close()
        self.harvest.close()
        # What stands between records in every good file is none of those that may be rejects.
        records = self._records - self._between
        facts = {"entry": self._number, "records": records, "rejects": self.harvest.rejects}
        encoded = {name: [n, self._documents[name]] for name, n in self._encoded.items()}
        return facts | self.harvest.facts() | {"encoded": encoded}

    def _document(self, path: str, record: Record) -> None:
        if record.source not in self._chains:
            self._chains[record.source] = chain_of(self._entry, record.source)
        self._documents[record.source] += 1
        self._encoded[record.source] += encoding_levels(record.text) > 0
        text, changes = rules.apply(self._chains[record.source], record.text)
        draft = Draft(
            source=record.source,
            path=path,
            record=record.record,
            text=text,
            meta=record.meta,
            parts=[Part(path=path, record=record.record, text=record.text)],
            changes=changes,
        )
        file_document(self.harvest, draft, self._languages)


def require_usable(entry: Entry) -> None:
    """`CorpusmillError` if a recipe's entry names a cleaning rule or a language that does not exist."""
    try:
        for name in entry.source_names():
            chain_of(entry, name)
        require_known(entry.languages)
    except CorpusmillError as error:
        raise CorpusmillError(f"{entry.name}: {error}") from error


def chain_of(entry: Entry, source: str) -> tuple[rules.Rule, ...]:
    """The cleaning rules of a recipe's entry for documents of `source`; `CorpusmillError` if one does not
    exist."""
    if entry.rules is not None:
        return rules.chain(entry.rules)
    names = rules_of(source_of(entry), source)
    return rules.chain(rules.faithful(names) if entry.variant == "faithful" else names)


def file_document(harvest: Harvest, draft: Draft, languages: Sequence[str]) -> None:
    """Harvest a document if it is in one of `languages` or any will do."""
    if not languages or identify(draft.text) in languages:
        harvest.document(draft)
        return
    for part in draft.parts:
        harvest.removal(draft.source, LANGUAGE, len(part.text.encode()))

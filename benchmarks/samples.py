"""Every file of a folder of samples through its source, and the table of what came out, for docs/sources.md.

    python benchmarks/samples.py --samples DIR            # prints the tables
    python benchmarks/samples.py --samples DIR --write docs/sources.md   # puts them between its two marks

Each file is read as a run reads it (framing, parsing, cleaning, threads), apart from all others; its ledger
must balance, or the script fails and names the file.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from corpusmill import ledger
from corpusmill.ledger import Entry
from corpusmill.pipeline.intake import Reading
from corpusmill.pipeline.items import Outbox
from corpusmill.pipeline.listing import find
from corpusmill.pipeline.reading import FilesItem, read_files
from corpusmill.pipeline.threads import ThreadsItem, build_threads
from corpusmill.recipe import Recipe
from corpusmill.sources.records import Reason

# How each file is read: the first pattern that fits. Files that fit none (licences, gold texts) are no dumps.
FORMATS: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("pushshift/*.zst", {"family": "pushshift", "submissions": "post"}),
    ("pushshift/*.xz", {"family": "pushshift", "submissions": "post"}),
    ("pile/hfdummy*", {"family": "pile"}),
    ("pile/*uspto*", {"family": "pile", "default_set": "USPTO Backgrounds"}),
    ("pile/*nih*", {"family": "pile", "default_set": "NIH ExPorter"}),
    ("pile/*arxiv*", {"family": "pile", "default_set": "ArXiv"}),
    ("pile/*stack*exchange*", {"family": "pile", "default_set": "StackExchange"}),
    ("pile/*", {"family": "pile", "default_set": "Pile-CC"}),
    ("books/gutenberg/*.txt", {"family": "books", "layout": "gutenberg"}),
    ("books/pg19/*.txt", {"family": "books", "layout": "plain"}),
    ("books/nltk/*.zip", {"family": "text", "layout": "file"}),
    ("news/*.warc.gz", {"family": "news", "layout": "warc", "until": None}),
    ("news/*.cor", {"family": "text", "layout": "lines"}),
    ("owt/**/*.txt", {"family": "openwebtext", "layout": "text"}),
    ("wiki/*.bz2", {"family": "wikipedia", "layout": "xml"}),
    ("warc/*.paths.gz", {"family": "text", "layout": "lines"}),
    ("warc/*", {"family": "warc"}),
    ("neardup/*.train", {"family": "text", "layout": "lines"}),
    ("neardup/*.jsonl", {"family": "jsonl"}),
    ("malformed/rc*", {"family": "pushshift"}),
    ("malformed/pile_bad*", {"family": "pile"}),
    ("malformed/news*", {"family": "news", "layout": "warc", "until": None}),
    ("malformed/*.zst", {"family": "pile"}),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What became of one file: counts of records, and bytes of raw and of cleaned text."""

    path: str
    form: str
    size: int
    records: int
    documents: int
    rejects: dict[str, int]
    removed: dict[str, int]
    kept_bytes: int


def rows(samples: Path) -> Iterator[Row]:
    """A row for each file under `samples` that some pattern fits, in the order of their paths."""
    for path in sorted(path for path in samples.rglob("*") if path.is_file()):
        name = path.relative_to(samples).as_posix()
        form = next((form for pattern, form in FORMATS if fnmatch(name, pattern)), None)
        if form is not None:
            yield _row(samples, name, form)


def _row(samples: Path, name: str, form: dict[str, str | None]) -> Row:
    recipe = Recipe.model_validate({"sources": [{"name": "sample", "files": [name], **form}]})
    dumps = find(recipe, str(samples))
    reading = Reading(recipe=recipe, inputs=str(samples), files={name: 0}, partitions=1)
    with tempfile.TemporaryDirectory() as folder:
        outbox = Outbox(Path(folder), 0)
        done = read_files(reading, FilesItem(index=0, size=1, dumps=tuple(dumps)), outbox)
        outputs = [*outbox.outputs]
        sent = [Path(folder) / output.path for output in outputs if output.kind == "exchange"]
        entries = list(done.ledger)
        if sent:
            outbox = Outbox(Path(folder), 1)
            item = ThreadsItem(index=0, size=1, partition=0)
            entries += build_threads(reading, [name], sent, item, outbox).ledger
            outputs += outbox.outputs
    documents = sum(output.rows for output in outputs if output.kind == "documents")
    read_as = ", ".join(f"{key}: {value}" for key, value in form.items()).removeprefix("family: ")
    return _summed(name, read_as, dumps[0].size, documents, entries)


def _summed(name: str, form: str, size: int, documents: int, entries: list[Entry]) -> Row:
    problems = ledger.imbalances(ledger.table([("ingest", entries)]))
    if problems:
        sys.exit(f"{name}: the ledger does not balance: {problems[0]}")
    rejects: dict[str, int] = {}
    removed: dict[str, int] = {}
    for entry in entries:
        if entry.action == "removed" and entry.records:
            into = rejects if entry.reason in set(Reason) else removed
            into[entry.reason] = into.get(entry.reason, 0) + entry.records
    return Row(
        path=name,
        form=form,
        size=size,
        records=sum(entry.records for entry in entries if entry.action == "in"),
        documents=documents,
        rejects=dict(sorted(rejects.items())),
        removed=dict(sorted(removed.items())),
        kept_bytes=sum(entry.bytes for entry in entries if entry.action == "kept"),
    )


def table(found: list[Row]) -> str:
    """The rows as Markdown."""

    def listed(counts: dict[str, int]) -> str:
        return ", ".join(f"{reason} {n:,}" for reason, n in counts.items())

    lines = ["| file | read as | bytes | records | documents | text kept | rejects | left out |"]
    lines.append("|---|---|--:|--:|--:|--:|---|---|")
    lines += [
        f"| {row.path} | {row.form} | {row.size:,} | {row.records:,} | {row.documents:,} | "
        f"{row.kept_bytes:,} | {listed(row.rejects)} | {listed(row.removed)} |"
        for row in found
    ]
    return "\n".join(lines)


BEGIN, END = "<!-- samples: made by `make samples` -->", "<!-- end of samples -->"


def main() -> None:
    """Print the tables, or put them into a page between its marks."""
    parser = argparse.ArgumentParser(description="What became of every sample file.")
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="folder of the samples")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page whose tables are to be replaced")
    arguments = parser.parse_args()
    found = list(rows(arguments.samples))
    text = table(found)
    if arguments.write is None:
        print(text)
        return
    page = arguments.write.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    arguments.write.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()

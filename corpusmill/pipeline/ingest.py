"""The ingest stage: dumps to cleaned documents, rejects and the ledger.

Small files are read in one step, huge ones in two: cut into chunks, and those read. Comments take one step
more, because a thread's comments may lie in any file of any month: reading sends them to an exchange by
thread, and then each thread's longest chain is built.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

from corpusmill import documents
from corpusmill.entries import Pushshift
from corpusmill.errors import CorpusmillError
from corpusmill.evaluation import Decontaminate
from corpusmill.manifest import Input, Manifest, Receipt, identity
from corpusmill.pipeline import changes, check, decontamination, exchange
from corpusmill.pipeline.chunks import Chunks
from corpusmill.pipeline.dumps import Dump
from corpusmill.pipeline.evaluation_index import EvaluationItem, index_sets
from corpusmill.pipeline.intake import Reading
from corpusmill.pipeline.items import Sequel, Task, receipt_path
from corpusmill.pipeline.job import Job
from corpusmill.pipeline.listing import find, find_all
from corpusmill.pipeline.marks import Marks
from corpusmill.pipeline.portions import group
from corpusmill.pipeline.preview import encoded_twice
from corpusmill.pipeline.reading import FilesItem, cut, read_chunk, read_files
from corpusmill.pipeline.stage import Stage, Table
from corpusmill.pipeline.threads import ThreadsItem, build_threads
from corpusmill.recipe import Recipe
from corpusmill.sources.records import where
from corpusmill.sources.streams import zstd_window

VERSION = 5  # raise it when the same inputs and recipe give other bytes
EVALUATION = "evaluation"  # the step before all others, if there is anything to search for
_COMPRESSION_RATIO = 8  # text to .zst, .xz or .bz2, for sizing the exchange only
_LIST_FILES = {"bots": {"file"}, "subreddits": {"file"}}  # where they lie; their hashes do decide
_READER_BYTES = 2_400 << 20  # of a reader whose zstd window is 2 GiB (2.2 GiB measured, and its records)


def run(job: Job) -> Manifest:
    """Do the stage unless it is done."""
    options = job.recipe.decontaminate
    dumps = find(job.recipe, job.inputs, job.say)
    evaluation = find_all(options.sets, job.inputs, job.say) if options else []
    marks = Marks(job.run)
    stage = _stage(job, dumps, evaluation)
    manifest = stage.finished()
    if manifest is not None:
        changed = marks.changed([*dumps, *evaluation], manifest.inputs)
        if not changed:
            marks.note([], job.work)
            _check_ratios(job, manifest.facts["entries"])
            return manifest
    # What is there is deleted only for inputs that can be read.
    check.preflight(job.recipe, job.inputs, dumps, evaluation)
    if manifest is not None:
        job.say(f"ingest: {changed[0]} has changed since it was read: reading everything again")
        stage.discard()
    _forget_changed(job, stage, marks, [*dumps, *evaluation])
    stage.begin()
    indexed = _index(stage, options, evaluation) if options else {}
    index = stage.step_folder(EVALUATION) if options else None
    receipts = indexed | _steps(job, stage, dumps, index)
    everything = [receipt for each in receipts.values() for receipt in each]
    counts = _count_rejects(everything)
    _check_rejects(job, stage, receipts, counts)
    _check_encoding(everything)
    read = [pair for receipt in everything for pair in _read(receipt)]
    marks.note(read, job.work)
    return stage.finish(
        receipts,
        [_table("documents", documents.SCHEMA), _table("rejects", documents.REJECTS_SCHEMA)],
        inputs=[each for each, _ in read],
        facts={
            "entries": counts,
            "documents": _sum([receipt.facts.get("documents", {}) for receipt in everything]),
            "threads": _sum([receipt.facts.get("threads", {}) for receipt in everything]),
            "changes": changes.merge(receipt.facts.get("changes", {}) for receipt in everything),
            "contamination": _contamination(job, everything) if options else None,
        },
    )


def parameters(recipe: Recipe) -> dict[str, Any]:
    """What of the recipe decides this stage's bytes."""
    # Which files the globs name is part of the identity; how the globs are written is not.
    decides_nothing: dict[str, Any] = {"files": True, "max_reject_ratio": True, "drop": _LIST_FILES}
    sources = [entry.model_dump(mode="json", exclude=decides_nothing) for entry in recipe.sources]
    counts_tokens = any(isinstance(entry, Pushshift) and entry.drop.tokens for entry in recipe.sources)
    return {
        "version": VERSION,
        "sources": sources,
        "measured": list(recipe.measured()),
        "decontaminate": _searched(recipe.decontaminate),
        "vocabulary": recipe.tokenize.vocabulary if counts_tokens else None,
    }


def _searched(options: Decontaminate | None) -> dict[str, Any] | None:
    """What of the options decides this stage's bytes: what becomes of documents as a whole does not."""
    if options is None:
        return None
    cuts = {"margin", "min_piece", "max_pieces"} if options.remove != "spans" else set()
    spans = {"spans": options.remove == "spans"}
    sets = [each.model_dump(mode="json", exclude={"files"}) for each in options.sets]
    return options.model_dump(mode="json", exclude={"remove", "sets", *cuts}) | spans | {"sets": sets}


def _index(stage: Stage, options: Decontaminate, evaluation: Sequence[Dump]) -> dict[str, list[Receipt]]:
    """The step that makes the index of the evaluation sets."""
    size = sum(dump.size for dump in evaluation)
    item = EvaluationItem(index=0, size=size, dumps=tuple(evaluation))
    return {EVALUATION: stage.step(EVALUATION, partial(index_sets, options), [item])}


def _contamination(job: Job, receipts: Sequence[Receipt]) -> decontamination.Facts:
    """What was found of the evaluation sets; says which of them could not be searched for."""
    [sets] = [receipt.facts["evaluation"] for receipt in receipts if "evaluation" in receipt.facts]
    for name, each in sets.items():
        if each["too_short"]:
            job.say(
                f"ingest: {name}: {each['too_short']:,} of {each['examples']:,} examples have too few words "
                "to be searched for"
            )
    return decontamination.merge(sets, (receipt.facts.get("contamination", {}) for receipt in receipts))


def _count_rejects(receipts: Iterable[Receipt]) -> dict[str, list[int]]:
    """{number of an entry of the recipe: [records, rejects]}."""
    counted = [receipt.facts for receipt in receipts if "entry" in receipt.facts]
    return _sum([{str(facts["entry"]): [facts["records"], facts["rejects"]]} for facts in counted])


def _check_rejects(
    job: Job, stage: Stage, receipts: Mapping[str, Sequence[Receipt]], counts: Mapping[str, Sequence[int]]
) -> None:
    """Say what could not be used; `CorpusmillError` if that is all of an entry, or more than its
    `max_reject_ratio`."""
    for number, entry in enumerate(job.recipe.sources):
        records, rejects = counts.get(str(number), (0, 0))
        if not rejects:
            continue
        told = f"{entry.name}: {rejects:,} of {records:,} records are rejects"
        job.say(f"ingest: {told}")
        if rejects == records:
            told += f", as {_first_reject(stage, receipts, number)}"
            raise CorpusmillError(f"{told}; RUN/work holds the tables of rejects")
    _check_ratios(job, counts, "; RUN/work holds the tables of rejects")


def _check_ratios(job: Job, counts: Mapping[str, Sequence[int]], where_they_are: str = "") -> None:
    """`CorpusmillError` if an entry has more rejects than its `max_reject_ratio` allows, whenever it was
    read."""
    for number, entry in enumerate(job.recipe.sources):
        records, rejects = counts.get(str(number), (0, 0))
        if rejects > entry.max_reject_ratio * records:
            limit = f"more than its max_reject_ratio of {entry.max_reject_ratio} allows"
            told = f"{entry.name}: {rejects:,} of {records:,} records are rejects, {limit}"
            raise CorpusmillError(f"{told}{where_they_are}")


def _first_reject(stage: Stage, receipts: Mapping[str, Sequence[Receipt]], entry: int) -> str:
    of_entry = {
        step: [each for each in some if each.facts.get("entry") == entry] for step, some in receipts.items()
    }
    tables = [path for step, some in of_entry.items() for path in stage.files(step, some, "rejects")]
    [row] = documents.read_columns(tables[0], ["origin", "error"]).slice(0, 1).to_pylist()
    return f"{where(**row['origin'])}: {row['error']}"


def _check_encoding(receipts: Iterable[Receipt]) -> None:
    """`CorpusmillError` if the documents of a source were written as JSON once too often."""
    encoded = _sum([receipt.facts.get("encoded", {}) for receipt in receipts])
    for source, (n, n_documents) in sorted(encoded.items()):
        if told := encoded_twice(source, n, n_documents):
            raise CorpusmillError(told)


def _stage(job: Job, dumps: Sequence[Dump], evaluation: Sequence[Dump]) -> Stage:
    of_recipe = parameters(job.recipe)
    files, sets = ([[each.entry, each.path, each.size] for each in of] for of in (dumps, evaluation))
    named = {"parameters": of_recipe, "files": files, "evaluation": sets}
    return Stage(job, "ingest", identity(named), of_recipe)


def _forget_changed(job: Job, stage: Stage, marks: Marks, dumps: Sequence[Dump]) -> None:
    """An unfinished try whose inputs have changed since cannot be gone on with."""
    read = [pair for receipt in stage.receipts_so_far() for pair in _read(receipt)]
    if not read:
        return
    marks.note(read, job.work)
    changed = marks.changed(dumps, [each for each, _ in read])
    if changed:
        job.say(f"ingest: {changed[0]} has changed since it was read: starting over")
        stage.discard()


def _read(receipt: Receipt) -> list[tuple[Input, str]]:
    return list(zip(receipt.inputs, receipt.marks, strict=True))


def _steps(job: Job, stage: Stage, dumps: Sequence[Dump], index: Path | None) -> dict[str, list[Receipt]]:
    months = [dump for dump in dumps if isinstance(job.recipe.sources[dump.entry], Pushshift)]
    reading = Reading(
        recipe=job.recipe,
        inputs=job.inputs,
        files={path: number for number, path in enumerate(dict.fromkeys(dump.path for dump in months))},
        partitions=exchange.count_partitions(_COMPRESSION_RATIO * sum(dump.size for dump in months)),
        index=index,
    )
    groups, readers = group(dumps), _readers(job.workers, dumps)
    items = [_files_item(index, files) for index, files in enumerate(groups.small)]
    receipts = {"files": stage.step("files", partial(read_files, reading), items, readers)}
    for number, wave in enumerate(groups.waves):
        receipts |= _wave(stage, reading, number, wave, readers)
    if months:
        sent = [path for step in receipts for path in stage.files(step, receipts[step], "exchange")]
        size = sum(path.stat().st_size for path in sent) // reading.partitions
        threads = [
            ThreadsItem(index=place, size=size, partition=place) for place in range(reading.partitions)
        ]
        build = partial(build_threads, reading, list(reading.files), sent)
        receipts["threads"] = stage.step("threads", build, threads)
    return receipts


def _wave(
    stage: Stage, reading: Reading, number: int, wave: Sequence[Dump], readers: int
) -> dict[str, list[Receipt]]:
    """Cut some huge files into chunks, read those, if possible while the rest is cut, and delete them."""
    cuts, reads = f"huge{number}", f"chunks{number}"
    chunks = partial(Chunks, wave, stage.step_folder(cuts), stage.step_folder(reads))
    read = partial(read_chunk, reading)
    items = [_files_item(index, (dump,)) for index, dump in enumerate(wave)]
    for item in items:
        if not receipt_path(stage.step_folder(cuts), item.index).exists():
            chunks().forget(item.index)
    sequel = Sequel(task=Task(work=read, folder=stage.step_folder(reads)), finder=chunks())
    receipts = stage.step(cuts, partial(cut, reading), items, readers, sequel)
    pieces = chunks().of(receipts)
    chunk_receipts = stage.step(reads, read, pieces)
    for piece in pieces:
        piece.chunk.unlink(missing_ok=True)
    return {cuts: receipts, reads: chunk_receipts}


def _files_item(index: int, files: tuple[Dump, ...]) -> FilesItem:
    return FilesItem(index=index, size=sum(dump.size for dump in files), dumps=files)


def _sum(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Equal keys added up, all the way down; numbers in lists by place."""
    total: dict[str, Any] = {}
    for each in facts:
        for key, value in each.items():
            if isinstance(value, Mapping):
                total[key] = _sum([total.get(key, {}), value])
            elif isinstance(value, list):
                total[key] = [a + b for a, b in zip(total.get(key, [0] * len(value)), value, strict=True)]
            else:
                total[key] = total.get(key, 0) + value
    return total


def _readers(workers: int, dumps: Sequence[Dump]) -> int:
    """How many files may be read at a time: a decoder with a 2 GiB window may fill it."""
    suspects = [dump for dump in dumps if dump.path.endswith(".zst")]
    if not any(_is_long(dump) for dump in suspects):
        return workers
    return max(1, min(workers, psutil.virtual_memory().available // _READER_BYTES))


def _is_long(dump: Dump) -> bool:
    with dump.open() as file:
        return zstd_window(file.read(18)) > 128 << 20  # 18 bytes: the longest frame header


def _table(name: str, schema: pa.Schema) -> Table:
    write_empty = partial(documents.write_table, schema.empty_table())
    return Table(kind=name, folder=name, suffix="parquet", write_empty=write_empty)
